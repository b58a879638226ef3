"""Labelled images in memory, and the one place where numbers become such a record."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


class Images(NamedTuple):
    """Images with classes; read-only arrays."""

    name: str
    """What was read, in a word."""
    points: NDArray[np.float32]
    """(n, height, width, channels), in [0, 1]"""
    labels: NDArray[np.int32]
    """(n,), 0 .. n_classes - 1"""
    test_points: NDArray[np.float32]
    """(n_test, height, width, channels); n_test = 0 where the data come in one piece"""
    test_labels: NDArray[np.int32]
    """(n_test,)"""
    n_classes: int
    sha256: str
    """Of the files that were read, one after the other, as they lie on the disk; of the points where they are drawn."""
    notes: tuple[str, ...]
    """Sentences: the source, and what was used in place of what."""


class Part(NamedTuple):
    """Training or test images as they are stored."""

    pixels: Bytes
    """(n, height, width, channels)"""
    labels: NDArray[np.integer]
    """(n,)"""


def images(
    name: str, train: Part, test: Part | None, *, n_classes: int, sha256: str, notes: tuple[str, ...], white: int = 255
) -> Images:
    """The record of these bytes, divided by `white`; labels were checked by whoever read them."""
    points, labels = _scaled(train, white)
    empty = Part(np.empty((0, *train.pixels.shape[1:]), np.uint8), np.empty(0, np.int32))
    test_points, test_labels = _scaled(empty if test is None else test, white)
    return Images(name, points, labels, test_points, test_labels, n_classes, sha256, notes)


def digest(contents: Iterable[bytes]) -> str:
    """SHA-256 of these bytes, one after the other, in lowercase hexadecimal."""
    total = hashlib.sha256()
    for content in contents:
        total.update(content)
    return total.hexdigest()


def _scaled(part: Part, white: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    points = part.pixels.astype(np.float32, order="C")
    points /= np.float32(white)
    labels = part.labels.astype(np.int32)
    points.flags.writeable = labels.flags.writeable = False
    return points, labels
