"""Deterministic equivalent of ridge and ridgeless regression for any covariance.

Ridge regression on n samples with covariance eigenvalues l_i behaves like infinitely many samples with a larger ridge
kappa, the root of sum_i l_i / (l_i + kappa) + n ridge / kappa = n.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError
from overparam.generalization.risk._ridge import SCALE
from overparam.generalization.risk._risk import VARIANCE, Risk, counts, nonnegative, risk, times

HALVINGS = 100  # of the bracket in log space; a bracket of 600 decades shrinks below one unit in the last place


class Equivalent(NamedTuple):
    """Effective ridge and degrees of freedom; arrays of the shape that n_samples and ridge share.

    Attributes:
        kappa: effective ridge.
        df1: sum_i l_i / (l_i + kappa), the directions that are learned.
        df2: sum_i l_i^2 / (l_i + kappa)^2.
    """

    kappa: NDArray[np.float64]
    df1: NDArray[np.float64]
    df2: NDArray[np.float64]


def effective_ridge(eigenvalues: ArrayLike, n_samples: ArrayLike, ridge: ArrayLike = 0.0) -> Equivalent:
    """The root kappa, by bisection in log space.

    The left side falls in kappa.  ridge <= kappa <= ridge + tr/n; without ridge and with rank > n also kappa >= (rank /
    n - 1) times the least positive eigenvalue.  Without ridge and with rank <= n there is no positive root: kappa = 0.

    Args:
        eigenvalues: (p,) of the covariance, >= 0, one at least positive.
        n_samples: n >= 1.
        ridge: >= 0, of the normal equations divided by n; n_samples and ridge broadcast.
    Raises:
        InputError: no eigenvalue above 0, or a negative number.
    Source:
        hastie2022surprises, Theorems 2 and 3; simon2023eigenlearning.

    >>> [round(float(v), 6) for v in effective_ridge(np.ones(300), 100)]  # equal eigenvalues: kappa = p/n - 1
    [2.0, 100.0, 33.333333]
    """
    values, n, ridge = _checked(eigenvalues, n_samples, ridge)
    rank, least = values.size, values.min()
    low = np.where(ridge > 0, ridge, (rank / n - 1) * least)
    solvable = low > 0
    low, high = np.where(solvable, low, 1.0), np.where(solvable, ridge + values.sum() / n, 1.0)
    low, high = np.log(low), np.log(np.maximum(high, low))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        kappa = np.exp(middle)
        above = (values / (values + kappa[..., None])).sum(axis=-1) + n * ridge / kappa > n
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    kappa = np.where(solvable, np.exp((low + high) / 2), 0.0)
    share = values / (values + kappa[..., None])
    return Equivalent(kappa, share.sum(axis=-1), (share**2).sum(axis=-1))


def equivalent_risk(
    eigenvalues: ArrayLike,
    coefficients: ArrayLike,
    n_samples: ArrayLike,
    ridge: ArrayLike = 0.0,
    *,
    noise: ArrayLike,
) -> Risk:
    """Risk of ridge(less) regression, y = <x, beta> + noise, x = Sigma^(1/2) z with independent entries z.

    Bias kappa^2 sum_i beta_i^2 l_i / (l_i + kappa)^2 / (1 - df2/n), variance sigma^2 (df2/n) / (1 - df2/n); both are
    asymptotic, with errors of order 1/sqrt(n) in a draw and 1/n in the mean.  Without ridge and with rank n the
    variance is infinite.

    Args:
        eigenvalues: (p,) of Sigma.
        coefficients: (p,) of beta in the eigenbasis of Sigma.
        n_samples: n >= 1.
        ridge: >= 0, of the normal equations divided by n.
        noise: sigma^2.
    Raises:
        InputError: shapes that differ, no eigenvalue above 0, or a negative number.
    Source:
        hastie2022surprises, Theorems 2 and 3; bach2024high.

    >>> parts = equivalent_risk(np.ones(200), np.full(200, 200**-0.5), 100, noise=1.0)
    >>> [round(float(v), 6) for v in (parts.bias, parts.variance)]  # the isotropic limit at p/n = 2
    [0.5, 1.0]
    """
    all_values, beta = np.asarray(eigenvalues, np.float64), np.asarray(coefficients, np.float64)
    if all_values.shape != beta.shape:
        raise InputError(f"coefficients must have the shape of eigenvalues, {all_values.shape}, not {beta.shape}")
    if not np.isfinite(beta).all():
        raise InputError("coefficients must be finite")
    noise = nonnegative("noise", noise, why=VARIANCE)
    kappa, _, df2 = effective_ridge(eigenvalues, n_samples, ridge)
    seen = all_values > 0  # a direction without variance changes neither inputs nor risk
    values, beta = all_values[seen], beta[seen]
    kept = kappa[..., None] / (values + kappa[..., None])
    n = np.asarray(n_samples, np.float64)
    left = 1 - df2 / n
    # without ridge and with rank = n, df2 = n exactly and kappa = 0
    inflation = np.divide(1.0, left, out=np.full(left.shape, np.inf), where=left > 0)
    return risk(times((beta**2 * values * kept**2).sum(axis=-1), inflation), times(noise * df2 / n, inflation), noise)


def _checked(
    eigenvalues: ArrayLike, n_samples: ArrayLike, ridge: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    values = nonnegative("eigenvalues", eigenvalues, why="they belong to a covariance")
    if values.ndim != 1:
        raise InputError(f"eigenvalues must be one list of numbers, not of shape {values.shape}")
    values = values[values > 0]
    if not values.size:
        raise InputError("eigenvalues must have one above 0: without variance there is nothing to learn")
    n = counts("n_samples", n_samples, least=1, why="rows of the design")
    n, ridge = np.broadcast_arrays(n, nonnegative("ridge", ridge, why=SCALE))
    return values, n, ridge
