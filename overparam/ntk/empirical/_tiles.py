"""All pairs of samples, tile by tile, of one matrix whose rows are the samples' outputs.

A method gives `prepare`, samples -> a tree of arrays whose first axis counts the samples, and `combine`, which makes of
two such trees the block of the kernel between them, (a outputs, b outputs), outputs of a sample side by side.  With the
same samples on both sides only tiles on and above the diagonal are computed and the others mirror them.

All tiles have one shape: the last one of a side reaches back, and too few samples are padded by the first one.  So an
entry is the same operations wherever it stands, and a permutation of the samples permutes the result bit for bit, as
long as the backend adds up the entries of a product in an order that does not depend on their place.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

Rows = Any  # a tree of arrays, first axis: samples
Prepare = Callable[[Array], Rows]
Combine = Callable[[Rows, Rows], Array]

STEP = 32  # sides are multiples of it, so that vector instructions never meet a remainder


def rounded(n: int) -> int:
    """The next multiple of STEP."""
    return -(-n // STEP) * STEP


def default_side(outputs: int) -> int:
    """Samples in a tile whose blocks stay in a core's cache; accelerators want larger ones."""
    wanted = 128 if jax.default_backend() == "cpu" else 2048
    return max(STEP, wanted // outputs // STEP * STEP)


def all_pairs(
    prepare: Prepare, combine: Combine, points: Array, others: Array | None, *, outputs: int, side: int, at_once: bool
) -> Array:
    """(n outputs, m outputs); with others = None these are the points, and the result is symmetric bit for bit.

    Args:
        side: samples in a tile.
        at_once: prepare all samples before the tiles, and keep that; otherwise anew for each tile.
    """
    left = _Side(prepare, points, side, at_once)
    right = left if others is None else _Side(prepare, others, side, at_once)
    shape = (max(left.n, left.side) * outputs, max(right.n, right.side) * outputs)
    kind = points.dtype
    if left.count == right.count == 1:
        first = left.rows(0)
        block = combine(first, first if right is left else right.rows(0))
        block = _mirrored(block) if right is left else block
        return block[: left.n * outputs, : right.n * outputs]

    def column(j: Array, i: Array, mine: Rows, total: Array) -> Array:
        top, beside = left.start(i) * outputs, right.start(j) * outputs
        block = combine(mine, right.rows(j))
        total = jax.lax.dynamic_update_slice(total, block, (top, beside))
        return jax.lax.dynamic_update_slice(total, block.T, (beside, top)) if right is left else total

    def row(i: Array, total: Array) -> Array:
        mine = left.rows(i)
        first = i if right is left else jnp.zeros_like(i)
        return jax.lax.fori_loop(first, right.count, lambda j, total: column(j, i, mine, total), total)

    total = jax.lax.fori_loop(0, left.count, row, jnp.zeros(shape, kind))
    if right is left:
        total = jax.lax.fori_loop(0, left.count, lambda i, total: _mirror(left, i, total, outputs), total)
    return total[: left.n * outputs, : right.n * outputs]


class _Side:
    """Samples of one side, cut into tiles."""

    def __init__(self, prepare: Prepare, samples: Array, side: int, at_once: bool) -> None:
        self.n, self.side = len(samples), min(side, rounded(len(samples)))
        self.count = -(-self.n // self.side)
        missing = rounded(self.n) - self.n
        # copies of a sample, since zeros need not be in the network's domain
        self.samples = jnp.concatenate([samples, jnp.repeat(samples[:1], missing, axis=0)]) if missing else samples
        self.prepare = prepare
        self.prepared = prepare(self.samples) if at_once else None

    def start(self, index: Array | int) -> Array:
        """First sample of a tile."""
        return jnp.minimum(jnp.asarray(index) * self.side, max(self.n - self.side, 0))

    def rows(self, index: Array | int) -> Rows:
        """What was prepared of a tile's samples."""
        if self.prepared is None:
            return self.prepare(_cut(self.samples, self.start(index), self.side))
        return _cut(self.prepared, self.start(index), self.side)


def _cut(rows: Rows, start: Array, size: int) -> Rows:
    if all(len(leaf) == size for leaf in jax.tree.leaves(rows)):
        return rows
    return jax.tree.map(lambda leaf: jax.lax.dynamic_slice_in_dim(leaf, start, size), rows)


def _mirrored(block: Array) -> Array:
    block = jax.lax.optimization_barrier(block)  # or XLA may compute its two uses twice, in different roundings
    index = jnp.arange(len(block))
    return jnp.where(index[:, None] <= index[None, :], block, block.T)


def _mirror(side: _Side, i: Array, total: Array, outputs: int) -> Array:
    """The total with the tile on its diagonal made symmetric."""
    start = (side.start(i) * outputs,) * 2
    block = jax.lax.dynamic_slice(total, start, (side.side * outputs,) * 2)
    return jax.lax.dynamic_update_slice(total, _mirrored(block), start)
