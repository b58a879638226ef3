"""The kind `parameter-count`: how many parameters a network of given layers has.

Nothing is multiplied but sizes: an affine map from k inputs to m outputs has k m weights and m biases, a convolution as
many for each place of its kernel, and each of its groups sees its share of the channels only.
"""

import dataclasses
import re
from typing import Any

from proofs_check.answers import Answer, Malformed, OverBudget, accepted, rejected
from proofs_check.budget import Budget
from proofs_check.claims._kind import Kind
from proofs_check.exact import quoted
from proofs_check.files import Files
from proofs_check.strict import as_integer, as_list, as_object, require_keys

_DOING = "counting the parameters"
_COST = 5000  # units a layer: a match, a few products, a tuple
_DEEPEST = 16
_LARGEST = 2**63  # of a size; branches side by side could double it a million times
_N, _PAD = "([1-9][0-9]{0,8})", "(?:same|pad (0|[1-9][0-9]{0,8}))"
_FORMS = {
    "conv": re.compile(f"conv {_N}x{_N} to {_N}, stride {_N}, {_PAD}, groups {_N}, (bias|no bias)"),
    "pool": re.compile(f"pool {_N}x{_N}, stride {_N}, {_PAD}"),
    "dense": re.compile(f"dense to {_N}, (bias|no bias)"),
    "norm": re.compile("norm, (scale and shift|plain)"),
    "mean": re.compile("mean"),
    "flatten": re.compile("flatten"),
}

Shape = tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Layer:
    """One line of the list, or lists of lines."""

    name: str  # a key of _FORMS, or sum, concat, times
    text: str = ""
    words: tuple[str | None, ...] = ()  # what the form of a line has captured
    branches: tuple[tuple["Layer", ...], ...] = ()
    times: int = 1


@dataclasses.dataclass(frozen=True)
class ParameterCount:
    """The layers, on inputs of this shape, have so many parameters and running statistics."""

    shape: Shape
    layers: tuple[Layer, ...]
    trainable: int
    statistics: int


class _Unfit(Exception):
    """A layer cannot act on the shape that reaches it."""


@dataclasses.dataclass
class _Tally:
    trainable: int = 0
    statistics: int = 0
    lines: int = 0


def statement_of(document: dict[str, Any], budget: Budget) -> ParameterCount:
    """Read a statement of this kind.

    Raises:
        Malformed: it is none.
    """
    shape = tuple(as_integer(size, "a size of the input") for size in as_list(document["input"], "the input"))
    if len(shape) not in (1, 3) or 0 in shape:
        raise Malformed("the input is a length, or a height, a width and channels, all of them at least 1")
    return ParameterCount(
        shape,
        _layers(document["layers"], _DEEPEST, budget),
        as_integer(document["trainable"], "the number of trainable parameters"),
        as_integer(document["statistics"], "the number of running statistics"),
    )


def _layers(value: Any, deepest: int, budget: Budget) -> tuple[Layer, ...]:
    if deepest == 0:
        raise Malformed(f"the layers are nested more than {_DEEPEST} deep")
    items = as_list(value, "the layers")
    budget.spend(_COST * len(items), "reading the layers")
    return tuple(_line(item) if type(item) is str else _nested(item, deepest, budget) for item in items)


def _line(text: str) -> Layer:
    name = text.partition(" ")[0].rstrip(",")
    found = _FORMS[name].fullmatch(text) if name in _FORMS else None
    if found is None:
        raise Malformed(f"{quoted(text)} is no layer; see docs/certificates.md")
    return Layer(name, text, found.groups())


def _nested(item: Any, deepest: int, budget: Budget) -> Layer:
    thing = as_object(item, "a layer that is no line of text")
    if "times" in thing:
        require_keys(thing, {"layers", "times"}, "a repetition")
        times = as_integer(thing["times"], "how often the layers are repeated")
        if times == 0:
            raise Malformed("layers are repeated at least once")
        return Layer("times", branches=(_layers(thing["layers"], deepest - 1, budget),), times=times)
    name = "sum" if "sum" in thing else "concat"
    require_keys(thing, {name}, "branches")
    lists = as_list(thing[name], "branches")
    if len(lists) < 2:
        raise Malformed("there must be at least two branches")
    return Layer(name, branches=tuple(_layers(branch, deepest - 1, budget) for branch in lists))


def witness_of(document: dict[str, Any], budget: Budget) -> None:
    """Read a witness of this kind, which says nothing.

    Raises:
        Malformed: it says something.
    """
    require_keys(document, {"format", "provenance"}, "the witness")


def decide(statement: ParameterCount, files: Files, witness: None, budget: Budget) -> Answer:
    """Accept iff each layer can act on the shape that reaches it, and the counts are right.

    Raises:
        OverBudget: there are too many layers.
    """
    tally = _Tally()
    try:
        shape = _through(statement.layers, statement.shape, tally, budget)
    except _Unfit as why:
        return rejected(str(why))
    for what, counted, stated in (
        ("trainable parameters", tally.trainable, statement.trainable),
        ("running statistics", tally.statistics, statement.statistics),
    ):
        if counted != stated:
            return rejected(f"the layers have {counted:,} {what}, not {stated:,}")
    return accepted(
        f"The network of the {tally.lines:,} layers listed, on inputs of shape {_shown(statement.shape)}, has exactly "
        f"{tally.trainable:,} trainable parameters and {tally.statistics:,} running statistics; its outputs are of "
        f"shape {_shown(shape)}."
    )


def _through(layers: tuple[Layer, ...], shape: Shape, tally: _Tally, budget: Budget) -> Shape:
    """The shape of the output; what is counted goes to the tally."""
    for layer in layers:
        budget.spend(_COST, _DOING)
        if layer.name == "times":
            for _ in range(layer.times):
                budget.spend(_COST, _DOING)
                shape = _through(layer.branches[0], shape, tally, budget)
        elif layer.branches:
            ends = [_through(branch, shape, tally, budget) for branch in layer.branches]
            shape = _joined(layer.name, ends)
        else:
            tally.lines += 1
            shape = _one(layer, shape, tally)
        if max(shape) > _LARGEST:
            raise OverBudget(f"{_DOING} stops at sizes beyond 2^63, as behind {quoted(layer.text or layer.name)}")
    return shape


def _joined(name: str, ends: list[Shape]) -> Shape:
    if name == "sum":
        if any(end != ends[0] for end in ends):
            raise _Unfit(f"the branches of a sum end in different shapes, {' and '.join(map(_shown, ends))}")
        return ends[0]
    if any(end[:-1] != ends[0][:-1] for end in ends):
        raise _Unfit(f"branches of the shapes {' and '.join(map(_shown, ends))} cannot stand side by side")
    return (*ends[0][:-1], sum(end[-1] for end in ends))


def _one(layer: Layer, shape: Shape, tally: _Tally) -> Shape:
    """The shape behind a line; its parameters go to the tally."""
    sizes = [int(word) if word and word.isdigit() else word for word in layer.words]
    match layer.name, sizes, shape:
        case "norm", [kind], _:
            tally.statistics += 2 * shape[-1]
            tally.trainable += 2 * shape[-1] * (kind == "scale and shift")
            return shape
        case "dense", [int(out), bias], (length,):
            tally.trainable += length * out + out * (bias == "bias")
            return (out,)
        case "mean", _, (_, _, channels):
            return (channels,)
        case "flatten", _, (height, width, channels):
            return (height * width * channels,)
        case "pool", [int(down), int(across), int(stride), pad], (height, width, channels):
            return _left(layer, height, down, stride, pad), _left(layer, width, across, stride, pad), channels
        case "conv", [int(down), int(across), int(out), int(stride), pad, int(groups), bias], (height, width, channels):
            if channels % groups or out % groups:
                raise _Unfit(f"{groups} groups do not divide both {channels} channels and {out}")
            tally.trainable += down * across * (channels // groups) * out + out * (bias == "bias")
            return _left(layer, height, down, stride, pad), _left(layer, width, across, stride, pad), out
    raise _Unfit(f"the layer {quoted(layer.text)} cannot act on the shape {_shown(shape)}")


def _left(layer: Layer, side: int, kernel: int, stride: int, pad: int | str | None) -> int:
    """How many places a kernel has along a side; `pad` is None for "same"."""
    if not isinstance(pad, int):
        return (side + stride - 1) // stride
    if side + 2 * pad < kernel:
        raise _Unfit(f"the layer {quoted(layer.text)} is larger than an image of {side} and twice {pad}")
    return (side + 2 * pad - kernel) // stride + 1


def _shown(shape: Shape) -> str:
    return " x ".join(map(str, shape))


KIND = Kind(
    keys=frozenset({"input", "layers", "trainable", "statistics"}),
    statement=statement_of,
    witness=witness_of,
    decide=decide,
    defaults={"statistics": 0},
)
