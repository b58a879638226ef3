"""Angles between rows that stay accurate near 0 and pi, at the price of a square root and two polynomials.

A pair of unit rows with inner product c is held as short = min(1 - c, 1 + c) and obtuse = (c < 0), since 1 - c would
lose a small angle to rounding: an error e in c is an error e / sin(angle) in the angle.  With m = short,

    acute angle  a = arccos(1 - m) = sqrt(m) A(m),        sin a - a cos a = m sqrt(m) B(m),

and A, B are analytic for |m| < 2.  Polynomials that interpolate them at the Chebyshev nodes of [0, 1] err by at most
`ANGLE_ERRORS` (float32: degrees 7 and 6, float64: 18 and 16), far cheaper than arccos or atan2.
"""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.precision import HIGHEST

# dtype -> (error of A, error of B): coefficients rounded, and evaluated in that dtype by Horner's rule
ANGLE_ERRORS = {"float32": (2.0e-7, 1.2e-7), "float64": (4.0e-16, 2.4e-16)}
# where short < NEAR it is computed again from differences: an error of 4 roundings in c then moves no angle by more
# than 4 u / sqrt(2 NEAR), 5e-6 in float32 and 3e-13 in float64
NEAR = {"float32": 1e-3, "float64": 1e-6}
FEW_COLUMNS = 8  # up to here differences cost no more than products, and all entries are computed from them

_A = {
    "float32": (
        1.4142135381698608, 0.11785316467285156, 0.0264744833111763, 0.008216731250286102, 0.0014788598055019975,
        0.003338417038321495, -0.0019906428642570972, 0.001211737748235464,
    ),
    "float64": (
        1.4142135623730951, 0.11785113019774604, 0.026516504295916166, 0.007891816687096197, 0.0026854115429505864,
        0.0009886937064591983, 0.0003837000361256815, 0.00015250797182385684, 7.287068257137792e-05,
        -7.185800992367848e-06, 0.00010871230018361807, -0.00020499919349473681, 0.0003480987471498245,
        -0.00043000945159494793, 0.0004006882818589302, -0.0002688464467735859, 0.00012425167869548127,
        -3.537835495282187e-05, 4.797541033020616e-06,
    ),
}  # fmt: skip
_B = {
    "float32": (
        0.9428090453147888, 0.04713939502835274, 0.007592717185616493, 0.001658284687437117, 0.0007422619964927435,
        -0.00017620035214349627, 0.000234471372095868,
    ),
    "float64": (
        0.9428090415820634, 0.047140452079087555, 0.00757614408563485, 0.0017537370001752912, 0.00048825745445442485,
        0.0001520972961588832, 5.123074679709073e-05, 1.7583617069244857e-05, 8.92321397865047e-06,
        -3.6793230159308196e-06, 1.4047980264888192e-05, -1.966769120301e-05, 2.2713628805446335e-05,
        -1.7968169723438826e-05, 9.810556857027115e-06, -3.24222421552795e-06, 5.181668111157759e-07,
    ),
}  # fmt: skip


class Turn(NamedTuple):
    """How far two rows are from parallel: short = min(1 - c, 1 + c) in [0, 1], obtuse = (c < 0)."""

    short: Array
    obtuse: Array


def acute(short: Float[Array, "*shape"]) -> tuple[Float[Array, "*shape"], Float[Array, "*shape"]]:
    """The acute angle a with 1 - cos a = short, in [0, pi/2], and sin a - a cos a; float32 or float64."""
    root = jnp.sqrt(short)
    kind = str(short.dtype)
    return root * _horner(_A[kind], short), short * root * _horner(_B[kind], short)


def units(rows: Float[Array, "n dim"]) -> tuple[Float[Array, "n dim"], Float[Array, " n"]]:
    """Rows divided by their Euclidean norms, and the norms; a row of zeros stays one.

    Scaled by powers of two first, which is exact, so that no square overflows or vanishes.
    """
    largest = jnp.max(jnp.abs(rows), axis=1)
    exponent = jnp.where(largest > 0, jnp.frexp(jnp.where(largest > 0, largest, 1))[1], 0)
    scaled = jnp.ldexp(rows, -exponent[:, None])
    length = jnp.sqrt(jnp.sum(scaled**2, axis=1))
    return scaled / jnp.where(length > 0, length, 1)[:, None], jnp.ldexp(length, exponent)


def turns(left: Float[Array, "a dim"], right: Float[Array, "b dim"], own: bool | Array = False) -> Turn:
    """`Turn` of every pair of unit rows, (a, b); own: left and right are the same rows.

    One matrix product; rows of the tile that hold entries with short < NEAR are computed again by differences,
    |u - v|^2 / 2 and |u + v|^2 / 2, which lose no digits.  A row of zeros counts as orthogonal to all.
    """
    if left.shape[1] <= FEW_COLUMNS:
        return _by_differences(left, right)
    cosine = jnp.matmul(left, right.T, precision=HIGHEST)
    obtuse = cosine < 0
    short = 1 - jnp.abs(cosine)
    doubtful = short < NEAR[str(left.dtype)]
    if own is not False:
        same = jnp.eye(len(left), dtype=bool) & own
        short, doubtful = jnp.where(same, 0, short), doubtful & ~same

    def again(state: tuple[Array, Array]) -> tuple[Array, Array]:
        waiting, short = state
        i = jnp.argmax(waiting)
        row, old = left[i], short[i]
        gaps = row[None, :] - jnp.where(obtuse[i], -1, 1)[:, None].astype(row.dtype) * right
        fresh = jnp.sum(gaps**2, axis=1) / 2
        return waiting.at[i].set(False), short.at[i].set(jnp.where(doubtful[i], fresh, old))

    waiting = jnp.any(doubtful, axis=1)
    _, short = jax.lax.while_loop(lambda state: jnp.any(state[0]), again, (waiting, short))
    return Turn(jnp.clip(short, 0, 1), obtuse)


def _by_differences(left: Float[Array, "a dim"], right: Float[Array, "b dim"]) -> Turn:
    columns = [(left[:, k][:, None], right[:, k][None, :]) for k in range(left.shape[1])]
    cosine, apart, along = (
        sum(terms[1:], terms[0])
        for terms in (
            [u * v for u, v in columns],
            [(u - v) ** 2 for u, v in columns],
            [(u + v) ** 2 for u, v in columns],
        )
    )
    obtuse = cosine < 0
    nothing = ~(jnp.any(left != 0, axis=1)[:, None] & jnp.any(right != 0, axis=1)[None, :])
    return Turn(jnp.where(nothing, 1, jnp.minimum(jnp.where(obtuse, along, apart) / 2, 1)), obtuse)


def _horner(coefficients: Sequence[float], x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    value = jnp.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        value = value * x + np.asarray(c, x.dtype)
    return value
