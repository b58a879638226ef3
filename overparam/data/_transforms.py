"""What is done to images before a network sees them: each a named step, so that parameter counts match the published.

Images are (n, height, width, channels); `whitened` takes points of any shape, one a row.
"""

import numpy as np
from numpy.typing import NDArray

from overparam.errors import InputError

Points = NDArray[np.floating]


def pooled(points: Points, side: int) -> Points:
    """Averages over equal blocks: (n, side, side, channels), such as 28 -> 14 or 7; images no larger stay as they are.

    Raises:
        InputError: `points` is not (n, height, width, channels), or its sides are no multiples of `side`.
    """
    height, width = _sides(points, side)
    if max(height, width) <= side:
        return points
    if height % side or width % side:
        raise InputError(f"images of {height} x {width} cannot be averaged over equal blocks to {side} x {side}")
    blocks = points.reshape(len(points), side, height // side, side, width // side, points.shape[3])
    return blocks.mean(axis=(2, 4), dtype=points.dtype)


def center_crop(points: Points, side: int) -> Points:
    """The middle side x side of each image; where the border is odd, one row or column more is cut below or right.

    Raises:
        InputError: `points` is not (n, height, width, channels), or smaller than that.
    """
    height, width = _sides(points, side)
    if side > min(height, width):
        raise InputError(f"no {side} x {side} crop fits into images of {height} x {width}")
    top, left = (height - side) // 2, (width - side) // 2
    return points[:, top : top + side, left : left + side]


def whitened(points: Points) -> Points:
    """Each row by itself: (x - mean) / max(std, 1 / sqrt(k)) for its k numbers, population deviation.

    Returns:
        the shape and dtype of `points`.
    Source:
        zhang2017, appendix A (the per-image whitening of their CIFAR-10 experiments).

    >>> whitened(np.array([[1.0, 3.0], [2.0, 2.0]])).tolist()
    [[-1.0, 1.0], [0.0, 0.0]]
    """
    rows = points.reshape(len(points), -1)
    centred = rows - rows.mean(axis=1, keepdims=True)
    deviation = centred.std(axis=1, keepdims=True)
    floor = points.dtype.type(1 / max(rows.shape[1], 1) ** 0.5)
    return (centred / np.maximum(deviation, floor)).reshape(points.shape)


def _sides(points: Points, side: int) -> tuple[int, int]:
    if points.ndim != 4:
        raise InputError(f"images have the shape (n, height, width, channels), not {points.shape}")
    if side < 1:
        raise InputError(f"the side of an image is at least 1, not {side}")
    return points.shape[1], points.shape[2]
