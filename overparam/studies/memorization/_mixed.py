"""Perceptrons of several widths and dropout rates as one classifier, so that one compiled program trains them all.

A unit whose weights and bias are all zero keeps a gradient of exactly zero, hence stays zero under every optimizer: a
narrow network is trained inside the arrays of a wide one.  Which width and rate a seed has is drawn from its own key,
so that a study asks for the seeds of each cell.
"""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float, UInt32

from overparam.errors import InputError
from overparam.keys import Purpose, key_for
from overparam.networks import Classifier, Layer, MlpClassifier
from overparam.precision import HIGHEST

_WHICH = 1 << 16  # folded into a seed's key, beside the numbers of layers


@dataclasses.dataclass(frozen=True)
class Mixed(Classifier):
    """Networks of one hidden ReLU layer, drawn as `MlpClassifier` draws them; the state is a seed's dropout rate.

    Attributes:
        cells: (width, dropout rate) of each cell; a seed falls into each of them with equal probability.
        n_classes: outputs.
    """

    cells: tuple[tuple[int, float], ...]
    n_classes: int = 10

    @property
    def random(self) -> bool:
        return any(rate for _, rate in self.cells)

    @property
    def widest(self) -> int:
        """Units of the arrays."""
        return max(width for width, _ in self.cells)

    def draw(self, key: Array, shape: tuple[int, ...], dtype: DTypeLike) -> tuple[tuple[Layer, ...], Array]:
        """Initial layers with zeros beyond the seed's width, and its rate."""
        (first, last), _ = MlpClassifier((self.widest,), self.n_classes).draw(key, shape, dtype)
        cell = self._cell(key)
        width = jnp.asarray([width for width, _ in self.cells], dtype)[cell]
        alive = jnp.arange(self.widest, dtype=jnp.int32).astype(dtype) < width
        layers = (
            Layer(jnp.where(alive[:, None], first.weights, 0), first.bias),
            Layer(jnp.where(alive[None, :], last.weights * jnp.sqrt(self.widest / width), 0), last.bias),
        )
        return layers, jnp.asarray([rate for _, rate in self.cells], dtype)[cell]

    def apply(
        self, params: tuple[Layer, ...], state: Array, points: Array, *, key: Array | None = None,
        training: bool = False,
    ) -> tuple[Float[Array, "n classes"], Array]:  # fmt: skip
        """Outputs on every point; the rate stays."""
        if not (training and self.random):
            return MlpClassifier((self.widest,), self.n_classes).apply(params, (), points)[0], state
        if key is None:
            raise InputError("dropout draws the neurons that are left out: apply needs a key in training")
        first, last = params
        values = points.reshape(len(points), -1)
        values = jax.nn.relu(jnp.matmul(values, first.weights.T, precision=HIGHEST) + first.bias[None, :])
        chance = jax.random.uniform(jax.random.fold_in(key, 0), (values.size,), values.dtype).reshape(values.shape)
        values = jnp.where(chance >= state, values / (1 - state), 0)
        return jnp.matmul(values, last.weights.T, precision=HIGHEST) + last.bias[None, :], state

    def seeds(self, root: Array, each: int) -> UInt32[np.ndarray, "cells each"]:
        """The first seeds of each cell."""
        count = 8 * each * len(self.cells)
        while True:
            cells = np.asarray(_cells(root, np.arange(count, dtype=np.uint32), len(self.cells)))
            found = [np.flatnonzero(cells == cell)[:each] for cell in range(len(self.cells))]
            if min(map(len, found)) == each:
                return np.stack(found).astype(np.uint32)
            count *= 2

    def _cell(self, key: Array) -> Array:
        return _drawn_cell(key, len(self.cells))


def _drawn_cell(key: Array, n_cells: int) -> Array:
    return jax.random.randint(jax.random.fold_in(key, _WHICH), (), 0, n_cells, jnp.int32)


# integers drawn once a study: compiling them well takes longer than all that is won
@jax.jit(static_argnames="n_cells", compiler_options={"xla_backend_optimization_level": 0})
def _cells(root: Array, seeds: Array, n_cells: int) -> Array:
    return jax.vmap(lambda seed: _drawn_cell(key_for(root, Purpose.INIT, seed), n_cells))(seeds)
