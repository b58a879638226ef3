"""Perceptrons of any depth as models: neurons are rows and samples contiguous, dropout where training asks for it."""

import dataclasses

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

from overparam.networks._init import InitLaw, initialize
from overparam.networks._layers import Layer, LayeredActivation, activate, layers_of
from overparam.networks._models import Model
from overparam.networks._two_layer import Params
from overparam.precision import HIGHEST

Layers = tuple[Layer, ...]


@dataclasses.dataclass(frozen=True)
class Mlp(Model):
    """`depth` hidden layers of `width` neurons and one output unit, a bias in every unit; params are `Layer`s.

    The first and the last layer are drawn by `initialize`, so that depth 1 draws the two-layer network of the same key.
    Between them, before any scale:
        "he": weights ~ N(0, 2/width), biases 0.
        "ntk": weights ~ N(0, 2/width), biases ~ N(0, 1).
        "small": weights and biases ~ N(0, 1/(width + 1)), times 1e-2.

    Attributes:
        width: neurons of each hidden layer.
        depth: hidden layers, at least 1.
        activation: "relu" (slope 0 at 0), "tanh", "erf" or "gelu".
        law: "he", "ntk" or "small".
        dropout: probability, for each sample of a step, that a hidden neuron is left out; the others are scaled up.
    """

    width: int
    depth: int = 1
    activation: LayeredActivation = "relu"
    law: InitLaw = "he"
    dropout: float = 0.0

    @property
    def random(self) -> bool:
        return self.dropout > 0

    def draw(self, key: Array, dim: int, dtype: DTypeLike) -> Layers:
        """Initial layers, hidden ones first."""
        first, last = layers_of(initialize(key, self.law, width=self.width, dim=dim, dtype=dtype))
        return (
            first,
            *(self._between(jax.random.fold_in(key, 2 + number), dtype) for number in range(1, self.depth)),
            last,
        )

    def _between(self, key: Array, dtype: DTypeLike) -> Layer:
        key_weights, key_bias = jax.random.split(key)
        weights = jax.random.normal(key_weights, (self.width, self.width), dtype)
        bias = jax.random.normal(key_bias, (self.width,), dtype)
        match self.law:
            case "he":
                return Layer(weights * (2 / self.width) ** 0.5, jnp.zeros_like(bias))
            case "ntk":
                return Layer(weights * (2 / self.width) ** 0.5, bias)
            case _:
                return Layer(*(leaf * (1e-2 * (self.width + 1) ** -0.5) for leaf in (weights, bias)))

    def apply(
        self, params: Layers, points: Float[Array, "n_samples dim"], *, key: Array | None = None
    ) -> Float[Array, " n_samples"]:
        """Outputs on every point."""
        values = points.T
        for number, layer in enumerate(params[:-1]):
            pre = jnp.matmul(layer.weights, values, precision=HIGHEST) + layer.bias[:, None]
            # The derivative of jnp.maximum is 1/2 at a kink; here, as everywhere in this library, it is 0.
            values = jax.nn.relu(pre) if self.activation == "relu" else activate(self.activation, pre)
            if key is not None and self.dropout > 0:
                # Drawn flat: XLA takes ten times as long to compile the draw of a matrix.
                kept = jax.random.bernoulli(jax.random.fold_in(key, number), 1 - self.dropout, (values.size,))
                values = jnp.where(kept.reshape(values.shape), values * (1 / (1 - self.dropout)), 0)
        return jnp.matmul(params[-1].weights[0], values, precision=HIGHEST) + params[-1].bias[0]

    def with_dropout(self, rate: float) -> "Mlp":
        """The same networks with dropout."""
        return dataclasses.replace(self, dropout=rate)


@dataclasses.dataclass(frozen=True)
class TwoLayer(Model):
    """The two-layer ReLU family with its own `Params`; `law` and `dropout` as in `Mlp`."""

    width: int
    law: InitLaw = "he"
    dropout: float = 0.0

    @property
    def random(self) -> bool:
        return self.dropout > 0

    def draw(self, key: Array, dim: int, dtype: DTypeLike) -> Params:
        """Initial weights, those of `initialize`."""
        return initialize(key, self.law, width=self.width, dim=dim, dtype=dtype)

    def apply(
        self, params: Params, points: Float[Array, "n_samples dim"], *, key: Array | None = None
    ) -> Float[Array, " n_samples"]:
        """Outputs on every point."""
        return Mlp(self.width, dropout=self.dropout).apply(layers_of(params), points, key=key)

    def with_dropout(self, rate: float) -> "TwoLayer":
        """The same networks with dropout."""
        return dataclasses.replace(self, dropout=rate)
