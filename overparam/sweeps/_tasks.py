"""Which seeds of which cells are still to be computed, and by whom."""

import dataclasses
import hashlib
from collections.abc import Iterable
from typing import Literal

from overparam.errors import InputError
from overparam.sweeps._folder import Span
from overparam.sweeps._spec import Cell, SweepSpec, axes, cells

Device = Literal["auto", "cpu", "gpu", "tpu"]


@dataclasses.dataclass(frozen=True)
class Task:
    """One shard to compute: picklable, and harmless to do twice."""

    cell: Cell
    first: int
    count: int
    axes: tuple[str, ...] = ()
    """Settings that become columns of the rows."""
    device: Device = "auto"
    mixed: bool = False
    """Whether this machine may differ from those that wrote the folder's other shards."""
    data_file: str | None = None
    """SHA-256 of the file that the data are read from, if they are; another file's rows must not stand beside."""

    @property
    def span(self) -> Span:
        """Its place in the folder."""
        return Span(self.cell.id, self.first, self.count)


def plan(
    spec: SweepSpec,
    done: Iterable[Span],
    *,
    part: tuple[int, int] = (0, 1),
    device: Device = "auto",
    mixed: bool = False,
) -> list[Task]:
    """What is missing, cell by cell.

    Seeds are cut into blocks [i shard, (i + 1) shard), and a task never crosses a border, so shards fit together
    however a sweep grew.

    Args:
        spec: the sweep.
        done: spans that are there.
        part: (i, N): of all blocks, ordered by a hash, every N-th from i on; the parts are disjoint, and together
            they are everything.
        device: for the tasks.
        mixed: for the tasks.
    Raises:
        InputError: not 0 <= i < N.
    """
    number, parts = part
    require_part(part)
    named = [(cell, cell.id) for cell in cells(spec)]
    columns = tuple(axes([cell for cell, _ in named]))
    covered: dict[tuple[str, int], list[Span]] = {}
    for span in done:
        for block in range(span.first // spec.shard, (span.first + span.count - 1) // spec.shard + 1):
            covered.setdefault((span.cell, block), []).append(span)
    blocks = [(cell, name, block) for cell, name in named for block in range(-(-spec.seeds // spec.shard))]
    if parts > 1:
        ranked = sorted(blocks, key=lambda one: hashlib.sha256(f"{one[1]}/{one[2]}".encode()).digest())
        mine = {(name, block) for _, name, block in ranked[number::parts]}
        blocks = [one for one in blocks if one[1:] in mine]
    return [
        Task(cell, first, count, columns, device, mixed)
        for cell, name, block in blocks
        for first, count in _gaps(
            block * spec.shard, min((block + 1) * spec.shard, spec.seeds), covered.get((name, block), [])
        )
    ]


def require_part(part: tuple[int, int]) -> None:
    """Refuse a part that is none.

    Raises:
        InputError: not 0 <= i < N.
    """
    number, parts = part
    if not 0 <= number < parts:
        raise InputError(f"--shard i/N needs 0 <= i < N, not {number}/{parts}; the first of 8 parts is 0/8")


def _gaps(start: int, end: int, spans: list[Span]) -> Iterable[tuple[int, int]]:
    """The parts of [start, end) that no span covers."""
    at = start
    for span in sorted(spans, key=lambda span: span.first):
        if span.first + span.count <= at:
            continue
        if span.first >= end:
            break
        if span.first > at:
            yield at, span.first - at
        at = span.first + span.count
    if at < end:
        yield at, end - at
