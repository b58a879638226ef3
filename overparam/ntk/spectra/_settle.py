"""The last step of every method: a Cholesky factorization just below the value shows that nothing lies below.

If S - shift I has a float Cholesky factor, then the least eigenvalue of S is above shift - c, c the rounding bound of
`rounding_below` (rump2006): Sylvester's inertia without an eigenvalue decomposition.  The same factor then refines the
vector, since the shift is so near.  Every number here is about S = sign * matrix.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.ntk.spectra._davidson import Pair, davidson
from overparam.ntk.spectra._operators import Factor, Operator

TRIES = 24  # each 8 times further below, at most


class Settled(NamedTuple):
    """A pair, and a number that no eigenvalue of S lies below; -infinity where that was not shown."""

    pair: Pair
    lower: float
    products: int
    factorizations: int


def settle(operator: Operator, sign: int, pair: Pair, norm: float, tolerance: float) -> Settled:
    """Show that the pair's value is the least one up to `tolerance` of it (or up to what rounding allows), or mend it.

    Args:
        operator: with factors.
        sign: 1 or -1.
        pair: the candidate.
        norm: estimate of the spectral norm.
        tolerance: relative to the value.
    """
    eps = float(np.finfo(operator.dtype).eps)
    lower, products, made = -np.inf, 0, 0
    widened = 1.0
    for _ in range(TRIES):
        floor = rounding_below(operator, norm)
        margin = max(tolerance * abs(pair.value), floor, 2 * error_of(pair)) * widened
        shift = pair.value - margin
        factor = operator.factor(sign, shift, operator.dtype)
        made += 1
        if factor is None:
            widened *= 8  # something lies below, or rounding says so
            continue
        lower = max(lower, shift - certain_loss(operator, factor))
        # a few steps, the shift being within the margin of the value: then residuals are as small as rounding lets them
        # from another direction too where a factorization has failed: the vector may be that of an interior eigenvalue
        start = pair.vector if widened == 1 else pair.vector + _elsewhere(operator)
        refined = davidson(
            lambda columns: sign * operator.product(columns),
            start,
            factor.solve,
            lambda found: found.residual <= 4 * eps * norm,
            steps=4 if widened == 1 else 40,
        )
        products += refined.products
        pair = refined if refined.value <= pair.value + 4 * eps * norm else pair
        if pair.value - shift <= 4 * max(tolerance * abs(pair.value), floor):
            break
        widened = 1.0  # the value has moved: once more, just below
    return Settled(pair, lower, products, made)


def _elsewhere(operator: Operator) -> NDArray[Any]:
    direction = np.random.default_rng([operator.size, 1]).standard_normal(operator.size).astype(operator.dtype)
    return direction / np.linalg.norm(direction)


def error_of(pair: Pair) -> float:
    """How far a Ritz value is above the eigenvalue, by the gap to the next Ritz value if there is one; an estimate."""
    gap = pair.next - pair.value
    return min(pair.residual, pair.residual**2 / gap) if 0 < gap < np.inf else pair.residual


def rounding_below(operator: Operator, norm: float) -> float:
    """The distance below the least eigenvalue at which rounding leaves no doubt: twice what `certain_loss` may be."""
    n, eps = operator.size, float(np.finfo(operator.dtype).eps)
    return (n + 3) * eps * min(n * norm, math.sqrt(n) * operator.frobenius) + 4 * eps * norm


def certain_loss(operator: Operator, factor: Factor) -> float:
    """A number c >= 0 with: the least eigenvalue of S is above shift - c, the factorization having run to its end.

    Rump's bound (n + 1) u / (1 - 2 (n + 1) u) times the trace, for any order of the inner products and reciprocals of
    pivots, no inverted blocks; plus u times the diagonal, where the shift was subtracted; plus underflow.
    """
    n, unit = operator.size, float(np.finfo(operator.dtype).eps) / 2
    tiny = float(np.finfo(operator.dtype).tiny)
    relative = (n + 1) * unit
    if 4 * relative >= 1:
        return np.inf
    trace = factor.trace * (1 + 2 * n * unit)
    return (relative / (1 - 2 * relative) * trace + 2 * unit * factor.greatest) * 1.0001 + 8 * n * (n + 1) * tiny
