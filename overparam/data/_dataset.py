"""A data set in memory, and the one place where arrays become one: finite, and no point with two labels."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.arrays import exact_float64, plain_array
from overparam.errors import InputError


class Dataset(NamedTuple):
    """Labelled points; what `load` and `from_arrays` return is finite, read-only, and no point has two labels."""

    points: NDArray[np.float64]
    """(n_samples, dim)"""
    labels: NDArray[np.float64]
    """(n_samples,)"""
    name: str
    """Short, made of what was asked for."""
    notes: tuple[str, ...] = ()
    """Sentences about how the numbers came about: columns dropped, which class is +1, what was drawn."""


def from_arrays(points: ArrayLike, labels: ArrayLike, *, name: str = "arrays", notes: Sequence[str] = ()) -> Dataset:
    """The data set of these arrays, without any rounding.

    Args:
        points: (n_samples, dim), both at least 1; floats of at most 64 bits or integers that float64 holds exactly.
        labels: (n_samples,), likewise; booleans become -1 and +1.

    Raises:
        InputError: another shape or dtype, NaN or infinity, an integer that would be rounded, or one point with two
            different labels, which no function fits.

    >>> from_arrays([[0, 0], [1, 3]], [True, False]).labels.tolist()
    [1.0, -1.0]
    """
    told = list(notes)
    x = exact_float64(points, "points")
    if x.ndim != 2:
        hint = "; reshape one feature to (n, 1)" if x.ndim == 1 else ""
        raise InputError(f"points must have shape (n, d), one row a sample, not {x.shape}{hint}")
    if 0 in x.shape:
        raise InputError(f"points must have at least one row and one column, not shape {x.shape}")
    raw = plain_array(labels, "labels")
    if raw.dtype.kind == "b":
        told.append("boolean labels: True is +1, False is -1")
        raw = np.where(raw, 1.0, -1.0)
    y = exact_float64(raw, "labels")
    if y.shape != x.shape[:1]:
        raise InputError(f"labels must have shape ({x.shape[0]},), one for each row of points, not {y.shape}")
    if (clash := conflict(x, y)) is not None:
        i, j = clash
        raise InputError(
            f"rows {i} and {j} (counted from 0) are the same point with the labels {y[i].item()!r} and "
            f"{y[j].item()!r}: no function fits both; remove one of them or make the labels agree"
        )
    x.setflags(write=False)
    y.setflags(write=False)
    return Dataset(x, y, name, tuple(told))


def grouped(points: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Rows in lexicographic order, ties in row order, and whether each equals the one before it (-0.0 equals 0.0).

    Returns:
        order (n,), and same (n - 1,): same[i] says that rows order[i] and order[i + 1] are equal.
    """
    order = np.lexsort((points + 0.0).T[::-1])  # adding 0.0 turns -0.0 into 0.0
    ranked = points[order]
    return order, (ranked[1:] == ranked[:-1]).all(axis=1)


def conflict(points: NDArray[np.float64], labels: NDArray[np.float64]) -> tuple[int, int] | None:
    """The first two rows that are one point with two labels, or None."""
    order, same = grouped(points)
    clashes = np.flatnonzero(same & (labels[order[1:]] != labels[order[:-1]]))
    pairs = [(int(order[i]), int(order[i + 1])) for i in clashes]
    return min(pairs, default=None)


def without_repeats(data: Dataset) -> Dataset:
    """The distinct points with their labels, each at its first row."""
    _, first = np.unique(data.points + 0.0, axis=0, return_index=True)  # adding 0.0 turns -0.0 into 0.0
    if len(first) == len(data.labels):
        return data
    rows = np.sort(first)
    repeated = f"{len(data.labels) - len(rows)} rows repeat points; {len(rows)} points are distinct"
    return data._replace(points=data.points[rows], labels=data.labels[rows], notes=(*data.notes, repeated))
