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

    With independent replicates, the mean over j at each size is one observation; its variance is estimated within each
    size, so that neither curvature nor noise that depends on the size spoils the interval: Welch's, with
    Satterthwaite's degrees of freedom.  It is that of the weighted slope of the means of logarithms, whether or not the
    law is a power.

    >>> slope([1.0, 2.0, 4.0], [[1.0, 1.0], [4.0, 4.0], [16.0, 16.0]]).words
    '2.00 [2.00, 2.00]'
    """
    x, y = np.log(np.asarray(sizes, dtype=float)), np.log(np.asarray(measured, dtype=float))
    replicates = y.shape[1]
    weight = (x - x.mean()) / np.sum((x - x.mean()) ** 2)
    value = float(weight @ y.mean(axis=1))
    parts = weight**2 * y.var(axis=1, ddof=1) / replicates
    variance = float(np.sum(parts))
    if variance == 0:
        return Slope(value, value, value)
    freedom = variance**2 / float(np.sum(parts**2 / (replicates - 1)))
    half = float(student.ppf((1 + level) / 2, freedom)) * float(np.sqrt(variance))
    return Slope(value, value - half, value + half)
