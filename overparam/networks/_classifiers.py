"""Networks with one output a class: perceptrons with dropout and batch normalization, and any module of flax linen.

What a classifier keeps beside its weights, such as the running averages of batch normalization, is its `state`: given
to each call and handed back by it, so that a call stays a pure function.
"""

import abc
import dataclasses
import itertools
import math
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

from overparam.errors import InputError
from overparam.networks._flax import require_flax
from overparam.networks._layers import Layer, activate
from overparam.precision import HIGHEST

Options = tuple[tuple[str, Any], ...]
Layers = tuple[Layer, ...]

NORM_EPS = 1e-5  # added to a batch's variance
AVERAGING = 0.9  # share of the old running average that a step keeps


class Classifier(abc.ABC):
    """A family of networks with `n_classes` outputs.

    A classifier names a compiled program: it is hashable, and equal ones share one compilation.
    """

    n_classes: int

    @property
    def together(self) -> bool:
        """Whether several networks are faster trained side by side than one after another; convolutions are not."""
        return False

    @property
    def random(self) -> bool:
        """Whether training draws something anew at each step, such as the neurons that are left out."""
        return False

    @abc.abstractmethod
    def draw(self, key: Array, shape: tuple[int, ...], dtype: DTypeLike) -> tuple[Any, Any]:
        """Initial weights and state for samples of this shape; a state without anything in it is ()."""

    @abc.abstractmethod
    def apply(
        self, params: Any, state: Any, points: Array, *, key: Array | None = None, training: bool = False
    ) -> tuple[Array, Any]:
        """Outputs (n, n_classes) and the new state.

        The network as used, with the averages in `state`; or, with `training`, as one step sees it, drawing from `key`.
        """


class Averages(NamedTuple):
    """Running averages of one hidden layer's values over the batches, before its activation."""

    mean: Float[Array, " units"]
    variance: Float[Array, " units"]


@dataclasses.dataclass(frozen=True)
class MlpClassifier(Classifier):
    """Perceptrons: hidden weights ~ N(0, 2/fan_in), last layer's ~ N(0, 1/fan_in), biases 0; params are `Layer`s.

    Attributes:
        widths: neurons of each hidden layer; () is the linear classifier.
        n_classes: outputs.
        activation: "relu" (slope 0 at 0) or "tanh".
        dropout: probability, for each sample of a step, that a hidden neuron is left out; the others are scaled up.
        batch_norm: whether each hidden neuron's value is standardized over the batch before its activation, without
            learned scale and shift; in use, by running averages.
    """

    widths: tuple[int, ...]
    n_classes: int = 10
    activation: Literal["relu", "tanh"] = "relu"
    dropout: float = 0.0
    batch_norm: bool = False

    def __post_init__(self) -> None:
        if any(width < 1 for width in self.widths) or self.n_classes < 2:
            raise InputError(
                f"widths must be positive and n_classes at least 2, got widths {self.widths} and {self.n_classes}"
            )
        if not 0 <= self.dropout < 1:
            raise InputError(f"dropout is the probability to leave a neuron out, below 1, got {self.dropout}")

    @property
    def together(self) -> bool:
        return True

    @property
    def random(self) -> bool:
        return self.dropout > 0

    def draw(self, key: Array, shape: tuple[int, ...], dtype: DTypeLike) -> tuple[Layers, tuple[Averages, ...]]:
        """Initial layers, hidden ones first, and averages 0 and 1."""
        sizes = (math.prod(shape), *self.widths, self.n_classes)
        layers = []
        for number, (inputs, units) in enumerate(itertools.pairwise(sizes)):
            # Drawn flat: XLA takes ten times as long to compile the draw of a matrix.
            flat = jax.random.normal(jax.random.fold_in(key, number), (units * inputs,), dtype)
            variance = (1 if number == len(self.widths) else 2) / inputs
            layers.append(Layer(flat.reshape(units, inputs) * variance**0.5, jnp.zeros(units, dtype)))
        state = tuple(Averages(jnp.zeros(w, dtype), jnp.ones(w, dtype)) for w in self.widths) if self.batch_norm else ()
        return tuple(layers), state

    def apply(
        self, params: Layers, state: tuple[Averages, ...], points: Array, *, key: Array | None = None,
        training: bool = False,
    ) -> tuple[Float[Array, "n classes"], tuple[Averages, ...]]:  # fmt: skip
        """Outputs on every point, whatever its shape, and the new averages."""
        # neurons are rows and samples contiguous, which makes the matrix products of the gradient twice as fast
        values = points.reshape(len(points), math.prod(points.shape[1:])).T
        averages = list(state)
        for number, layer in enumerate(params[:-1]):
            pre = jnp.matmul(layer.weights, values, precision=HIGHEST) + layer.bias[:, None]
            if self.batch_norm:
                pre, averages[number] = _standardized(pre, state[number], training=training)
            # The derivative of jnp.maximum is 1/2 at a kink; here, as everywhere in this library, it is 0.
            values = jax.nn.relu(pre) if self.activation == "relu" else activate(self.activation, pre)
            if training and self.dropout > 0:
                if key is None:
                    raise InputError("dropout draws the neurons that are left out: apply needs a key in training")
                kept = jax.random.bernoulli(jax.random.fold_in(key, number), 1 - self.dropout, (values.size,))
                values = jnp.where(kept.reshape(values.shape), values * (1 / (1 - self.dropout)), 0)
        outputs = jnp.matmul(params[-1].weights, values, precision=HIGHEST) + params[-1].bias[:, None]
        return outputs.T, tuple(averages)


def _standardized(pre: Float[Array, "units n"], old: Averages, *, training: bool) -> tuple[Array, Averages]:
    """Values of mean 0 and variance 1, by the batch or by the averages; and the averages that follow."""
    if not training:
        return (pre - old.mean[:, None]) * jax.lax.rsqrt(old.variance + NORM_EPS)[:, None], old
    mean = jnp.mean(pre, axis=1)
    variance = jnp.mean((pre - mean[:, None]) ** 2, axis=1)
    new = Averages(*(AVERAGING * one + (1 - AVERAGING) * now for one, now in zip(old, (mean, variance), strict=True)))
    return (pre - mean[:, None]) * jax.lax.rsqrt(variance + NORM_EPS)[:, None], new


def linen_classifier(
    module: Any,
    n_classes: int,
    *,
    training: Mapping[str, Any] | None = None,
    evaluating: Mapping[str, Any] | None = None,
    is_random: bool = False,
) -> Classifier:
    """A linen module as a classifier; every collection beside its params is state, which training may change.

    Args:
        module: a `flax.linen.Module` that maps (n, *shape) to (n, n_classes).
        n_classes: its outputs.
        training: keywords of its call in training, such as {"training": True}.
        evaluating: keywords of its call otherwise.
        is_random: whether it draws random numbers in training, from the stream "dropout".
    Raises:
        InputError: flax is not installed, or module is something else.

    >>> import flax.linen as nn
    >>> model = linen_classifier(nn.Dense(3), 3)
    >>> params, state = model.draw(jax.random.key(0), (4,), "float32")
    >>> model.apply(params, state, jnp.ones((5, 4), "float32"))[0].shape
    (5, 3)
    """
    require_flax()
    from flax import linen

    if not isinstance(module, linen.Module):
        raise InputError(f"module must be a flax.linen.Module, not {type(module).__name__}")
    return _Linen(module, n_classes, tuple((training or {}).items()), tuple((evaluating or {}).items()), is_random)


@dataclasses.dataclass(frozen=True)
class _Linen(Classifier):
    module: Any
    n_classes: int
    training: Options
    evaluating: Options
    is_random: bool

    @property
    def random(self) -> bool:
        return self.is_random

    def draw(self, key: Array, shape: tuple[int, ...], dtype: DTypeLike) -> tuple[Any, Any]:
        with jax.numpy_dtype_promotion("standard"):  # modules may be of another dtype until their params are cast
            variables = self.module.init({"params": key}, jnp.ones((1, *shape), dtype), **dict(self.evaluating))
        cast = jax.tree.map(lambda leaf: leaf.astype(dtype), variables)
        return cast["params"], {name: values for name, values in cast.items() if name != "params"} or ()

    def apply(
        self, params: Any, state: Any, points: Array, *, key: Array | None = None, training: bool = False
    ) -> tuple[Array, Any]:
        variables = {"params": params, **(state or {})}
        with jax.numpy_dtype_promotion("standard"):
            if not (training and state):
                rngs = {"dropout": key} if training and key is not None else {}
                options = dict(self.training if training else self.evaluating)
                return self.module.apply(variables, points, rngs=rngs, **options), state
            rngs = {} if key is None else {"dropout": key}
            outputs, new = self.module.apply(variables, points, rngs=rngs, mutable=list(state), **dict(self.training))
        return outputs, jax.tree.map(lambda value, old: value.astype(old.dtype), dict(new), state)
