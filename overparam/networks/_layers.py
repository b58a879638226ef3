"""Networks of any depth as a list of layers, hidden layers first, one output unit last."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from overparam.networks._two_layer import Params
from overparam.precision import HIGHEST

LayeredActivation = Literal["relu", "threshold", "tanh", "erf", "gelu"]


class Layer(NamedTuple):
    """An affine map, JAX or NumPy arrays.

    Attributes:
        weights: (units, inputs), a unit a row.
        bias: (units,).
    """

    weights: Float[Array | np.ndarray, "units inputs"]
    bias: Float[Array | np.ndarray, " units"]


def layers_of(params: Params) -> tuple[Layer, Layer]:
    """The two layers of a two-layer network."""
    return Layer(params.u, params.b), Layer(params.v[None, :], params.c[None])


def activate(name: LayeredActivation, pre: Float[Array, "..."]) -> Float[Array, "..."]:
    """The activation, entrywise; gelu is the exact one, t times the normal distribution function of t."""
    match name:
        case "relu":
            return jnp.maximum(pre, 0)
        case "threshold":
            return (pre >= 0).astype(pre.dtype)
        case "tanh":
            return jnp.tanh(pre)
        case "erf":
            return jax.scipy.special.erf(pre)
        case _:
            return pre * jax.scipy.special.ndtr(pre)


def slope(name: LayeredActivation, pre: Float[Array, "..."]) -> Float[Array, "..."]:
    """The activation's derivative, entrywise; that of relu is 0 at 0, that of threshold everywhere."""
    match name:
        case "relu":
            return (pre > 0).astype(pre.dtype)
        case "threshold":
            return jnp.zeros_like(pre)
        case "tanh":
            return 1 / jnp.cosh(pre) ** 2
        case "erf":
            return (2 / np.sqrt(np.pi)).item() * jnp.exp(-(pre**2))
        case _:
            density = (1 / np.sqrt(2 * np.pi)).item() * jnp.exp(-(pre**2) / 2)
            return jax.scipy.special.ndtr(pre) + pre * density


def apply_layers(
    layers: Sequence[Layer], points: Float[Array, "n_samples dim"], *, activation: LayeredActivation = "relu"
) -> Float[Array, " n_samples"]:
    """Outputs of one network of any depth on every point, (n_samples,), in the dtype of layers and points."""
    values = points
    for layer in layers[:-1]:
        values = activate(activation, jnp.matmul(values, layer.weights.T, precision=HIGHEST) + layer.bias[None, :])
    return (jnp.matmul(values, layers[-1].weights.T, precision=HIGHEST) + layers[-1].bias[None, :])[:, 0]
