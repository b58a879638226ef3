"""From bytes to data sets, statements and witnesses, refusing whatever docs/certificates.md does not describe."""

import dataclasses
import hashlib
import itertools
import json
import os
import re
from fractions import Fraction
from typing import Any

from proofs_check.answers import Malformed
from proofs_check.budget import Budget
from proofs_check.exact import parse, quoted
from proofs_check.strict import (
    as_boolean,
    as_integer,
    as_list,
    as_object,
    as_text,
    document_of,
    read_file,
    require_constant,
    require_keys,
)

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_ACTIVATIONS = {"relu": "ReLU", "threshold": "threshold"}

Vector = tuple[Fraction, ...]


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Labelled points; two data sets are the same if their files have the same hash."""

    sha256: str
    points: tuple[Vector, ...] = dataclasses.field(compare=False, repr=False)
    labels: Vector = dataclasses.field(compare=False, repr=False)

    @property
    def n_samples(self) -> int:
        """How many points."""
        return len(self.points)

    @property
    def dim(self) -> int:
        """How many coordinates each point has."""
        return len(self.points[0])

    @property
    def size(self) -> str:
        """Both, in words: `3 points in dimension 1`."""
        return f"{self.n_samples} {'point' if self.n_samples == 1 else 'points'} in dimension {self.dim}"


@dataclasses.dataclass(frozen=True)
class Family:
    """The networks a statement is about: an activation, which biases may differ from zero, the hidden widths."""

    activation: str
    hidden_bias: bool
    output_bias: bool
    widths: tuple[int, ...]

    def __str__(self) -> str:
        neuron = f"{_ACTIVATIONS[self.activation]} neuron" + ("" if self.widths == (1,) else "s")
        widths = " + ".join(map(str, self.widths))
        layers = "one hidden layer" if len(self.widths) == 1 else f"{len(self.widths)} hidden layers"
        hidden = "with" if self.hidden_bias else "without"
        output = "with" if self.output_bias else "without"
        return f"networks with {layers} of exactly {widths} {neuron}, {hidden} hidden biases, {output} an output bias"


@dataclasses.dataclass(frozen=True)
class Statement:
    """A network of `family` differs from the labels of the data set `dataset` by at most `tolerance`."""

    kind: str
    dataset: str
    family: Family
    tolerance: Fraction
    theorem: str | None


@dataclasses.dataclass(frozen=True)
class Layer:
    """An affine map: one row of weights and one bias for each of its units."""

    weights: tuple[Vector, ...]
    bias: Vector


@dataclasses.dataclass(frozen=True)
class Network:
    """Hidden layers in order, then the output layer, which has one unit."""

    layers: tuple[Layer, ...]

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return tuple(len(layer.bias) for layer in self.layers[:-1])


def dataset_from_bytes(data: bytes, budget: Budget | None = None) -> Dataset:
    """The data set that a file with these bytes holds.

    Raises:
        Malformed: these are not the bytes of a data set file.
        OverBudget: its numbers are too long to be read within the budget.
    """
    budget = budget or Budget()
    document = document_of(data, "the data set")
    require_keys(document, {"format", "labels", "points"}, "the data set")
    require_constant(document["format"], "overparam-dataset-1", "the data set's format")
    labels = _numbers(document["labels"], "the labels", budget)
    rows = as_list(document["points"], "the points")
    if not rows or len(rows) != len(labels):
        raise Malformed(
            f"a data set has as many labels as points, at least one: here {len(rows)} points and {len(labels)} labels"
        )
    points = tuple(_numbers(row, f"point {i}", budget) for i, row in enumerate(rows))
    if not points[0] or any(len(point) != len(points[0]) for point in points):
        raise Malformed("all points have the same number of coordinates, at least one")
    if (json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n").encode() != data:
        raise Malformed("the data set is not in canonical form: sorted keys, no spaces, one final newline")
    return Dataset(hashlib.sha256(data).hexdigest(), points, labels)


def read_dataset(path: str | os.PathLike[str], budget: Budget | None = None) -> Dataset:
    """The data set in a file, whose name must be the hash of its bytes and `.json`.

    Raises:
        Malformed: it is no such file.
        OverBudget: its numbers are too long to be read within the budget.
    """
    data = read_file(os.fspath(path), "the data set file")
    name, digest = os.path.basename(os.fspath(path)), hashlib.sha256(data).hexdigest()
    if name != f"{digest}.json":
        raise Malformed(f"the data set file {quoted(name)} must be named by the SHA-256 of its bytes, {digest}.json")
    return dataset_from_bytes(data, budget)


def statement_from_bytes(data: bytes, budget: Budget | None = None) -> Statement:
    """The statement that a file with these bytes makes.

    Raises:
        Malformed: these are not the bytes of a statement.
        OverBudget: its numbers are too long to be read within the budget.
    """
    document = document_of(data, "the statement")
    require_keys(document, {"dataset", "family", "format", "kind", "theorem", "tolerance"}, "the statement")
    require_constant(document["format"], "overparam-statement-1", "the statement's format")
    require_constant(document["kind"], "interpolates", "the statement's kind")
    family = as_object(document["family"], "the family")
    require_keys(family, {"activation", "hidden_bias", "output_bias", "widths"}, "the family")
    activation = as_text(family["activation"], "the activation")
    if activation not in _ACTIVATIONS:
        raise Malformed(f'the activation must be "relu" or "threshold", not {quoted(activation)}')
    hidden_bias = as_boolean(family["hidden_bias"], "the family's hidden_bias")
    output_bias = as_boolean(family["output_bias"], "the family's output_bias")
    widths = tuple(as_integer(width, "each width") for width in as_list(family["widths"], "the widths"))
    if not widths or (0 in widths and widths != (0,)):
        raise Malformed("the widths are positive, one for each hidden layer, or the single [0] of a constant network")
    dataset = as_text(document["dataset"], "the data set's hash")
    if not _SHA256.fullmatch(dataset):
        raise Malformed(f"the data set is named by 64 lowercase hexadecimal digits, not by {quoted(dataset)}")
    tolerance = _number(document["tolerance"], "the tolerance", budget or Budget())
    if tolerance < 0:
        raise Malformed("the tolerance must not be negative")
    theorem = document["theorem"]
    if theorem is not None and not _SLUG.fullmatch(as_text(theorem, "the theorem")):
        raise Malformed(f"the theorem must be null or a key such as zhang2017-thm1, not {quoted(theorem)}")
    return Statement(
        document["kind"], dataset, Family(activation, hidden_bias, output_bias, widths), tolerance, theorem
    )


def witness_from_bytes(data: bytes, budget: Budget | None = None) -> Network:
    """The network that a witness file with these bytes holds; its provenance is read and forgotten.

    Raises:
        Malformed: these are not the bytes of a witness.
        OverBudget: its numbers are too long to be read within the budget.
    """
    budget = budget or Budget()
    document = document_of(data, "the witness")
    require_keys(document, {"format", "layers", "provenance"}, "the witness")
    require_constant(document["format"], "overparam-witness-1", "the witness's format")
    for value in as_object(document["provenance"], "the provenance").values():
        as_text(value, "each value of the provenance")
    layers = tuple(
        _layer(layer, f"layer {i}", budget) for i, layer in enumerate(as_list(document["layers"], "the layers"))
    )
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


def _layer(value: Any, what: str, budget: Budget) -> Layer:
    layer = as_object(value, what)
    require_keys(layer, {"bias", "weights"}, what)
    bias = _numbers(layer["bias"], f"the bias of {what}", budget)
    rows = as_list(layer["weights"], f"the weights of {what}")
    if len(rows) != len(bias):
        raise Malformed(f"{what} has {len(rows)} rows of weights and {len(bias)} biases; each unit has one of each")
    weights = tuple(_numbers(row, f"weights {j} of {what}", budget) for j, row in enumerate(rows))
    if len({len(row) for row in weights}) > 1:
        raise Malformed(f"the rows of weights of {what} have different lengths")
    return Layer(weights, bias)


def _number(value: Any, what: str, budget: Budget) -> Fraction:
    try:
        return parse(as_text(value, what), budget)
    except Malformed as error:
        raise Malformed(f"{what}: {error}") from None


def _numbers(value: Any, what: str, budget: Budget) -> Vector:
    return tuple(_number(item, what, budget) for item in as_list(value, what))
