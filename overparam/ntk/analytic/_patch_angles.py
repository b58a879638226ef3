"""Pairs of patches by angles and norms, for leaky relus: the convolutional counterpart of `_angular`.

Let s_d be the norms of the activations below the filter at a pixel, r the norm of the pre-activation there,
u_d = s_d sqrt(variance / taps) / r and z = sqrt(bias) / r, so that (u, z) is a unit vector.  With primes at the other
pixel and kappa_d the cosines below the filter,

    1 - cosine  =  sum_d u_d u'_d (1 - kappa_d)  +  (sum_d (u_d - u'_d)^2 + (z - z')^2) / 2,

where nothing cancels: nearly parallel patches keep their angle, also if their norms differ, and equal ones have angle 0
exactly.  In the first layer the same sum with 1 + kappa_d is taken too, for nearly antipodal patches; later layers have
none.  A patch without norm counts as orthogonal to all others, and everything is multiplied by its norm.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from overparam.ntk.analytic._duals import LeakyRelu
from overparam.ntk.analytic._pooling import Plan, left, mean_of_products, means, right
from overparam.ntk.analytic._recursion import Step
from overparam.ntk.analytic._windows import Shape


class Images(NamedTuple):
    """What is needed of images."""

    pixels: Array  # (channels, height, width, n) directions
    norms: Array  # (height, width, n)
    layers: tuple[Array, ...]  # norms r of each convolution's output, (height, width, n)


class Layer(NamedTuple):
    """What a convolution needs of images."""

    patches: Array  # (taps, height, width, n): u, and z if there is a bias
    norms: Array  # (height, width, n): r
    inverse: Array  # 1 / r, or 0


class Block(NamedTuple):
    """What pairs need of the images of a block."""

    pixels: Array
    norms: Array
    layers: tuple[Layer, ...]


class Carried(NamedTuple):
    """State after an activation."""

    missing: Array  # product of the norms - covariance; the covariance itself after the only convolution
    tangent: Array


def prepare(plan: Plan, pixels: Array) -> Images:
    """What is needed of images whose inner products are covariances, (channels, height, width, n)."""
    first = below = _length(pixels)
    layers = []
    for step, shape in zip(plan.convolutions, plan.shapes, strict=False):
        layers.append(_length(_seen(plan, step, shape, below)))
        below = math.sqrt(_activation(plan).mean) * layers[-1]
    return Images(pixels / jnp.where(first > 0, first, 1)[None], first, tuple(layers))


def block(plan: Plan, images: Images) -> Block:
    """What is needed of some of the images."""
    below, layers = images.norms, []
    for step, shape, norm in zip(plan.convolutions, plan.shapes, images.layers, strict=False):
        inverse = jnp.where(norm > 0, 1 / jnp.where(norm > 0, norm, 1), 0)
        layers.append(Layer(_seen(plan, step, shape, below) * inverse[None], norm, inverse))
        below = math.sqrt(_activation(plan).mean) * norm
    return Block(images.pixels, images.norms, tuple(layers))


def start(plan: Plan, one: Block, other: Block) -> Carried:
    """The first convolution and activation."""
    step, shape, sides = plan.convolutions[0], plan.shapes[0], _Sides(plan, one.layers[0], other.layers[0])
    product = left(plan, one.norms) * right(plan, other.norms)
    sums = [plan.window.total(product * array, shape) for array in _differences(plan, one.pixels, other.pixels)]
    scale, bent = sides.scale(step), sides.bent()
    apart, along = scale * sums[0] + bent, scale * sums[1] + bent
    if step.bias:
        along = along + 2 * (sides.one.patches[-1] * sides.other.patches[-1])
    curve = _activation(plan).curve(jnp.clip(jnp.minimum(apart, along), 0, 1), along < apart)
    return sides.activated(curve, sides.born(step, apart), 1 if len(plan.convolutions) > 1 else 0)


def advance(plan: Plan, k: int, state: Carried, one: Layer, other: Layer) -> Carried:
    """Convolution k > 0, from 0, and the activation after it."""
    step, shape, sides = plan.convolutions[k], plan.shapes[k], _Sides(plan, one, other)
    missing, tangent = (plan.window.total(array, shape) for array in state)
    apart = sides.scale(step) * missing + sides.bent()
    activation = _activation(plan)
    if activation.negative_slope > 0:
        curve = activation.curve(jnp.clip(jnp.minimum(apart, 2 - apart), 0, 1), apart > 1)
    else:  # relu and absolute value have nonnegative outputs
        curve = activation.curve(apart)
    return sides.activated(curve, sides.born(step, apart) + step.weight / plan.window.taps * tangent, 1)


def readout(plan: Plan, state: Carried, one: Layer, other: Layer) -> tuple[Array, Array]:
    """Means of the covariance and of the tangent kernel over the pixels, (n,)."""
    value, tangent = means(plan, *state)
    if len(plan.convolutions) > 1:
        product = mean_of_products(plan, one.norms, other.norms)
        value = _activation(plan).mean * product - value
    return value, tangent


class _Sides:
    """A convolution's output at pairs of pixels."""

    def __init__(self, plan: Plan, one: Layer, other: Layer) -> None:
        self.plan = plan
        self.one = jax.tree.map(lambda images: left(plan, images), one)
        self.other = jax.tree.map(lambda images: right(plan, images), other)

    def scale(self, step: Step) -> Array:
        """From a sum of covariances over the filter to a cosine."""
        return step.weight / self.plan.window.taps * (self.one.inverse * self.other.inverse)

    def bent(self) -> Array:
        """What 1 - cosine owes to norms that are distributed differently below the filter."""
        total = jnp.zeros_like(self.one.norms * self.other.norms)
        for k in range(len(self.one.patches)):
            total = total + (self.one.patches[k] - self.other.patches[k]) ** 2
        return total / 2

    def born(self, step: Step, apart: Array) -> Array:
        """The convolution's own part of the tangent kernel."""
        covariance = (self.one.norms * self.other.norms) * (1 - apart)
        return step.of_weights * covariance + (step.of_biases - step.of_weights) * step.bias

    def activated(self, curve: tuple[tuple[Array, Array], Array], tangent: Array, which: int) -> Carried:
        """After the activation; which: of kappa and 1 - kappa."""
        activation, (kappa, angle) = _activation(self.plan), curve
        scale = activation.mean * (self.one.norms * self.other.norms)
        return Carried(scale * kappa[which], activation.mean * (1 - activation.bend * angle) * tangent)


def _seen(plan: Plan, step: Step, shape: Shape, below: Array) -> Array:
    """(u, z) r, whose norm is r: (taps, height, width, n), and the bias as one more if there is one."""
    seen = math.sqrt(step.weight / plan.window.taps) * plan.window.patches(below, shape)
    return jnp.concatenate([seen, jnp.full_like(seen[:1], math.sqrt(step.bias))]) if step.bias else seen


def _length(seen: Array) -> Array:
    """Norms along the first axis; no square overflows or vanishes."""
    largest = jnp.max(jnp.abs(seen), axis=0)
    return largest * jnp.sqrt(jnp.sum((seen / jnp.where(largest > 0, largest, 1)[None]) ** 2, axis=0))


def _differences(plan: Plan, one: Array, other: Array) -> tuple[Array, Array]:
    """|e - e'|^2 / 2 and |e + e'|^2 / 2 over the channels."""

    def add(sums: tuple[Array, Array], channel: tuple[Array, Array]) -> tuple[tuple[Array, Array], None]:
        e, f = left(plan, channel[0]), right(plan, channel[1])
        return (sums[0] + (e - f) ** 2, sums[1] + (e + f) ** 2), None

    zero = jnp.zeros_like(left(plan, one[0]) * right(plan, other[0]))
    (apart, along), _ = jax.lax.scan(add, (zero, zero), (one, other), unroll=min(len(one), 8))
    return apart / 2, along / 2


def _activation(plan: Plan) -> LeakyRelu:
    if not isinstance(plan.activation, LeakyRelu):
        raise TypeError(f"only leaky relus are followed by angles, not {plan.activation}")
    return plan.activation
