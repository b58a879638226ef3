"""The result of a construction, and how large its weights are."""

import dataclasses
import functools
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from overparam.exact import ExactData, ExactNetwork, float_of


@dataclasses.dataclass(frozen=True)
class WeightSizes:
    """Sizes of one network; a float is None where it would pass the range of float64.

    Attributes:
        neurons: hidden width.
        raw_params: numbers needed to write the network down (a direction shared by all neurons counted once).
        effective_params: raw_params less the scales that change nothing: one a neuron, since v relu(t l) = t v relu(l)
            and step(t l) = step(l) for t > 0; one in all where the direction is shared.
        nonzero: weights and biases that are not 0.
        max_abs_weight: the largest weight or bias in absolute value.
        total_weight: sum_j |v_j| sqrt(|u_j|^2 + b_j^2), the weight of Bubeck et al. 2020; None for threshold units,
            whose scale means nothing.
        path_norm: sum_j |v_j| |u_j|, Euclidean norms; None likewise.
        bits: of the longest numerator or denominator.
        float64_error: the largest |output - label| on the data when the rounded network runs in float64.
    """

    neurons: int
    raw_params: int
    effective_params: int
    nonzero: int
    max_abs_weight: float | None
    total_weight: float | None
    path_norm: float | None
    bits: int
    float64_error: float | None


@dataclasses.dataclass(frozen=True)
class Memorizer:
    """A network that takes every label of its data set exactly, which was checked.

    Attributes:
        name: the construction.
        network: rational weights.
        theorem: slug of the theorem entry that promises the width, if there is one.
        hidden_bias: whether the family has hidden biases.
        output_bias: whether the family has an output bias.
        notes: choices that the data led to, in words.
        data: what was memorized.
        shared_direction: whether all neurons have one direction up to factors, which is then stored once.
    """

    name: str
    network: ExactNetwork
    theorem: str | None
    hidden_bias: bool
    output_bias: bool
    notes: tuple[str, ...]
    data: ExactData
    shared_direction: bool

    @functools.cached_property
    def sizes(self) -> WeightSizes:
        """Sizes of the weights; runs the rounded network in JAX, so 64 bits must be on.

        Raises:
            PrecisionError: JAX is running without float64.
        """
        return weight_sizes(
            self.network,
            self.data,
            hidden_bias=self.hidden_bias,
            output_bias=self.output_bias,
            shared_direction=self.shared_direction,
        )


def weight_sizes(
    network: ExactNetwork,
    data: ExactData,
    *,
    hidden_bias: bool = True,
    output_bias: bool = True,
    shared_direction: bool = False,
) -> WeightSizes:
    """Sizes of any network on a data set.

    Raises:
        PrecisionError: JAX is running without float64.
    """
    from overparam.networks import effective_params, raw_params

    family = {"hidden_bias": hidden_bias, "output_bias": output_bias}
    numbers = list(network.numbers())
    u, b, v, _ = network.to_arrays()
    norms = [math.hypot(*row) for row in u]
    threshold = network.activation == "threshold"
    raw, effective = (count(network.width, network.dim, **family) for count in (raw_params, effective_params))
    if shared_direction:  # dim numbers of the direction, a bias and an output weight a neuron
        raw = network.dim + network.width * (1 + hidden_bias) + output_bias
        effective = raw - 1
    return WeightSizes(
        neurons=network.width,
        raw_params=raw,
        effective_params=effective,
        nonzero=sum(map(bool, numbers)),
        max_abs_weight=_finite(float_of(max(map(abs, numbers)))),
        total_weight=None if threshold else _finite(_weighted(v, list(map(math.hypot, norms, b)))),
        path_norm=None if threshold else _finite(_weighted(v, norms)),
        bits=max(max(x.numerator.bit_length(), x.denominator.bit_length()) for x in numbers),
        float64_error=_finite(_float64_error(network, data)),
    )


def _weighted(v: np.ndarray, norms: Sequence[float]) -> float:
    return sum((abs(float(a)) * norm for a, norm in zip(v, norms, strict=True)), 0.0)


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None


def _float64_error(network: ExactNetwork, data: ExactData) -> float:
    import jax.numpy as jnp

    from overparam.networks import Params, apply
    from overparam.precision import require_dtype

    dtype = require_dtype("float64", what="weight_sizes")
    params = Params(*(jnp.asarray(array, dtype) for array in network.to_arrays()))
    points = jnp.asarray([[float_of(x) for x in point] for point in data.points], dtype)
    outputs = apply(params, points, activation=network.activation)
    if not np.isfinite(outputs).all():
        return math.inf
    return float_of(max(abs(Fraction(float(f)) - y) for f, y in zip(outputs, data.labels, strict=True)))
