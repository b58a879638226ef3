"""Residual, gradient and tangent kernel of the two-layer ReLU family, written out so that no Jacobian is formed.

With pre-activations P = u X^T + b (neurons as rows, samples contiguous) and the pattern S = 1{P > 0}:

    r      = v relu(P) + c - y
    J^T z  : T = (S o z) X,  t = (S o z) 1,  du = v o T,  db = v o t,  dv = <T, u> + t b,  dc = sum z
    J J^T  = (X X^T + 1) o ((v o S)^T (v o S)) + relu(P)^T relu(P) + 1

dv needs no product of its own because a ReLU neuron is homogeneous: relu(P) = S o P, and P is u X^T + b.
"""

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from overparam.networks import Params, hidden
from overparam.precision import HIGHEST


def forward_residual(
    params: Params, points: Float[Array, "n_samples dim"], labels: Float[Array, " n_samples"]
) -> tuple[Float[Array, " n_samples"], Float[Array, "width n_samples"]]:
    """Residual r = outputs - labels, and the pre-activations it came from."""
    pre = hidden(params, points)
    return jnp.matmul(params.v, jnp.maximum(pre, 0), precision=HIGHEST) + params.c - labels, pre


def backward(
    params: Params,
    pre: Float[Array, "width n_samples"],
    points: Float[Array, "n_samples dim"],
    z: Float[Array, " n_samples"],
) -> Params:
    """J^T z; with z = r, the gradient of 1/2 ||r||^2.  At a kink the neuron counts as inactive."""
    active = jnp.where(pre > 0, z[None, :], 0)
    by_point = jnp.matmul(active, points, precision=HIGHEST)
    by_bias = jnp.sum(active, axis=1)
    return Params(
        u=params.v[:, None] * by_point,
        b=params.v * by_bias,
        v=jnp.sum(by_point * params.u, axis=1) + by_bias * params.b,
        c=jnp.sum(z),
    )


def gram_of_points(points: Float[Array, "n_samples dim"]) -> Float[Array, "n_samples n_samples"]:
    """X X^T + 1, the part of the tangent kernel that training leaves alone."""
    return jnp.matmul(points, points.T, precision=HIGHEST) + 1


def kernel_from(
    params: Params, pre: Float[Array, "width n_samples"], gram: Float[Array, "n_samples n_samples"]
) -> Float[Array, "n_samples n_samples"]:
    """Tangent kernel from pre-activations and `gram_of_points`."""
    slopes = jnp.where(pre > 0, params.v[:, None], 0)
    values = jnp.maximum(pre, 0)
    return gram * jnp.matmul(slopes.T, slopes, precision=HIGHEST) + jnp.matmul(values.T, values, precision=HIGHEST) + 1


def tangent_kernel(params: Params, points: Float[Array, "n_samples dim"]) -> Float[Array, "n_samples n_samples"]:
    """K = J J^T at `params`, in their dtype, where J is the Jacobian of the outputs in u, b, v and c.

    Costs n^2 (2 width + dim) multiply-adds whatever the number of weights.
    Source: novak2022, structured derivatives, for one hidden layer.
    """
    return kernel_from(params, hidden(params, points), gram_of_points(points))


def jacobian_norm(
    params: Params, pre: Float[Array, "width n_samples"], points: Float[Array, "n_samples dim"]
) -> Float[Array, ""]:
    """Frobenius norm of J, the root of the trace of K: at least ||J||, at most sqrt(n_samples) times it."""
    slopes = jnp.sum(jnp.where(pre > 0, (params.v**2)[:, None], 0), axis=0)
    return jnp.sqrt(
        jnp.sum((jnp.sum(points**2, axis=1) + 1) * slopes) + jnp.sum(jnp.maximum(pre, 0) ** 2) + len(points)
    )


def sharpness(points: Float[Array, "n_samples dim"], params: Params) -> Float[Array, ""]:
    """Largest eigenvalue of the tangent kernel K at `params`.

    For the linearized dynamics of loss 1/2 ||r||^2 gradient descent is stable below the step 2 / sharpness, so that
    step_size = c * 2 / sharpness makes c comparable between widths, data sets and scales.
    """
    return jnp.linalg.eigvalsh(tangent_kernel(params, points))[-1]
