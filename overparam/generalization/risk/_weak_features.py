"""The two models of weak features: least squares of least norm on p of D coordinates, the others left out.

The left-out coordinates are independent noise for the estimate, so that risk rises to the threshold p = n and falls
again: unlike in the well-specified model, the fewest errors may be made with all D features.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError
from overparam.generalization.risk._isotropic import inverse_wishart_trace
from overparam.generalization.risk._risk import STRENGTH, VARIANCE, Risk, counts, nonnegative, risk, times


def weak_features_risk(
    n_samples: ArrayLike, n_features: ArrayLike, *, kept: ArrayLike, left_out: ArrayLike, noise: ArrayLike
) -> Risk:
    """Exact expected risk with x ~ N(0, I_D), y = <x, beta> + noise, p coordinates T used, beta = 0 assumed elsewhere.

    For p <= n - 2: total (|beta_out|^2 + sigma^2) (1 + p / (n - p - 1)); for p >= n + 2: total |beta_T|^2 (1 - n/p) +
    (|beta_out|^2 + sigma^2) (1 + n / (p - n - 1)); infinite between, unless p = 0 or beta_out and sigma are 0.  The
    choice of T must not depend on the data.

    Args:
        n_samples: n >= 1.
        n_features: p >= 0; all arguments broadcast.
        kept: |beta_T|^2.
        left_out: |beta|^2 - |beta_T|^2.
        noise: sigma^2.
    Returns:
        `Risk`; what the missing features cost even with infinitely many samples, |beta_out|^2, counts as bias, and
        `total` is what the source calls risk.
    Source:
        belkin2020two, Theorem 1.

    >>> weak_features_risk(10, [4, 10, 20], kept=0.5, left_out=0.5, noise=0.25).total.tolist()
    [1.35, inf, 1.8333333333333335]
    """
    n = counts("n_samples", n_samples, least=1, why="rows of the design")
    p = counts("n_features", n_features, least=0, why="columns that are used")
    kept, left_out = nonnegative("kept", kept, why=STRENGTH), nonnegative("left_out", left_out, why=STRENGTH)
    noise = nonnegative("noise", noise, why=VARIANCE)
    lost = np.where(p > n, 1 - n / np.maximum(p, 1), 0.0)
    return risk(left_out + kept * lost, times(left_out + noise, inverse_wishart_trace(n, p)), noise)


def random_weak_features_risk(
    n_samples: ArrayLike, n_features: ArrayLike, dim: ArrayLike, *, signal: ArrayLike, noise: ArrayLike
) -> Risk:
    """`weak_features_risk` for a uniformly random set of p of D coordinates, in expectation over the set.

    The risk is linear in |beta_T|^2, whose mean is (p/D) |beta|^2.  For p >= n + 2 the total is |beta|^2 (1 - (n/D)
    (2 - (D - n - 1) / (p - n - 1))) + sigma^2 (1 + n / (p - n - 1)), which decreases in p: mind n/D, not n/p.

    Args:
        n_samples: n >= 1.
        n_features: 0 <= p <= D.
        dim: D.
        signal: |beta|^2.
        noise: sigma^2.
    Raises:
        InputError: p > D.
    Source:
        belkin2020two, the corollary of Theorem 1.

    >>> [round(float(r), 4) for r in random_weak_features_risk(10, [4, 20, 40], 40, signal=1, noise=0.25).total]
    [2.07, 1.8333, 1.0862]
    """
    p, d = _part_of(n_features, dim)
    signal = nonnegative("signal", signal, why=STRENGTH)
    return weak_features_risk(n_samples, p, kept=signal * p / d, left_out=signal * (1 - p / d), noise=noise)


def fourier_features_error(n_samples: ArrayLike, n_features: ArrayLike, dim: ArrayLike) -> NDArray[np.float64]:
    """E |beta - betahat|^2, noise-free, for n random rows and p random columns of a D x D unitary matrix.

    y = F_S beta with beta isotropic, E |beta|^2 = 1; betahat = pinv(F_ST) y on the chosen columns, 0 elsewhere.  With
    rho = n/D and pi = p/D it is 1 - pi + pi (1 - rho) / (rho - pi) for p < n, 1 - rho + rho (1 - pi) / (pi - rho) for
    p > n, infinite at p = n < D and 0 at p = n = D.  EXACT for Haar-distributed unitary F, where E (A*A)^-1 = (D - p) /
    (n - p) I for the n x p truncation A with n > p; for the discrete Fourier matrix only the limit of large D, from
    which D = 101 is 1 to 3 % away.  (Real orthogonal Haar matrices have D - p - 1 and n - p - 1 instead.)

    Args:
        n_samples: 1 <= n <= D.
        n_features: 0 <= p <= D.
        dim: D.
    Returns:
        Float64, of the arguments' common shape.
    Source:
        belkin2020two, the second model.

    >>> [round(float(e), 3) for e in fourier_features_error(30, [10, 20, 30, 60, 90], 101)]
    [1.252, 2.208, inf, 1.109, 0.757]
    """
    (n, d), (p, _) = _part_of(n_samples, dim, name="n_samples", least=1), _part_of(n_features, dim)
    small, large = np.minimum(n, p), np.maximum(n, p)
    spread = np.divide(
        small * (d - large), large - small, out=np.full(np.broadcast(small, d).shape, np.inf), where=large > small
    )
    spread = np.where(large == d, 0.0, spread)  # every equation or every unknown: nothing is mixed in
    return np.asarray(1 - small / d + spread / d)


def _part_of(
    value: ArrayLike, dim: ArrayLike, *, name: str = "n_features", least: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    d = counts("dim", dim, least=1, why="coordinates of the model")
    part = counts(name, value, least=least, why="chosen out of `dim`")
    if (part > d).any():
        raise InputError(f"{name} = {float(np.max(part)):g} is more than dim = {float(np.min(d)):g}: there are no more")
    return part, d
