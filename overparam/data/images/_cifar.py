"""CIFAR-10 and CIFAR-100 in the binary version: records of one or two labels and 3,072 pixels, nothing else.

The pixels of a record are its red, then its green, then its blue plane, each of 32 rows of 32 bytes.  CIFAR-100 has a
coarse label (20 classes) before the fine one (100), which is the label here.
"""

import pathlib
from typing import NamedTuple

import numpy as np

from overparam.data.images._bounded import read_exactly
from overparam.data.images._images import Images, Part, digest, images
from overparam.errors import InputError

SIDE, CHANNELS = 32, 3
_PIXELS = CHANNELS * SIDE**2
NAMES10 = (*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin")
NAMES100 = ("train.bin", "test.bin")


class _Read(NamedTuple):
    part: Part
    stored: bytes


def read_cifar10(folder: pathlib.Path, n_batch: int) -> Images:
    """Five training batches and the test batch.

    Raises:
        InputError: a file is missing, or is not what its name says.
    """
    files = [_read(folder / name, n_batch, (10,)) for name in NAMES10]
    train = Part(*(np.concatenate(arrays) for arrays in zip(*(file.part for file in files[:-1]), strict=True)))
    return _images("cifar10", train, files, 10)


def read_cifar100(folder: pathlib.Path, n_train: int, n_test: int) -> Images:
    """Training and test file.

    Raises:
        InputError: a file is missing, or is not what its name says.
    """
    files = [_read(folder / name, n, (20, 100)) for name, n in zip(NAMES100, (n_train, n_test), strict=True)]
    return _images("cifar100", files[0].part, files, 100)


def _images(name: str, train: Part, files: list[_Read], n_classes: int) -> Images:
    test = files[-1].part
    counts = f"{len(train.labels):,} training and {len(test.labels):,} test images of {SIDE} x {SIDE} x {CHANNELS}"
    note = f"source: {name}, {counts}, read from the binary version"
    sha256 = digest(file.stored for file in files)
    return images(name, train, test, n_classes=n_classes, sha256=sha256, notes=(note,))


def _read(path: pathlib.Path, n: int, classes: tuple[int, ...]) -> _Read:
    """A file of `n` records with labels of these numbers of classes, the last of which is kept."""
    record = len(classes) + _PIXELS
    content = read_exactly(path, n * record, f"{n:,} records of {record:,} bytes")
    table = np.frombuffer(content.unpacked, np.uint8).reshape(n, record)
    for column, most in enumerate(classes):
        labels = table[:, column]
        if labels.max() >= most:
            at = int(np.argmax(labels >= most))
            found = f"{path}: the label of record {at} is {labels[at]}; expected classes from 0 to {most - 1}"
            raise InputError(f"{found}: get the binary version of the file again")
    planes = table[:, len(classes) :].reshape(n, CHANNELS, SIDE, SIDE)
    return _Read(Part(planes.transpose(0, 2, 3, 1), table[:, len(classes) - 1]), content.stored)
