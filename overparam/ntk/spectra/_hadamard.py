"""A lower bound on the least eigenvalue of the first-layer ReLU kernel without a factorization, rounding included.

Let C hold the cosines of unit rows.  H = sum_q h_q C^(q), entrywise powers, with h_q >= 0; by Schur every C^(q) is
positive semidefinite, and by Gershgorin its least eigenvalue is at least 1 - max_i sum_{l != i} |C_il|^q.  So

    lambda_min(H) >= sum_q h_q v_q,        v_q = max(0, 1 - max_i sum_{l != i} |C_il|^q),

and v_q is nondecreasing, so that some orders q suffice.  Rows of other norms: H is congruent to that of the unit rows,
which costs the factor min_i |x_i|^2.
"""

import math
import sys
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from jax.typing import ArrayLike
from numpy.typing import NDArray

from overparam.arrays import exact_float64
from overparam.errors import InputError
from overparam.ntk.spectra._tails import ORDERS, combined

UNIT = 2.0**-53
CLOSE = 2.0**-13  # pairs with 1 - |c| below it are measured by their distance
FROZEN = 2**20  # (1 - CLOSE)^FROZEN < 2^-180: what is left stays as it is
_BITS = 256


class HadamardBound(NamedTuple):
    """A lower bound on an eigenvalue.

    Attributes:
        value: a float at most lambda_min(H), proved for the points as given if float64 arithmetic is IEEE's and the
            exponential is right to 2^-40; not a file that the checker reads.
        orders: powers at which Gershgorin's bound was taken.
        gains: (orders,), lower bounds on v_q there.
    """

    value: float
    orders: tuple[int, ...]
    gains: NDArray[np.float64]


def hadamard_bound(points: ArrayLike, *, hidden_bias: bool = False, block: int = 128) -> HadamardBound:
    """At most the least eigenvalue of `first_layer_gram(points)`, in n^2 (dim + 60) operations and block * n memory.

    Typically half of the eigenvalue.  0 with exact duplicates, opposite rows or a row of zeros, where H may be singular
    or the bound says nothing.

    Rounding: units rows are off by (d/2 + 4) u, inner products by d u, hence cosines by (2 d + 20) u; pairs closer than
    2^-13 get 1 - |c| = |u -+ u'|^2 / 2 from their difference, where (d + 8) u relatively and twice the units' error are
    given up; powers and sums lose (n + q + 8) u relatively; coefficients and the last sum are rational.

    Args:
        points: (n_samples, dim), finite; taken exactly.
        hidden_bias: whether the layer has biases: rows (x, 1).
        block: rows at a time.
    Raises:
        InputError: not a matrix of finite numbers.
    Source:
        Schur's product theorem, Gershgorin's discs.

    >>> bound = hadamard_bound([[1.0, 0.0], [0.0, 1.0]]).value  # H is half of the identity
    >>> 0.4999 < bound <= 0.5
    True
    """
    rows = exact_float64(points, "points")
    if rows.ndim != 2 or 0 in rows.shape:
        raise InputError(f"points must be a matrix with at least one row and one column, not of shape {rows.shape}")
    if block < 1:
        raise InputError(f"block must be at least 1, not {block}")
    if hidden_bias:
        rows = np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
    n, d = rows.shape
    exponents = np.frexp(np.abs(rows).max(axis=1))[1]
    if not np.abs(rows).max(axis=1).all():
        return HadamardBound(0.0, (), np.zeros(0))
    scaled = np.ldexp(rows, -exponents[:, None])  # without rounding, but for what is 2^-1000 of the row
    norms = np.sqrt(np.sum(scaled**2, axis=1))
    units = scaled / norms[:, None]
    sums = np.zeros(len(ORDERS))
    for start in range(0, n, block):
        np.maximum(sums, _row_sums(units, start, min(start + block, n)), out=sums)
    gains = {q: 1 - Fraction(s) * (1 + _relative(n, q)) for q, s in zip(ORDERS, sums.tolist(), strict=True)}
    least = min(Fraction(x) ** 2 * Fraction(4) ** int(e) for x, e in zip(norms.tolist(), exponents, strict=True))
    bound = combined(gains) * least * (1 - Fraction((2 * d + 16) * UNIT))
    return HadamardBound(_float_below(bound), ORDERS, np.array([max(0.0, float(g)) for g in gains.values()]))


def hadamard_bound_from_angle(n_samples: int, angle: float) -> float:
    """The same bound for any n unit vectors, no two of them closer than `angle` to parallel or antiparallel.

    v_q >= 1 - (n - 1) cos^q(angle); in rational arithmetic, cos t is at most its series up to
    t^8.  Of the order of angle / sqrt(log n).

    Args:
        n_samples: at least 1.
        angle: least of the angles between lines, in [0, pi/2]; taken exactly.
    Returns:
        A float at most lambda_min(H) of every such point set: proved.

    >>> hadamard_bound_from_angle(1, 0.0)
    0.5
    """
    if n_samples < 1:
        raise InputError(f"n_samples must be at least 1, not {n_samples}")
    if not 0 <= angle <= math.pi / 2:
        raise InputError(f"angle must be between 0 and pi/2, not {angle}")
    if n_samples == 1:
        return 0.5
    t = Fraction(angle)
    one = 1 << _BITS
    above = 1 - t**2 / 2 + t**4 / 24 - t**6 / 720 + t**8 / 40320  # than cos t
    cosine = min(one, math.ceil(above * one))
    gains = {q: 1 - Fraction((n_samples - 1) * _power_above(cosine, q), one) for q in ORDERS}
    return _float_below(combined(gains))


def _power_above(base: int, exponent: int) -> int:
    """(base / 2^256)^exponent, rounded up to a multiple of 2^-256 after every product."""
    result, square = 1 << _BITS, base
    while exponent:
        if exponent & 1:
            result = -(-(result * square) >> _BITS)
        square = -(-(square * square) >> _BITS)
        exponent >>= 1
    return result


def _row_sums(units: NDArray[np.float64], start: int, stop: int) -> NDArray[np.float64]:
    """For each order the largest sum over others of |c|^q, before relative rounding."""
    n, d = units.shape
    cosines = np.abs(units[start:stop] @ units.T)
    cosines += (2 * d + 20) * UNIT
    near = cosines > 1 - CLOSE
    cosines[near] = 0.0  # with themselves too
    distances = [_gaps(units, i, np.flatnonzero(near[i - start])) for i in range(start, stop)]
    sums, far = np.zeros(len(ORDERS)), {}
    for k, order in enumerate(ORDERS):
        power = _power(cosines, order, far) if order <= FROZEN else far[FROZEN]
        rows = power if power.ndim == 1 else power.sum(axis=1)
        far[order] = power
        close = np.array([np.exp(np.maximum(-float(order) * gap, -700.0)).sum() for gap in distances])
        sums[k] = np.max(rows + close * (1 + 2.0**-40)) + n * 2.0**-900
        if order == FROZEN:
            far = {FROZEN: rows}
        if order > 32 and not close.any() and rows.max() < 2.0**-40:
            sums[k:] = sums[k]
            break
    return sums


def _power(cosines: NDArray[np.float64], order: int, known: dict[int, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Entrywise, by one product from lower powers; those that are needed no more are dropped."""
    if order == 1:
        return cosines
    if order == 2:
        known[2] = cosines * cosines
        return known[2]
    if order <= 32:
        found = known[order - 2] * known[2]
        if order - 2 not in (2, 16):
            known.pop(order - 2, None)
        return found
    return known.pop(order // 2) ** 2 if order != 48 else known[32] * known.pop(16)


def _gaps(units: NDArray[np.float64], i: int, others: NDArray[np.intp]) -> NDArray[np.float64]:
    """Lower bounds on 1 - |c| of row i with other rows: half of the squared distance to the nearer of both signs."""
    others = others[others != i]
    d = units.shape[1]
    along = np.sqrt(np.sum((units[others] - units[i]) ** 2, axis=1))
    against = np.sqrt(np.sum((units[others] + units[i]) ** 2, axis=1))
    sure = np.minimum(along, against) * (1 - (d + 8) * UNIT) - (d + 10) * UNIT
    return np.maximum(sure, 0.0) ** 2 / 2 * (1 - 8 * UNIT)


def _relative(n: int, order: int) -> Fraction:
    """At least the relative error of a row sum of powers; beyond FROZEN the powers are those of FROZEN."""
    return Fraction(n + min(order, FROZEN) + 16, 2**53) * Fraction(65, 64)


def _float_below(value: Fraction) -> float:
    try:
        found = float(value)
    except OverflowError:
        return sys.float_info.max if value > 0 else -math.inf
    return math.nextafter(found, -math.inf) if Fraction(found) > value else found
