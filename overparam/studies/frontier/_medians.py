"""Exact confidence intervals for a median, whatever the law: between two order statistics."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import binom


def median_interval(values: Sequence[float] | np.ndarray, level: float) -> tuple[float, float]:
    """Interval that holds the median of the law with at least `level`; infinite where the sample is too small.

    At most r of n values lie below the (r+1)-th; a median m (P(X < m) <= 1/2 <= P(X <= m)) is below it with probability
    at most P(Bin(n, 1/2) <= r), and likewise above.  Values that are no numbers count as infinite on either side.

    >>> median_interval(list(range(1, 11)), 0.95)
    (2.0, 9.0)
    """
    sample = np.asarray(values, float)
    n, tail = len(sample), (1 - level) / 2
    r = int(np.searchsorted(binom.cdf(np.arange(n + 1), n, 0.5), tail, side="right")) - 1  # most with cdf <= tail
    if r < 0 or n == 0:
        return -np.inf, np.inf
    low = np.sort(np.where(np.isnan(sample), -np.inf, sample))[r]
    high = np.sort(np.where(np.isnan(sample), np.inf, sample))[n - 1 - r]
    return float(low), float(high)
