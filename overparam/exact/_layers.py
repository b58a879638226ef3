"""Networks of any depth with rational weights: their exact outputs and activation patterns."""

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from flint import fmpz_mat

from overparam.errors import InputError
from overparam.exact._data import exact_points
from overparam.exact._network import ExactNetwork
from overparam.exact._numbers import fraction_of


class ExactLayer(NamedTuple):
    """An affine map: a row of weights and a bias for each of its units."""

    weights: tuple[tuple[Fraction, ...], ...]
    bias: tuple[Fraction, ...]


class LayersForward(NamedTuple):
    """What a ReLU network of any depth does on a point set, exactly."""

    outputs: list[Fraction]  # one a point
    signs: list[np.ndarray]  # of each hidden layer's pre-activations, (n_samples, units) int8 in {-1, 0, 1}


def exact_layers(layers: Any) -> tuple[ExactLayer, ...]:
    """Hidden layers in order, then the output layer with its one unit, without rounding.

    Args:
        layers: pairs (weights (units, inputs), bias (units,)) of finite floats, integers or fractions; or an
            ExactNetwork of positive width.
    Raises:
        InputError: the layers do not chain to one output, or a number is not finite.
    """
    if isinstance(layers, ExactNetwork):
        layers = [(layers.u, layers.b), ([layers.v], [layers.c])]
    found = tuple(
        ExactLayer(tuple(tuple(map(fraction_of, row)) for row in weights), tuple(map(fraction_of, bias)))
        for weights, bias in layers
    )
    widths = [len(layer.bias) for layer in found]
    if len(found) < 2 or widths[-1] != 1 or (0 in widths and widths != [0, 1]):
        raise InputError(f"a network has at least one hidden layer, and one output; got layers of {widths} units")
    inputs = [len(found[0].weights[0]), *widths] if found[0].weights else [0]
    for i, (layer, units, size) in enumerate(zip(found, widths, inputs, strict=False)):
        if len(layer.weights) != units or any(len(row) != size for row in layer.weights):
            raise InputError(f"layer {i} must have {units} rows of {size} weights, one for each bias and each input")
    return found


def forward_layers(layers: Sequence[ExactLayer], points: Any) -> LayersForward:
    """Outputs of a ReLU network and signs of all its pre-activations at every point.

    A layer's weights are brought to one denominator, which is short for floats; numbers grow by its length a layer.

    Args:
        layers: from `exact_layers`.
        points: (n_samples, dim), finite floats, integers or fractions; taken exactly.
    Raises:
        InputError: the points are not finite numbers of this shape.
    """
    rows = exact_points(points)
    if len(rows[0]) != len(layers[0].weights[0]):
        inputs = len(layers[0].weights[0])
        raise InputError(f"the network takes {inputs} inputs, but the points have {len(rows[0])} coordinates")
    scale = _common(x for row in rows for x in row)
    values = [_cleared(row, scale) for row in rows]  # times scale; one row a point
    signs = []
    for depth, layer in enumerate(layers):
        own = _common((*(w for row in layer.weights for w in row), *layer.bias))
        across = fmpz_mat([_cleared(row, own) for row in layer.weights]).transpose()
        pre = (fmpz_mat(values) * across).tolist()
        offset = [b * scale for b in _cleared(layer.bias, own)]
        values = [[int(t) + b for t, b in zip(row, offset, strict=True)] for row in pre]
        scale *= own
        if depth < len(layers) - 1:
            signs.append(np.array([[(t > 0) - (t < 0) for t in row] for row in values], np.int8))
            values = [[max(t, 0) for t in row] for row in values]
    return LayersForward([Fraction(row[0], scale) for row in values], signs)


def _common(numbers: Iterable[Fraction]) -> int:
    return math.lcm(*{x.denominator for x in numbers})


def _cleared(row: Sequence[Fraction], scale: int) -> list[int]:
    return [x.numerator * (scale // x.denominator) for x in row]
