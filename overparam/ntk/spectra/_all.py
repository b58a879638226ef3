"""All eigenvalues of a symmetric matrix, with one bound on the error of each.

Let A be the matrix, V and L what a solver returned, R = A V - V L and a = |V^T V - I| in the Frobenius norm.  If a < 1,
the orthogonal matrix Q nearest to V is within a of it, so |A Q - Q L| <= |R| + (|A| + |L|) a; since Q^T A Q has the
eigenvalues of A, by Weyl each of them, in order, is within that of the entry of L.
"""

from typing import NamedTuple

import numpy as np
import scipy.linalg
from jax.typing import ArrayLike
from numpy.typing import NDArray

from overparam.arrays import exact_float64
from overparam.errors import InputError

_UNIT = 2.0**-53


class Eigenvalues(NamedTuple):
    """All eigenvalues; observed, not certified.

    Attributes:
        values: (n,), ascending.
        error: each eigenvalue, in its place, is within it of its value, for the matrix of floats as given, if the
            arithmetic is IEEE's.
    """

    values: NDArray[np.float64]
    error: float


def eigenvalues(matrix: ArrayLike) -> Eigenvalues:
    """Every eigenvalue by LAPACK, n^3 operations and three times the memory of the matrix, with its bound.

    Raises:
        InputError: not a symmetric matrix of finite numbers, or too large for the bound to mean anything.

    >>> found = eigenvalues([[2.0, 1.0], [1.0, 2.0]])
    >>> [round(value, 9) for value in found.values.tolist()], found.error < 1e-13
    ([1.0, 3.0], True)
    """
    a = exact_float64(matrix, "matrix")
    if a.ndim != 2 or a.shape[0] != a.shape[1] or not len(a):
        raise InputError(f"matrix must be square with at least one row, not of shape {a.shape}")
    if not np.array_equal(a, a.T):
        raise InputError("matrix must be symmetric; take the mean of it and its transpose")
    exponent = int(np.frexp(np.abs(a).max())[1])  # by a power of two, which rounds nothing that matters
    scaled = np.ldexp(a, -exponent)
    values, vectors = scipy.linalg.eigh(scaled, check_finite=False)
    n = len(scaled)
    size, long = float(np.linalg.norm(scaled)), float(np.linalg.norm(vectors))
    # each entry of a product of n terms is off by at most n u times the product of the absolute values
    gap = float(np.linalg.norm(vectors.T @ vectors - np.eye(n))) + (n + 2) * _UNIT * (long**2 + n**0.5)
    residual = float(np.linalg.norm(scaled @ vectors - vectors * values))
    residual += (n + 4) * _UNIT * (size + float(np.abs(values).max())) * long
    if gap >= 0.5:
        raise InputError(f"matrix of {n} rows is too large for eigenvectors in float64 that are told to be orthogonal")
    ends = 4 * _UNIT * float(np.abs(values).max())  # so that value - error and value + error may be rounded
    error = (residual + (size + float(np.linalg.norm(values))) * gap) * (1 + 2.0**-20) + ends
    with np.errstate(over="ignore"):
        return Eigenvalues(np.ldexp(values, exponent), float(np.ldexp(error, exponent)))
