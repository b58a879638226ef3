"""Effective ranks of a covariance, and what they say of interpolating noise: benign, tempered or worse."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError
from overparam.generalization.risk._risk import VARIANCE, counts, nonnegative, positive


class Benign(NamedTuple):
    """Terms of the theorem on benign overfitting; arrays of the shape of n_samples.

    Attributes:
        split: k*, how many directions are fitted as usual; infinite if no tail is long enough.
        directions: k*/n.
        tail: n/R_k*, what the noise costs that hides in the tail; infinite if k* is.
        start: r_0/n, which governs the bias.
    """

    split: NDArray[np.float64]
    directions: NDArray[np.float64]
    tail: NDArray[np.float64]
    start: NDArray[np.float64]

    @property
    def variance(self) -> NDArray[np.float64]:
        """k*/n + n/R_k*, the excess risk per unit of noise up to a constant, if it is small."""
        return np.asarray(self.directions + self.tail)


def effective_ranks(eigenvalues: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """r_k = (sum_{i>k} l_i) / l_{k+1} and R_k = (sum_{i>k} l_i)^2 / sum_{i>k} l_i^2 for k = 0 .. rank - 1.

    1 <= r_k <= R_k <= r_k^2 and R_k <= rank - k; for k equal eigenvalues both are k.

    Args:
        eigenvalues: (p,), in any order, >= 0; zeros are dropped.
    Returns:
        Two arrays of length rank, for the eigenvalues in decreasing order.
    Source:
        bartlett2020benign, Definition 3.

    >>> [rank.tolist() for rank in effective_ranks([1.0, 1.0, 2.0])]
    [[2.0, 2.0, 1.0], [2.6666666666666665, 2.0, 1.0]]
    """
    values = nonnegative("eigenvalues", eigenvalues, why="they belong to a covariance")
    if values.ndim != 1 or not (values > 0).any():
        raise InputError("eigenvalues must be one list of numbers, one of them above 0")
    rising = np.sort(values[values > 0])
    # a tail is summed from its small end, so that nothing is lost beside the large eigenvalues
    first, second = np.cumsum(rising)[::-1], np.cumsum(rising**2)[::-1]
    return first / rising[::-1], first**2 / second


def benign_terms(eigenvalues: ArrayLike, n_samples: ArrayLike, *, factor: float = 1.0) -> Benign:
    """k* = min {k : r_k >= factor n} and the terms of the bound on the excess risk of the least-norm interpolant.

    With high probability Excess <= c (bias term of r_0/n + sigma^2 log(1/delta) (k*/n + n/R_k*)), and its mean is at
    least sigma^2 (k*/n + n/R_k*) / c if k* <= n/c, else a constant times sigma^2.  c and `factor` are not named by the
    theorem: use ratios and rates, not the values.

    Args:
        eigenvalues: (p,) of the covariance.
        n_samples: n >= 1, any shape.
        factor: b of the source.
    Source:
        bartlett2020benign, Theorem 4; tsigler2023benign.

    >>> spiked = [1.0] * 10 + [1 / 6400] * 6390
    >>> terms = benign_terms(spiked, 100)
    >>> float(terms.split), round(float(terms.variance), 4)
    (10.0, 0.1156)
    """
    n = counts("n_samples", n_samples, least=1, why="rows of the design")
    positive("factor", factor, why="r_k is compared with factor times n")
    small, large = effective_ranks(eigenvalues)
    long = small >= factor * n[..., None]
    found = long.any(axis=-1)
    first = long.argmax(axis=-1)
    split = np.where(found, first, np.inf)
    return Benign(split, split / n, np.where(found, n / large[first], np.inf), small[0] / n)


def tempered_variance(exponent: ArrayLike, *, noise: ArrayLike, learned: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Excess risk that noise costs with eigenvalues i^-a, a > 1, p/n -> infinity, n -> infinity: (a - 1) sigma^2.

    For such a spectrum df2 = (1 - 1/a) df1, so that the variance of the deterministic equivalent, sigma^2 (df2/n) / (1
    - df2/n), depends on df1/n only; without ridge df1 = n.  Neither benign (0) nor catastrophic (infinite).

    Args:
        exponent: a > 1; at most 1, the spectrum has no finite sum as p -> infinity.
        noise: sigma^2.
        learned: df1/n in [0, 1], 1 without ridge; a ridge that keeps kappa = ridge / (1 - df1/n) lowers it, and with
            it the variance to any fraction.
    Source:
        mallinar2022benign; from the deterministic equivalent.

    >>> tempered_variance([1.5, 2.0], noise=1).round(12).tolist()
    [0.5, 1.0]
    """
    a = np.asarray(exponent, np.float64)
    if not (np.isfinite(a) & (a > 1)).all():
        raise InputError(f"exponent must be above 1, or the spectrum has no finite trace, not {float(np.min(a)):g}")
    learned = nonnegative("learned", learned, why="it is df1/n")
    if (learned > 1).any():
        raise InputError(f"learned is df1/n and cannot exceed 1, not {float(np.max(learned)):g}")
    share = learned * (1 - 1 / a)
    return np.asarray(nonnegative("noise", noise, why=VARIANCE) * share / (1 - share))
