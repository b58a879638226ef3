"""Where the neurons of a few networks lie when all of them are rows of one matrix.

Networks arrive as `Params` with the networks first and the same number of neurons each, the narrow ones filled up with
neurons of zeros.  `Even` keeps every neuron: k rows a network.  `Packed` keeps only what each network's seat holds, in
blocks of four rows, so that networks of many widths share one compiled shape without paying for the widest.

Sums over the neurons of a network run in an order that depends on its own neurons alone, never on where its rows lie:
a network computes the same bits in every seat.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Int

from overparam.networks import Params
from overparam.precision import HIGHEST

BLOCK = 4  # rows that belong to one network
UNROLLED = 32  # blocks of a network that are added in one loop; more would take long to compile


class Weights(NamedTuple):
    """Weights of a few networks, or anything of their shape: a neuron a row, its bias in the last column."""

    w: Float[Array, "rows columns"]
    v: Float[Array, " rows"]
    c: Float[Array, " networks"]


class Even(NamedTuple):
    """Networks of one width, one after the other."""

    networks: int
    width: int

    def rows_of(self, values: Array) -> Array:
        """(networks, width, ...) -> (rows, ...)."""
        return values.reshape(-1, *values.shape[2:])

    def networks_of(self, values: Array) -> Array:
        """(rows, ...) -> (networks, width, ...)."""
        return values.reshape(self.networks, self.width, *values.shape[1:])

    def spread(self, values: Array) -> Array:
        """(networks, ...) -> (rows, ...): each row gets what its network has."""
        return self.rows_of(jnp.broadcast_to(values[:, None], (self.networks, self.width, *values.shape[1:])))

    def sums(self, v: Float[Array, " rows"], values: Float[Array, "rows n"]) -> Float[Array, "networks n"]:
        """Sum of v_j values_j over the rows j of each network."""
        return _weighted(self.networks_of(v), self.networks_of(values))


class Packed(NamedTuple):
    """Networks of many widths, each in a seat of whole blocks; rows that belong to nobody are zeros.

    Attributes:
        owner: (rows,), the network of each row.
        neuron: (rows,), networks * width where there is none: position among all neurons as they arrive.
        row: (networks, width), the row of each neuron; `rows` where the seat has none.
        block: (networks, width / 4), likewise of blocks of four rows.
    """

    owner: Int[Array | np.ndarray, " rows"]
    neuron: Int[Array | np.ndarray, " rows"]
    row: Int[Array | np.ndarray, "networks width"]
    block: Int[Array | np.ndarray, "networks blocks"]

    def rows_of(self, values: Array) -> Array:
        """(networks, width, ...) -> (rows, ...); neurons beyond a network's seat are left behind."""
        return _at(values.reshape(-1, *values.shape[2:]), self.neuron)

    def networks_of(self, values: Array) -> Array:
        """(rows, ...) -> (networks, width, ...), filled up with zeros."""
        return _at(values, self.row)

    def spread(self, values: Array) -> Array:
        """(networks, ...) -> (rows, ...): each row gets what its network has."""
        return values.at[self.owner].get(mode="promise_in_bounds")

    def sums(self, v: Float[Array, " rows"], values: Float[Array, "rows n"]) -> Float[Array, "networks n"]:
        """Sum of v_j values_j over the rows j of each network: over blocks first, which are then added in their order.

        A chain of additions, each of one block a network, so that nothing of the size of all blocks is copied.
        """
        blocks = _weighted(v.reshape(-1, BLOCK), values.reshape(-1, BLOCK, values.shape[1]))
        total, *others = (_at(blocks, column) for column in jnp.asarray(self.block.T[:UNROLLED]))
        for other in others:
            total = total + other
        later = jnp.asarray(self.block.T[UNROLLED:])
        if len(later):
            total, _ = jax.lax.scan(lambda sum, column: (sum + _at(blocks, column), None), total, later)
        return total


Layout = Even | Packed


def to_weights(layout: Layout, params: Params) -> Weights:
    """Weights as rows."""
    wide = jnp.concatenate([jnp.asarray(params.u), jnp.asarray(params.b)[..., None]], axis=-1)
    return Weights(layout.rows_of(wide), layout.rows_of(jnp.asarray(params.v)), jnp.asarray(params.c))


def to_params(layout: Layout, weights: Weights) -> Params:
    """Rows as networks."""
    wide = layout.networks_of(weights.w)
    return Params(wide[..., :-1], wide[..., -1], layout.networks_of(weights.v), weights.c)


def seats(widths: np.ndarray, chunk: int, group: int) -> np.ndarray:
    """Capacities, in neurons, of the slots of a chunk: spread like the widths, the largest among them.

    Each `group` slots in a row come out with nearly as many neurons as any other.
    """
    falling = np.sort(-(-widths // BLOCK) * BLOCK)[::-1]
    chosen = falling[np.arange(chunk) * len(falling) // chunk]
    # Deal them out like cards, there and back, so that every group gets some of each size.
    deals = chosen.reshape(group, chunk // group)
    deals[1::2] = deals[1::2, ::-1].copy()
    return deals.T.reshape(-1)


def packed(capacities: np.ndarray, group: int) -> Packed:
    """The layout of each group of slots, stacked along a first axis."""
    width = int(capacities.max())
    sizes = capacities.reshape(-1, group)
    rows = int(sizes.sum(axis=1).max())
    neurons = np.arange(width)
    owner = np.zeros((len(sizes), rows), np.int32)
    neuron = np.full((len(sizes), rows), group * width, np.int32)
    row = np.full((len(sizes), group, width), rows, np.int32)
    for one, seat in enumerate(sizes):
        starts = np.cumsum(seat) - seat
        for slot, (start, size) in enumerate(zip(starts, seat, strict=True)):
            owner[one, start : start + size] = slot
            neuron[one, start : start + size] = slot * width + neurons[:size]
            row[one, slot, :size] = start + neurons[:size]
    return Packed(owner, neuron, row, row[:, :, ::BLOCK] // BLOCK)


def _weighted(weights: Float[Array, "batch k"], values: Float[Array, "batch k n"]) -> Float[Array, "batch n"]:
    product = jax.lax.dot_general(
        weights[:, None], values, (((2,), (1,)), ((0,), (0,))), precision=(HIGHEST, HIGHEST)
    )  # fmt: skip
    return product[:, 0]


def _at(values: Array, index: Array | np.ndarray) -> Array:
    """Rows of `values`; zeros where the index is beyond them."""
    return values.at[index].get(mode="fill", fill_value=0)
