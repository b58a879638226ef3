"""Mean and variance, over initializations, of infinitely wide networks trained for a time t.

Initial outputs are a Gaussian process with mean 0 and the covariance N (the NNGP kernel), and training is linear with
the tangent kernel K, so that, with A = K(new, X) U diag(weight_t) U^T,

    mean = A y,        covariance = N(new, new) - A N(X, new) - N(new, X) A^T + A N(X, X) A^T.

At t = 0 this is the prior.  With K = N, that is, only the output layer trained, t = infinity is the posterior of
regression by a Gaussian process without noise.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike
from jaxtyping import Float

from overparam.errors import InputError
from overparam.ntk._kernels import Kernel
from overparam.ntk.dynamics._linear import Modes, Rule, Times, checked_cross, coefficients, modes_of, moments_of
from overparam.precision import HIGHEST


class Ensemble(NamedTuple):
    """Outputs over initializations at each time; observed.

    Attributes:
        mean: (n_new,) or (n_new, outputs), after the times' axis.
        variance: (n_new,) after the times' axis, of each output; at least 0.  It is a difference of numbers as large
            as the prior's variance, and has their rounding errors.
        covariance: (n_new, n_new) after the times' axis, or None.
    """

    mean: Float[Array, "..."]
    variance: Float[Array, "*times n_new"]
    covariance: Float[Array, "*times n_new n_new"] | None


def ensemble_at(
    modes: Modes,
    labels: ArrayLike,
    times: Times,
    rule: Rule,
    *,
    cross: ArrayLike,
    nngp: ArrayLike,
    nngp_cross: ArrayLike,
    nngp_new: ArrayLike,
) -> Ensemble:
    """Mean and variance at new points, from the kernels.

    Args:
        modes: of the tangent kernel on the training points.
        labels: (n_samples,) or (n_samples, outputs); outputs are independent and share the kernels.
        times, rule: as in `residuals_at`.
        cross: (n_new, n_samples), tangent kernel of the new points with the training points.
        nngp, nngp_cross: (n_samples, n_samples) and (n_new, n_samples), covariances of the initial outputs.
        nngp_new: (n_new, n_new) for covariances, or (n_new,), its diagonal, for variances only.
    Raises:
        InputError: shapes or times do not fit, or t = infinity with a step at which training does not converge.
    """
    dtype = modes.values.dtype
    rows, targets = checked_cross(modes, cross), jnp.asarray(labels, dtype)
    if targets.ndim not in (1, 2) or len(targets) != len(modes.values):
        raise InputError(f"labels must have one row for each of {len(modes.values)} samples, not {targets.shape}")
    prior, between, new = (jnp.asarray(x, dtype) for x in (nngp, nngp_cross, nngp_new))
    m, n = rows.shape
    if prior.shape != (n, n) or between.shape != (m, n) or new.shape not in ((m,), (m, m)):
        raise InputError(
            f"nngp, nngp_cross and nngp_new must be {(n, n)}, {(m, n)} and {(m, m)} or {(m,)}, "
            f"not {prior.shape}, {between.shape} and {new.shape}"
        )
    _, weights, _ = coefficients(modes, moments_of(times, rule, dtype), rule)
    mean, spread = _ensemble(modes, targets.reshape(n, -1), rows, prior, between, new, weights)
    shape = np.shape(times)
    full = new.ndim == 2
    variance = jnp.maximum(jnp.diagonal(spread, axis1=1, axis2=2) if full else spread, 0)
    return Ensemble(
        mean.reshape(*shape, m, *targets.shape[1:]),
        variance.reshape(*shape, m),
        spread.reshape(*shape, m, m) if full else None,
    )


def train_ensemble(
    kernel: Kernel,
    points: ArrayLike,
    labels: ArrayLike,
    new_points: ArrayLike,
    times: Times,
    rule: Rule,
    *,
    full: bool = False,
) -> Ensemble:
    """Mean and variance at new points of infinitely wide networks of an architecture, in float64.

    Args:
        kernel: an architecture's kernels, such as `dense_kernel(depth=2)`; a kernel that is not dense takes images.
        points, labels: training set.
        new_points: (n_new, ...), like `points`.
        times, rule: as in `residuals_at`.
        full: whether covariances between new points are wanted too.
    """
    own, between = kernel(points), kernel(new_points, points)
    new = kernel(new_points).nngp if full else kernel.diagonal(new_points).nngp
    return ensemble_at(
        modes_of(own.ntk), labels, times, rule,
        cross=between.ntk, nngp=own.nngp, nngp_cross=between.nngp, nngp_new=new,
    )  # fmt: skip


@jax.jit
def _ensemble(
    modes: Modes, labels: Array, cross: Array, prior: Array, between: Array, new: Array, weights: Array
) -> tuple[Array, Array]:
    """Means (n_times, n_new, outputs), and covariances or variances, a time after the other to save memory."""

    def product(a: Array, b: Array) -> Array:
        return jnp.matmul(a, b, precision=HIGHEST)

    along, target = product(cross, modes.vectors), product(modes.vectors.T, labels)
    inner = product(modes.vectors.T, product(prior, modes.vectors))
    mixed = product(between, modes.vectors)

    def one(weight: Array) -> tuple[Array, Array]:
        scaled = along * weight[None, :]
        mean, half = product(scaled, target), product(scaled, inner) / 2 - mixed
        if new.ndim == 1:
            return mean, new + 2 * jnp.sum(half * scaled, axis=1)
        both = product(half, scaled.T)
        return mean, new + both + both.T

    return jax.lax.map(one, weights)
