"""NPZ files: a zip of plain arrays X (or points) and y (or labels), never unpickled.

Sizes and headers are checked before anything is unpacked or allocated, and the zip's checksums after: a file is read
as it was written or not at all.
"""

import io
import math
import zipfile

import numpy as np
from numpy.typing import NDArray

from overparam.data._classes import select_classes, select_rows
from overparam.data._dataset import exact_float64
from overparam.data._files import MAX_BYTES, read_bytes
from overparam.data._spec import DataSpec
from overparam.errors import InputError

_POINTS, _LABELS = ("X", "points"), ("y", "labels")
_SAVE = "save it with numpy.savez(path, X=points, y=labels)"


def read_npz(spec: DataSpec) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, tuple[str, ...]]:
    """Points (n, d), labels (n,) if the spec needs them, and notes.

    Boolean labels become -1 and +1.  With `classes` or `one_vs_rest` the labels are classes, named by their shortest
    spelling: 3 for 3 and for 3.0.

    Raises:
        InputError: not an NPZ file of plain arrays of the right names, shapes and dtypes, or a damaged one.
    """
    arrays = _arrays(spec.data)
    points = exact_float64(arrays["points"], f"array X of {spec.data}: points")
    if points.ndim != 2:
        hint = "; reshape one feature to (n, 1)" if points.ndim == 1 else ""
        raise InputError(f"array X of {spec.data} must have shape (n, d), one row a sample, not {points.shape}{hint}")
    source = f"source: {len(points)} rows of an NPZ file"
    raw = arrays.get("labels")
    by_class = bool(spec.classes) or spec.one_vs_rest is not None
    if raw is None or (not by_class and spec.label_kind in ("gaussian", "signs")):
        if by_class:
            raise InputError(f"{spec.data} holds no array y, so it has no classes")
        return points[select_rows(len(points), spec)], None, (source,)
    if raw.shape != points.shape[:1]:
        raise InputError(f"array y of {spec.data} must have shape ({len(points)},), one label a row, not {raw.shape}")
    truth = raw.dtype.kind == "b"
    values = np.where(raw, 1.0, -1.0) if truth else exact_float64(raw, f"array y of {spec.data}: labels")
    if by_class:
        names = [str(value) for value in raw.tolist()] if truth else [_spelled(value) for value in values.tolist()]
        chosen = select_classes(names, sorted(set(names)), spec)
        return points[chosen.rows], chosen.labels, (source, *chosen.notes)
    rows = select_rows(len(points), spec)
    told = ("boolean labels: True is +1, False is -1",) if truth else ()
    return points[rows], values[rows], (source, *told)


def _spelled(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _arrays(path: str) -> dict[str, np.ndarray]:
    content = read_bytes(path)
    if content.startswith(b"\x93NUMPY"):
        raise InputError(f"{path} is one array (NPY), not an NPZ file; {_SAVE}")
    if content.startswith(b"\x80"):
        raise InputError(f"{path} is a pickle; unpickling runs code, so it is never read; {_SAVE}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {
                role: _array(_unpacked(archive, i), i.filename, path) for role, i in _members(archive, path).items()
            }
    except InputError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy's header parser raise nearly anything on foreign bytes
        raise InputError(f"{path} is damaged or no NPZ file ({type(error).__name__}: {error}); {_SAVE}") from None


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The member's bytes, checksum verified; asking for a size keeps a lying archive from unpacking without bound."""
    with archive.open(info) as stream:
        return stream.read(info.file_size + 1)


def _members(archive: zipfile.ZipFile, path: str) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    held = [info.filename.removesuffix(".npy") for info in archive.infolist()]
    shown = ", ".join(map(repr, held[:20])) + (f" and {len(held) - 20} more" if len(held) > 20 else "")
    for name, info in zip(held, archive.infolist(), strict=True):
        role = "points" if name in _POINTS else "labels" if name in _LABELS else None
        if role is None or role in found or not info.filename.endswith(".npy"):
            raise InputError(
                f"{path} holds {shown}; it must hold one array X (or points) and one y (or labels); {_SAVE}"
            )
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError(f"{path}: array {name!r} is compressed in an unusual way; {_SAVE}")
        found[role] = info
    if "points" not in found:
        raise InputError(f"{path} holds {shown or 'nothing'}; the array X (or points) is missing; {_SAVE}")
    if (size := sum(info.file_size for info in found.values())) > MAX_BYTES:
        raise InputError(f"{path} would unpack to {size} bytes; at most {MAX_BYTES} bytes (64 MiB) are read")
    return found


def _array(content: bytes, name: str, path: str) -> np.ndarray:
    """One array, from its header and bytes; nothing is allocated on the header's word alone."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
    else:
        raise InputError(
            f"{path}: {name} is in version {version} of the NPY format, which only named fields need; {_SAVE}"
        )
    if dtype.hasobject:
        raise InputError(f"{path}: {name} holds pickled objects; unpickling runs code, so they are never read; {_SAVE}")
    data = content[stream.tell() :]
    if len(data) != math.prod(shape) * dtype.itemsize or min(shape, default=1) < 0:
        raise InputError(f"{path}: {name} has {len(data)} bytes, which do not fill the shape {shape} of {dtype}")
    if dtype.itemsize == 0:
        raise InputError(f"{path}: {name} has the dtype {dtype}, which holds nothing")
    return np.frombuffer(data, dtype=dtype).reshape(shape, order="F" if fortran else "C")
