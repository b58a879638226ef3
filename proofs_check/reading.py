"""From bytes to data sets, statements and witnesses, refusing whatever docs/certificates.md does not describe."""

import dataclasses
import hashlib
import json
import os
import re
import stat
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from proofs_check.answers import Malformed
from proofs_check.budget import Budget
from proofs_check.exact import parse, quoted

FILE_LIMIT = 2**26  # bytes

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_SMALL = re.compile(r"0|[1-9][0-9]{0,8}")
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


@dataclasses.dataclass(frozen=True)
class Family:
    """The networks a statement is about: an activation, which biases may differ from zero, the hidden widths."""

    activation: str
    hidden_bias: bool
    output_bias: bool
    widths: tuple[int, ...]

    def __str__(self) -> str:
        neurons = " + ".join(map(str, self.widths))
        layers = "one hidden layer" if len(self.widths) == 1 else f"{len(self.widths)} hidden layers"
        hidden = "with" if self.hidden_bias else "without"
        output = "with" if self.output_bias else "without"
        return (
            f"networks with {layers} of exactly {neurons} {_ACTIVATIONS[self.activation]} neurons, {hidden} hidden "
            f"biases, {output} an output bias"
        )


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


def read_file(path: str, what: str) -> bytes:
    """The bytes of a regular file, which must not be reached through a symbolic link.

    Raises:
        Malformed: there is no such file, or it is too large or no plain file.
    """
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise Malformed(f"{what} {quoted(path)} must be a plain file, not a link, a folder or a device")
        with open(path, "rb") as stream:
            data = stream.read(FILE_LIMIT + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or "its name cannot be used"
        raise Malformed(f"{what} {quoted(path)} cannot be read: {reason}") from None
    if len(data) > FILE_LIMIT:
        raise Malformed(f"{what} {quoted(path)} is larger than {FILE_LIMIT} bytes")
    return data


def dataset_from_bytes(data: bytes, budget: Budget | None = None) -> Dataset:
    """The data set that a file with these bytes holds.

    Raises:
        Malformed: these are not the bytes of a data set file.
        OverBudget: its numbers are too long to be read within the budget.
    """
    budget = budget or Budget()
    document = _document(data, "the data set")
    _keys(document, {"format", "labels", "points"}, "the data set")
    _constant(document["format"], "overparam-dataset-1", "the data set's format")
    labels = _numbers(document["labels"], "the labels", budget)
    rows = _list(document["points"], "the points")
    if not rows or len(rows) != len(labels):
        raise Malformed(f"a data set has as many labels as points, at least one: here {len(rows)} points and "
                        f"{len(labels)} labels")  # fmt: skip
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
    document = _document(data, "the statement")
    _keys(document, {"dataset", "family", "format", "kind", "theorem", "tolerance"}, "the statement")
    _constant(document["format"], "overparam-statement-1", "the statement's format")
    _constant(document["kind"], "interpolates", "the statement's kind")
    family = _object(document["family"], "the family")
    _keys(family, {"activation", "hidden_bias", "output_bias", "widths"}, "the family")
    activation = _text(family["activation"], "the activation")
    if activation not in _ACTIVATIONS:
        raise Malformed(f'the activation must be "relu" or "threshold", not {quoted(activation)}')
    biases = [_boolean(family[key], f"the family's {key}") for key in ("hidden_bias", "output_bias")]
    widths = tuple(_small(width) for width in _list(family["widths"], "the widths"))
    if not widths or (0 in widths and widths != (0,)):
        raise Malformed("the widths are positive, one for each hidden layer, or the single [0] of a constant network")
    dataset = _text(document["dataset"], "the data set's hash")
    if not _SHA256.fullmatch(dataset):
        raise Malformed(f"the data set is named by 64 lowercase hexadecimal digits, not by {quoted(dataset)}")
    tolerance = _number(document["tolerance"], "the tolerance", budget or Budget())
    if tolerance < 0:
        raise Malformed("the tolerance must not be negative")
    theorem = document["theorem"]
    if theorem is not None and not _SLUG.fullmatch(_text(theorem, "the theorem")):
        raise Malformed(f"the theorem must be null or a key such as zhang2017-thm1, not {quoted(theorem)}")
    return Statement(document["kind"], dataset, Family(activation, *biases, widths), tolerance, theorem)


def witness_from_bytes(data: bytes, budget: Budget | None = None) -> Network:
    """The network that a witness file with these bytes holds; its provenance is read and forgotten.

    Raises:
        Malformed: these are not the bytes of a witness.
        OverBudget: its numbers are too long to be read within the budget.
    """
    budget = budget or Budget()
    document = _document(data, "the witness")
    _keys(document, {"format", "layers", "provenance"}, "the witness")
    _constant(document["format"], "overparam-witness-1", "the witness's format")
    for value in _object(document["provenance"], "the provenance").values():
        _text(value, "each value of the provenance")
    layers = tuple(
        _layer(layer, f"layer {i}", budget) for i, layer in enumerate(_list(document["layers"], "the layers"))
    )
    if len(layers) < 2:
        raise Malformed("a network has at least one hidden layer and the output layer")
    for i, (layer, following) in enumerate(zip(layers, layers[1:], strict=False)):
        if any(len(row) != len(layer.bias) for row in following.weights):
            raise Malformed(f"each row of weights of layer {i + 1} must have {len(layer.bias)} numbers, one for each "
                            f"unit of layer {i}")  # fmt: skip
    if len(layers[-1].bias) != 1:
        raise Malformed(f"the output layer must have one unit, not {len(layers[-1].bias)}")
    return Network(layers)


def _layer(value: Any, what: str, budget: Budget) -> Layer:
    layer = _object(value, what)
    _keys(layer, {"bias", "weights"}, what)
    bias = _numbers(layer["bias"], f"the bias of {what}", budget)
    rows = _list(layer["weights"], f"the weights of {what}")
    if len(rows) != len(bias):
        raise Malformed(f"{what} has {len(rows)} rows of weights and {len(bias)} biases; each unit has one of each")
    weights = tuple(_numbers(row, f"weights {j} of {what}", budget) for j, row in enumerate(rows))
    if len({len(row) for row in weights}) > 1:
        raise Malformed(f"the rows of weights of {what} have different lengths")
    return Layer(weights, bias)


def _document(data: bytes, what: str) -> dict[str, Any]:
    """The JSON object in a file, read strictly."""
    if len(data) > FILE_LIMIT:
        raise Malformed(f"{what} is larger than {FILE_LIMIT} bytes")
    if not data.startswith(b"{") or not data.removesuffix(b"\n").endswith(b"}"):
        raise Malformed(f"{what} must begin with {{ and end with }} and at most one newline: no byte order mark, no "
                        "spaces around it, no trailing bytes")  # fmt: skip
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_no_repeated_key,
            parse_int=_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except UnicodeDecodeError as error:
        raise Malformed(f"{what} is not UTF-8 text: byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"{what} is not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise Malformed(f"{what} is nested too deeply") from None


def _no_repeated_key(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for key, value in pairs:
        if key in document:
            raise Malformed(f"the key {quoted(key)} is repeated")
        document[key] = value
    return document


def _integer(text: str) -> int:
    if not _SMALL.fullmatch(text):
        raise Malformed(f"the JSON integer {quoted(text)} must be between 0 and 999999999, without sign")
    return int(text)


def _refuse_number(text: str) -> None:
    raise Malformed(f'{quoted(text)} is not allowed: numbers are exact strings such as "3*2^-2" or "1/3"')


def _typed(kind: type, name: str) -> Callable[[Any, str], Any]:
    def confirm(value: Any, what: str) -> Any:
        if type(value) is not kind:
            raise Malformed(f"{what} must be {name}")
        return value

    return confirm


_object = _typed(dict, "a JSON object")
_list = _typed(list, "a JSON list")
_text = _typed(str, "a JSON string")
_boolean = _typed(bool, "true or false")


def _small(value: Any) -> int:
    if type(value) is not int:
        raise Malformed("each width must be a JSON integer")
    return value


def _number(value: Any, what: str, budget: Budget) -> Fraction:
    try:
        return parse(_text(value, what), budget)
    except Malformed as error:
        raise Malformed(f"{what}: {error}") from None


def _numbers(value: Any, what: str, budget: Budget) -> Vector:
    return tuple(_number(item, what, budget) for item in _list(value, what))


def _keys(document: dict[str, Any], expected: set[str], what: str) -> None:
    for key in sorted(expected - document.keys()):
        raise Malformed(f"{what} lacks the key {quoted(key)}")
    for key in sorted(document.keys() - expected):
        raise Malformed(f"{what} has the unknown key {quoted(key)}")


def _constant(value: Any, expected: str, what: str) -> None:
    if value != expected:
        shown = quoted(value) if type(value) is str else "something else"
        raise Malformed(f"{what} must be {quoted(expected)}, not {shown}")
