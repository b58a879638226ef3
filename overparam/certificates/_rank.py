"""Full row rank of the first-layer Jacobian: the width from which gradient descent in the lazy limit memorizes.

With every output weight nonzero, the Jacobian of a two-layer ReLU network in its first layer has the columns
S_ij z_ia, up to factors: z = x, or (x, 1) with hidden biases, and S the activation pattern.  Its rank is that of K.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.errors import InputError
from overparam.exact import Cloud, clear_row, exact_points, fraction_of, leading_columns
from overparam.networks import Layer
from overparam.precision import require_dtype


class RankThreshold(NamedTuple):
    """The least width at which the first `width` neurons of one draw give a Jacobian of full row rank.

    `width` is None if `most` neurons were not seen to suffice, which is no proof that they do not.
    """

    width: int | None
    most: int  # neurons that were drawn
    layers: tuple[Layer, Layer]  # the first `width` neurons, or all, and output weights of +-1 / sqrt(neurons)


def draw_neurons(key: Array, width: int, dim: int, *, hidden_bias: bool = True) -> tuple[Layer, Layer]:
    """Standard Gaussian weights and biases, output weights +-1 / sqrt(width): the law "ntk", neuron by neuron.

    Neuron j is drawn from `fold_in(key, j)`, so that fewer neurons are the first of more.

    Raises:
        InputError: no neuron.
        PrecisionError: JAX is running without float64.
    """
    require_dtype("float64", what="draw_neurons")
    if width < 1:
        raise InputError(f"width must be at least 1, got {width}")
    draws = np.asarray(_draws(key, width, dim))
    bias = draws[:, dim] if hidden_bias else np.zeros(width)
    signs = np.where(draws[:, dim + 1] >= 0, 1.0, -1.0)
    return _first(Layer(draws[:, :dim], bias), signs, width)


@jax.jit(static_argnames=("width", "dim"))
def _draws(key: Array, width: int, dim: int) -> Array:
    def one(j: Array) -> Array:
        return jax.random.normal(jax.random.fold_in(key, j), (dim + 2,), jnp.float64)

    return jax.vmap(one)(jnp.arange(width))


def _first(hidden: Layer, signs: np.ndarray, width: int) -> tuple[Layer, Layer]:
    """The first neurons; `signs` are of the output weights."""
    outer = np.sign(signs[None, :width]) * width**-0.5
    return Layer(hidden.weights[:width], hidden.bias[:width]), Layer(outer, np.zeros(1))


def first_layer_rank(hidden: Layer, points: Any, *, hidden_bias: bool = True) -> int:
    """Rank, modulo a large prime, of the Jacobian in these hidden weights (and biases), no output weight being zero.

    It is never above the true rank, so n_samples proves full row rank.
    """
    return len(leading_columns(_columns(hidden, points, hidden_bias)))


def rank_threshold(points: Any, key: Array, *, most: int, hidden_bias: bool = True) -> RankThreshold:
    """The rank threshold of one draw of neurons, by one elimination whose columns are in the neurons' order.

    Args:
        points: (n_samples, dim), taken exactly.
        key: of the draw; see `draw_neurons`.
        most: the largest width tried.
        hidden_bias: whether hidden biases are drawn and trained.
    Raises:
        InputError: no neuron, or points that are not finite.
    """
    exact = exact_points(points)
    dim, block = len(exact[0]), len(exact[0]) + hidden_bias
    hidden, outer = draw_neurons(key, most, dim, hidden_bias=hidden_bias)
    tried = min(most, -(-len(exact) // block) + 4)
    while True:
        pivots = leading_columns(_columns(Layer(hidden.weights[:tried], hidden.bias[:tried]), exact, hidden_bias))
        if len(pivots) == len(exact) or tried == most:
            break
        tried = min(most, 2 * tried)
    width = pivots[-1] // block + 1 if len(pivots) == len(exact) else None
    return RankThreshold(width, most, _first(hidden, outer.weights[0], width or most))


def _columns(hidden: Layer, points: Any, hidden_bias: bool) -> list[list[int]]:
    """The Jacobian's rows as integers, up to factors of rows; a neuron's columns stand together."""
    exact = exact_points(points)
    weights, bias = np.asarray(hidden.weights), np.asarray(hidden.bias)
    forms = [tuple(map(fraction_of, (*row, b))) for row, b in zip(weights, bias, strict=True)]
    active = np.array([[t > 0 for t in row] for row in Cloud(exact).numerators(forms).rows]).T  # (n_samples, width)
    inputs = [clear_row((*point, fraction_of(1)))[0] for point in exact]
    features = [row if hidden_bias else row[:-1] for row in inputs]
    blank = [0] * len(features[0])
    return [[x for on in pattern for x in (row if on else blank)]
            for row, pattern in zip(features, active.tolist(), strict=True)]  # fmt: skip
