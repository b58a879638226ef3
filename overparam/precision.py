"""The dtype is explicit: the program turns 64 bits on, the library checks that it got what it was asked for."""

import jax
import numpy as np

from overparam.errors import PrecisionError

HIGHEST = jax.lax.Precision.HIGHEST  # accelerators may multiply float32 in fewer bits


def require_dtype(dtype: jax.typing.DTypeLike, *, what: str) -> np.dtype:
    """`dtype`, if JAX will really compute in it.

    Raises:
        PrecisionError: JAX would silently use a narrower type.
    """
    try:
        wanted = np.dtype(dtype)
    except TypeError:
        raise PrecisionError(f"{what} asks for {dtype!r}, which is no dtype; use 'float32' or 'float64'") from None
    got = np.dtype(jax.dtypes.canonicalize_dtype(wanted))
    if got != wanted:
        raise PrecisionError(
            f"{what} asks for {wanted}, but JAX would compute in {got}; call "
            'jax.config.update("jax_enable_x64", True) at the start of the program'
        )
    return wanted
