"""Patches of the two photographs that scikit-learn ships: natural images without any download."""

import functools
import importlib

import numpy as np
from numpy.typing import NDArray


@functools.cache
def photograph_patches(side: int) -> NDArray[np.float32] | None:
    """Disjoint patches of a Chinese temple and of a flower, 427 x 640 pixels each, in colour.

    Returns:
        (n, side, side, 3) in [0, 1], read-only; None if scikit-learn, or what it reads JPEG files with, is missing.
    """
    try:
        photographs = importlib.import_module("sklearn.datasets").load_sample_images().images
    except ImportError:
        return None
    patches = np.concatenate([_patches(photograph, side) for photograph in photographs]).astype(np.float32)
    patches /= np.float32(255)
    patches.flags.writeable = False
    return patches


def _patches(photograph: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    rows, columns = photograph.shape[0] // side, photograph.shape[1] // side
    whole = photograph[: rows * side, : columns * side].reshape(rows, side, columns, side, 3)
    return whole.transpose(0, 2, 1, 3, 4).reshape(-1, side, side, 3)
