"""Expected risk along gradient descent and gradient flow on least squares, mode by mode, beside ridge regression.

Fixed design with X'X/n = diag(v), y = X beta + noise, loss |y - X b|^2 / (2n), from b = 0: after t steps of size eta
mode i keeps a share s_i = (1 - eta v_i)^t of its signal (exp(-v_i t) for the flow, ridge / (v_i + ridge) for ridge
regression) and has learned 1 - s_i of its noise.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError
from overparam.generalization.risk._ridge import SCALE
from overparam.generalization.risk._risk import VARIANCE, Risk, counts, nonnegative, positive, risk

FLOW_OVER_RIDGE = 1.6862  # more than the maximum 1.685910 of ((1 - e^-x) (1 + x) / x)^2, attained at x = 1.79328


def descent_risk(
    eigenvalues: ArrayLike,
    coefficients: ArrayLike,
    steps: ArrayLike,
    *,
    step_size: float,
    n_samples: int,
    noise: float,
) -> Risk:
    """Exact expected in-sample risk after t steps of gradient descent from 0.

    Excess sum_i v_i beta_i^2 (1 - eta v_i)^(2t) + (sigma^2/n) (1 - (1 - eta v_i)^t)^2: each mode is U-shaped in t, and
    modes of different speeds superpose to several descents.  For new inputs with covariance diag(v) it is the excess
    out of sample too.  Holds for every step size; beyond 2 / max v it diverges.

    Args:
        eigenvalues: (p,) v of X'X/n, p <= n.
        coefficients: (p,) of beta in the eigenbasis.
        steps: t >= 0, any shape.
        step_size: eta.
        n_samples: n.
        noise: sigma^2.
    Source:
        heckel2021early, for the idea; derived here.

    >>> v, beta = [1.0, 0.01], [1.0, 10.0]
    >>> descent_risk(v, beta, [0, 10, 10_000], step_size=0.5, n_samples=10, noise=1.0).excess.round(4).tolist()
    [2.0, 1.0047, 0.2]
    """
    v, beta, sigma2 = _modes(eigenvalues, coefficients, n_samples, noise)
    positive("step_size", step_size, why="descent goes downhill")
    t = counts("steps", steps, least=0, why="steps of gradient descent")
    return _along((1 - step_size * v) ** t[..., None], v, beta, sigma2, n_samples)


def flow_risk(
    eigenvalues: ArrayLike, coefficients: ArrayLike, times: ArrayLike, *, n_samples: int, noise: float
) -> Risk:
    """`descent_risk` in the limit of small steps, at times t = eta steps."""
    v, beta, sigma2 = _modes(eigenvalues, coefficients, n_samples, noise)
    t = nonnegative("times", times, why="the flow starts at 0")
    return _along(np.exp(-v * t[..., None]), v, beta, sigma2, n_samples)


def ridge_path_risk(
    eigenvalues: ArrayLike, coefficients: ArrayLike, ridge: ArrayLike, *, n_samples: int, noise: float
) -> Risk:
    """The same risk of ridge regression, betahat = (X'X/n + ridge)^-1 X'y/n; ridge > 0, any shape.

    At ridge = 1/t gradient flow is at most `FLOW_OVER_RIDGE` times as bad, for every design, signal and t: mode by
    mode, with x = v t, its bias is ((1 + x) e^-x)^2 <= 1 and its variance ((1 - e^-x) (1 + x) / x)^2 times ridge's.

    Source:
        ali2019continuous, the theorem on the relative risk; the constant derived here.
    """
    v, beta, sigma2 = _modes(eigenvalues, coefficients, n_samples, noise)
    ridge = positive("ridge", ridge, why=SCALE)[..., None]
    return _along(ridge / (v + ridge), v, beta, sigma2, n_samples)


def _along(share: NDArray, v: NDArray, beta: NDArray, noise: NDArray, n_samples: int) -> Risk:
    bias = (v * beta**2 * share**2).sum(axis=-1)
    learned = np.where(v > 0, 1 - share, 0.0)  # a direction without variance is never moved
    return risk(bias, noise / n_samples * (learned**2).sum(axis=-1), noise)


def _modes(
    eigenvalues: ArrayLike, coefficients: ArrayLike, n_samples: int, noise: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    v = nonnegative("eigenvalues", eigenvalues, why="they belong to X'X/n")
    beta = np.asarray(coefficients, np.float64)
    n = counts("n_samples", n_samples, least=1, why="rows of the design")
    if v.ndim != 1 or beta.shape != v.shape or not np.isfinite(beta).all():
        raise InputError(f"coefficients must be finite and as many as eigenvalues, {v.shape}, not {beta.shape}")
    if np.count_nonzero(v) > n:
        raise InputError(f"{np.count_nonzero(v)} positive eigenvalues of X'X/n, but its rank is at most n = {n:g}")
    return v, beta, nonnegative("noise", noise, why=VARIANCE)
