"""What a cell needs in memory, estimated before anything starts."""

import os
import pathlib
from collections.abc import Iterator

from overparam.data._spec import DEFAULT_D, DEFAULT_N, DataSpec
from overparam.errors import InputError
from overparam.sweeps._spec import Cell
from overparam.training._spec import is_plain

_GIB = 2.0**30
_STATES = {"gd": 2, "momentum": 3, "adam": 4, "lm": 3}  # copies of the weights that a step holds


def need(cell: Cell, shard: int, shape: tuple[int, int] | None = None) -> float:
    """Bytes of the largest arrays of one chunk, of a shard's data and of its trained weights; a lower estimate.

    Args:
        cell: what is computed.
        shard: seeds of a shard.
        shape: (n_samples, dim) of data that are read and not drawn.
    """
    data, model, how = cell.data, cell.model, cell.train
    n, d = shape or (data.n or DEFAULT_N, data.d or DEFAULT_D)
    item = 4 if how.dtype == "float32" else 8
    weights = float((d + 2) * model.width + 1 + (model.depth - 1) * model.width * (model.width + 1))
    batch = min(how.batch_size or n, n)
    layers = 2.0 * model.depth * model.width * batch  # values and slopes of the hidden neurons
    kernel = float(n * n) * (3 if how.optimizer == "lm" else how.step_unit == "sharpness")
    drawn = float(n * d) * (shard if cell.data_per_seed else 1) * (8 + item)
    # two-layer networks are begun together, others a few at a time: one at least
    together = cell.chunk if model.architecture == "two-layer" and is_plain(how, n) else 1
    held = cell.chunk * _STATES[how.optimizer] * weights + together * (layers + kernel)
    return item * held + drawn + shard * weights * item


def require_memory(
    cells: list[Cell], shapes: dict[DataSpec, tuple[int, int]], shard: int, available: float | None
) -> None:
    """Refuse a sweep one of whose cells cannot fit.

    Args:
        cells: of the sweep.
        shapes: of data that are read and not drawn.
        shard: seeds of a shard.
        available: bytes; None if unknown, and then nothing is refused.
    Raises:
        InputError: says how much is needed, how much there is, and what to lower.
    """
    if available is None:
        return
    needs = [need(cell, shard, shapes.get(cell.data)) for cell in cells]
    asked = max(needs)
    if asked > available:
        worst = cells[needs.index(asked)]
        n = shapes[worst.data][0] if worst.data in shapes else worst.data.n or DEFAULT_N
        raise InputError(
            f"a chunk of {worst.chunk} seeds on {worst.data.data} data with n = {n} at width "
            f"{worst.model.width} needs at least {asked / _GIB:,.1f} GiB of memory, and there are "
            f"{available / _GIB:,.1f} GiB; lower chunk, shard, n or width"
        )


def memory_here() -> float | None:
    """Bytes of memory that a process may use on this machine: physical, or what its control group allows."""
    found: list[float] = []
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found.append(float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE"))
    for path in _limits():
        try:
            found.append(float(path.read_text()))
        except (OSError, ValueError):  # no such file, or the word "max"
            continue
    return min(found, default=None)


def _limits() -> Iterator[pathlib.Path]:
    """Files that may hold a limit: of this process's control group and of all that it is in."""
    try:
        lines = pathlib.Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        lines = []
    homes = {"": ("/sys/fs/cgroup", "memory.max"), "memory": ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")}
    for line in ["0::/", "0:memory:/", *lines]:
        _, kinds, place = line.split(":", 2)
        for kind in kinds.split(","):
            if kind in homes:
                root, name = homes[kind]
                inside = pathlib.PurePosixPath(place.lstrip("/"))
                for group in (inside, *inside.parents):
                    yield pathlib.Path(root) / group / name
