"""Labels and inputs made random by degrees: the conditions of the randomization tests.

What is drawn is drawn once and kept; never corrupt the labels that a network is evaluated on.
"""

import numpy as np
from numpy.typing import NDArray

from overparam.errors import InputError

Points = NDArray[np.floating]


def corrupted(
    rng: np.random.Generator,
    labels: NDArray[np.integer],
    share: float,
    n_classes: int,
    *,
    wrong_only: bool = False,
) -> NDArray[np.int32]:
    """Each label replaced, with probability `share`, by a uniform class, which may be the old one.

    Args:
        labels: any shape, 0 .. n_classes - 1.
        wrong_only: by one of the other classes instead.  A share q of those is a share q K / (K - 1) of uniform ones.
    Raises:
        InputError: a share outside [0, 1], a label that is no class, fewer than two classes with `wrong_only`.
    Source:
        zhang2017, section 2.1; with `wrong_only` the label noise of nakkiran2020deep.
    """
    if not 0 <= share <= 1:
        raise InputError(f"the share of corrupted labels lies between 0 and 1, not {share!r}")
    if labels.size and not 0 <= labels.min() <= labels.max() < n_classes:
        raise InputError(f"labels are classes from 0 to {n_classes - 1}, not {labels.min()} to {labels.max()}")
    if wrong_only and n_classes < 2:
        raise InputError("with one class there is no wrong label")
    old, chosen = labels.astype(np.int32), rng.random(labels.shape) < share
    if wrong_only:
        new = (old + rng.integers(1, n_classes, labels.shape, dtype=np.int32)) % np.int32(n_classes)
    else:
        new = rng.integers(0, n_classes, labels.shape, dtype=np.int32)
    return np.where(chosen, new, old)


def shuffled_pixels(rng: np.random.Generator, points: Points) -> Points:
    """One permutation of the pixels for all images; the channels of a pixel stay together.

    Args:
        points: (n, height, width, channels), or (n, d).  Pass training and test images together: they share it.
    """
    pixels = _pixels(points)
    return pixels[:, rng.permutation(pixels.shape[1])].reshape(points.shape)


def random_pixels(rng: np.random.Generator, points: Points) -> Points:
    """Another permutation of the pixels for every image; shapes as in `shuffled_pixels`."""
    pixels = _pixels(points)
    order = rng.permuted(np.tile(np.arange(pixels.shape[1]), (len(pixels), 1)), axis=1)
    return np.take_along_axis(pixels, order[:, :, None], axis=1).reshape(points.shape)


def gaussian_pixels(rng: np.random.Generator, points: Points) -> Points:
    """Independent normal numbers with the mean and variance of all of `points`, of which nothing else is left."""
    mean, deviation = points.mean(dtype=np.float64), points.std(dtype=np.float64)
    return (mean + deviation * rng.normal(size=points.shape)).astype(points.dtype)


def _pixels(points: Points) -> Points:
    """(n, pixels, channels)"""
    if points.ndim not in (2, 4):
        raise InputError(f"images have the shape (n, height, width, channels) or (n, d), not {points.shape}")
    return points.reshape(len(points), -1, points.shape[3] if points.ndim == 4 else 1)
