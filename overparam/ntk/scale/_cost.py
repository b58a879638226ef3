"""How many bytes a streamed Gram matrix takes, and what this machine has left: a refusal comes before the work."""

import os
import pathlib
import shutil
from typing import NamedTuple

import numpy as np
from jax.typing import DTypeLike

from overparam.errors import InputError

BLOCK = 2048  # rows and columns of a block: large enough for the product's rate, 32 MiB in float64
IN_FLIGHT = 2  # blocks a device works ahead


class Bytes(NamedTuple):
    """An estimate.

    Attributes:
        result: of the (n, n) matrix, in memory or on disk.
        host: of what else the host holds: the points, and the blocks that come back.
        device: on each device: the points, and the blocks in flight with one temporary copy each.  What a kernel
            function allocates inside is its own: analytic kernels next to nothing, others more.
    """

    result: int
    host: int
    device: int


def estimate_bytes(
    n_samples: int, point_size: int, *, block: int | None = None, dtype: DTypeLike = "float64", devices: int = 1
) -> Bytes:
    """Bytes of `stream_gram`.

    Args:
        n_samples: number of points.
        point_size: numbers a point holds, dim or height * width * channels.
        block: as in `stream_gram`.
        dtype: of the result and of the computation.
        devices: how many work.

    >>> estimate_bytes(100_000, 100).result  # 80 GB
    80000000000
    """
    if min(n_samples, point_size, devices) < 1:
        raise InputError(
            f"n_samples, point_size and devices must be at least 1, not {n_samples}, {point_size} and {devices}"
        )
    item = np.dtype(dtype).itemsize
    side = side_of(n_samples, block)
    points, blocks = n_samples * point_size * item, side * side * item
    return Bytes(
        n_samples * n_samples * item, points + 2 * IN_FLIGHT * devices * blocks, points + 2 * IN_FLIGHT * blocks
    )


def side_of(n: int, block: int | None) -> int:
    """Side of the blocks: at most `block`, and such that they are about equally large."""
    if block is not None and block < 1:
        raise InputError(f"block must be at least 1, not {block}")
    return -(-n // -(-n // (block or BLOCK)))


def require_room(needed: int, available: int | None, *, what: str, where: str, advice: str) -> None:
    """Refuse what does not fit.

    Raises:
        InputError: with both numbers.
    """
    if available is not None and needed > available:
        raise InputError(
            f"{what} takes {needed} bytes ({needed / 2**30:.3g} GiB), and {where} has {available} "
            f"({available / 2**30:.3g} GiB) left; {advice}"
        )


def memory_left() -> int | None:
    """Bytes of memory that a process may still take; None where the system does not say.

    The lesser of what the kernel calls available and what the control group leaves.
    """
    found = [value for value in (_available(), _group_left()) if value is not None]
    return min(found) if found else None


def disk_left(folder: pathlib.Path) -> int:
    """Bytes free where a file in the folder would go."""
    return shutil.disk_usage(folder).free


def _available() -> int | None:
    try:
        lines = pathlib.Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")  # all of it: better than nothing
    except (AttributeError, OSError, ValueError):
        return None


def _group_left() -> int | None:
    """Of a version 2 control group; file pages that can be dropped count as free."""
    group = pathlib.Path("/sys/fs/cgroup")
    try:
        limit = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
        droppable = next(
            int(line.split()[1])
            for line in (group / "memory.stat").read_text().splitlines()
            if line.startswith("inactive_file ")
        )
    except (OSError, ValueError, StopIteration):  # no group, or "max": no limit
        return None
    return max(limit - used + droppable, 0)
