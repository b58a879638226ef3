"""Curves as the figures draw them: what was measured with what its bars are, closed forms, bounds."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from overparam.records import Series
from overparam.studies._rules import means

Numbers = Sequence[Any] | NDArray[Any]
JOINT = "99 % interval of the mean, for all points of a curve at once"
POINTWISE = "95 % interval of the mean, point by point"
GEOMETRIC = "99 % interval of the geometric mean, for all points of a curve at once"
QUARTILES = "quartiles"
RANGE = "least and most of the runs"
RATE = "95 % interval of the rate (Clopper-Pearson), point by point"
EVERYTHING = (-np.inf, np.inf)


class _Ends(NamedTuple):
    middle: NDArray
    low: NDArray
    high: NDArray


def measured(
    label: str, x: Numbers, trials: ArrayLike, *, within: tuple[float, float] = EVERYTHING, gap: float | None = None
) -> Series:
    """Means over (n_trials, n_grid) numbers, with intervals that hold for the whole grid at 99 %.

    Args:
        label: in the legend.
        x: (n_grid,) abscissae.
        trials: independent rows.
        within: what no mean can leave, such as 0 and 1 for shares; intervals end there.
        gap: an abscissa, none of the grid's, where a point without a number interrupts the curve: a peak left out.
    """
    mean, _, half = means(trials)
    ends = _cut(mean, mean - half, mean + half, within)
    if gap is not None:
        at = int(np.searchsorted(np.asarray(x), gap))
        x, ends = np.insert(np.asarray(x, float), at, gap), _Ends(*(np.insert(part, at, np.nan) for part in ends))
    return _series(label, x, ends, JOINT)


def geometric(label: str, x: Numbers, trials: ArrayLike, *, within: tuple[float, float] = EVERYTHING) -> Series:
    """Geometric means over (n_trials, n_grid) positive numbers, likewise."""
    mean, _, half = means(np.log(np.asarray(trials, float)))
    return _series(label, x, _cut(np.exp(mean), np.exp(mean - half), np.exp(mean + half), within), GEOMETRIC)


def pointwise(
    label: str,
    x: Numbers,
    draws: Sequence[Numbers] | NDArray[Any],
    *,
    within: tuple[float, float] = EVERYTHING,
    joined: bool = True,
    spread: str = POINTWISE,
) -> Series:
    """Means with two-sided 95 % t intervals at each point of the grid on its own, where trials may be few or differ.

    Args:
        label: in the legend.
        x: (n_grid,) abscissae.
        draws: what was measured at each of them; one number has no interval.
        within: what no mean can leave; intervals end there.
        joined: whether points next to each other belong together.
        spread: what the intervals are, where the means stand for something else.

    >>> pointwise("f", [1, 2], [[0.0, 2.0], [1.0, 1.0]]).y
    (1.0, 1.0)
    """
    rows = [np.asarray(each, float) for each in draws]
    mean = np.array([row.mean() for row in rows])
    half = np.array([stats.t.ppf(0.975, len(row) - 1) * row.std(ddof=1) / len(row) ** 0.5 if len(row) > 1 else np.nan
                     for row in rows])  # fmt: skip
    if np.isnan(half).all():
        return Series(label, _floats(x), _floats(mean), joined=joined)
    return _series(label, x, _cut(mean, mean - half, mean + half, within), spread, joined=joined)


def medians(label: str, x: Numbers, trials: ArrayLike) -> Series:
    """Medians over (n_trials, n_grid) numbers and their quartiles, for tails that have no variance."""
    low, middle, high = np.quantile(np.asarray(trials, float), [0.25, 0.5, 0.75], axis=0)
    return _series(f"{label}, median", x, _Ends(middle, low, high), QUARTILES)


def ranges(label: str, x: Numbers, trials: ArrayLike, *, joined: bool = True) -> Series:
    """Means over (n_trials, n_grid) numbers, with the least and the most of them; NaN: not measured."""
    values = np.asarray(trials, float)
    ends = _Ends(np.nanmean(values, axis=0), np.nanmin(values, axis=0), np.nanmax(values, axis=0))
    return _series(label, x, ends, RANGE, joined=joined)


def rates(label: str, x: Numbers, happened: ArrayLike) -> Series:
    """Rates of (n_trials, n_grid) events, with two-sided 95 % Clopper-Pearson intervals."""
    seen = np.asarray(happened, bool)
    count, yes = len(seen), seen.sum(axis=0)
    low = np.where(yes > 0, stats.beta.ppf(0.025, np.maximum(yes, 1), count - yes + 1), 0.0)
    high = np.where(yes < count, stats.beta.ppf(0.975, yes + 1, np.maximum(count - yes, 1)), 1.0)
    return _series(label, x, _Ends(yes / count, low, high), RATE)


def formula(label: str, x: Numbers, y: Numbers) -> Series:
    """What a closed form says; where it is infinite the curve is interrupted."""
    return Series(label, _floats(x), _floats(y), kind="formula")


def bound(label: str, x: Numbers, y: Numbers) -> Series:
    """What an inequality allows."""
    return Series(label, _floats(x), _floats(y), kind="bound")


def _cut(middle: NDArray, low: NDArray, high: NDArray, within: tuple[float, float]) -> _Ends:
    return _Ends(middle, np.maximum(low, within[0]), np.minimum(high, within[1]))


def _series(label: str, x: Numbers, ends: _Ends, spread: str, *, joined: bool = True) -> Series:
    return Series(label, _floats(x), *map(_floats, ends), joined=joined, spread=spread)


def _floats(values: Numbers) -> tuple[float, ...]:
    return tuple(float(value) for value in np.asarray(values, float))
