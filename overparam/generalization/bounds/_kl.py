"""Relative entropy of two coins, its inverse, and the PAC-Bayes bounds that rest on it.

kl(q || p) = q ln(q/p) + (1-q) ln((1-q)/(1-p)).  For a prior P fixed before the n samples are seen, with probability
1 - delta for all posteriors Q at once:

    maurer:    kl(training error of Q || error of Q) <= (KL(Q||P) + ln(2 sqrt(n) / delta)) / n,  n >= 8
    langford:                                        <= (KL(Q||P) + ln(n / delta)) / (n - 1)

The second follows from the first for n >= 8.
"""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError

Form = Literal["langford", "maurer"]


def bernoulli_kl(q: ArrayLike, p: ArrayLike) -> NDArray:
    """kl(q || p), entrywise; infinite where p is 0 or 1 and q is not.

    >>> round(float(bernoulli_kl(0.5, 0.25)), 6)
    0.143841
    """
    a, b = np.broadcast_arrays(np.asarray(q, np.float64), np.asarray(p, np.float64))
    if not ((a >= 0) & (a <= 1) & (b >= 0) & (b <= 1)).all():
        raise InputError("q and p must be in [0, 1]")
    return np.asarray(_part(a, b) + _part(np.asarray(1 - a), np.asarray(1 - b)))


def inverse_kl(q: ArrayLike, c: ArrayLike) -> NDArray:
    """The largest p with kl(q || p) <= c, entrywise, by 60 bisections and never below the root.

    >>> round(float(inverse_kl(0.0, math.log(2))), 12)  # -ln(1 - p) = ln 2
    0.5
    """
    a, b = np.broadcast_arrays(np.asarray(q, np.float64), np.asarray(c, np.float64))
    if not ((a >= 0) & (a <= 1) & (b >= 0)).all():
        raise InputError("q must be in [0, 1] and c at least 0")
    low, high = a.copy(), np.ones_like(a)
    for _ in range(60):
        middle = np.asarray((low + high) / 2)
        inside = bernoulli_kl(a, middle) <= b
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return np.where(b == 0, a, high)


def pac_bayes_rate(divergence: float, n_samples: int, delta: float, *, form: Form = "langford") -> float:
    """The right-hand side, an upper bound on kl(training error || error).

    Args:
        divergence: KL(Q || P), at least 0.
        n_samples: at least 8.
        delta: probability that it fails.
        form: which of the two.
    Source:
        maurer2004note, Theorem 5; langford2002not, in the form of dziugaite2017computing.
    """
    if not divergence >= 0 or n_samples < 8 or not 0 < delta < 1:
        raise InputError(
            f"the bound needs divergence >= 0, n_samples >= 8, 0 < delta < 1, not {divergence}, {n_samples}, {delta}"
        )
    if form == "maurer":
        return (divergence + math.log(2 * math.sqrt(n_samples) / delta)) / n_samples
    return (divergence + math.log(n_samples / delta)) / (n_samples - 1)


def pac_bayes_bound(error: float, divergence: float, n_samples: int, delta: float, *, form: Form = "langford") -> float:
    """Bound on the error of the stochastic classifier from its training error, in [0, 1]."""
    return float(inverse_kl(error, pac_bayes_rate(divergence, n_samples, delta, form=form)))


def gaussian_divergence(mean: NDArray, variance: NDArray, centre: NDArray, prior_variance: float) -> float:
    """KL(N(mean, diag variance) || N(centre, prior_variance I)).

    >>> gaussian_divergence(np.array([1.0]), np.array([2.0]), np.array([0.0]), 2.0)
    0.25
    """
    ratio = variance / prior_variance
    return float(0.5 * np.sum(ratio - 1 - np.log(ratio) + (mean - centre) ** 2 / prior_variance))


def _part(a: NDArray, b: NDArray) -> NDArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(a > 0, a * (np.log(a) - np.log(b)), 0.0)
