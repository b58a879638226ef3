"""Regression on inputs with independent coordinates of given variances: noise and signal parts of many draws."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from overparam.studies.double_descent._least_squares import fitted

Kappa = Literal["", "ridge only", "trace"]  # wrong effective ridges, for controls


def excess(
    rng: np.random.Generator,
    eigenvalues: NDArray,
    beta: NDArray,
    n: int,
    *,
    trials: int,
    noise: float,
    draws: int,
    ridges: tuple[float, ...] = (0.0,),
    cutoff: float = 0.0,
    points: NDArray | None = None,
) -> NDArray[np.float64]:
    """Excess risk on new inputs, sum_i l_i (beta_i - betahat_i)^2, the mean over noise vectors.

    Args:
        eigenvalues: (p,) variances of the coordinates.
        beta: (p,) coefficients.
        n: samples.
        trials: designs.
        noise: sigma^2; 0 leaves the noise off.
        draws: noise vectors a design.
        ridges: penalties beside X'X/n, each on the same draws.
        cutoff: share of the largest singular value below which directions are dropped.
        points: (N, p) rows to draw designs from, with second moments diag(eigenvalues), instead of Gaussian ones.
    Returns:
        (trials, ridges).
    """
    out = np.empty((trials, len(ridges)))
    for trial in range(trials):
        if points is None:
            design = rng.normal(size=(n, len(eigenvalues))) * np.sqrt(eigenvalues)
        else:
            design = points[rng.choice(len(points), n, replace=False)]
        targets = (design @ beta)[:, None] + noise**0.5 * rng.normal(size=(n, draws))
        for i, ridge in enumerate(ridges):
            missed = fitted(design, targets, ridge=ridge, cutoff=cutoff) - beta[:, None]
            out[trial, i] = (eigenvalues @ missed**2).mean()
    return out
