"""Davidson's method: the least eigenpair of S from a start vector, with solves that may be crude.

Directions are approximate solutions of (S - shift) t = residual, values are Rayleigh quotients of exact products in the
space they span.  With exact solves that is inverse Lanczos; a float32 factor at half the price costs a step or two.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.ntk.spectra._operators import Solve


class Pair(NamedTuple):
    """A Ritz pair."""

    value: float
    next: float  # second Ritz value
    residual: float  # |S x - value x|, as computed
    vector: NDArray[Any]  # (n,), of norm 1
    products: int


def davidson(product: Solve, start: NDArray[Any], solve: Solve, enough: Callable[[Pair], bool], *, steps: int) -> Pair:
    """The least Ritz pair once `enough` of it, or the best after `steps` products.

    Args:
        product: (n, 1) -> (n, 1), of a symmetric S.
        start: (n,), nonzero.
        solve: (n,) -> (n,), near the inverse of S - shift for a shift just below the least eigenvalue.
        enough: whether a pair will do.
        steps: at most; memory is two vectors a step.
    """
    n = len(start)
    steps = min(steps, n)
    basis, moved = np.zeros((steps, n), start.dtype), np.zeros((steps, n), start.dtype)
    small = np.zeros((steps, steps), start.dtype)
    basis[0] = start / np.linalg.norm(start)
    best: Any = None
    for k in range(steps):
        moved[k] = product(basis[k][:, None])[:, 0]
        small[: k + 1, k] = basis[: k + 1] @ moved[k]
        small[k, : k + 1] = small[: k + 1, k]
        values, vectors = np.linalg.eigh(small[: k + 1, : k + 1])
        vector = vectors[:, 0] @ basis[: k + 1]
        rest = vectors[:, 0] @ moved[: k + 1] - values[0] * vector
        pair = Pair(float(values[0]), float(values[1]) if k else np.inf, float(np.linalg.norm(rest)), vector, k + 1)
        # rounding ends the descent: then the earlier pair is as good, and its residual may be less
        best = pair if best is None or pair.residual < best.residual or pair.value < best.value else best
        if enough(pair) or k + 1 == steps:
            break
        direction = solve(rest)
        length = float(np.linalg.norm(direction))
        if not 0 < length < np.inf:
            break
        direction = direction / length
        for _ in range(2):
            direction = direction - (basis[: k + 1] @ direction) @ basis[: k + 1]
        length = float(np.linalg.norm(direction))
        if not length > 1e-6:
            break  # nothing new: the space is invariant up to the solver's rounding
        basis[k + 1] = direction / length
    return best._replace(products=k + 1)
