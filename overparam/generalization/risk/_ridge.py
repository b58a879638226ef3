"""Ridge regression on isotropic inputs in the proportional limit, at any ridge and at the best one.

betahat = (X'X/n + ridge I)^-1 X'y/n.  With m the Stieltjes transform of the Marchenko-Pastur law at -ridge, u = ridge m
solves gamma u^2 + (1 - gamma + ridge) u = ridge, and everything is a rational function of u and the root of the
discriminant, which also covers ridge = 0 without a difference of large numbers.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError
from overparam.generalization.risk._risk import STRENGTH, VARIANCE, Risk, nonnegative, positive, risk, times

SCALE = "the penalty beside X'X/n; a negative one may make the matrix singular"


def marchenko_pastur_stieltjes(gamma: ArrayLike, ridge: ArrayLike) -> NDArray[np.float64]:
    """m(-ridge) = lim (1/p) tr (X'X/n + ridge I)^-1, p/n -> gamma; infinite at ridge 0 if gamma >= 1.

    Args:
        gamma: p/n > 0.
        ridge: >= 0; both broadcast.

    >>> marchenko_pastur_stieltjes(0.5, [0.0, 1.0]).round(4).tolist()
    [2.0, 0.5616]
    """
    gamma, ridge, root = _parts(gamma, ridge)
    shrunk = _shrunk(gamma, ridge, root)
    at_zero = np.where(gamma < 1, 1 / np.where(gamma < 1, 1 - gamma, 1), np.inf)
    return np.where(ridge > 0, shrunk / np.where(ridge > 0, ridge, 1), at_zero)


def ridge_risk(gamma: ArrayLike, ridge: ArrayLike, *, signal: ArrayLike, noise: ArrayLike) -> Risk:
    """Limit of the risk of ridge regression, isotropic inputs, p/n -> gamma.

    Bias |beta|^2 ridge^2 m'(-ridge), variance sigma^2 gamma (m(-ridge) - ridge m'(-ridge)).  At ridge = 0 this is
    `ridgeless_risk`.

    Args:
        gamma: p/n > 0.
        ridge: >= 0, of the normal equations divided by n.
        signal: |beta|^2.
        noise: sigma^2.
    Raises:
        InputError: gamma not above 0, or a negative ridge.
    Source:
        hastie2022surprises, Corollary on ridge regression; dobriban2018high.

    >>> [round(float(r), 3) for r in ridge_risk(1.5, [0.05, 0.375, 2], signal=1, noise=0.25).excess]
    [0.668, 0.543, 0.654]
    """
    gamma, ridge, root = _parts(gamma, ridge)
    signal, noise = nonnegative("signal", signal, why=STRENGTH), nonnegative("noise", noise, why=VARIANCE)
    shrunk = _shrunk(gamma, ridge, root)
    safe = np.where(root > 0, root, 1)  # 0 only at gamma = 1 without ridge, where u = 0
    spread = np.where(root > 0, gamma * (1 - shrunk) / safe, np.inf)
    return risk(signal * (shrunk * (ridge + gamma * shrunk) / safe), times(noise, spread), noise)


def optimal_ridge(gamma: ArrayLike, *, signal: ArrayLike, noise: ArrayLike) -> NDArray[np.float64]:
    """The ridge of least risk, sigma^2 gamma / |beta|^2: what a Gaussian prior on beta would choose.

    Raises:
        InputError: no signal, since then every finite ridge can be improved by a larger one.

    >>> float(optimal_ridge(1.5, signal=1, noise=0.25))
    0.375
    """
    gamma = positive("gamma", gamma, why="it is p/n")
    signal = positive("signal", signal, why="without signal the best ridge is infinite")
    return np.asarray(nonnegative("noise", noise, why=VARIANCE) * gamma / signal)


def optimal_ridge_excess(gamma: ArrayLike, *, signal: ArrayLike, noise: ArrayLike) -> NDArray[np.float64]:
    """Excess risk at the optimal ridge, sigma^2 gamma m(-ridge): increasing in gamma, without a peak at gamma = 1.

    Source:
        dobriban2018high; nakkiran2021optimal, for its monotonicity in n at every finite size.

    >>> round(float(optimal_ridge_excess(1.5, signal=1, noise=0.25)), 3)
    0.543
    """
    return ridge_risk(gamma, optimal_ridge(gamma, signal=signal, noise=noise), signal=signal, noise=noise).excess


def _parts(gamma: ArrayLike, ridge: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Both arguments, checked and broadcast, and the root of the discriminant."""
    gamma = positive("gamma", gamma, why="it is p/n")
    gamma, ridge = np.broadcast_arrays(gamma, nonnegative("ridge", ridge, why=SCALE))
    with np.errstate(over="ignore"):
        root = np.asarray(np.sqrt((1 - gamma + ridge) ** 2 + 4 * gamma * ridge))
    if not np.isfinite(root).all():
        raise InputError("gamma or ridge is so large that its square is no float; the limits are bias |beta|^2, 0")
    return np.asarray(gamma), np.asarray(ridge), root


def _shrunk(gamma: NDArray, ridge: NDArray, root: NDArray) -> NDArray[np.float64]:
    """Mean share of a coefficient that ridge takes away, u = ridge m(-ridge); 1 - 1/gamma at ridge 0, gamma > 1."""
    linear = 1 - gamma + ridge
    small = np.divide(2 * ridge, linear + root, out=np.zeros(root.shape), where=(linear >= 0) & (root > 0))
    return np.where(linear >= 0, small, (root - linear) / (2 * gamma))
