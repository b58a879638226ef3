"""The matrices that certificates speak of, in floats with bounds on the error."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.special
from numpy.typing import NDArray

from overparam.certificates._bounds import UNIT, Bounded, exactly, mapped, matmul, plus, rounded, symmetrized, times
from overparam.errors import InputError
from overparam.exact import ExactLayer, exact_layers, exact_points, forward_layers
from overparam.networks._layers import LayeredActivation
from overparam.ntk import first_layer_gram

SLOPE = {"relu": 1.0, "tanh": 1.0, "erf": 1.1284, "gelu": 1.1290}  # bounds on the activation's derivative
BEND = {"tanh": 0.7699, "erf": 0.9679, "gelu": 0.7979}  # and on its second derivative


def _gelu_slope(t: NDArray[np.float64]) -> NDArray[np.float64]:
    return scipy.special.ndtr(t) + t * np.exp(-(t**2) / 2) / math.sqrt(2 * math.pi)


_VALUE = {"tanh": np.tanh, "erf": scipy.special.erf, "gelu": lambda t: t * scipy.special.ndtr(t)}
_SLOPE = {
    "tanh": lambda t: 1 - np.tanh(t) ** 2,
    "erf": lambda t: 2 / math.sqrt(math.pi) * np.exp(-(t**2)),
    "gelu": _gelu_slope,
}


class Passed(NamedTuple):
    """What a network does on a point set, and how its outputs depend on each layer."""

    inputs: list[Bounded]  # of each layer, (n_samples, inputs)
    pre: list[Bounded]  # pre-activations of each hidden layer, (n_samples, units)
    cotangents: list[Bounded]  # derivatives of the outputs in each layer's pre-activations, (n_samples, units)
    outputs: Bounded  # (n_samples,)


def given_matrix(rows: Any) -> Bounded:
    """A symmetric matrix of floats, integers or fractions.

    Raises:
        InputError: it is not symmetric, or not of finite numbers.
    """
    exact = exact_points(rows)
    if len(exact) != len(exact[0]) or any(row != column for row, column in zip(exact, zip(*exact), strict=True)):  # noqa: B905
        raise InputError("the matrix must be symmetric, exactly; use (M + M.T) / 2")
    return rounded(exact)


def limit_gram(points: Any, *, hidden_bias: bool) -> Bounded:
    """The Gram matrix of `overparam.ntk.first_layer_gram`.

    Normalized rows are off by (d / 2 + 4) u at most, so each of the two norms in the angle by twice that, and the angle
    by four times that; the inner product by (d + 1) u |z_i| |z_j|.  The radius is ample for both.

    Raises:
        PrecisionError: JAX is running without float64.
    """
    rows = rounded(exact_points(points))
    mid = np.asarray(first_layer_gram(rows.mid, hidden_bias=hidden_bias))
    lengths = np.sqrt((rows.mid**2).sum(axis=1) + hidden_bias)
    return Bounded(mid, 4 * (rows.mid.shape[1] + 16) * UNIT * np.outer(lengths, lengths))


def network_gram_of(
    layers: Any,
    points: Any,
    *,
    activation: LayeredActivation,
    free: Sequence[int],
    hidden_bias: bool,
    output_bias: bool,
) -> Bounded:
    """The tangent kernel of `overparam.ntk.network_gram`, its ReLU pattern decided exactly."""
    exact = exact_layers(layers)
    signs = forward_layers(exact, points).signs if activation == "relu" else None
    passed = pass_through(exact, points, activation=activation, signs=signs)
    return kernel_of(passed, free=free, hidden_bias=hidden_bias, output_bias=output_bias)


def pass_through(
    layers: Sequence[ExactLayer], points: Any, *, activation: LayeredActivation, signs: list[np.ndarray] | None
) -> Passed:
    """Forward and backward through every layer.

    Args:
        layers: from `exact_layers`.
        points: (n_samples, dim).
        activation: "relu", "tanh", "erf" or "gelu".
        signs: of the pre-activations, as `forward_layers` finds them; asked for by relu alone.
    """
    inputs = [rounded(exact_points(points))]
    weights = [rounded(layer.weights) for layer in layers]
    pres, slopes = [], []
    for depth, layer in enumerate(layers):
        pre = plus(matmul(inputs[-1], weights[depth].T), rounded([layer.bias]))
        if depth == len(layers) - 1:
            outputs = Bounded(pre.mid[:, 0], pre.radius[:, 0])
            break
        if signs is not None:  # relu
            on = exactly((signs[depth] > 0).astype(np.float64))
            slopes.append(on)
            inputs.append(times(pre, on))
        else:
            slopes.append(mapped(pre, _SLOPE[activation], BEND[activation]))
            inputs.append(mapped(pre, _VALUE[activation], SLOPE[activation]))
        pres.append(pre)
    cotangents = [exactly(np.ones((len(inputs[0].mid), 1)))]
    for matrix, slope in zip(weights[:0:-1], slopes[::-1], strict=True):
        cotangents.insert(0, times(matmul(cotangents[0], matrix), slope))
    return Passed(inputs, pres, cotangents, outputs)


def kernel_of(passed: Passed, *, free: Sequence[int], hidden_bias: bool, output_bias: bool) -> Bounded:
    """K = J J^T of the free layers, symmetric.

    Raises:
        InputError: `free` is not an increasing list of layers.
    """
    last = len(passed.inputs) - 1
    chosen = list(free)
    if not chosen or chosen != sorted(set(chosen)) or not 0 <= chosen[0] <= chosen[-1] <= last:
        raise InputError(f"free must name layers from 0 to {last}, increasing, not {chosen}")
    n = len(passed.outputs.mid)
    total = exactly(np.zeros((n, n)))
    for l in chosen:
        biased = output_bias if l == last else hidden_bias
        features = plus(matmul(passed.inputs[l], passed.inputs[l].T), float(biased))
        total = plus(total, times(features, matmul(passed.cotangents[l], passed.cotangents[l].T)))
    return symmetrized(total)
