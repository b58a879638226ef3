"""Curves of formulas and of measurements, for the figures."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.records import Series
from overparam.studies._rules import Means, means

Points = Sequence[float] | NDArray  # along an axis


def formula(label: str, x: Points, y: Points, *, kind: Literal["formula", "bound"] = "formula") -> Series:
    """A curve that was computed; where it is infinite it is interrupted."""
    return Series(label, _floats(x), _floats(y), kind=kind)


def measured(label: str, x: Points, trials: ArrayLike, *, gap: float | None = None) -> Series:
    """Means over (n_trials, n_grid) numbers, with intervals that hold for the whole grid at 99 %.

    At `gap`, which is no abscissa, a point without a number interrupts the curve: a peak that was left out.
    """
    found = means(trials)
    if gap is not None:
        at = int(np.searchsorted(np.asarray(x), gap))
        x, found = np.insert(np.asarray(x, float), at, gap), Means(*(np.insert(part, at, np.nan) for part in found))
    return Series(
        label, _floats(x), _floats(found.mean), _floats(found.mean - found.half), _floats(found.mean + found.half)
    )


def medians(label: str, x: Points, trials: ArrayLike) -> Series:
    """Medians over trials and their quartiles, for tails that have no variance."""
    low, middle, high = np.quantile(np.asarray(trials, float), [0.25, 0.5, 0.75], axis=0)
    return Series(f"{label}, median", _floats(x), _floats(middle), _floats(low), _floats(high))


def _floats(values: Points) -> tuple[float, ...]:
    return tuple(float(value) for value in np.asarray(values, float))
