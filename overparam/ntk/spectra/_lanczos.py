"""Lanczos with full reorthogonalization, several start vectors side by side so that products are matrix products.

From a unit vector v, k steps give orthonormal rows Q with Q A Q^T = T tridiagonal: its ends approach those of the
spectrum of A from inside, and e_1^T p(T) e_1 = v^T p(A) v for polynomials p of degree below 2 k.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal

from overparam.ntk.spectra._operators import Solve


class Krylov(NamedTuple):
    """Runs of k steps from p start vectors.  A run that exhausts its invariant subspace goes on with zeros."""

    diagonals: NDArray[Any]  # (p, k)
    besides: NDArray[Any]  # (p, k), the entry after each diagonal one; the last says how far Q A is from T Q
    basis: NDArray[Any]  # (p, k + 1, n)
    exhausted: bool  # all runs did


class Ritz(NamedTuple):
    """The least eigenvalue of T, and what goes with it."""

    value: float
    next: float  # the second one; infinite where there is none
    largest: float
    residual: float  # |A x - value x| up to rounding
    vector: NDArray[Any]  # (n,), of norm 1


def lanczos(product: Solve, starts: NDArray[Any], steps: int, *, stop: Any = None) -> Krylov:
    """Up to `steps` steps from each column.

    Args:
        product: (n, p) -> (n, p).
        starts: (n, p), nonzero columns.
        steps: at most n are made.
        stop: function of the `Krylov` so far, asked every tenth step; true ends the run.
    """
    n, p = starts.shape
    steps = min(steps, n)
    basis = np.zeros((p, steps + 1, n), starts.dtype)
    diagonals, besides = np.zeros((p, steps), starts.dtype), np.zeros((p, steps), starts.dtype)
    basis[:, 0] = (starts / np.linalg.norm(starts, axis=0)).T
    rounding = n * float(np.finfo(starts.dtype).eps)
    greatest, made = np.zeros(p), 0
    for k in range(steps):
        made = k + 1
        moved = product(np.ascontiguousarray(basis[:, k].T))
        for j in range(p):
            known, rest = basis[j, : k + 1], moved[:, j]
            diagonals[j, k] = known[k] @ rest
            for _ in range(2):  # twice is enough
                rest = rest - (known @ rest) @ known
            length = float(np.linalg.norm(rest))
            greatest[j] = max(greatest[j], abs(float(diagonals[j, k])) + length)
            if length > rounding * greatest[j]:
                besides[j, k] = length
                basis[j, k + 1] = rest / length
        if not besides[:, k].any():
            break
        if stop is not None and made % 10 == 0 and stop(_cut(diagonals, besides, basis, made)):
            break
    return _cut(diagonals, besides, basis, made)


def least_ritz(krylov: Krylov, *, vector: bool = True) -> Ritz:
    """The least Ritz value of the first run."""
    own = krylov.besides[0] > 0
    size = len(own) if own.all() else int(np.argmin(own)) + 1  # T ends where the first run was exhausted
    values, vectors = eigh_tridiagonal(krylov.diagonals[0][:size], krylov.besides[0][: size - 1])
    residual = float(krylov.besides[0][size - 1]) * abs(float(vectors[-1, 0]))
    found = vectors[:, 0] @ krylov.basis[0, :size] if vector else np.empty(0, krylov.basis.dtype)
    return Ritz(float(values[0]), float(values[1]) if size > 1 else np.inf, float(values[-1]), residual, _unit(found))


def leading(krylov: Krylov, k: int) -> Krylov:
    """What the run was after k steps, at least one."""
    return _cut(krylov.diagonals, krylov.besides, krylov.basis, max(k, 1))


def _unit(vector: NDArray[Any]) -> NDArray[Any]:
    return vector / np.linalg.norm(vector) if len(vector) else vector


def _cut(diagonals: NDArray[Any], besides: NDArray[Any], basis: NDArray[Any], k: int) -> Krylov:
    return Krylov(diagonals[:, :k], besides[:, :k], basis[:, : k + 1], not besides[:, k - 1].any())
