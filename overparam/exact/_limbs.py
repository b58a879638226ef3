"""Exact outputs of a two-layer float64 network by float64 matrix products that make no rounding error.

Where S_ij says whether neuron j is on at point i, and z_i = (x_i, 1), w_j = (u_j, b_j), a ReLU network is

    f(x_i) = c + sum_j S_ij v_j <w_j, z_i> = c + <g_i, z_i>,    g_i = sum_j S_ij q_j,    q_j = v_j w_j.

The products q_j are integers times one power of two.  They are cut into limbs of 32 bits, and a limb of g is a product
of S, zeros and ones, with the limbs of q.  All its partial sums, in any order, are integers below 2^53 in size, which
float64 holds exactly.  Only the n_samples vectors g_i are put together as long integers.

The signs S come from a float product whose error is bounded; the few that the bound leaves open are computed exactly.
"""

import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import numpy as np

from overparam.errors import InputError

_LIMB = 32  # bits
_POINTS, _NEURONS = 2048, 1024  # at a time: matrices of 16 MB; 1,024 limbs add up to less than 2^42


class Forward(NamedTuple):
    """What a network does on a point set, exactly."""

    outputs: list[Fraction]  # one a point
    signs: np.ndarray  # (width, n_samples) int8 in {-1, 0, 1}: signs of the pre-activations


class _Scaled(NamedTuple):
    """Numbers `integers * 2**exponent`, without rounding."""

    integers: np.ndarray  # of Python integers
    exponent: int


def forward_floats(
    u: Any,
    b: Any,
    v: Any,
    c: Any,
    points: Any,
    *,
    activation: Literal["relu", "threshold"] = "relu",
    pattern: np.ndarray | None = None,
) -> Forward:
    """`forward` of the network with exactly these weights at exactly these points, many times faster.

    Args:
        u: (width, dim) finite floats of at most 64 bits, as all the others.
        b: (width,).
        v: (width,).
        c: ().
        points: (n_samples, dim), n_samples >= 1.
        activation: "relu" is max(t, 0); "threshold" is 1 where t >= 0, else 0.
        pattern: (width, n_samples) booleans: where a ReLU network's neurons pass their argument on, whatever its sign.
    Raises:
        InputError: the shapes do not fit, or these are not finite floats.

    >>> import numpy as np
    >>> forward_floats(np.array([[1.0]]), np.zeros(1), np.ones(1), np.array(0.5), np.array([[0.25], [-2.0]])).outputs
    [Fraction(3, 4), Fraction(1, 2)]
    """
    named = {"u": u, "b": b, "v": v, "c": c, "points": points}
    u, b, v, c, points = (_floats(name, values) for name, values in named.items())
    if u.ndim != 2 or b.shape != u.shape[:1] or v.shape != u.shape[:1] or c.shape != ():
        shapes = f"{u.shape}, {b.shape}, {v.shape}, {c.shape}"
        raise InputError(f"weights need shapes (width, dim), (width,), (width,), (); got {shapes}")
    if points.ndim != 2 or not len(points) or points.shape[1] != u.shape[1]:
        raise InputError(f"the network takes {u.shape[1]} inputs, but the points have shape {points.shape}")
    w, z = np.column_stack([u, b]), np.column_stack([points, np.ones(len(points))])
    blocks = list(_blocks(len(points), _POINTS))
    signs = np.concatenate([_signs(w, z[block]) for block in blocks], axis=1)
    if activation == "relu":
        on = signs > 0 if pattern is None else pattern
    else:
        on, w, z = signs >= 0, np.ones((len(v), 1)), np.ones((len(points), 1))
    outer, inner, constant = _scaled(v), _scaled(w), Fraction(c.item())
    limbs = _in_limbs(outer.integers[:, None] * inner.integers)
    outputs: list[Fraction] = []
    for block in blocks:
        at = _scaled(z[block])
        totals = (_sums(on[:, block], limbs) * at.integers).sum(axis=1)
        outputs += _fractions(totals, outer.exponent + inner.exponent + at.exponent, constant)
    return Forward(outputs, signs)


def _floats(name: str, values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind != "f" or array.dtype.itemsize > 8 or not np.isfinite(array).all():
        raise InputError(f"{name} must be finite floats of at most 64 bits")
    return array.astype(np.float64)


def _signs(w: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Signs of w @ z.T, exactly.

    Rows are first divided by powers of two, so that every entry is below 1.  With u = 2^-53 and m terms, in whatever
    order they are summed, the float product is then wrong by at most m u / (1 - m u) times m.  Half of the bound
    m^2 2^-52 leaves room for m u and for numbers below the normal range, 2^-1020 a term even if they are flushed.
    """
    signs = np.empty((len(w), len(z)), np.int8)
    below_one, scaled_z = _rows_below_one(w), _rows_below_one(z)
    not_zero = np.any(w, axis=1, keepdims=True)  # a row of zeros gives zeros, without a doubt
    bound = w.shape[1] ** 2 * 2.0**-52
    for j in _blocks(len(w), _NEURONS):
        product = below_one[j] @ scaled_z.T
        block = (product > bound).view(np.int8) - (product < -bound).view(np.int8)
        doubtful = np.argwhere((block == 0) & not_zero[j])
        for part in _blocks(len(doubtful), _POINTS):
            rows, columns = doubtful[part].T
            values = (_scaled(w[j][rows]).integers * _scaled(z[columns]).integers).sum(axis=1)
            block[rows, columns] = (values > 0).astype(np.int8) - (values < 0).astype(np.int8)
        signs[j] = block
    return signs


def _rows_below_one(a: np.ndarray) -> np.ndarray:
    """Every row divided by a power of two, so that its largest entry lies in [1/2, 1)."""
    return np.ldexp(a, -np.frexp(np.abs(a).max(axis=1, keepdims=True))[1])


def _in_limbs(integers: np.ndarray) -> np.ndarray:
    """Long integers (width, m) as (width, m, n_limbs) floats, the lowest limb first; only the highest has a sign."""
    longest = max((t.bit_length() for t in integers.flat), default=0)
    n_limbs = longest // _LIMB + 1  # with a bit for the sign
    data = b"".join([t.to_bytes(_LIMB // 8 * n_limbs, "little", signed=True) for t in integers.flat])
    twos_complement = np.frombuffer(data, "<u4").reshape(*integers.shape, n_limbs)
    limbs = twos_complement.astype(np.float64)
    limbs[:, :, -1] = twos_complement[:, :, -1].view("<i4")
    return limbs


def _sums(on: np.ndarray, limbs: np.ndarray) -> np.ndarray:
    """For booleans (width, n_samples), the long integers (n_samples, m): at each point, the sum over neurons on."""
    width, m, n_limbs = limbs.shape
    sums = np.zeros((on.shape[1] * m, n_limbs + 1), np.int64)  # one more for the last carry
    for j in _blocks(width, _NEURONS):
        product = on[j].T.astype(np.float64) @ limbs[j].reshape(-1, m * n_limbs)
        sums[:, :-1] += product.astype(np.int64).reshape(-1, n_limbs)
    for limb in range(n_limbs):
        sums[:, limb + 1] += sums[:, limb] >> _LIMB
    data = (sums & (2**_LIMB - 1)).astype("<u4").tobytes()
    size = f"{_LIMB // 8 * (n_limbs + 1)}s"
    integers = [int.from_bytes(long, "little", signed=True) for (long,) in struct.iter_unpack(size, data)]
    return np.array(integers, object).reshape(-1, m)


def _scaled(a: np.ndarray) -> _Scaled:
    """The numbers as integers of one power of two."""
    mantissas, exponents = np.frexp(a)
    integers = (mantissas * 2.0**53).astype(np.int64)
    least = int(exponents.min(where=integers != 0, initial=1024))
    shifts = np.where(integers != 0, exponents - least, 0)
    return _Scaled(integers.astype(object) << shifts.astype(object), least - 53)


def _fractions(integers: np.ndarray, exponent: int, constant: Fraction) -> list[Fraction]:
    """The integers times 2**exponent, plus a dyadic constant."""
    twos = constant.denominator.bit_length() - 1
    below = max(twos, -exponent)
    offset = constant.numerator << (below - twos)
    return [Fraction((t << (below + exponent)) + offset, 1 << below) for t in integers]


def _blocks(length: int, size: int) -> Iterator[slice]:
    return (slice(start, min(start + size, length)) for start in range(0, length, size))
