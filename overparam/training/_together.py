"""Gradient steps of a few two-layer networks at once, their neurons the rows of one matrix.

With W = [u, b], the points as X = [x, 1] and r the residuals, a step is two matrix products for all networks:

    P = W X^T,   r = sum_j v_j relu(P_j) + c - y,   T = (1{P > 0} o r) X
    dW = v o T,  dv = <T, W>,  dc = sum r

What is kept in mind for XLA on a CPU, where all else costs as much as a third of the products:

    arrays the size of P stay two-dimensional, are touched as seldom as possible, and the residual is computed once.
    XLA would repeat it for every neuron inside the loop that reads it; it does not repeat divisions, so the residual is
    divided by `unit`, which is 1 but not known to be
    sums along short rows, as in <T, W>, take longer than a product with a column of ones
    products are made in tiles of 4, 8 or 16 columns, and most parts of a tile take longer than a whole one: X is filled
    up with columns of zeros where T is computed
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from overparam.precision import HIGHEST
from overparam.training import _descent
from overparam.training._layout import Layout, Weights, to_params, to_weights
from overparam.training._outcome import all_finite, is_stuck, norm, tree_norm
from overparam.training._updates import update


class Prepared(NamedTuple):
    """Data as the products want them; with data of its own for each network, the networks come first."""

    wide: Float[Array, "*networks n columns"]
    tall: Float[Array, "*networks dim_plus_1 n"]
    labels: Float[Array, "*networks n"]
    unit: Float[Array, ""]


class Seen(NamedTuple):
    """What a check measures, of each network."""

    residual_norm: Float[Array, " networks"]
    gradient_norm: Float[Array, " networks"]
    jacobian_norm: Float[Array, " networks"]


def prepare(points: Array, labels: Array, unit: Array) -> Prepared:
    """Points and labels, shared (n, dim) and (n,) or with the networks first."""
    wide = jnp.concatenate([points, jnp.ones((*points.shape[:-1], 1), points.dtype)], axis=-1)
    columns = wide.shape[-1]
    filled = jnp.pad(wide, [(0, 0)] * points[..., 0].ndim + [(0, whole_tiles(columns, wide.dtype) - columns)])
    return Prepared(filled, jnp.swapaxes(wide, -1, -2), labels, unit)


def whole_tiles(columns: int, dtype: Any) -> int:
    """How many columns a product shall have that needs some: never fewer, and more where that is faster."""
    if columns < 4 and dtype == jnp.float64:
        return 4
    full, rest = divmod(columns, 16)
    for part in (8, 16):
        if part // 2 < rest <= part:
            return 16 * full + part
    return columns


def block(
    layout: Layout,
    data: Prepared,
    state: _descent.Descent,
    step_size: Float[Array, " networks"],
    *,
    optimizer: str,
    max_steps: Any,
    tolerance: Any,
    check_every: int,
) -> _descent.Descent:
    """`check_every` steps and one check of every network; one that has stopped stays as it is."""

    def step(_: Any, carry: tuple[Any, ...]) -> tuple[Any, ...]:
        weights, moments, taken = carry
        _, _, gradient = _gradient(layout, weights, data)
        new, moments = update(optimizer, layout, weights, gradient, moments, step_size, taken)
        return new, moments, taken + jnp.asarray(1, taken.dtype)

    moments = tuple(to_weights(layout, moment) for moment in state.optimizer_state)
    start = to_weights(layout, state.params), moments, state.n_steps
    weights, moments, _ = jax.lax.fori_loop(0, check_every, step, start)
    seen = _look(layout, weights, data)
    params = to_params(layout, weights)

    def judge(state: Any, params: Any, moments: Any, seen: Seen, labels: Array) -> _descent.Descent:
        size, slope, steepness = seen
        finite = all_finite(params) & jnp.isfinite(size) & jnp.isfinite(slope)
        looked = size, slope, is_stuck(size, slope, steepness, labels), finite
        return _descent.judge(
            labels, state, params, moments, looked,
            max_steps=max_steps, tolerance=tolerance, check_every=check_every,
        )  # fmt: skip

    own = 0 if data.labels.ndim == 2 else None
    kept = tuple(to_params(layout, moment) for moment in moments)
    return jax.vmap(judge, in_axes=(0, 0, 0, 0, own))(state, params, kept, seen, data.labels)


def _gradient(
    layout: Layout, weights: Weights, data: Prepared
) -> tuple[Float[Array, "networks n"], Float[Array, "rows n"], Weights]:
    """Residuals, hidden values, and the gradient of 1/2 ||r||^2.  At a kink the neuron counts as inactive."""
    w, v, c = weights
    values = jnp.maximum(_times(layout, w, data.tall), 0)
    labels = jnp.broadcast_to(data.labels, (len(c), data.labels.shape[-1]))
    residual = (layout.sums(v, values) + c[:, None] - labels) / data.unit
    by_row = _times(layout, jnp.where(values > 0, layout.spread(residual), 0), data.wide)[:, : w.shape[1]]
    along = jnp.matmul(by_row * w, jnp.ones(w.shape[1], w.dtype), precision=HIGHEST)
    gradient = Weights(v[:, None] * by_row, along, jnp.sum(residual, axis=1))
    return residual, values, gradient


def _look(layout: Layout, weights: Weights, data: Prepared) -> Seen:
    """Norms of residual, gradient and Jacobian; the last is Frobenius', see `_tangent.jacobian_norm`."""
    residual, values, gradient = _gradient(layout, weights, data)
    squares = jnp.sum(data.wide**2, axis=-1)
    squares = jnp.broadcast_to(squares, values.shape) if squares.ndim == 1 else layout.spread(squares)
    slopes = weights.v**2 * jnp.sum(jnp.where(values > 0, squares, 0), axis=1)
    rows = layout.networks_of(slopes + jnp.sum(values**2, axis=1))
    steepness = jnp.sqrt(jnp.sum(rows, axis=1) + jnp.asarray(values.shape[1], rows.dtype))
    return Seen(jax.vmap(norm)(residual), jax.vmap(tree_norm)(to_params(layout, gradient)), steepness)


def _times(layout: Layout, rows: Float[Array, "rows k"], matrix: Array) -> Float[Array, "rows m"]:
    """Rows times one matrix, or those of each network times its own."""
    if matrix.ndim == 2:
        return jnp.matmul(rows, matrix, precision=HIGHEST)
    return layout.rows_of(jnp.matmul(layout.networks_of(rows), matrix, precision=HIGHEST))
