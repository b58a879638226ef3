"""Which pixels of two images meet, and what that costs in memory.

With a dense readout of all pixels (flatten) pixel p of one image only ever meets pixel p of the other: their covariance
after a convolution is the mean of such covariances before it.  A global average (pooling) needs all pairs of pixels.

Arrays of images hold them on their last axis, (height, width, n).  Arrays of pairs of images are (height, width, n)
with flatten and (height, height', width, width', n) with pooling.
"""

import math
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from overparam.ntk.analytic._duals import Dual, LeakyRelu
from overparam.ntk.analytic._recursion import Step
from overparam.ntk.analytic._windows import Shape, Window

Readout = Literal["flatten", "pooling"]
LANES = 32
ALIVE = 7  # arrays of a block of pairs that XLA keeps at once


class Plan(NamedTuple):
    """A convolutional network on images of one size.  Hashable."""

    activation: Dual
    window: Window
    shapes: tuple[Shape, ...]  # height and width of the images, then of each convolution's output
    convolutions: tuple[Step, ...]
    last: Step
    readout: Readout

    @property
    def angular(self) -> bool:
        """Whether pairs are followed by angles instead of covariances."""
        return isinstance(self.activation, LeakyRelu) and len(self.convolutions) > 0

    @property
    def pooled(self) -> bool:
        """Whether all pairs of pixels are needed."""
        return self.readout == "pooling"


def left(plan: Plan, images: Array) -> Array:
    """An array (..., height, width, n) of the first images, as one that broadcasts to pairs."""
    return jnp.expand_dims(images, (-4, -2)) if plan.pooled else images


def right(plan: Plan, images: Array) -> Array:
    """The same for the second images."""
    return jnp.expand_dims(images, (-5, -3)) if plan.pooled else images


def pairs_at_once(plan: Plan, n: int) -> int:
    """How many second images a block has, of n: one, or a multiple of 32, so that vectors have no remainder.

    On processors a block's arrays are to stay in a cache, on accelerators they are to fill the device.
    """
    numbers = max(map(math.prod, plan.shapes)) ** (2 if plan.pooled else 1)
    wanted, most = (2**13, 2**18) if jax.default_backend() == "cpu" else (2**26, 2**26)
    if LANES * numbers > most:
        return 1
    return min(max(wanted // numbers // LANES, 1), -(-n // LANES)) * LANES


def bytes_of(plan: Plan, points: tuple[int, ...], others: tuple[int, ...] | None, itemsize: int) -> int:
    """About how many bytes both kernels of images of these shapes need at their peak."""
    n, m = points[0], others[0] if others else 0
    block = pairs_at_once(plan, max(n, m))
    pixels = [math.prod(shape) for shape in plan.shapes]
    images = (n + m + LANES + 2 * block) * (pixels[0] * (2 * points[3] + 1) + sum(pixels[1:]))
    patches = 6 * block * (plan.window.taps + 4) * sum(pixels[1:]) if plan.angular else 0
    widest = max(math.prod(plan.window.padded_shape(shape)) for shape in plan.shapes)
    pairs = ALIVE * block * widest ** (2 if plan.pooled else 1)
    return itemsize * (2 * max(n, block) * max(m or n, block) + images + patches + pairs)


def means(plan: Plan, value: Array, tangent: Array) -> tuple[Array, Array]:
    """Means of two arrays of pairs over the pixels, (n,) each, by trees of sums.

    Bit for bit the same with the images exchanged: the sums over the pixels of the one image and of the other trade
    places.  They are taken in a loop over the two arrays, which stores these: fused with the product before it, a sum
    may round once where another rounds twice.
    """
    if not plan.pooled:
        return _mean(value), _mean(tangent)
    both = jax.lax.map(
        lambda array: _mean(_sum(_sum(array, 1), 2) + _sum(_sum(array, 0), 1)) / (2 * array.shape[0] * array.shape[2]),
        jnp.stack([value, tangent]),
    )
    return both[0], both[1]


def mean_of_products(plan: Plan, one: Array, other: Array) -> Array:
    """Mean of one[p] other[q] over the pixels that meet, (n,), of arrays (height, width, n)."""
    if plan.pooled:  # one division: with two, XLA may round the images differently
        return _sum(_sum(one, 0), 0) * _sum(_sum(other, 0), 0) / (one.size // one.shape[-1]) ** 2
    return _mean(one * other)


def _mean(array: Array) -> Array:
    return _sum(_sum(array, 0), 0) / (array.size // array.shape[-1])


def _sum(array: Array, axis: int) -> Array:
    terms = [jax.lax.index_in_dim(array, k, axis, keepdims=False) for k in range(array.shape[axis])]
    while len(terms) > 1:
        terms = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)] + terms[len(terms) - len(terms) % 2 :]
    return terms[0]
