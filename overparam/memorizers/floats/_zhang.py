"""The construction of Zhang et al. 2017 in JAX; see `_zhang`."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from overparam.memorizers.floats._inputs import check_inputs, power_of_two_over
from overparam.networks import Params
from overparam.precision import HIGHEST


@jax.jit
def zhang_params(
    points: Float[Array, "n_samples dim"], labels: Float[Array, " n_samples"], direction: Float[Array, " dim"]
) -> Params:
    """Params of n ReLU neurons on one direction, no output bias, through all labels up to rounding.

    Args:
        points: (n_samples, dim), float64.
        labels: (n_samples,), float64; `vmap` over it for many labellings.
        direction: (dim,), float64, with distinct projections; equal ones give infinite or NaN weights.
    Returns:
        Params of width n_samples; observed, not certified: the error grows with labels' range over the smallest gap.
    Raises:
        InputError: a shape does not fit.
        PrecisionError: an argument or JAX is not in float64.
    Source:
        zhang2017, Theorem 1, knots at the projections.

    >>> [float(t) for t in zhang_params(jnp.array([[0.0], [1.0]]), jnp.array([2.0, 5.0]), jnp.array([1.0])).v]
    [1.0, 2.0]
    """
    n_samples, dim = check_inputs(points, labels, direction, what="zhang_params")
    projections = jnp.matmul(points, direction, precision=HIGHEST)
    order = jnp.argsort(projections)
    z, y = projections[order], labels[order]
    room = power_of_two_over(z[-1] - z[0]) if n_samples > 1 else jnp.ones((), z.dtype)
    slopes = jnp.concatenate([y[:1] / room, jnp.diff(y) / jnp.diff(z)])
    knots = jnp.concatenate([z[:1] - room, z[:-1]])
    v = jnp.concatenate([slopes[:1], jnp.diff(slopes)])
    return Params(jnp.broadcast_to(direction[None, :], (n_samples, dim)), -knots, v, jnp.zeros((), z.dtype))
