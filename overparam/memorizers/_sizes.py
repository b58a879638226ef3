"""How large a network and its weights are, and what is left of it in floats."""

import dataclasses
import itertools
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np

from overparam.exact import (
    AnyNetwork,
    ExactData,
    ExactNetwork,
    LayeredNetwork,
    ResidualNetwork,
    exact_layers,
    float_of,
)

_ENTRIES = 2**24  # of one layer's values held at a time


@dataclasses.dataclass(frozen=True)
class Sizes:
    """Sizes of one network; a float is None where it would pass its range, or means nothing for the network.

    Attributes:
        neurons: hidden units of all layers.
        hidden_layers: how many; of a residual network, its blocks.
        width: units of the widest hidden layer.
        raw_params: numbers needed to write the network down with all its zeros (a direction shared by all neurons
            counted once).
        effective_params: for one hidden layer, raw_params less the scales that change nothing: one a neuron, since
            v relu(t l) = t v relu(l) and step(t l) = step(l) for t > 0; one in all where the direction is shared.
        nonzero: weights and biases that are not 0; a direction shared by all neurons counts once, here and in bits.
        max_abs_weight: the largest weight or bias in absolute value.
        total_weight: for one hidden ReLU layer, sum_j |v_j| sqrt(|u_j|^2 + b_j^2), the weight of Bubeck et al. 2020.
        path_norm: for feedforward ReLU networks, the sum over all paths of the products of absolute weights, the first
            layer's in Euclidean norm: sum_j |v_j| |u_j| for one hidden layer.
        bits: of the longest numerator or denominator.
        total_bits: of all weights and biases that are not 0: digits of the numerator, and of the denominator less one.
        float32_error: the largest |output - label| on the data when the rounded network runs in float32.
        float64_error: likewise in float64.
    """

    neurons: int
    hidden_layers: int
    width: int
    raw_params: int
    effective_params: int | None
    nonzero: int
    max_abs_weight: float | None
    total_weight: float | None
    path_norm: float | None
    bits: int
    total_bits: int
    float32_error: float | None
    float64_error: float | None


def sizes_of(
    network: AnyNetwork,
    data: ExactData,
    *,
    hidden_bias: bool = True,
    output_bias: bool = True,
    shared_direction: bool = False,
) -> Sizes:
    """Sizes of any network on a data set.

    Raises:
        PrecisionError: JAX is running without float64.
    """
    numbers = [x for x in (_of_one_direction(network) if shared_direction else network.numbers()) if x]
    raw, effective = _params(network, hidden_bias, output_bias, shared_direction)
    ends = [max(x.numerator.bit_length(), x.denominator.bit_length()) for x in numbers]
    return Sizes(
        neurons=sum(network.widths),
        hidden_layers=len(network.widths),
        width=max(network.widths),
        raw_params=raw,
        effective_params=effective,
        nonzero=len(numbers),
        max_abs_weight=_finite(float_of(max(map(abs, numbers), default=Fraction(0)))),
        total_weight=_total_weight(network),
        path_norm=_path_norm(network),
        bits=max(ends, default=1),
        total_bits=sum(x.numerator.bit_length() + x.denominator.bit_length() - 1 for x in numbers),
        float32_error=float_error(network, data, "float32"),
        float64_error=float_error(network, data, "float64"),
    )


def _params(
    network: AnyNetwork, hidden_bias: bool, output_bias: bool, shared_direction: bool
) -> tuple[int, int | None]:
    """Raw and effective parameters."""
    from overparam.networks import effective_params, raw_params

    if isinstance(network, ResidualNetwork):
        m = network.stream
        blocks = sum(k * (2 * m + hidden_bias) for k in network.widths)
        return m * (network.dim + hidden_bias) + blocks + m + output_bias, None
    if isinstance(network, LayeredNetwork):
        sizes = [network.dim, *network.widths, 1]
        weights = sum(a * b for a, b in itertools.pairwise(sizes))
        return weights + hidden_bias * sum(network.widths) + output_bias, None
    if shared_direction:  # dim numbers of the direction, a bias and an output weight a neuron
        raw = network.dim + network.width * (1 + hidden_bias) + output_bias
        return raw, raw - 1
    family = {"hidden_bias": hidden_bias, "output_bias": output_bias}
    return raw_params(network.width, network.dim, **family), effective_params(network.width, network.dim, **family)


def _of_one_direction(network: AnyNetwork) -> Iterable[Fraction]:
    """The numbers of a network whose neurons share a direction, which is counted once."""
    if not isinstance(network, ExactNetwork) or len(set(network.u)) > 1:
        raise ValueError("only networks of one hidden layer with equal directions share one")
    return (*itertools.chain(*network.u[:1]), *network.b, *network.v, network.c)


def _total_weight(network: AnyNetwork) -> float | None:
    if not isinstance(network, ExactNetwork) or network.activation != "relu":
        return None
    u, b, v, _ = network.to_arrays()
    norms = [math.hypot(*row, bias) for row, bias in zip(u, b, strict=True)]
    return _finite(sum((abs(float(a)) * norm for a, norm in zip(v, norms, strict=True)), 0.0))


def _path_norm(network: AnyNetwork) -> float | None:
    if isinstance(network, ResidualNetwork) or network.activation != "relu":
        return None
    if isinstance(network, ExactNetwork) and network.width == 0:
        return 0.0
    first, *others = _float_layers(network)
    with np.errstate(over="ignore", invalid="ignore"):
        norms = np.array([math.hypot(*row) for row in first[0]])
        for weights, _ in others:
            norms = np.abs(weights) @ norms
    return _finite(float(norms[0]))


def _float_layers(network: AnyNetwork) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights (units, inputs) and biases (units,) of each layer in float64, infinite out of range."""
    if isinstance(network, ExactNetwork):
        u, b, v, c = network.to_arrays()
        return [(u, b), (v[None, :], c[None])]
    layers = network.unrolled().layers if isinstance(network, ResidualNetwork) else exact_layers(network.layers)
    return [
        (np.array([list(map(float_of, row)) for row in layer.weights]), np.array(list(map(float_of, layer.bias))))
        for layer in layers
    ]


def float_error(network: AnyNetwork, data: ExactData, dtype: str) -> float | None:
    """The largest |output - label| when weights, points and arithmetic are rounded to `dtype`; None if not finite.

    Args:
        network: any network; a residual one runs with h carried as relu(h) - relu(-h), which rounds nothing.
        data: its points and labels.
        dtype: "float32" or "float64".
    Raises:
        PrecisionError: JAX is running without that dtype.
    """
    import jax.numpy as jnp

    from overparam.networks import Layer, apply_layers
    from overparam.precision import require_dtype

    kind = require_dtype(dtype, what="float_error")
    with np.errstate(over="ignore"):
        layers = [Layer(*(jnp.asarray(array.astype(kind)) for array in layer)) for layer in _float_layers(network)]
        points = np.array([[float_of(x) for x in point] for point in data.points]).astype(kind)
    at_a_time = max(_ENTRIES // max(*network.widths, data.dim), 1)
    worst = Fraction(0)
    for start in range(0, data.n_samples, at_a_time):
        block = jnp.asarray(points[start : start + at_a_time])
        outputs = np.asarray(apply_layers(layers, block, activation=network.activation))
        if not np.isfinite(outputs).all():
            return None
        labels: Sequence[Fraction] = data.labels[start : start + at_a_time]
        worst = max(worst, *(abs(Fraction(float(f)) - y) for f, y in zip(outputs, labels, strict=True)))
    return _finite(float_of(worst))


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None
