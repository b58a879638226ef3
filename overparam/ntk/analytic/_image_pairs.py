"""Kernels of pairs of images: the layers of one block of pairs, and the blocks of a Gram matrix.

A block is one image against a few others, so that memory is that of a block, whatever the number of images.  All blocks
of a call have one shape, and both halves of a symmetric matrix are written from the same numbers.  A permutation of the
images permutes the matrix bit for bit: a pair is taken in an order that depends on the two images only, and several
pairs fill vectors without a remainder.  Leaky relus need that order only for single pairs, whose pixels may leave one.
"""

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.ntk._kernels import Kernels
from overparam.ntk.analytic import _patch_angles, _patch_covariances
from overparam.ntk.analytic._pooling import LANES, Plan, means


class Rows(NamedTuple):
    """Images of a call."""

    count: int
    hashes: Array  # (n,)
    images: Any  # what a way needs of them, images on the last axis, at least `count`


def kernels(plan: Plan, one: Any, other: Any) -> Kernels:
    """Both kernels of each image of a block with that of another, (n,); a single image is compared with all others."""
    way = _way(plan)
    if plan.convolutions:
        state = way.start(plan, one, other)
        for run in _runs(plan):
            sides = tuple([images.layers[k] for k in run] for images in (one, other))
            state = _advance(plan, run[0], state, sides)
        value, tangent = way.readout(plan, state, one.layers[-1], other.layers[-1])
    else:
        value = way.products(plan, one, other)
        value, tangent = means(plan, value, jnp.zeros_like(value))
    step = plan.last
    fresh = step.weight * value
    return Kernels(
        nngp=fresh + step.bias,
        ntk=step.of_weights * fresh + step.of_biases * step.bias + step.weight * tangent,
    )


def _runs(plan: Plan) -> list[list[int]]:
    """The convolutions after the first, equal ones together."""
    shapes, later = plan.shapes, range(1, len(plan.convolutions))
    return [list(run) for _, run in itertools.groupby(later, lambda k: (shapes[k], shapes[k + 1]))]


def _advance(plan: Plan, first: int, state: Any, sides: tuple[list[Any], ...]) -> Any:
    """Some equal convolutions, from number `first`, in a loop."""

    def layer(state: Any, sides: tuple[Any, Any]) -> tuple[Any, None]:
        return _way(plan).advance(plan, first, state, *sides), None

    if len(sides[0]) == 1:
        return layer(state, (sides[0][0], sides[1][0]))[0]
    stacked = tuple(jax.tree.map(lambda *leaves: jnp.stack(leaves), *side) for side in sides)
    return jax.lax.scan(layer, state, stacked)[0]


def prepare(plan: Plan, images: Array, block: int) -> Rows:
    """What is needed of images (n, height, width, channels)."""
    count = len(images)
    missing = max(-(-count // LANES) * LANES, block) - count  # vectors have no remainder here either
    images = jnp.pad(images, [(0, missing), (0, 0), (0, 0), (0, 0)])
    pixels = jnp.transpose(images, (3, 1, 2, 0)) / jnp.sqrt(jnp.asarray(images.shape[3], images.dtype))
    return Rows(count, _hashes(images), _way(plan).prepare(plan, pixels))


def symmetric(plan: Plan, which: tuple[str, ...], rows: Rows, block: int) -> dict[str, Array]:
    """Matrices (n, n) of all pairs."""

    def put(total: Array, line: Array, i: Array, begin: Array) -> Array:
        total = jax.lax.dynamic_update_slice(total, line[None, :], (i, begin))
        return jax.lax.dynamic_update_slice(total, line[:, None], (begin, i))

    return _all(plan, which, rows, rows, block, put, upper=True)


def rectangular(plan: Plan, which: tuple[str, ...], left: Rows, right: Rows, block: int) -> dict[str, Array]:
    """Matrices (n, m) of each image of `left` with each of `right`."""

    def put(total: Array, line: Array, i: Array, begin: Array) -> Array:
        return jax.lax.dynamic_update_slice(total, line[None, :], (i, begin))

    return _all(plan, which, left, right, block, put, upper=False)


def diagonal(plan: Plan, rows: Rows, block: int) -> Kernels:
    """Each image with itself, (n,)."""

    def put(k: Array, totals: Kernels) -> Kernels:
        begin = _start(k, block, rows.count)
        some = _way(plan).block(plan, _cut(rows.images, begin, block))
        fresh = kernels(plan, some, some)
        return jax.tree.map(lambda total, line: jax.lax.dynamic_update_slice(total, line, (begin,)), totals, fresh)

    zeros = jnp.zeros(max(rows.count, block), _dtype(rows))
    totals = jax.lax.fori_loop(0, -(-rows.count // block), put, Kernels(zeros, zeros))
    return jax.tree.map(lambda total: total[: rows.count], totals)


def _all(
    plan: Plan,
    which: tuple[str, ...],
    left: Rows,
    right: Rows,
    block: int,
    put: Callable[[Array, Array, Array, Array], Array],
    *,
    upper: bool,
) -> dict[str, Array]:
    """Blocks of `right` against blocks of `left`, an image of these after the other; upper: none below the diagonal.

    A step of the loop loads what the next one needs, so that it is stored; otherwise XLA would compute it again for
    each pair of pixels.  The first step only loads.
    """
    way = _way(plan)
    high, wide = (-(-side.count // block) for side in (left, right))

    def load(q: Array, k: Array) -> tuple[Any, Any]:
        first, second = _start(q, block, left.count), _start(k, block, right.count)
        if upper and block == 1:
            exchanged = left.hashes[first] > right.hashes[second]
            first, second = jnp.where(exchanged, second, first), jnp.where(exchanged, first, second)
        sides = ((left, first), (right, second))
        return tuple(way.block(plan, _cut(images.images, begin, block)) for images, begin in sides)

    def step(t: Array, state: tuple[Array, Array, tuple[Any, Any], dict[str, Array]]) -> tuple:
        q, k, (ones, others), totals = state
        top, begin = _start(q, block, left.count), _start(k, block, right.count)

        def row(i: Array, totals: dict[str, Array]) -> dict[str, Array]:
            one, other = _cut(ones, i, 1), others
            if upper and block > 1 and not plan.angular:
                one, other = _ordered(one, other, left.hashes[top + i] > _cut(right.hashes, begin, block))
            fresh = kernels(plan, one, other)
            return {name: put(total, getattr(fresh, name), top + i, begin) for name, total in totals.items()}

        rows = jnp.where(t > 0, jnp.minimum(left.count - top, block), 0)
        totals = jax.lax.fori_loop(0, rows, row, totals)
        done = q == (k if upper else high - 1)
        k = k + jnp.where(t > 0, done, False).astype(k.dtype)
        q = jnp.where(done | (t == 0), 0, q + 1)
        return q, k, load(q, k), totals

    zero = jnp.zeros((), jnp.int32)
    nothing = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), jax.eval_shape(load, zero, zero))
    shape = (max(left.count, block), max(right.count, block))
    totals = {name: jnp.zeros(shape, _dtype(left)) for name in which}
    count = wide * (wide + 1) // 2 if upper else high * wide
    totals = jax.lax.fori_loop(0, count + 1, step, (zero, zero, nothing, totals))[-1]
    return {name: total[: left.count, : right.count] for name, total in totals.items()}


def _start(k: Array, block: int, count: int) -> Array:
    """The last block reaches back instead of being cut off."""
    return jnp.minimum(k * block, max(count, block) - block)


def _cut(images: Any, begin: Array, count: int) -> Any:
    return jax.tree.map(lambda leaf: jax.lax.dynamic_slice_in_dim(leaf, begin, count, leaf.ndim - 1), images)


def _ordered(one: Any, other: Any, exchanged: Array) -> tuple[Any, Any]:
    def where(a: Array, b: Array) -> Array:
        return jnp.where(exchanged.reshape((1,) * (a.ndim - 1) + (-1,)), a, b)

    return jax.tree.map(where, other, one), jax.tree.map(where, one, other)


def _hashes(images: Array) -> Array:
    """32 bits that depend on an image's numbers only."""
    bits = jax.lax.bitcast_convert_type(images, jnp.uint32).reshape(len(images), -1)
    place = jnp.arange(bits.shape[1], dtype=jnp.uint32)[None, :] * jnp.uint32(0x9E3779B1) | jnp.uint32(1)
    bits = (bits ^ bits >> jnp.uint32(15)) * jnp.uint32(0x85EBCA77)
    return jnp.sum((bits ^ bits >> jnp.uint32(13)) * place, axis=1, dtype=jnp.uint32)


def _dtype(rows: Rows) -> np.dtype:
    return jax.tree.leaves(rows.images)[0].dtype


def _way(plan: Plan) -> Any:
    return _patch_angles if plan.angular else _patch_covariances
