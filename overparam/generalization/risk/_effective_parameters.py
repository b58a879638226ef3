"""Effective number of parameters of a linear smoother, counted on inputs that it has not seen."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError
from overparam.generalization.risk._isotropic import inverse_wishart_trace
from overparam.generalization.risk._risk import counts


def effective_parameters(weights: ArrayLike) -> NDArray[np.float64]:
    """The number n times the mean of |s(x_j)|^2 over inputs x_j, where a prediction is f(x_j) = <s(x_j), y>.

    On the n training inputs of a least-squares fit it is the rank, p; on new inputs it also counts how much the
    prediction magnifies noise, which falls again beyond p = n.

    Args:
        weights: (..., n_inputs, n) smoother weights; leading axes are kept.
    Source:
        curth2023uturn, the definition of effective parameters.

    >>> float(effective_parameters(np.eye(5)))  # interpolation, counted on the training inputs
    5.0
    """
    s = np.asarray(weights, np.float64)
    if s.ndim < 2 or not s.shape[-1] or not s.shape[-2]:
        raise InputError(f"weights must be (..., inputs, samples), one of each at least, not of shape {s.shape}")
    return np.asarray(s.shape[-1] * (s**2).sum(axis=-1).mean(axis=-1))


def least_squares_effective_parameters(n_samples: ArrayLike, dim: ArrayLike) -> NDArray[np.float64]:
    """Expectation on new inputs for least squares of least norm, all inputs N(0, I_p): n E tr pinv(X'X).

    n p / (n - p - 1) for p <= n - 2 (more than p), n^2 / (p - n - 1) for p >= n + 2, infinite between.

    >>> least_squares_effective_parameters(30, [10, 30, 60]).round(2).tolist()
    [15.79, inf, 31.03]
    """
    n = counts("n_samples", n_samples, least=1, why="rows of the design")
    return n * inverse_wishart_trace(n, counts("dim", dim, least=0, why="columns of the design"))
