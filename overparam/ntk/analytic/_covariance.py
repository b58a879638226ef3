"""Kernels of networks with any activation that has duals, by covariances.

The variances of the pre-activations are one number a point and layer, computed first; a pair carries its covariance.
Where formulas are smooth at parallel points, as they are for smooth activations, nothing more is needed.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.ntk._kernels import Kernels
from overparam.ntk.analytic._recursion import Recipe, Step
from overparam.ntk.analytic._tiles import Own
from overparam.precision import HIGHEST

UNROLLED = 16


class Rows(NamedTuple):
    """What a tile needs to know about a point."""

    point: Array  # (n, dim), scaled so that inner products are covariances without the bias
    variance: Array  # (n, steps + 1) of the pre-activations of each layer


def prepare(recipe: Recipe, points: Float[Array, "n dim"]) -> Rows:
    """What is needed of each point."""
    scaled = points * math.sqrt(recipe.first.weight / points.shape[1])
    first = jnp.sum(scaled**2, axis=1) + recipe.first.bias
    numbers = np.array([[step.keep, step.weight, step.bias] for step in recipe.steps], points.dtype)

    def advance(q: Array, step: Array) -> tuple[Array, Array]:
        after = step[0] * q + step[1] * recipe.activation.duals(q, q, q).value + step[2]
        return after, after

    _, later = jax.lax.scan(advance, first, jnp.asarray(numbers.reshape(-1, 3)))
    return Rows(scaled, jnp.concatenate([first[:, None], later.T], axis=1))


def tile(recipe: Recipe, left: Rows, right: Rows, own: Own) -> Kernels:
    """Both kernels of all pairs, (a, b); own: left and right are the same points in the same order."""
    covariance = jnp.matmul(left.point, right.point.T, precision=HIGHEST) + recipe.first.bias
    if own is not False:
        same = jnp.eye(len(covariance), dtype=bool) & own
        covariance = jnp.where(same, left.variance[:, :1], covariance)
    return _pairs(recipe, covariance, left.variance.T[:, :, None], right.variance.T[:, None, :])


def diagonal(recipe: Recipe, rows: Rows) -> Kernels:
    """Both kernels of each point with itself, (n,)."""
    variance = rows.variance.T
    return _pairs(recipe, variance[0], variance, variance)


def _pairs(recipe: Recipe, covariance: Array, left: Array, right: Array) -> Kernels:
    """The recursion; `left` and `right` have the layer as their first axis and otherwise broadcast to the pairs."""
    of_weights, of_biases = recipe.first.of_weights, recipe.first.of_biases
    tangent = of_weights * covariance + (of_biases - of_weights) * recipe.first.bias
    state, done = Kernels(covariance, tangent), 0
    for step, count in recipe.groups():
        pairs = (left[done : done + count], right[done : done + count])
        if count <= UNROLLED:
            for k in range(count):
                state = _advance(recipe, step, state, pairs[0][k], pairs[1][k])
        else:

            def one(state: Kernels, sides: tuple[Array, Array], step: Step = step) -> tuple[Kernels, None]:
                return _advance(recipe, step, state, *sides), None

            state, _ = jax.lax.scan(one, state, pairs)
        done += count
    return state


def _advance(recipe: Recipe, step: Step, state: Kernels, left: Array, right: Array) -> Kernels:
    dual = recipe.activation.duals(state.nngp, left, right)
    fresh = step.weight * dual.value
    return Kernels(
        nngp=step.keep * state.nngp + fresh + step.bias,
        ntk=step.of_weights * fresh + step.of_biases * step.bias + (step.keep + step.weight * dual.slope) * state.ntk,
    )
