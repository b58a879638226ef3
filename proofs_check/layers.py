"""Families of networks and networks, as statements, witnesses and network files spell them."""

import dataclasses
import hashlib
import itertools
from typing import Any

from proofs_check.answers import Malformed
from proofs_check.budget import Budget
from proofs_check.exact import quoted
from proofs_check.reading import Vector, numbers_of, refuse_other_spelling
from proofs_check.strict import (
    as_boolean,
    as_integer,
    as_list,
    as_object,
    as_text,
    document_of,
    require_format,
    require_keys,
)

RATIONAL = ("relu", "threshold")  # activations that take rational numbers to rational numbers
SMOOTH = ("tanh", "erf", "gelu")

_NAMES = {"relu": "ReLU", "threshold": "threshold", "tanh": "tanh", "erf": "erf", "gelu": "GELU"}


@dataclasses.dataclass(frozen=True)
class Family:
    """The networks a statement is about: an activation, which biases may differ from zero, the hidden widths."""

    activation: str
    hidden_bias: bool
    output_bias: bool
    widths: tuple[int, ...]

    def __str__(self) -> str:
        neuron = f"{_NAMES[self.activation]} neuron" + ("" if self.widths == (1,) else "s")
        widths = " + ".join(map(str, self.widths))
        if len(self.widths) > 20:
            first = ", ".join(map(str, self.widths[:8]))
            widths = f"{sum(self.widths)} (in order {first}, .., none wider than {max(self.widths)})"
        layers = "one hidden layer" if len(self.widths) == 1 else f"{len(self.widths)} hidden layers"
        hidden = "with" if self.hidden_bias else "without"
        output = "with" if self.output_bias else "without"
        return f"networks with {layers} of exactly {widths} {neuron}, {hidden} hidden biases, {output} an output bias"


@dataclasses.dataclass(frozen=True)
class Layer:
    """An affine map: one row of weights and one bias for each of its units."""

    weights: tuple[Vector, ...]
    bias: Vector


@dataclasses.dataclass(frozen=True)
class Network:
    """Hidden layers in order, then the output layer, which has one unit."""

    layers: tuple[Layer, ...]
    sha256: str | None = None  # of the network file; None for a network within a witness

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return tuple(len(layer.bias) for layer in self.layers[:-1])


def family_of(value: Any, activations: tuple[str, ...] = RATIONAL) -> Family:
    """The family that a statement names.

    Raises:
        Malformed: it is not spelled as the format asks, or its activation is not one of those given.
    """
    family = as_object(value, "the family")
    require_keys(family, {"activation", "hidden_bias", "output_bias", "widths"}, "the family")
    activation = as_text(family["activation"], "the activation")
    if activation not in activations:
        allowed = " or ".join(f'"{name}"' for name in activations)
        raise Malformed(f"the activation must be {allowed}, not {quoted(activation)}")
    hidden_bias = as_boolean(family["hidden_bias"], "the family's hidden_bias")
    output_bias = as_boolean(family["output_bias"], "the family's output_bias")
    widths = tuple(as_integer(width, "each width") for width in as_list(family["widths"], "the widths"))
    if not widths or (0 in widths and widths != (0,)):
        raise Malformed("the widths are positive, one for each hidden layer, or the single [0] of a constant network")
    return Family(activation, hidden_bias, output_bias, widths)


def network_of(value: Any, budget: Budget) -> Network:
    """The network that a list of layers spells.

    Raises:
        Malformed: it spells none.
        OverBudget: its numbers are too long to be read within the budget.
    """
    layers = tuple(_layer(layer, f"layer {i}", budget) for i, layer in enumerate(as_list(value, "the layers")))
    if len(layers) < 2:
        raise Malformed("a network has at least one hidden layer and the output layer")
    for i, (layer, following) in enumerate(itertools.pairwise(layers)):
        if any(len(row) != len(layer.bias) for row in following.weights):
            raise Malformed(
                f"each row of weights of layer {i + 1} must have {len(layer.bias)} numbers, one for each "
                f"unit of layer {i}"
            )
    if len(layers[-1].bias) != 1:
        raise Malformed(f"the output layer must have one unit, not {len(layers[-1].bias)}")
    return Network(layers)


def network_from_bytes(data: bytes, budget: Budget | None = None) -> Network:
    """The network that a network file with these bytes holds.

    Raises:
        Malformed: these are not the bytes of a network file.
        OverBudget: its numbers are too long to be read within the budget.
    """
    document = document_of(data, "the network file")
    require_format(document, "overparam-network-1", "the network file")
    require_keys(document, {"format", "layers"}, "the network file")
    net = network_of(document["layers"], budget or Budget())
    refuse_other_spelling(document, data, "the network file")
    return dataclasses.replace(net, sha256=hashlib.sha256(data).hexdigest())


def _layer(value: Any, what: str, budget: Budget) -> Layer:
    layer = as_object(value, what)
    require_keys(layer, {"bias", "weights"}, what)
    bias = numbers_of(layer["bias"], f"the bias of {what}", budget)
    rows = as_list(layer["weights"], f"the weights of {what}")
    if len(rows) != len(bias):
        raise Malformed(f"{what} has {len(rows)} rows of weights and {len(bias)} biases; each unit has one of each")
    weights = tuple(numbers_of(row, f"weights {j} of {what}", budget) for j, row in enumerate(rows))
    if len({len(row) for row in weights}) > 1:
        raise Malformed(f"the rows of weights of {what} have different lengths")
    return Layer(weights, bias)
