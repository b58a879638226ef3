"""Random keys by purpose and seed: a seed draws the same bits alone or in any batch."""

import enum

import jax
from jax import Array


class Purpose(enum.IntEnum):
    """What a key is for.  Append only: a number, once published, keeps its meaning."""

    INIT = 0
    BATCHES = 1
    DIRECTION = 2
    LABEL_NOISE = 3
    DROPOUT = 4
    AUGMENTATION = 5


def key_for(root: Array, purpose: Purpose, seed: int | Array) -> Array:
    """Key of one purpose of one seed; later seeds and purposes leave it unchanged.

    Args:
        root: a typed key, `jax.random.key(...)`.
        seed: an index below 2**32; may be traced, so `vmap` over an array of seeds works.
    """
    return jax.random.fold_in(jax.random.fold_in(root, int(purpose)), seed)
