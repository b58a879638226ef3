"""The tangent kernel of a given network of any depth, by structured derivatives: no Jacobian is formed.

With A_l the inputs of layer l (n x inputs) and B_l the derivatives of the outputs in its pre-activations (n x units),

    K = J J^T = sum over free layers l of (A_l A_l^T + [layer l has a bias]) o (B_l B_l^T),

where o multiplies entrywise.  With one hidden layer this is the closed form: the first layer's term is
(X X^T + 1) o (s s^T) with s = slope(P) diag(v), the second layer's is activation(P) activation(P)^T + 1.
"""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike, DTypeLike
from jaxtyping import Float

from overparam.errors import InputError
from overparam.networks import Layer, activate, slope
from overparam.networks._layers import LayeredActivation
from overparam.precision import HIGHEST, require_dtype


class _Derivatives(NamedTuple):
    inputs: list[Array]  # of each layer, (n_samples, inputs)
    cotangents: list[Array]  # derivatives of the outputs in each layer's pre-activations, (n_samples, units)


def network_gram(
    layers: Sequence[Layer],
    points: ArrayLike,
    *,
    activation: LayeredActivation = "relu",
    free: Sequence[int] | None = None,
    hidden_bias: bool = True,
    output_bias: bool = True,
    dtype: DTypeLike = "float64",
) -> Array:
    """Tangent kernel K = J J^T, J the Jacobian of the outputs in the parameters of the free layers.

    Costs n^2 (inputs + units) multiply-adds a free layer.  The derivative of relu at 0 is taken as 0.

    Args:
        layers: hidden layers in order, then the output layer with its one unit; prefactors belong into the weights.
        points: (n_samples, dim).
        activation: "relu", "tanh", "erf" or "gelu" (the exact one, t Phi(t)).
        free: increasing numbers of layers, 0 the first hidden one; None for all.
        hidden_bias, output_bias: whether those biases are parameters; a bias that is none still acts.
        dtype: of the computation; layers and points are converted to it.
    Returns:
        (n_samples, n_samples), symmetric up to rounding, in `dtype`; observed, not certified.
    Raises:
        InputError: shapes do not fit, or `free` names no layers or not in order.
        PrecisionError: JAX is running without the dtype asked for.
    Source:
        novak2022, structured derivatives.
    """
    layers, rows, chosen = _checked(layers, points, free, dtype, "network_gram")
    return _gram(layers, rows, activation, chosen, hidden_bias, output_bias)


def jacobian(
    layers: Sequence[Layer],
    points: ArrayLike,
    *,
    activation: LayeredActivation = "relu",
    free: Sequence[int] | None = None,
    hidden_bias: bool = True,
    output_bias: bool = True,
    dtype: DTypeLike = "float64",
) -> Array:
    """The Jacobian itself, (n_samples, number of free parameters); see `network_gram`, whose arguments these are.

    Columns go layer by layer; within a layer unit by unit, a unit's weights first and then its bias.
    """
    layers, rows, chosen = _checked(layers, points, free, dtype, "jacobian")
    return _jacobian(layers, rows, activation, chosen, hidden_bias, output_bias)


def _checked(
    layers: Sequence[Layer], points: ArrayLike, free: Sequence[int] | None, dtype: DTypeLike, what: str
) -> tuple[tuple[Layer, ...], Array, tuple[int, ...]]:
    wanted = require_dtype(dtype, what=what)
    rows = jnp.asarray(points, wanted)
    same = tuple(Layer(jnp.asarray(layer.weights, wanted), jnp.asarray(layer.bias, wanted)) for layer in layers)
    if rows.ndim != 2 or 0 in rows.shape:
        raise InputError(f"points must be a matrix with at least one row and one column, not of shape {rows.shape}")
    sizes = [rows.shape[1], *(len(layer.bias) for layer in same)]
    if len(same) < 2 or sizes[-1] != 1 or any(
        layer.weights.shape != (units, inputs) for layer, units, inputs in zip(same, sizes[1:], sizes, strict=False)
    ):  # fmt: skip
        shapes = [layer.weights.shape for layer in same]
        raise InputError(f"layers must chain from {sizes[0]} inputs to one output, not have weights of shapes {shapes}")
    chosen = tuple(range(len(same))) if free is None else tuple(free)
    if not chosen or list(chosen) != sorted(set(chosen)) or not 0 <= chosen[0] <= chosen[-1] < len(same):
        raise InputError(f"free must name layers from 0 to {len(same) - 1}, increasing, not {list(chosen)}")
    return same, rows, chosen


@jax.jit(static_argnames=("activation", "free", "hidden_bias", "output_bias"))
def _gram(
    layers: tuple[Layer, ...],
    points: Float[Array, "n_samples dim"],
    activation: LayeredActivation,
    free: tuple[int, ...],
    hidden_bias: bool,
    output_bias: bool,
) -> Float[Array, "n_samples n_samples"]:
    derivatives = _derivatives(layers, points, activation)
    total = jnp.zeros((len(points), len(points)), points.dtype)
    for l in free:
        inputs, cotangents = derivatives.inputs[l], derivatives.cotangents[l]
        biased = output_bias if l == len(layers) - 1 else hidden_bias
        total += (_square(inputs) + int(biased)) * _square(cotangents)
    return total


@jax.jit(static_argnames=("activation", "free", "hidden_bias", "output_bias"))
def _jacobian(
    layers: tuple[Layer, ...],
    points: Float[Array, "n_samples dim"],
    activation: LayeredActivation,
    free: tuple[int, ...],
    hidden_bias: bool,
    output_bias: bool,
) -> Float[Array, "n_samples n_free"]:
    derivatives = _derivatives(layers, points, activation)
    blocks = []
    for l in free:
        inputs, cotangents = derivatives.inputs[l], derivatives.cotangents[l]
        if output_bias if l == len(layers) - 1 else hidden_bias:
            inputs = jnp.concatenate([inputs, jnp.ones_like(inputs[:, :1])], axis=1)
        blocks.append((cotangents[:, :, None] * inputs[:, None, :]).reshape(len(points), -1))
    return jnp.concatenate(blocks, axis=1)


def _derivatives(
    layers: tuple[Layer, ...], points: Float[Array, "n_samples dim"], activation: LayeredActivation
) -> _Derivatives:
    inputs, slopes = [points], []
    for layer in layers[:-1]:
        pre = jnp.matmul(inputs[-1], layer.weights.T, precision=HIGHEST) + layer.bias[None, :]
        inputs.append(activate(activation, pre))
        slopes.append(slope(activation, pre))
    cotangents = [jnp.ones((len(points), 1), points.dtype)]
    for layer, slopes_before in zip(layers[:0:-1], slopes[::-1], strict=True):
        cotangents.insert(0, jnp.matmul(cotangents[0], layer.weights, precision=HIGHEST) * slopes_before)
    return _Derivatives(inputs, cotangents)


def _square(rows: Float[Array | np.ndarray, "n_samples m"]) -> Float[Array, "n_samples n_samples"]:
    return jnp.matmul(rows, rows.T, precision=HIGHEST)
