"""Least squares of least norm on isotropic Gaussian inputs: exact at every size, and its limit.

y = <x, beta> + noise with x ~ N(0, I_p), n samples, betahat = pinv(X) y.  With p < n the estimate is unbiased and its
variance is sigma^2 E tr (X'X)^-1 = sigma^2 p / (n - p - 1), the mean of an inverse Wishart matrix; with p > n the rows
span a uniformly random n-plane, so that 1 - n/p of the signal is lost, and E tr (XX')^-1 = n / (p - n - 1).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.generalization.risk._risk import STRENGTH, VARIANCE, Risk, counts, nonnegative, positive, risk, times


def inverse_wishart_trace(n_samples: NDArray[np.float64], dim: NDArray[np.float64]) -> NDArray[np.float64]:
    """E tr of the pseudo-inverse of X'X for n x p standard normal X: min / (|n - p| - 1), else infinity."""
    gap = np.abs(n_samples - dim) - 1
    smaller = np.minimum(n_samples, dim)
    trace = np.divide(smaller, gap, out=np.full(np.broadcast(smaller, gap).shape, np.inf), where=gap > 0)
    return np.where(smaller == 0, 0.0, trace)


def least_squares_risk(n_samples: ArrayLike, dim: ArrayLike, *, signal: ArrayLike, noise: ArrayLike) -> Risk:
    """Exact expected risk of least squares of least norm, x ~ N(0, I_p), y = <x, beta> + noise.

    Bias 0 for p <= n, |beta|^2 (1 - n/p) beyond; variance sigma^2 p / (n - p - 1) for p <= n - 2, sigma^2 n / (p - n -
    1) for p >= n + 2, and infinite between if there is noise: near p = n the smallest singular value has no inverse
    second moment.  For |p - n| <= 3 the variance over draws is infinite, so that averages of simulations are useless.

    Args:
        n_samples: n >= 1.
        dim: p >= 0 parameters; any shapes that broadcast.
        signal: |beta|^2.
        noise: sigma^2.
    Raises:
        InputError: counts that are not whole, or negative squares.
    Source:
        hastie2022surprises (its finite-sample form: mean of an inverse Wishart matrix).

    >>> parts = least_squares_risk(30, [10, 60], signal=1, noise=1)
    >>> [round(float(v), 4) for v in parts.variance], parts.bias.tolist()
    ([0.5263, 1.0345], [0.0, 0.5])
    """
    n = counts("n_samples", n_samples, least=1, why="rows of the design")
    p = counts("dim", dim, least=0, why="columns of the design")
    signal, noise = nonnegative("signal", signal, why=STRENGTH), nonnegative("noise", noise, why=VARIANCE)
    lost = np.where(p > n, 1 - n / np.maximum(p, 1), 0.0)
    return risk(signal * lost, times(noise, inverse_wishart_trace(n, p)), noise)


def ridgeless_risk(gamma: ArrayLike, *, signal: ArrayLike, noise: ArrayLike) -> Risk:
    """Limit of `least_squares_risk` as n, p -> infinity with p/n -> gamma.

    Bias max(0, |beta|^2 (1 - 1/gamma)); variance sigma^2 gamma / (1 - gamma) for gamma < 1, sigma^2 / (gamma - 1) for
    gamma > 1, infinite at gamma = 1 if there is noise.  Holds for independent entries of mean 0, variance 1 and a
    bounded moment above the fourth.

    Args:
        gamma: p/n > 0.
        signal: |beta|^2.
        noise: sigma^2.
    Source:
        hastie2022surprises, Theorem 1.

    >>> ridgeless_risk([0.5, 1, 2], signal=1, noise=1).excess.tolist()
    [1.0, inf, 1.5]
    """
    gamma = positive("gamma", gamma, why="it is p/n")
    signal, noise = nonnegative("signal", signal, why=STRENGTH), nonnegative("noise", noise, why=VARIANCE)
    gap = np.abs(1 - gamma)
    spread = np.divide(np.minimum(gamma, 1), gap, out=np.full(gamma.shape, np.inf), where=gap > 0)
    return risk(signal * np.maximum(0, 1 - 1 / gamma), times(noise, spread), noise)


def best_overparametrized(*, signal: ArrayLike, noise: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the ridgeless excess is least over gamma > 1, and that excess.

    With SNR = |beta|^2 / sigma^2 > 1 at gamma = sqrt(SNR) / (sqrt(SNR) - 1), where it is 2 r sigma - sigma^2, a local
    minimum; otherwise the excess falls towards |beta|^2 and gamma is infinite.  It is never the global minimum, which
    is 0 as gamma -> 0: more parameters than samples do not pay in a well-specified isotropic model.

    Returns:
        gamma and the excess, arrays of one shape; without noise gamma = 1 and 0.
    Source:
        hastie2022surprises, the discussion after Theorem 1.

    >>> [float(v) for v in best_overparametrized(signal=4, noise=1)]
    [2.0, 3.0]
    """
    signal, noise = nonnegative("signal", signal, why=STRENGTH), nonnegative("noise", noise, why=VARIANCE)
    signal, noise = np.broadcast_arrays(signal, noise)
    r, sigma = np.sqrt(signal), np.sqrt(noise)
    inside = r > sigma
    gamma = np.divide(r, r - sigma, out=np.full(r.shape, np.inf), where=inside)
    return gamma, np.where(inside, 2 * r * sigma - noise, signal)
