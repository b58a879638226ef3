"""From a complexity to a bound on the error that holds for every network and every margin at once.

The theorems fix norms and the margin before the data are seen; a trained network has its own.  So each such number is
rounded up to the grid 2^(j/2), j an integer, and the grid point gets the share 1 / (3 (|j| + 1)^2) of the confidence:
the shares add up to (pi^2 / 3 - 1) / 3 < 1.  The price is a sum of ln(3 (|j| + 1)^2) beside ln(1 / delta).
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError
from overparam.generalization.bounds._networks import Activation, Biases, Plain, margins, outputs_of, plain
from overparam.networks import Layer

PER_DOUBLING = 2
_LEAST = 2.0**-40  # norms below it are rounded up to it


class Capacity(NamedTuple):
    """What one measure says of one network.

    Attributes:
        measure: its name.
        value: the complexity term with unit constants and without logarithms, to compare networks by.
        bound: on the error, with every constant, for all networks and margins at once; NaN where the measure has none.
        delta: probability, over the samples, that the bound fails.
        unmet: conditions of the theorem that these arguments do not meet; the bound claims nothing unless empty.
        trivial: what guessing achieves; a bound that is not below it is vacuous.
        source: theorem, as in the bibliography.
    """

    measure: str
    value: float
    bound: float
    delta: float
    unmet: tuple[str, ...]
    trivial: float
    source: str

    @property
    def vacuous(self) -> bool | None:
        """Whether the bound is no better than guessing; None where there is no bound."""
        return None if math.isnan(self.bound) else not self.bound < self.trivial


class Measured(NamedTuple):
    """What a margin bound reads off a trained network: it without biases, its margins, their level, and n samples."""

    network: Plain
    margins: NDArray
    level: float
    n: int


class Grid(NamedTuple):
    """Numbers rounded to the grid, and what that costs."""

    values: tuple[float, ...]
    price: float  # to add to ln(1 / delta)


def rounded_up(values: Iterable[float]) -> Grid:
    """Each to the next 2^(j/2) from above.

    >>> rounded_up([1.5]).values, rounded_up([1.0]).price == math.log(3)
    ((2.0,), True)
    """
    steps = [math.ceil(PER_DOUBLING * math.log2(max(float(value), _LEAST))) for value in values]
    grid = tuple(2.0 ** (j / PER_DOUBLING) for j in steps)
    return Grid(grid, sum(math.log(3 * (abs(j) + 1) ** 2) for j in steps))


def rounded_down(value: float) -> Grid:
    """A margin level to the next grid point from below."""
    up = rounded_up([1 / value])
    return Grid((1 / up.values[0],), up.price)


def margin_level(margins: ArrayLike, quantile: float = 0.1) -> float:
    """The margin that this share of the samples stays below, the level at which the bounds are taken.

    >>> margin_level(np.arange(11.0), 0.5)
    5.0
    """
    if not 0 <= quantile < 1:
        raise InputError(f"quantile must be in [0, 1), not {quantile}")
    return float(np.quantile(np.asarray(margins, np.float64), quantile))


def margin_error(margins: NDArray, level: float) -> float:
    """Share of the samples with a margin of at most `level`."""
    return float(np.mean(margins <= level))


def measured(
    layers: Sequence[Layer],
    points: ArrayLike,
    labels: ArrayLike,
    *,
    quantile: float,
    delta: float,
    biases: Biases,
    activation: Activation,
) -> Measured:
    """A trained network on its samples.

    Raises:
        InputError: shapes do not fit, the margin at this quantile is not positive, fewer than 2 samples, or a delta
            that is no probability.
    """
    network = plain(layers, points, biases)
    spread = margins(outputs_of(layers, points, activation=activation), labels)
    level, n = margin_level(spread, quantile), len(network.points)
    if not (math.isfinite(level) and level > 0):
        raise InputError(
            f"the margin level must be positive, not {level}: with so many samples misclassified there is no margin "
            "to speak of; take a larger quantile, or train longer"
        )
    if n < 2 or not 0 < delta < 1:
        raise InputError(f"a bound needs n_samples >= 2 and 0 < delta < 1, not {n} and {delta}")
    return Measured(network, spread, level, n)


def deviation(n_samples: int, delta: float, price: float) -> float:
    """3 sqrt(ln(2 / delta) / (2 n)), the deviation of an empirical Rademacher bound; `price` pays for the grid."""
    return 3 * math.sqrt((math.log(2 / delta) + price) / (2 * n_samples))


def guessing(n_outputs: int) -> float:
    """Error of a guess among the classes: 1 - 1/K, and 1/2 for one output."""
    return 1 - 1 / max(2, n_outputs)


def unmet(same: bool, suits: bool, why: str) -> tuple[str, ...]:
    """Conditions that fail: that leaving out biases changes nothing, and what the activation must be."""
    left_out = () if same else ("the theorem has no biases, and leaving them out changes the function",)
    return (*left_out, *(() if suits else (why,)))
