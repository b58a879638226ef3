"""Users' files of numbers: read whole or not at all, never unpickled, widened to float64 without rounding.

Sizes and headers of an NPZ file are checked before anything is unpacked or allocated, its checksums after.
"""

import io
import math
import pathlib
import stat
import zipfile
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError

MAX_BYTES = 2**26  # 64 MiB, for the file and for what a compressed file unpacks to, unless more is asked for
_WHY_NOT = {
    "c": "complex numbers have no order: split them into real and imaginary columns",
    "O": "an object array may hold anything: build it from one numeric dtype, such as float64",
    "S": "text is not numbers: convert it, such as with .astype('float64')",
    "U": "text is not numbers: convert it, such as with .astype('float64')",
    "b": "booleans carry no agreed numbers: store 0.0 and 1.0, or -1.0 and 1.0",
}


def read_bytes(path: str, *, most: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file of at most `most`.

    Raises:
        InputError: no such file, not a regular file, not readable, empty, or too large.
    """
    try:
        place = pathlib.Path(path).expanduser()
        status = place.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(f"{path} is a folder; give the path of a file in it")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is not a regular file; copy its content into one")
        if status.st_size > most:
            limit = f"{most} bytes ({most >> 20} MiB)"
            raise InputError(f"{path} has {status.st_size} bytes; files of at most {limit} are read")
        with place.open("rb") as stream:
            content = stream.read(status.st_size + 1)
    except FileNotFoundError:
        raise InputError(f"there is no file {path}") from None
    except (OSError, ValueError, RuntimeError) as error:  # permissions, a NUL in the path, an unknown ~user
        raise InputError(f"{path} cannot be read ({error})") from None
    if not content:
        raise InputError(f"{path} is empty")
    if len(content) != status.st_size:
        raise InputError(f"{path} changed while it was read; try again when it is complete")
    return content


def read_arrays(
    path: str, *, advice: str, choose: Callable[[list[str]], list[str]], most: int = MAX_BYTES
) -> dict[str, np.ndarray]:
    """Arrays of an NPZ file, by name.

    Args:
        advice: how to save a file that would be read; ends every message.
        choose: from the names in the file to those to read; may raise `InputError`.
        most: bytes, of the file and of what it unpacks to.
    Raises:
        InputError: not an NPZ file of plain arrays, a damaged one, or one that unpacks to more than `most`.
    """
    content = read_bytes(path, most=most)
    if content.startswith(b"\x93NUMPY"):
        raise InputError(f"{path} is one array (NPY), not an NPZ file; {advice}")
    if content.startswith(b"\x80"):
        raise InputError(f"{path} is a pickle; unpickling runs code, so it is never read; {advice}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {info.filename: info for info in archive.infolist()}
            if any(not name.endswith(".npy") for name in members) or len(members) < len(archive.infolist()):
                raise InputError(f"{path} holds {shown(list(members))}; it must hold distinct arrays only; {advice}")
            chosen = {name: members[f"{name}.npy"] for name in choose([n.removesuffix(".npy") for n in members])}
            _affordable(chosen, path, advice, most)
            return {name: _array(_unpacked(archive, info), name, path, advice) for name, info in chosen.items()}
    except InputError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy's header parser raise nearly anything on foreign bytes
        raise InputError(f"{path} is damaged or no NPZ file ({type(error).__name__}: {error}); {advice}") from None


def shown(names: list[str]) -> str:
    """Names of arrays as a message lists them."""
    return ", ".join(map(repr, names[:20])) + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The member's bytes, checksum verified; asking for a size keeps a lying archive from unpacking without bound."""
    with archive.open(info) as stream:
        return stream.read(info.file_size + 1)


def _affordable(members: dict[str, zipfile.ZipInfo], path: str, advice: str, most: int) -> None:
    for name, info in members.items():
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError(f"{path}: array {name!r} is compressed in an unusual way; {advice}")
    if (size := sum(info.file_size for info in members.values())) > most:
        raise InputError(f"{path} would unpack to {size} bytes; at most {most} bytes ({most >> 20} MiB) are read")


def _array(content: bytes, name: str, path: str, advice: str) -> np.ndarray:
    """One array, from its header and bytes; nothing is allocated on the header's word alone."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
    else:
        raise InputError(
            f"{path}: {name} is in version {version} of the NPY format, which only named fields need; {advice}"
        )
    if dtype.hasobject:
        raise InputError(
            f"{path}: {name} holds pickled objects; unpickling runs code, so they are never read; {advice}"
        )
    data = content[stream.tell() :]
    if len(data) != math.prod(shape) * dtype.itemsize or min(shape, default=1) < 0:
        raise InputError(f"{path}: {name} has {len(data)} bytes, which do not fill the shape {shape} of {dtype}")
    if dtype.itemsize == 0:
        raise InputError(f"{path}: {name} has the dtype {dtype}, which holds nothing")
    return np.frombuffer(data, dtype=dtype).reshape(shape, order="F" if fortran else "C")


def exact_float64(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """A C-ordered float64 copy of the same numbers, or an InputError that says why there is none."""
    array = plain_array(values, what)
    kind, dtype = array.dtype.kind, array.dtype
    if kind not in "fiu" or dtype.itemsize > 8:
        longer = f"{dtype} may hold more digits than float64: round it yourself with .astype('float64')"
        why = longer if kind == "f" else _WHY_NOT.get(kind, "only floats and integers are read")
        raise InputError(f"{what} must be floats of at most 64 bits or integers, not {dtype}: {why}")
    wide = np.array(array, dtype=np.float64, order="C")
    if kind in "iu" and dtype.itemsize == 8:
        large = np.argwhere((array > 2**53) | (array < -(2**53)))
        for index in map(tuple, large):
            if int(wide[index]) != int(array[index]):
                raise InputError(
                    f"{what}{list(map(int, index))} is {array[index]}, an integer that float64 cannot hold exactly"
                )
    bad = np.argwhere(~np.isfinite(wide))
    if bad.size:
        index = tuple(bad[0])
        raise InputError(
            f"{what}{list(map(int, index))} is {wide[index]}; every number must be finite, so drop or fill such rows"
        )
    return wide


def plain_array(values: ArrayLike, what: str) -> np.ndarray:
    """The values as an array, masked arrays and ragged lists refused."""
    if isinstance(values, np.ma.MaskedArray):
        raise InputError(f"{what} is a masked array, and a masked entry has no value: drop or fill those rows")
    try:
        return np.asarray(values)
    except (ValueError, OverflowError) as error:  # ragged lists
        raise InputError(f"{what} must be an array of numbers ({error})") from None
