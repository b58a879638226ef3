"""The slabs of Bubeck et al. 2020 in JAX; see `_bubeck`."""

import functools

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from overparam.memorizers.floats._inputs import check_inputs, power_of_two_over
from overparam.networks import Params
from overparam.precision import HIGHEST


@jax.jit
def bubeck_params(
    points: Float[Array, "n_samples dim"], labels: Float[Array, " n_samples"], direction: Float[Array, " dim"]
) -> Params:
    """4 ceil(n / dim) ReLU neurons, no output bias, through all labels up to rounding.

    Groups of dim points are taken in the order of their projections; through a last group of fewer the hyperplane is
    the one closest to orthogonal to `direction`.

    Args:
        points: (n_samples, dim), float64, in general position.
        labels: (n_samples,), float64; `vmap` over it for many labellings.
        direction: (dim,), float64, not zero; orders the points.
    Returns:
        Params of width 4 ceil(n_samples / dim); observed, not certified: the thinner the slabs, the larger the error.
    Raises:
        InputError: a shape does not fit.
        PrecisionError: an argument or JAX is not in float64.
    Source:
        bubeck2020, with affine instead of linear g.
    """
    n_samples, dim = check_inputs(points, labels, direction, what="bubeck_params")
    projections = jnp.matmul(points, direction, precision=HIGHEST)
    order = jnp.argsort(projections)
    y = labels[order]
    lifted = jnp.concatenate([points[order], jnp.ones((n_samples, 1), y.dtype)], axis=1)
    full, rest = divmod(n_samples, dim)
    edge = full * dim
    group = jnp.arange(n_samples) // dim
    slab = functools.partial(_slab, everything=lifted)
    parts = []
    if full:
        inside = group[None, :] == jnp.arange(full)[:, None]
        parts.append(jax.vmap(slab)(lifted[:edge].reshape(full, dim, dim + 1), y[:edge].reshape(full, dim), inside))
    if rest:
        hint = jnp.append(direction, -projections[order[edge:]].mean())
        one = slab(lifted[edge:], y[edge:], group == full, hint=hint)
        parts.append((one[0][None], one[1][None]))
    neurons = jnp.concatenate([forms for forms, _ in parts]).reshape(-1, dim + 1)
    v = jnp.concatenate([weights for _, weights in parts]).reshape(-1)
    return Params(neurons[:, :-1], neurons[:, -1], v, jnp.zeros((), v.dtype))


def _slab(
    members: Float[Array, "size coefficients"],
    wanted: Float[Array, " size"],
    inside: Bool[Array, " n_samples"],
    *,
    everything: Float[Array, "n_samples coefficients"],
    hint: Float[Array, " coefficients"] | None = None,
) -> tuple[Float[Array, "4 coefficients"], Float[Array, " 4"]]:
    """Four neurons that add the wanted values on the members and nothing elsewhere."""
    size = members.shape[0]
    null = jnp.linalg.svd(members, full_matrices=True)[2][size:]
    h = null[0] if hint is None else jnp.matmul(jnp.matmul(null, hint, precision=HIGHEST), null, precision=HIGHEST)
    h = h / jnp.abs(h).max()
    g = jnp.linalg.lstsq(members, wanted)[0]
    at_h, at_g = (jnp.abs(jnp.matmul(everything, form, precision=HIGHEST)) for form in (h, g))
    clearance = jnp.where(inside, jnp.inf, at_h).min()
    e = jnp.where(jnp.isfinite(clearance), power_of_two_over(clearance) / 4, 1.0)  # at most half of every other |h|
    room = jnp.where(inside, e, at_h / 2) / jnp.where(at_g > 0, at_g, 1.0)
    eta = power_of_two_over(jnp.where(at_g > 0, room, e).min()) / 2
    offsets, factors = e * jnp.array([1.0, 1.0, -1.0, -1.0]), eta * jnp.array([1.0, 0.0, 1.0, 0.0])
    forms = (h[None, :] + factors[:, None] * g[None, :]).at[:, -1].add(offsets)
    return forms, jnp.array([1.0, -1.0, -1.0, 1.0]) / eta
