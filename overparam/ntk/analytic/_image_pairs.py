"""Kernels of pairs of images: the layers of one block of pairs, and the blocks of a Gram matrix.

A block is one image against a few others, so that memory is that of a block, whatever the number of images.  All blocks
of a call have one shape, and both halves of a symmetric matrix are written from the same numbers; the operations on
a pair do not depend on its place or its order.  So a permutation of the images permutes the matrix bit for bit.
"""

import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from overparam.ntk._kernels import Kernels
from overparam.ntk.analytic import _patch_angles, _patch_covariances
from overparam.ntk.analytic._pooling import Plan, mean

Rows = Any  # the images of a way, last axis: images


def kernels(plan: Plan, one: Rows, other: Rows) -> Kernels:
    """Both kernels of each image of a block with that of another, (n,); a single image is compared with all others."""
    way = _way(plan)
    if plan.convolutions:
        state = way.start(plan, one, other)
        for run in _runs(plan):
            sides = tuple([images.layers[k] for k in run] for images in (one, other))
            state = _advance(plan, run[0], state, sides)
        value, tangent = way.readout(plan, state, one.layers[-1], other.layers[-1])
    else:
        value = mean(plan, way.products(plan, one, other))
        tangent = jnp.zeros_like(value)
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


def _advance(plan: Plan, first: int, state: Any, sides: tuple[list[Any], list[Any]]) -> Any:
    """Some equal convolutions, from number `first`, in a loop."""

    def layer(state: Any, sides: tuple[Any, Any]) -> tuple[Any, None]:
        return _way(plan).advance(plan, first, state, *sides), None

    if len(sides[0]) == 1:
        return layer(state, (sides[0][0], sides[1][0]))[0]
    stacked = tuple(jax.tree.map(lambda *leaves: jnp.stack(leaves), *side) for side in sides)
    return jax.lax.scan(layer, state, stacked)[0]


def prepare(plan: Plan, images: Array) -> Rows:
    """What is needed of images (n, height, width, channels)."""
    pixels = jnp.transpose(images, (3, 1, 2, 0)) / jnp.sqrt(jnp.asarray(images.shape[3], images.dtype))
    return _way(plan).prepare(plan, pixels)


def symmetric(plan: Plan, which: tuple[str, ...], rows: Rows, block: int) -> dict[str, Array]:
    """Matrices (n, n) of all pairs."""
    n, rows = _padded(rows, block)

    def put(total: Array, line: Array, i: Array, begin: Array) -> Array:
        total = jax.lax.dynamic_update_slice(total, line[None, :], (i, begin))
        return jax.lax.dynamic_update_slice(total, line[:, None], (begin, i))

    totals = _zeros(which, rows, (_count(rows),) * 2)
    return {name: total[:n, :n] for name, total in _columns(plan, (rows, n), rows, block, totals, put, True).items()}


def rectangular(plan: Plan, which: tuple[str, ...], left: Rows, right: Rows, block: int) -> dict[str, Array]:
    """Matrices (n, m) of each image of `left` with each of `right`."""
    (n, left), (m, right) = _padded(left, block), _padded(right, block)

    def put(total: Array, line: Array, i: Array, begin: Array) -> Array:
        return jax.lax.dynamic_update_slice(total, line[None, :], (i, begin))

    totals = _zeros(which, left, (_count(left), _count(right)))
    return {name: total[:n, :m] for name, total in _columns(plan, (left, n), right, block, totals, put, False).items()}


def _columns(
    plan: Plan,
    left: tuple[Rows, int],
    right: Rows,
    block: int,
    totals: dict[str, Array],
    put: Callable[[Array, Array, Array, Array], Array],
    upper: bool,
) -> dict[str, Array]:
    """Blocks of `right` against blocks of `left`, an image of these after the other; upper: none below the diagonal."""
    way, (rows, n), m = _way(plan), left, _count(right)
    size = _count(rows)

    def start(k: Array, size: int) -> Array:
        return jnp.minimum(k * block, size - block)  # the last block reaches back instead of being cut off

    def column(k: Array, totals: dict[str, Array]) -> dict[str, Array]:
        begin = start(k, m)
        others = way.block(plan, _cut(right, begin, block))

        def some(q: Array, totals: dict[str, Array]) -> dict[str, Array]:
            top = start(q, size)
            ones = way.block(plan, _cut(rows, top, block))

            def row(i: Array, totals: dict[str, Array]) -> dict[str, Array]:
                fresh = kernels(plan, _cut(ones, i, 1), others)
                return {name: put(total, getattr(fresh, name), top + i, begin) for name, total in totals.items()}

            # a loop also for one image: `ones` is then stored, and not computed again for each pair of pixels
            return jax.lax.fori_loop(0, jnp.minimum(n - top, block), row, totals)

        return jax.lax.fori_loop(0, k + 1 if upper else -(-size // block), some, totals)

    return jax.lax.fori_loop(0, -(-m // block), column, totals)


def diagonal(plan: Plan, rows: Rows, block: int) -> Kernels:
    """Each image with itself, (n,)."""
    n, rows = _padded(rows, block)
    size = _count(rows)

    def put(k: Array, totals: Kernels) -> Kernels:
        begin = jnp.minimum(k * block, size - block)
        some = _way(plan).block(plan, _cut(rows, begin, block))
        fresh = kernels(plan, some, some)
        return jax.tree.map(lambda total, line: jax.lax.dynamic_update_slice(total, line, (begin,)), totals, fresh)

    totals = jax.lax.fori_loop(0, -(-n // block), put, Kernels(**_zeros(("nngp", "ntk"), rows, (size,))))
    return jax.tree.map(lambda total: total[:n], totals)


def _count(rows: Rows) -> int:
    return jax.tree.leaves(rows)[0].shape[-1]


def _padded(rows: Rows, block: int) -> tuple[int, Rows]:
    n = _count(rows)
    pads = [(0, max(block - n, 0))]
    return n, jax.tree.map(lambda leaf: jnp.pad(leaf, [(0, 0)] * (leaf.ndim - 1) + pads), rows)


def _cut(rows: Rows, begin: Array, count: int) -> Rows:
    return jax.tree.map(lambda leaf: jax.lax.dynamic_slice_in_dim(leaf, begin, count, leaf.ndim - 1), rows)


def _zeros(which: tuple[str, ...], rows: Rows, shape: tuple[int, ...]) -> dict[str, Array]:
    return {name: jnp.zeros(shape, jax.tree.leaves(rows)[0].dtype) for name in which}


def _way(plan: Plan) -> Any:
    return _patch_angles if plan.angular else _patch_covariances
