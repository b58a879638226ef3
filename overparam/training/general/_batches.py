"""Which samples a step sees: epoch by epoch without replacement, and what noise does to them.

Every draw has a key of its own, made of the root, what it is for, the seed, and the number of the epoch or step.  So a
seed sees the same samples whatever its companions, and however its steps are cut into blocks.

Everything is drawn as one flat array and then shaped: XLA takes ten times as long to compile the draw of a matrix.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int

from overparam.keys import Purpose, key_for


class Epochs(NamedTuple):
    """The orders of the samples in a few epochs, and the number of the first of them."""

    orders: Int[Array, "epochs n_samples"]
    first: Int[Array, ""]


def steps_an_epoch(n_samples: int, batch_size: int) -> int:
    """Batches of one epoch; the last one is smaller where `batch_size` does not divide the number of samples."""
    return -(-n_samples // batch_size)


def epochs_of(
    root: Array, seed: Array, first_step: Int[Array, ""], *, n_steps: int, n_samples: int, batch_size: int
) -> Epochs:
    """The orders that `n_steps` steps from `first_step` on may need."""
    each = steps_an_epoch(n_samples, batch_size)
    first = first_step // each
    key = key_for(root, Purpose.BATCHES, seed)
    numbers = first + jnp.arange((each + n_steps - 2) // each + 1, dtype=jnp.int32)
    samples = jnp.arange(n_samples, dtype=jnp.int32)
    orders = jax.lax.map(lambda epoch: jax.random.permutation(jax.random.fold_in(key, epoch), samples), numbers)
    return Epochs(orders, first)


def batch_of(
    epochs: Epochs, step: Int[Array, ""], batch_size: int
) -> tuple[Int[Array, " batch"], Bool[Array, " batch"]]:
    """Samples of one step, and which of the places are really taken: the last batch of an epoch may be smaller."""
    n_samples = epochs.orders.shape[1]
    each = steps_an_epoch(n_samples, batch_size)
    places = (step % each) * batch_size + jnp.arange(batch_size, dtype=jnp.int32)
    samples = epochs.orders[step // each - epochs.first, jnp.minimum(places, n_samples - 1)]
    return samples, places < n_samples


def noisy_labels(
    key: Array, labels: Float[Array, " batch"], size: Float[Array, ""], *, by_sign: bool
) -> Float[Array, " batch"]:
    """Labels plus Gaussian noise of deviation `size`; signs are flipped with that probability instead."""
    if by_sign:
        return jnp.where(jax.random.uniform(key, labels.shape, labels.dtype) < size, -labels, labels)
    return labels + size * jax.random.normal(key, labels.shape, labels.dtype)


def augmented(
    key: Array, points: Float[Array, "batch dim"], size: Float[Array, ""], *, kind: str
) -> Float[Array, "batch dim"]:
    """Points as one step sees them.

    Args:
        kind: "noise" adds Gaussian noise of deviation `size`; "flip" mirrors each image left to right with probability
            1/2; "shift" moves each image by up to `size` whole pixels down or up and right or left, all equally likely,
            and what comes in is 0.  Images are square, one a row, pixels row by row.
    """
    n, dim = points.shape
    if kind == "noise":
        return points + size * jax.random.normal(key, (points.size,), points.dtype).reshape(points.shape)
    side = round(dim**0.5)
    images = points.reshape(n, side, side)
    if kind == "flip":
        turned = jax.random.bernoulli(key, 0.5, (n,))
        return jnp.where(turned[:, None, None], images[:, :, ::-1], images).reshape(n, dim)
    most = jnp.round(size).astype(jnp.int32)
    moves = jax.random.randint(key, (2 * n,), -most, most + 1, jnp.int32)
    return jax.vmap(_shifted)(images, moves.reshape(n, 2)).reshape(n, dim)


def _shifted(image: Float[Array, "side side"], move: Int[Array, "2"]) -> Float[Array, "side side"]:
    """The image moved down and right by `move`."""
    side = image.shape[0]
    rows, columns = (jnp.arange(side, dtype=jnp.int32) - part for part in (move[0], move[1]))
    inside = ((rows >= 0) & (rows < side))[:, None] & ((columns >= 0) & (columns < side))[None, :]
    return jnp.where(inside, image[jnp.clip(rows, 0, side - 1)][:, jnp.clip(columns, 0, side - 1)], 0)
