"""Networks as shapes only: what goes in, what comes out, and how many numbers are learned on the way.

A network is a sequence of layers, which act on an image (height, width, channels) or on a vector (length,).  Layers
without parameters that keep the shape, such as activations and dropout, are left out.  Everything is an integer, and
nothing is allocated, so that a network of any size can be counted.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from overparam.errors import InputError

Shape = tuple[int, ...]
Padding = int | Literal["same"]


@dataclasses.dataclass(frozen=True)
class Conv:
    """A convolution with size x size kernels; `groups` parts of the channels that do not see each other."""

    channels: int
    size: int
    stride: int = 1
    padding: Padding = 0
    groups: int = 1
    bias: bool = True


@dataclasses.dataclass(frozen=True)
class Pool:
    """The largest or the mean number of each size x size window."""

    size: int
    stride: int
    padding: Padding = 0


@dataclasses.dataclass(frozen=True)
class Mean:
    """The mean over all places: an image becomes a vector of its channels."""


@dataclasses.dataclass(frozen=True)
class Flatten:
    """An image becomes a vector of all its numbers."""


@dataclasses.dataclass(frozen=True)
class Dense:
    """Every output is a weighted sum of all inputs."""

    units: int
    bias: bool = True


@dataclasses.dataclass(frozen=True)
class Norm:
    """Batch normalization of each channel.  Its running mean and variance are stored, but not learned."""

    affine: bool = True  # learns a scale and a shift for each channel


@dataclasses.dataclass(frozen=True)
class Sum:
    """Branches whose outputs are added; an empty one hands on its input."""

    branches: tuple[tuple["Layer", ...], ...]


@dataclasses.dataclass(frozen=True)
class Concat:
    """Branches whose outputs stand side by side as channels."""

    branches: tuple[tuple["Layer", ...], ...]


@dataclasses.dataclass(frozen=True)
class Times:
    """The same layers several times in a row, each time with weights of its own."""

    count: int
    layers: tuple["Layer", ...]


Layer = Conv | Pool | Mean | Flatten | Dense | Norm | Sum | Concat | Times
Layers = tuple[Layer, ...]


class Counted(NamedTuple):
    """What a network, or one layer of it, has."""

    trainable: int
    statistics: int
    """running means and variances: stored, not learned"""
    shape: Shape
    """of the output"""


class Step(NamedTuple):
    """One layer of a network, in the order of evaluation."""

    layer: Layer
    counted: Counted


def count_parameters(layers: Sequence[Layer], shape: Shape) -> Counted:
    """Numbers that the network has, and the shape of its output.

    Args:
        layers: in order.
        shape: of one input, (height, width, channels) or (length,).
    Raises:
        InputError: a layer cannot act on the shape that reaches it.

    >>> count_parameters((Dense(512), Dense(10)), (2352,))
    Counted(trainable=1209866, statistics=0, shape=(10,))
    """
    found: list[Step] = []
    end = _walk(layers, shape, found)
    return Counted(sum(step.counted.trainable for step in found), sum(step.counted.statistics for step in found), end)


def steps(layers: Sequence[Layer], shape: Shape) -> list[Step]:
    """The layers other than sums, concatenations and repetitions, each with what it has; repeated ones every time.

    Raises:
        InputError: a layer cannot act on the shape that reaches it.
    """
    found: list[Step] = []
    _walk(layers, shape, found)
    return found


def _walk(layers: Sequence[Layer], shape: Shape, found: list[Step]) -> Shape:
    """The shape of the output; the steps are appended to `found`."""
    for layer in layers:
        if isinstance(layer, Times):
            for _ in range(layer.count):
                shape = _walk(layer.layers, shape, found)
        elif isinstance(layer, (Sum, Concat)):
            shape = _joined(layer, [_walk(branch, shape, found) for branch in layer.branches])
        else:
            found.append(Step(layer, _one(layer, shape)))
            shape = found[-1].counted.shape
    return shape


def _joined(layer: Sum | Concat, shapes: list[Shape]) -> Shape:
    fits = {one if isinstance(layer, Sum) else one[:-1] for one in shapes}
    if len(fits) != 1:
        raise InputError(f"the branches of {type(layer).__name__} must end in shapes that fit, not {shapes}")
    return shapes[0] if isinstance(layer, Sum) else (*shapes[0][:-1], sum(one[-1] for one in shapes))


def _one(layer: Layer, shape: Shape) -> Counted:
    match layer, shape:
        case Conv(channels=out, groups=g), (_, _, channels) if g > 0 and channels % g == 0 and out % g == 0:
            weights = layer.size**2 * (channels // g) * out
            return Counted(weights + out * layer.bias, 0, (*_sides(layer, shape), out))
        case Pool(), (_, _, channels):
            return Counted(0, 0, (*_sides(layer, shape), channels))
        case Mean(), (_, _, channels):
            return Counted(0, 0, (channels,))
        case Flatten(), (_, _, _):
            return Counted(0, 0, (math.prod(shape),))
        case Dense(units=out), (length,):
            return Counted((length + layer.bias) * out, 0, (out,))
        case Norm(), (*_, channels):
            return Counted(2 * channels * layer.affine, 2 * channels, shape)
    raise InputError(f"{layer} cannot act on the shape {shape}")


def _sides(layer: Conv | Pool, shape: Shape) -> tuple[int, int]:
    return _places(layer, shape[0]), _places(layer, shape[1])


def _places(layer: Conv | Pool, side: int) -> int:
    """How many places a kernel has along a side."""
    if layer.padding == "same":
        return -(-side // layer.stride)
    if side + 2 * layer.padding < layer.size:
        raise InputError(f"{layer} is larger than the image, {side} wide or high")
    return (side + 2 * layer.padding - layer.size) // layer.stride + 1


def described(layers: Sequence[Layer]) -> list[Any]:
    """The layers as statements of the kind `parameter-count` list them; see docs/certificates.md.

    >>> described((Conv(96, 11, 4), Sum(((), (Norm(),)))))
    ['conv 11x11 to 96, stride 4, pad 0, groups 1, bias', {'sum': [[], ['norm, scale and shift']]}]
    """
    return [_described(layer) for layer in layers]


def _described(layer: Layer) -> Any:
    match layer:
        case Conv(channels=out, size=k, stride=s, groups=g):
            bias = "bias" if layer.bias else "no bias"
            return f"conv {k}x{k} to {out}, stride {s}, {_padded(layer.padding)}, groups {g}, {bias}"
        case Pool(size=k, stride=s):
            return f"pool {k}x{k}, stride {s}, {_padded(layer.padding)}"
        case Dense(units=out):
            return f"dense to {out}, {'bias' if layer.bias else 'no bias'}"
        case Norm():
            return f"norm, {'scale and shift' if layer.affine else 'plain'}"
        case Sum(branches=branches):
            return {"sum": [described(branch) for branch in branches]}
        case Concat(branches=branches):
            return {"concat": [described(branch) for branch in branches]}
        case Times(count=count, layers=inner):
            return {"layers": described(inner), "times": count}
    return type(layer).__name__.lower()


def _padded(padding: Padding) -> str:
    return "same" if padding == "same" else f"pad {padding}"
