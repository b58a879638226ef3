"""Pairs of patches by covariances, for activations that have duals: the convolutional counterpart of `_covariance`."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from overparam.ntk.analytic._pooling import Plan, left, means, right


class Images(NamedTuple):
    """What is needed of images."""

    pixels: Array  # (channels, height, width, n), scaled so that inner products are covariances
    layers: tuple[Array, ...]  # variances of each convolution's output, (height, width, n)


class Carried(NamedTuple):
    """State after an activation."""

    value: Array
    tangent: Array


def prepare(plan: Plan, pixels: Array) -> Images:
    """What is needed of images whose inner products are covariances, (channels, height, width, n)."""
    below, layers = jnp.sum(pixels**2, axis=0), []
    for step, shape in zip(plan.convolutions, plan.shapes, strict=False):
        after = step.weight / plan.window.taps * plan.window.total(below, shape) + step.bias
        layers.append(after)
        below = plan.activation.duals(after, after, after).value
    return Images(pixels, tuple(layers))


def block(plan: Plan, images: Images) -> Images:
    """What is needed of some of the images."""
    return images


def start(plan: Plan, one: Images, other: Images) -> Carried:
    """The first convolution and activation."""
    return _layer(plan, 0, (products(plan, one, other),), one.layers[0], other.layers[0])


def advance(plan: Plan, k: int, state: Carried, one: Array, other: Array) -> Carried:
    """Convolution k > 0, from 0, and the activation after it."""
    return _layer(plan, k, state, one, other)


def readout(plan: Plan, state: Carried, one: Array, other: Array) -> tuple[Array, Array]:
    """Means of the covariance and of the tangent kernel over the pixels, (n,)."""
    return means(plan, *state)


def products(plan: Plan, one: Images, other: Images) -> Array:
    """Covariances of the pixels themselves."""

    def add(total: Array, channel: tuple[Array, Array]) -> tuple[Array, None]:
        return total + left(plan, channel[0]) * right(plan, channel[1]), None

    zero = jnp.zeros_like(left(plan, one.pixels[0]) * right(plan, other.pixels[0]))
    return jax.lax.scan(add, zero, (one.pixels, other.pixels), unroll=min(len(one.pixels), 8))[0]


def _layer(plan: Plan, k: int, below: tuple[Array, ...], one: Array, other: Array) -> Carried:
    step, shape = plan.convolutions[k], plan.shapes[k]
    sums = [step.weight / plan.window.taps * plan.window.total(array, shape) for array in below]
    tangent = step.of_weights * sums[0] + step.of_biases * step.bias
    dual = plan.activation.duals(sums[0] + step.bias, left(plan, one), right(plan, other))
    return Carried(dual.value, dual.slope * (tangent + sums[1] if len(sums) > 1 else tangent))
