"""Curves over a grid as the reports draw them: means over seeds with their 95 % intervals, and formulas."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from overparam.records import Series

Numbers = Sequence[Any] | NDArray[Any]


def measured(label: str, x: Numbers, trials: Numbers) -> Series:
    """Means of (n_trials, n_grid) numbers with two-sided 95 % t intervals; one trial has no interval.

    >>> measured("f", [1, 2], [[0.0, 1.0], [2.0, 1.0]]).y
    (1.0, 1.0)
    """
    return across(label, x, list(np.asarray(trials, float).T))


def across(label: str, x: Numbers, draws: Sequence[Numbers]) -> Series:
    """Likewise with another number of trials at every point of the grid."""
    ends = []
    for each in draws:
        values = np.asarray(each, float)
        count = len(values)
        half = stats.t.ppf(0.975, count - 1) * values.std(ddof=1) / count**0.5 if count > 1 else 0.0
        ends.append((values.mean(), values.mean() - half, values.mean() + half))
    mean, low, high = np.transpose(ends)
    return Series(label, _floats(x), _floats(mean), _floats(low), _floats(high))


def formula(label: str, x: Numbers, y: Numbers) -> Series:
    """What a closed form says."""
    return Series(label, _floats(x), _floats(y), kind="formula")


def bound(label: str, x: Numbers, y: Numbers) -> Series:
    """What an inequality allows."""
    return Series(label, _floats(x), _floats(y), kind="bound")


def _floats(values: Numbers) -> tuple[float, ...]:
    numbers: Iterable[float] = np.asarray(values, float).tolist()
    return tuple(numbers)
