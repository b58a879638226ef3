"""Images of any other source: one NPZ file with the arrays x_train, y_train, x_test and y_test."""

import pathlib

import numpy as np

from overparam.arrays import read_arrays, read_bytes, shown
from overparam.data.images._images import Images, Part, digest, images
from overparam.errors import InputError

_NAMES = ("x_train", "y_train", "x_test", "y_test")
_MOST = 2**30  # bytes, packed and unpacked: five times CIFAR-10
_MOST_CLASSES = 10_000
_SAVE = "save it with numpy.savez(path, x_train=.., y_train=.., x_test=.., y_test=..)"


def read_npz_images(path: pathlib.Path) -> Images:
    """Images (n, height, width) or (n, height, width, channels) of bytes, labels (n,) or (n, 1) of integers.

    There are as many classes as the largest label says, counted from 0.

    Raises:
        InputError: not such a file; pickled arrays are never read.
    """
    arrays = read_arrays(str(path), advice=_SAVE, choose=lambda names: _chosen(names, path), most=_MOST)
    train = _part(arrays["x_train"], arrays["y_train"], "train", path)
    test = _part(arrays["x_test"], arrays["y_test"], "test", path)
    if train.pixels.shape[1:] != test.pixels.shape[1:]:
        shapes = f"{train.pixels.shape[1:]} and {test.pixels.shape[1:]}"
        raise InputError(f"{path}: images of x_train and x_test must have one shape, not {shapes}; {_SAVE}")
    n_classes = 1 + max(int(train.labels.max()), int(test.labels.max()))
    note = f"source: {len(train.labels):,} training and {len(test.labels):,} test images of the NPZ file {path.name}"
    sha256 = digest([read_bytes(str(path), most=_MOST)])
    return images(path.stem, train, test, n_classes=n_classes, sha256=sha256, notes=(note,))


def _chosen(names: list[str], path: pathlib.Path) -> list[str]:
    if sorted(names) != sorted(_NAMES):
        raise InputError(f"{path} holds {shown(names) or 'nothing'}; it must hold {', '.join(_NAMES)}; {_SAVE}")
    return names


def _part(pixels: np.ndarray, labels: np.ndarray, which: str, path: pathlib.Path) -> Part:
    if pixels.dtype != np.uint8 or pixels.ndim not in (3, 4) or 0 in pixels.shape:
        found = f"{pixels.dtype} of shape {pixels.shape}"
        wanted = "bytes (uint8, 0 black to 255 white) of shape (n, height, width) or (n, height, width, channels)"
        raise InputError(f"{path}: x_{which} must be {wanted}, not {found}; {_SAVE}")
    n = len(pixels)
    if labels.shape not in ((n,), (n, 1)) or labels.dtype.kind not in "iu":
        found = f"{labels.dtype} of shape {labels.shape}"
        raise InputError(f"{path}: y_{which} must be {n:,} integers, a class for each image, not {found}; {_SAVE}")
    least, largest = int(labels.min()), int(labels.max())
    if least < 0 or largest >= _MOST_CLASSES:
        wanted = f"classes counted from 0, fewer than {_MOST_CLASSES:,}"
        raise InputError(f"{path}: y_{which} must be {wanted}, not numbers from {least} to {largest}; {_SAVE}")
    return Part(pixels if pixels.ndim == 4 else pixels[..., None], labels.reshape(n))
