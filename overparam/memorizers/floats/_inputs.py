"""What the JAX builders ask of their arguments, and powers of two without rounding."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from overparam.errors import InputError
from overparam.precision import require_dtype


def check_inputs(points: Array, labels: Array, direction: Array, *, what: str) -> tuple[int, int]:
    """n_samples and dim, if the shapes fit and everything is float64; looks at shapes only, so it works while tracing.

    Raises:
        InputError: a shape does not fit.
        PrecisionError: JAX is running without float64, or an argument is narrower.
    """
    dtype = require_dtype("float64", what=what)
    fits = points.ndim == 2 and points.size and labels.shape == points.shape[:1] and direction.shape == points.shape[1:]
    if not fits or not points.dtype == labels.dtype == direction.dtype == dtype:
        raise InputError(
            f"{what} needs float64 points (n_samples, dim), labels (n_samples,) and direction (dim,); got "
            f"{points.dtype}{points.shape}, {labels.dtype}{labels.shape}, {direction.dtype}{direction.shape}"
        )
    return points.shape[0], points.shape[1]


def power_of_two_over(x: Float[Array, "*axes"]) -> Float[Array, "*axes"]:
    """A power of two in (x, 2x] for x > 0; 0 for x <= 0."""
    return jnp.where(x > 0, jnp.ldexp(jnp.ones_like(x), jnp.frexp(x)[1]), 0.0)
