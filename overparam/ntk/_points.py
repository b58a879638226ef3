"""Points as an array of one dtype, or a sentence that says what is wrong with them."""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike, DTypeLike

from overparam.errors import InputError
from overparam.precision import require_dtype

_SHAPES = {
    2: "a matrix with at least one row and one column",
    4: "images (n, height, width, channels), none of these 0",
}


def points_of(points: ArrayLike, dtype: DTypeLike, *, name: str = "points", axes: int = 2) -> Array:
    """The points in `dtype`, float32 or float64.

    Args:
        points: (n, dim), or (n, height, width, channels).
        name: of the argument, for messages.
        axes: 2 or 4.
    Raises:
        InputError: not real numbers, not of that many axes, empty, or too large for kernels: where they are concrete,
            their squares must sum to floats.
        PrecisionError: JAX is running without the dtype asked for.
    """
    wanted = require_dtype(dtype, what="a kernel")
    if wanted.name not in ("float32", "float64"):
        raise InputError(f"dtype must be float32 or float64, not {wanted}")
    try:
        given = points if isinstance(points, Array) else np.asarray(points)
    except ValueError:
        raise InputError(f"{name} must be an array of numbers; this one has rows of different lengths") from None
    if given.dtype.kind not in "fiu" and given.dtype != jnp.bfloat16:
        raise InputError(f"{name} must be an array of real numbers, not of {given.dtype}")
    if given.ndim != axes or 0 in given.shape:
        raise InputError(f"{name} must be {_SHAPES[axes]}, not of shape {given.shape}")
    largest = math.sqrt(float(jnp.finfo(wanted).max) / math.prod(given.shape[1:]))
    try:
        greatest = float(abs(given).max())
    except jax.errors.ConcretizationTypeError:  # inside jit nothing is known of them
        greatest = 0.0
    if not greatest <= largest:
        raise InputError(
            f"{name} must hold numbers whose squares sum to floats of {wanted}, and the largest of these is "
            f"{greatest:.3g}: remove what is not finite, or divide them"
        )
    return jnp.asarray(given, wanted)
