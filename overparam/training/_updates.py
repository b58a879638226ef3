"""One update of gradient descent, momentum or Adam on the weights of many networks, each with its own step size.

The same formulas as in `_optimizers`, written out on whole matrices: the state of an optimizer is a tuple of arrays of
the weights' shapes, and what is the same for all weights of a network is computed once a network.
"""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from overparam.training._layout import Layout, Weights
from overparam.training._optimizers import ADAM_DECAYS, ADAM_EPS, MOMENTUM

MOMENTS = {"gd": 0, "momentum": 1, "adam": 2}  # arrays that an optimizer keeps for each weight


def no_moments(name: str, params: Any) -> tuple[Any, ...]:
    """The optimizer's state before the first step."""
    return tuple(jax.tree.map(jnp.zeros_like, params) for _ in range(MOMENTS[name]))


def update(
    name: str,
    layout: Layout,
    weights: Weights,
    gradient: Weights,
    moments: tuple[Weights, ...],
    step_size: Float[Array, " networks"],
    before: Int[Array, " networks"],
) -> tuple[Weights, tuple[Weights, ...]]:
    """Weights and moments after one step.

    Args:
        name: "gd", "momentum" or "adam".
        layout: whose rows are whose.
        weights: before the step.
        gradient: at the weights.
        moments: none; the trace; or the decaying means of gradients and of their squares.
        step_size: of each network.
        before: steps that each network has taken.
    """
    if name == "gd":
        return _moved(weights, gradient, _everywhere(layout, step_size)), ()
    if name == "momentum":
        (trace,) = moments
        trace = jax.tree.map(lambda old, new: MOMENTUM * old + new, trace, gradient)
        return _moved(weights, trace, _everywhere(layout, step_size)), (trace,)
    first, second = ADAM_DECAYS
    mean, square = moments
    mean = jax.tree.map(lambda old, new: first * old + (1 - first) * new, mean, gradient)
    square = jax.tree.map(lambda old, new: second * old + (1 - second) * new**2, square, gradient)
    steps = (before + jnp.asarray(1, before.dtype)).astype(step_size.dtype)
    size = _everywhere(layout, step_size / _missing(first, steps))
    root = _everywhere(layout, 1 / jnp.sqrt(_missing(second, steps)))
    direction = jax.tree.map(lambda m, s, r: m / (jnp.sqrt(s) * r + ADAM_EPS), mean, square, root)
    return _moved(weights, direction, size), (mean, square)


def _missing(decay: float, steps: Float[Array, " networks"]) -> Float[Array, " networks"]:
    """1 - decay^steps, what a mean that began at zero still lacks, without cancellation."""
    return -jnp.expm1(steps * math.log(decay))


def _everywhere(layout: Layout, values: Float[Array, " networks"]) -> Weights:
    """One value a network, for each of its weights."""
    rows = layout.spread(values)
    return Weights(rows[:, None], rows, values)


def _moved(weights: Weights, direction: Weights, size: Weights) -> Weights:
    return jax.tree.map(lambda w, d, s: w - s * d, weights, direction, size)
