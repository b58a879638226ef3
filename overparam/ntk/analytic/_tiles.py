"""Gram matrices tile by tile: no intermediate array is larger than a tile, and of two mirrored tiles one is computed.

A tile function takes the rows of both sides, any tree of arrays whose first axis counts points, and whether these are
the same points in the same order; it returns a tree of (a, b) arrays.  All tiles have one shape: the last one of a side
reaches back instead of being cut off, and a single tile is padded.  So an entry is the same operations wherever it
stands, which is why a permutation of the points permutes the result bit for bit.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

Own = bool | Array
Rows = Any  # a tree of arrays, first axis: points
Tile = Callable[[Rows, Rows, Own], Any]

STEP = 32  # sides are multiples of it, so that vector instructions never meet a remainder


def side(n: int) -> int:
    """Side of the tiles for n points: a few of them stay in a core's cache; accelerators want larger ones.

    No power of two on processors: transposing such a tile walks through few lines of the cache, which costs a third.
    """
    largest = 96 if jax.default_backend() == "cpu" else 2048
    return min(largest, -(-n // STEP) * STEP)


def symmetric(tile: Tile, rows: Rows) -> Any:
    """The tree of (n, n) matrices of all pairs; the lower triangle mirrors the upper one.

    Tiles on and off the diagonal run the same compiled operations: two versions could differ in the last bit.
    """
    n, size, rows = _padded(rows)
    count = -(-n // size)
    upper = jnp.arange(size)[:, None] <= jnp.arange(size)[None, :]

    def mirrored(block: Array) -> Array:
        return jnp.where(upper, block, block.T)

    def column(j: Array, i: Array, totals: Any) -> Any:
        top, left = _start(i, size, n), _start(j, size, n)

        def put(total: Array, block: Array) -> Array:
            total = jax.lax.dynamic_update_slice(total, block, (top, left))
            return jax.lax.dynamic_update_slice(total, block.T, (left, top))

        return jax.tree.map(put, totals, tile(_cut(rows, top, size), _cut(rows, left, size), i == j))

    def row(i: Array, totals: Any) -> Any:
        return jax.lax.fori_loop(i, count, lambda j, totals: column(j, i, totals), totals)

    def mirror(i: Array, totals: Any) -> Any:
        start = (_start(i, size, n),) * 2

        def one(total: Array) -> Array:
            block = jax.lax.dynamic_slice(total, start, (size, size))
            return jax.lax.dynamic_update_slice(total, mirrored(block), start)

        return jax.tree.map(one, totals)

    if count == 1:
        return jax.tree.map(lambda block: mirrored(block)[:n, :n], tile(rows, rows, True))
    totals = jax.lax.fori_loop(0, count, row, _empty(tile, rows, rows, size, size, n, n))
    return jax.lax.fori_loop(0, count, mirror, totals)  # in place, and only for the tiles on the diagonal


def rectangular(tile: Tile, left: Rows, right: Rows) -> Any:
    """The tree of (n, m) matrices of all pairs of a row of `left` and one of `right`."""
    (n, high, left), (m, wide, right) = _padded(left), _padded(right)
    rows, columns = -(-n // high), -(-m // wide)
    if rows == columns == 1:
        return jax.tree.map(lambda block: block[:n, :m], tile(left, right, False))
    shape = (max(n, high), max(m, wide))

    def one(k: Array, totals: Any) -> Any:
        top, beside = _start(k // columns, high, shape[0]), _start(k % columns, wide, shape[1])
        blocks = tile(_cut(left, top, high), _cut(right, beside, wide), False)
        return jax.tree.map(lambda t, b: jax.lax.dynamic_update_slice(t, b, (top, beside)), totals, blocks)

    totals = jax.lax.fori_loop(0, rows * columns, one, _empty(tile, left, right, high, wide, *shape))
    return jax.tree.map(lambda total: total[:n, :m], totals)


def _padded(rows: Rows) -> tuple[int, int, Rows]:
    n = len(jax.tree.leaves(rows)[0])
    size = side(n)
    missing = max(size - n, 0)

    def pad(leaf: Array) -> Array:
        return jnp.concatenate([leaf, jnp.zeros((missing, *leaf.shape[1:]), leaf.dtype)]) if missing else leaf

    return n, size, jax.tree.map(pad, rows)


def _start(index: Array, size: int, n: int) -> Array:
    return jnp.minimum(index * size, n - size)


def _cut(rows: Rows, start: Array | int, size: int) -> Rows:
    return jax.tree.map(lambda leaf: jax.lax.dynamic_slice_in_dim(leaf, start, size), rows)


def _empty(tile: Tile, left: Rows, right: Rows, high: int, wide: int, n: int, m: int) -> Any:
    shapes = jax.eval_shape(lambda a, b: tile(a, b, False), _cut(left, 0, high), _cut(right, 0, wide))
    return jax.tree.map(lambda block: jnp.zeros((n, m), block.dtype), shapes)
