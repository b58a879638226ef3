"""The first-layer tangent kernel of an infinitely wide ReLU network, by angles that stay accurate near 0 and pi."""

import math

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike, DTypeLike
from jaxtyping import Float

from overparam.ntk._points import points_of


def first_layer_gram(points: ArrayLike, *, hidden_bias: bool = False, dtype: DTypeLike = "float64") -> Array:
    """NTK Gram matrix of an infinitely wide ReLU layer, readout frozen.

    H[i, j] = <z_i, z_j> (pi - angle(z_i, z_j)) / (2 pi), with z = x, or (x, 1) with hidden biases.  The diagonal is
    |z_i|^2 / 2; a row of zeros gives zeros.  Arccosine would lose half of the digits of a small angle, so the angle is
    2 atan2(|u - v|, |u + v|) of the normalized rows, taken row by row: n^2 dim operations, n dim numbers at a time.

    Args:
        points: (n_samples, dim), rows of any norm.
        hidden_bias: whether the layer has biases, drawn and trained like weights of an input equal to 1.
        dtype: nearly parallel rows can cost the angle half its digits, hence float64.
    Returns:
        (n_samples, n_samples), symmetric, in `dtype`; observed, not certified.
    Raises:
        InputError: `points` is not a matrix of finite numbers with at least one row and one column.
        PrecisionError: JAX is running without the dtype asked for.
    Source:
        du2019, the matrix H^inf of Assumption 3.1; for the angle, Kahan's formula.

    >>> first_layer_gram(jnp.eye(2)).tolist()
    [[0.5, 0.0], [0.0, 0.5]]
    """
    rows = points_of(points, dtype)
    return _gram(jnp.concatenate([rows, jnp.ones_like(rows[:, :1])], axis=1) if hidden_bias else rows)


@jax.jit
def _gram(rows: Float[Array, "n_samples dim"]) -> Float[Array, "n_samples n_samples"]:
    largest = jnp.max(jnp.abs(rows), axis=1, keepdims=True)
    nonzero = largest > 0
    scaled = rows / jnp.where(nonzero, largest, 1)  # so that no square overflows or vanishes
    units = scaled / jnp.where(nonzero, _norm(jnp.where(nonzero, scaled, 1))[:, None], 1)
    index = jnp.arange(len(rows))

    def row(i: Array) -> Array:
        # the angle of a row with itself is 0; its formula has no derivative there, so another one stands in for it
        own = (index == i)[:, None]
        apart = jnp.where(own, 1, units - units[i][None, :])
        along = jnp.where(own, 1, units + units[i][None, :])
        rest = 2 * jnp.arctan2(_norm(along), _norm(apart))  # pi minus the angle
        product = jnp.sum(rows * rows[i][None, :], axis=1)
        return jnp.where(own[:, 0], product / 2, product * rest / (2 * math.pi))

    return jax.lax.map(row, index)


def _norm(rows: Float[Array, "n_samples dim"]) -> Float[Array, " n_samples"]:
    """Euclidean norms; the derivative at a row of zeros is taken as 0, as at a pair of equal points."""
    squares = jnp.sum(rows**2, axis=1)
    positive = squares > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, squares, 1)), 0)
