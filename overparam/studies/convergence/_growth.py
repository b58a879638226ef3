"""How a measured number grows with another: the slope of a log-log fit over replicates, with its interval."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student


class Slope(NamedTuple):
    """An exponent and the ends of its interval."""

    value: float
    lower: float
    upper: float

    @property
    def words(self) -> str:
        """As printed in a sentence."""
        return f"{self.value:.2f} [{self.lower:.2f}, {self.upper:.2f}]"


def slope(
    sizes: Sequence[float] | np.ndarray, measured: Sequence[Sequence[float]] | np.ndarray, *, level: float = 0.99
) -> Slope:
    """Fit ln measured[i, j] = a + b ln sizes[i] + noise to replicates j, and the interval of b by Student's t.

    With g sizes and independent replicates, the mean over j at each size is one observation; its variance is estimated
    within the sizes, so that curvature does not widen the interval: g (replicates - 1) degrees of freedom.  The
    interval is that of the weighted slope of the means, whether or not the law is a power.

    >>> slope([1.0, 2.0, 4.0], [[1.0, 1.0], [4.0, 4.0], [16.0, 16.0]]).words
    '2.00 [2.00, 2.00]'
    """
    x, y = np.log(np.asarray(sizes, dtype=float)), np.log(np.asarray(measured, dtype=float))
    groups, replicates = y.shape
    weight = (x - x.mean()) / np.sum((x - x.mean()) ** 2)
    value = float(weight @ y.mean(axis=1))
    freedom = groups * (replicates - 1)
    variance = float(np.sum((y - y.mean(axis=1, keepdims=True)) ** 2)) / freedom
    half = float(student.ppf((1 + level) / 2, freedom)) * np.sqrt(variance / replicates * float(weight @ weight))
    return Slope(value, float(value - half), float(value + half))
