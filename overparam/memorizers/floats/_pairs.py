"""The pairs construction in JAX; see `_pairs`."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from overparam.memorizers.floats._inputs import check_inputs, power_of_two_over
from overparam.networks import Params
from overparam.precision import HIGHEST


@jax.jit
def pairs_params(
    points: Float[Array, "n_samples dim"], labels: Float[Array, " n_samples"], direction: Float[Array, " dim"]
) -> Params:
    """2q - 1 + min(2, r) ReLU neurons through all labels up to rounding, n = q(dim + 1) + r.

    Args:
        points: (n_samples, dim), float64; blocks of dim + 1 consecutive projections must be affinely independent.
        labels: (n_samples,), float64; `vmap` over it for many labellings.
        direction: (dim,), float64, whose projections separate the blocks; otherwise the weights are infinite or NaN.
    Returns:
        Params of width 0 if n = 1, 1 if 1 < n <= dim + 1; observed, not certified.
    Raises:
        InputError: a shape does not fit.
        PrecisionError: an argument or JAX is not in float64.
    """
    n_samples, dim = check_inputs(points, labels, direction, what="pairs_params")
    if n_samples == 1:
        return Params(jnp.zeros((0, dim)), jnp.zeros(0), jnp.zeros(0), labels[0])
    projections = jnp.matmul(points, direction, precision=HIGHEST)
    order = jnp.argsort(projections)
    z, y = projections[order], labels[order]
    lifted = jnp.concatenate([points[order], jnp.ones((n_samples, 1), z.dtype)], axis=1)
    full, rest = divmod(n_samples, dim + 1)
    edge = full * (dim + 1)
    blocks = lifted[:edge].reshape(full, dim + 1, dim + 1)
    forms = jnp.linalg.solve(blocks, y[:edge].reshape(full, dim + 1, 1))[..., 0] if full else jnp.zeros((0, dim + 1))
    steps = jnp.diff(forms, axis=0)
    if not full:
        forms = jnp.linalg.lstsq(lifted, y)[0][None]
    elif rest > 1:  # the change of least norm that fits the short block
        change = jnp.linalg.lstsq(lifted[edge:], y[edge:] - _at(forms[-1], lifted[edge:]))[0]
        steps = jnp.concatenate([steps, change[None]])

    starts = jnp.arange(1, steps.shape[0] + 1) * (dim + 1)
    betas = (z[starts - 1] + z[starts]) / 2
    needed = -(_at(steps, lifted) / (z[None, :] - betas[:, None])).min(axis=1)  # M t + g has the sign of t = z - beta
    edges = jnp.concatenate([jnp.broadcast_to(direction[None, :], (len(starts), dim)), -betas[:, None]], axis=1)
    steep = power_of_two_over(needed)[:, None] * edges
    lift = power_of_two_over(-_at(forms[0], lifted).min())
    first = forms[:1].at[:, -1].add(lift)
    pairs = jnp.stack([steep + steps, steep], axis=1).reshape(-1, dim + 1)
    signs = jnp.tile(jnp.array([1.0, -1.0]), len(starts))
    neurons, v = jnp.concatenate([first, pairs]), jnp.concatenate([jnp.ones(1), signs])
    if full and rest == 1:
        beta = (z[-2] + z[-1]) / 2
        slope = (y[-1] - _at(forms[-1], lifted[-1])) / (z[-1] - beta)
        last = jnp.abs(slope) * jnp.append(direction, -beta)
        neurons, v = jnp.concatenate([neurons, last[None]]), jnp.append(v, jnp.where(slope < 0, -1.0, 1.0))
    return Params(neurons[:, :-1], neurons[:, -1], v, -lift)


def _at(forms: Float[Array, "*forms coefficients"], lifted: Float[Array, "*points coefficients"]) -> Array:
    """Forms as rows at points as columns."""
    return jnp.matmul(forms, lifted.T, precision=HIGHEST)
