"""K times vectors without K: each block is made once, used for itself and for its mirror image, and forgotten."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike, DTypeLike
from jaxtyping import Float

from overparam.errors import InputError
from overparam.ntk._kernels import Kernel, Which
from overparam.ntk.scale._blocks import BlockFunction, _workers, blocks_of
from overparam.precision import HIGHEST, require_dtype


def gram_product(
    kernel: Kernel | BlockFunction,
    points: ArrayLike,
    vectors: ArrayLike,
    *,
    which: Which = "ntk",
    block: int | None = None,
    dtype: DTypeLike = "float64",
    devices: Sequence[jax.Device] | None = None,
) -> Float[Array, "n_samples ..."]:
    """K(points, points) @ vectors, at the cost of half of the kernel's entries and a few blocks of memory.

    For Lanczos, `lambda v: gram_product(kernel, points, v)` is a product as `largest_eigenvalue` takes it.

    Args:
        kernel, points, which, block, devices: as in `stream_gram`.
        vectors: (n,) or (n, columns).
        dtype: of the kernel, of the products, and of the result.
    Returns:
        The shape of `vectors`.
    Raises:
        InputError: shapes do not fit, or the kernel is not finite somewhere, or something is complex.
        PrecisionError: JAX is running without the dtype asked for.
    """
    wanted = require_dtype(dtype, what="gram_product")
    found, given = np.asarray(points), np.asarray(vectors)
    if np.iscomplexobj(given):
        raise InputError(f"vectors must be real numbers, not {given.dtype}; multiply real and imaginary parts apart")
    columns = given.astype(wanted)
    if found.ndim < 2 or 0 in found.shape:
        raise InputError(f"points must have at least one row and one column, not the shape {found.shape}")
    if columns.ndim not in (1, 2) or len(columns) != len(found):
        raise InputError(f"vectors must have one row for each of {len(found)} points, not the shape {columns.shape}")
    flat = columns.reshape(len(columns), -1)
    total = np.zeros(flat.shape, wanted)
    for part in blocks_of(kernel, found, which, block, wanted, _workers(devices)):
        above, below = _both(part.values, flat[part.rows], flat[part.columns])
        total[part.rows] += np.asarray(above)
        if part.rows != part.columns:
            total[part.columns] += np.asarray(below)
    if not np.isfinite(total).all():
        raise InputError("the product is not finite: the kernel or the vectors hold NaN or infinities")
    return jnp.asarray(total.reshape(columns.shape))


@jax.jit
def _both(values: Array, rows: Array, columns: Array) -> tuple[Array, Array]:
    return jnp.matmul(values, columns, precision=HIGHEST), jnp.matmul(values.T, rows, precision=HIGHEST)
