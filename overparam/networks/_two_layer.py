"""Two-layer networks `x -> c + sum_j v_j activation(<u_j, x> + b_j)`."""

from typing import Literal, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from overparam.precision import HIGHEST

Activation = Literal["relu", "threshold"]


class Params(NamedTuple):
    """Weights of a two-layer network, JAX or NumPy arrays; any leading axes (seeds) come first.

    Attributes:
        u: (width, dim), hidden weights, a neuron a row.
        b: (width,), hidden biases.
        v: (width,), output weights.
        c: (), output bias.
    """

    u: Float[Array | np.ndarray, "*seeds width dim"]
    b: Float[Array | np.ndarray, "*seeds width"]
    v: Float[Array | np.ndarray, "*seeds width"]
    c: Float[Array | np.ndarray, "*seeds"]


def hidden(params: Params, points: Float[Array, "n_samples dim"]) -> Float[Array, "width n_samples"]:
    """Pre-activations `<u_j, x_i> + b_j`, neurons as rows."""
    return jnp.matmul(params.u, points.T, precision=HIGHEST) + params.b[:, None]


def apply(
    params: Params, points: Float[Array, "n_samples dim"], *, activation: Activation = "relu"
) -> Float[Array, " n_samples"]:
    """Outputs of one network on every point.

    Args:
        params: weights without a seeds axis; use `jax.vmap` over the first argument for many seeds.
        points: (n_samples, dim), of the params' dtype.
        activation: "relu" is max(t, 0); "threshold" is 1 where t >= 0, else 0.
    Returns:
        (n_samples,), in the params' dtype.
    """
    pre = hidden(params, points)
    post = jnp.maximum(pre, 0) if activation == "relu" else (pre >= 0).astype(pre.dtype)
    return jnp.matmul(params.v, post, precision=HIGHEST) + params.c
