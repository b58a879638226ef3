"""The dtype is explicit: the program turns 64 bits on, the library checks that it got what it was asked for."""

from typing import Any

import jax
import numpy as np

from overparam.errors import InputError, PrecisionError

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


def real_array(name: str, value: Any, dtype: np.dtype) -> np.ndarray:
    """`value` as an array of real numbers of `dtype`.

    Raises:
        InputError: rows of different lengths, texts, complex numbers: whatever is no array of real numbers.
    """
    try:
        array = np.asarray(value)
        real = array.dtype.kind in "biu" or jax.dtypes.issubdtype(array.dtype, np.floating)  # bfloat16, too
        numbers = array.dtype.kind == "O" and None not in array.ravel().tolist()  # such as fractions
        if real or numbers:
            return np.asarray(array, dtype)
        found = f"an array of {array.dtype}"
    except (TypeError, ValueError):  # NumPy's words name neither the argument nor what it should be
        found = f"a {type(value).__name__} whose entries differ in kind or length"
    raise InputError(f"{name} must be an array of real numbers, all rows of one length, not {found}")
