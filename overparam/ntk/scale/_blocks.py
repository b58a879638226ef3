"""Gram matrices block by block, over all local devices, into memory of the host or a file; mirrored halves once."""

import collections
import contextlib
import itertools
import os
import pathlib
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike, DTypeLike
from numpy.typing import NDArray

from overparam.errors import InputError
from overparam.ntk._kernels import Kernel, Which, one_of_two
from overparam.ntk.scale._cost import IN_FLIGHT, disk_left, estimate_bytes, memory_left, require_room, side_of
from overparam.precision import require_dtype

BlockFunction = Callable[[Array, Array], ArrayLike]  # (a, ...) and (b, ...) -> (a, b)


class Block(NamedTuple):
    """Rows and columns of the Gram matrix, columns not before rows."""

    rows: slice
    columns: slice
    values: Array  # on the device that made it


def stream_gram(
    kernel: Kernel | BlockFunction,
    points: ArrayLike,
    *,
    which: Which = "ntk",
    out: NDArray[Any] | None = None,
    path: str | os.PathLike[str] | None = None,
    block: int | None = None,
    dtype: DTypeLike = "float64",
    devices: Sequence[jax.Device] | None = None,
    memory: int | None = None,
) -> NDArray[Any]:
    """The Gram matrix of all pairs of points, blocks of which are on devices at any one time.

    Only blocks on and above the diagonal are computed; the rest mirrors them, so that the result is symmetric bit for
    bit.  Device k makes every k-th block.

    Args:
        kernel: a `Kernel`, or a function of two sets of points whose value at (a, b) is that at (b, a).
        points: (n, dim), or (n, height, width, channels).
        which: "ntk" or "nngp", of a `Kernel`.
        out: (n, n) array to fill, of that dtype.
        path: file to write instead, in NumPy's format: `numpy.load(path, mmap_mode="r")` reads it.  It appears under
            that name when it is complete, replacing the regular file that was there; links, devices, pipes and sockets
            are refused.
        block: largest number of rows and of columns of a block; None for 2048.
        dtype: of the result.
        devices: None for `jax.local_devices()`.
        memory: bytes that may be taken; None for what the system has left.
    Returns:
        `out`, a new array, or the file as a read-only `numpy.memmap`.
    Raises:
        InputError: arguments do not fit, or the matrix does not fit in memory or on disk: says how many bytes it takes.
        PrecisionError: JAX is running without the dtype asked for.
    """
    wanted = require_dtype(dtype, what="stream_gram")
    found = np.asarray(points)
    if found.ndim < 2 or 0 in found.shape:
        raise InputError(f"points must have at least one row and one column, not the shape {found.shape}")
    if out is not None and path is not None:
        raise InputError("give out or path, not both")
    target = None if path is None else _target(path)
    workers = _workers(devices)
    n = len(found)
    needed = estimate_bytes(n, found[0].size, block=block, dtype=wanted, devices=len(workers))
    extra = needed.host + (needed.device * len(workers) if workers[0].platform == "cpu" else 0)
    taken = extra + (needed.result if out is None and path is None else 0)
    require_room(
        taken,
        memory_left() if memory is None else memory,
        what=f"a Gram matrix of {n} points" if taken > extra else f"streaming {n} points",
        where="memory",
        advice="give a path to stream it to a file, or use gram_product or nystrom"
        if taken > extra
        else "use a smaller block",
    )
    if out is not None:
        if not isinstance(out, np.ndarray) or out.shape != (n, n) or out.dtype != wanted or not out.flags.writeable:
            raise InputError(f"out must be a writable ({n}, {n}) array of NumPy's, of dtype {wanted}")
        _fill(out, blocks_of(kernel, found, which, block, wanted, workers))
        return out
    if target is None:
        result = np.empty((n, n), wanted)
        _fill(result, blocks_of(kernel, found, which, block, wanted, workers))
        return result
    return _to_file(target, needed.result, n, wanted, blocks_of(kernel, found, which, block, wanted, workers))


def blocks_of(
    kernel: Kernel | BlockFunction,
    points: NDArray[Any],
    which: Which,
    block: int | None,
    dtype: np.dtype,
    devices: Sequence[jax.Device],
) -> Iterator[Block]:
    """Blocks on and above the diagonal, row by row of blocks; those on it are symmetric.

    Raises:
        InputError: the function returns another shape, or complex numbers; or the points are, and it is a `Kernel`.
    """
    if isinstance(kernel, Kernel):
        if np.iscomplexobj(points):
            raise InputError(
                f"points must be real for a Kernel, not {points.dtype}; give real and imaginary parts as columns"
            )
        one_of_two(which)
        of_two: BlockFunction = lambda a, b: kernel.only(which, a, b, dtype=dtype)  # noqa: E731
        of_one: Callable[[Array], ArrayLike] = lambda a: kernel.only(which, a, dtype=dtype)  # noqa: E731
    elif callable(kernel):
        of_two, of_one = kernel, lambda a: kernel(a, a)
    else:
        raise InputError(f"kernel must be a Kernel or a function of two sets of points, not {type(kernel).__name__}")
    n, side = len(points), side_of(len(points), block)
    cuts = [slice(i, min(i + side, n)) for i in range(0, n, side)]
    # float points in the dtype of the kernel; integers stay, for functions that index with them
    held = points.astype(dtype) if points.dtype.kind == "f" else points
    there = [jax.device_put(held, device) for device in devices]
    waiting: collections.deque[Block] = collections.deque()
    pairs = itertools.combinations_with_replacement(range(len(cuts)), 2)
    for k, (i, j) in enumerate(pairs):
        own = there[k % len(devices)]
        values = of_one(own[cuts[i]]) if i == j else of_two(own[cuts[i]], own[cuts[j]])
        shape = tuple(cut.stop - cut.start for cut in (cuts[i], cuts[j]))
        waiting.append(Block(cuts[i], cuts[j], _checked(values, shape, dtype, mirror=i == j)))
        if len(waiting) >= IN_FLIGHT * len(devices):  # dispatch is asynchronous: the others work on meanwhile
            yield waiting.popleft()
    yield from waiting


def _checked(values: ArrayLike, shape: tuple[int, ...], dtype: np.dtype, *, mirror: bool) -> Array:
    found = jnp.asarray(values)
    if found.shape != shape:
        raise InputError(f"the kernel must return a block of shape {shape} here, not {found.shape}")
    if jnp.iscomplexobj(found):
        raise InputError(
            f"the kernel must return real numbers, not {found.dtype}; take the real part if the rest is nothing"
        )
    found = found.astype(dtype)
    return _mirrored(found) if mirror else found


@jax.jit
def _mirrored(values: Array) -> Array:
    """The upper triangle on both sides."""
    index = jnp.arange(len(values))
    return jnp.where(index[:, None] <= index[None, :], values, values.T)


def _fill(result: NDArray[Any], blocks: Iterator[Block]) -> None:
    for block in blocks:
        values = np.asarray(block.values)
        if not np.isfinite(values).all():
            raise InputError(
                f"the kernel is not finite on points {block.rows.start} to {block.rows.stop - 1} with "
                f"{block.columns.start} to {block.columns.stop - 1}: look at these points"
            )
        result[block.rows, block.columns] = values
        if block.rows != block.columns:
            result[block.columns, block.rows] = values.T


def _target(path: object) -> pathlib.Path:
    """The path, if a file may be put there.

    Raises:
        InputError: no path, or no folder for it; or something is there that is no regular file.
    """
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else path
    if not isinstance(text, str):
        raise InputError(f"path must be a string or a pathlib.Path, not {type(text).__name__}")
    found = pathlib.Path(text)
    try:
        mode = os.lstat(found).st_mode
    except (FileNotFoundError, NotADirectoryError):
        mode = None
    except (OSError, ValueError) as error:  # too long, a NUL, a folder that may not be searched
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        shown = repr(text) if len(text) <= 80 else f"{text[:40]!r}... of {len(text)} characters"
        raise InputError(f"path must name a file that the system can open, not {shown} ({reason})") from error
    if mode is None and not found.parent.is_dir():
        raise InputError(f"there is no folder {found.parent} to write {found.name} in")
    if mode is not None and stat.S_ISDIR(mode):
        raise InputError(f"{found} is a folder; give the name of a file")
    if mode is not None and not stat.S_ISREG(mode):
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "a device, pipe or socket"
        raise InputError(f"path must be new or a regular file, which is replaced, but {found} is {kind}; give another")
    return found


def _to_file(path: pathlib.Path, size: int, n: int, dtype: np.dtype, blocks: Iterator[Block]) -> np.memmap:
    """Under a temporary name in the same folder, then renamed: nobody sees half of a matrix."""
    folder = path.parent
    require_room(
        size + 128,  # and its header
        disk_left(folder),
        what=f"a Gram matrix of {n} points",
        where=f"the disk of {folder}",
        advice="choose another place, dtype='float32', or use gram_product or nystrom",
    )
    try:  # of the name only what leaves room for the rest, four bytes a character
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".partial", dir=folder)
    except OSError as error:
        raise InputError(f"path must be in a folder that can be written, not {folder} ({error.strerror})") from error
    os.close(handle)
    try:
        result = np.lib.format.open_memmap(name, mode="w+", dtype=dtype, shape=(n, n))
        _fill(result, blocks)
        result.flush()
        del result
        os.chmod(name, 0o666 & ~_mask())
        os.replace(name, _target(path))  # looked at again: the work may have taken hours
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    return np.load(path, mmap_mode="r")


def _mask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _workers(devices: Sequence[jax.Device] | None) -> Sequence[jax.Device]:
    found = jax.local_devices() if devices is None else list(devices)
    if not found:
        raise InputError("devices must name at least one device")
    return found
