"""MNIST and Fashion-MNIST: four IDX files, as published, packed with gzip or not.

An image file is the bytes 0, 0, 8 (the type: unsigned bytes), 3 (the number of dimensions), then the three dimensions
as big-endian 32-bit integers, then a byte a pixel; a label file has 1 dimension and a byte a label.
"""

import pathlib
import struct
from typing import NamedTuple

import numpy as np

from overparam.data.images._bounded import read_exactly
from overparam.data.images._images import Images, Part, digest, images
from overparam.errors import InputError

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
SIDE, N_CLASSES = 28, 10
_TYPES = {0x08: "unsigned bytes", 0x09: "bytes", 0x0B: "shorts", 0x0C: "ints", 0x0D: "floats", 0x0E: "doubles"}


class _Read(NamedTuple):
    values: np.ndarray
    stored: bytes


def read_idx(folder: pathlib.Path, name: str, n_train: int, n_test: int) -> Images:
    """The four files of a folder.

    Raises:
        InputError: a file is missing, or is not what its name says.
    """
    shapes = ((n_train, SIDE, SIDE), (n_train,), (n_test, SIDE, SIDE), (n_test,))
    files = [_read(_find(folder, file), shape) for file, shape in zip(NAMES, shapes, strict=True)]
    train, train_labels, test, test_labels = (file.values for file in files)
    note = f"source: {name}, {n_train:,} training and {n_test:,} test images of {SIDE} x {SIDE}, read from IDX files"
    same = "the files of MNIST and Fashion-MNIST have equal names and sizes: what these are was read off the folder"
    return images(
        name,
        Part(train[..., None], train_labels),
        Part(test[..., None], test_labels),
        n_classes=N_CLASSES,
        sha256=digest(file.stored for file in files),
        notes=(note, same),
    )


def _find(folder: pathlib.Path, name: str) -> pathlib.Path:
    """The file, packed if it is not there unpacked."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_symlink() or path.exists():
            return path
    raise InputError(f"{folder} has no file {name} (or {name}.gz); MNIST consists of {', '.join(NAMES)}: add it")


def _read(path: pathlib.Path, shape: tuple[int, ...]) -> _Read:
    header = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape)
    what = "labels" if len(shape) == 1 else f"images of {SIDE} x {SIDE}"

    def wrong(head: bytes) -> str:
        return "" if head[: len(header)] == header else _told(head)

    count = int(np.prod(shape))
    content = read_exactly(path, len(header) + count, f"an IDX file of {shape[0]:,} {what}", wrong)
    values = np.frombuffer(content.unpacked, np.uint8, offset=len(header)).reshape(shape)
    if len(shape) == 1 and values.max() >= N_CLASSES:
        at = int(np.argmax(values >= N_CLASSES))
        raise InputError(f"{path}: label {at} is {values[at]}, expected 0 to {N_CLASSES - 1}; get the file again")
    return _Read(values, content.stored)


def _told(head: bytes) -> str:
    """What a header says, in words."""
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _TYPES:
        return f"no IDX file: it begins with {head[:4].hex(' ') or 'nothing'}, get it again"
    if head[2] != 8:
        return f"an IDX file of {_TYPES[head[2]]}, type code {head[2]:#04x}; only unsigned bytes (0x08) are read"
    n_dims = head[3]
    if not 1 <= n_dims <= 3 or len(head) < 4 + 4 * n_dims:
        return f"a header of {n_dims} dimensions that is cut short or too long, get the file again"
    dims = struct.unpack(f">{n_dims}I", head[4 : 4 + 4 * n_dims])
    return f"an IDX file of dimensions {' x '.join(f'{dim:,}' for dim in dims)}: put the file of that name here"
