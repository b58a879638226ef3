"""Networks of several hidden layers, and residual networks, with rational weights; the exact outputs of any network."""

import dataclasses
import itertools
import math
import operator
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Literal

from flint import fmpz_mat

from overparam.errors import InputError
from overparam.exact._data import exact_points
from overparam.exact._layers import ExactLayer
from overparam.exact._line import line_outputs
from overparam.exact._network import ExactNetwork, forward

RATIONAL = ("relu", "threshold")  # activations that take rational numbers to rational numbers
SMOOTH = ("tanh", "erf", "gelu")

_MANY = 32  # neurons from which it pays to ask whether they share a direction
_LONG = 4096  # bits of a common denominator from which it is worth reducing


@dataclasses.dataclass(frozen=True)
class LayeredNetwork:
    """Hidden layers of units activation(<w, z> + b), then an output layer of one unit <v, z> + c.

    Attributes:
        activation: "relu", "threshold" (1 where t >= 0, else 0), "tanh", "erf" or "gelu" (t times the normal
            distribution function); the same in all hidden layers.
        layers: at least two, from the first hidden layer to the output layer; each takes what the one before gives.
    """

    activation: Literal["relu", "threshold", "tanh", "erf", "gelu"]
    layers: tuple[ExactLayer, ...]

    def __post_init__(self) -> None:
        chained = all(
            len(row) == len(one.bias) for one, other in itertools.pairwise(self.layers) for row in other.weights
        )
        square = all(len(layer.weights) == len(layer.bias) > 0 for layer in self.layers)
        if len(self.layers) < 2 or not square or not chained or len(self.layers[-1].bias) != 1:
            raise ValueError("a LayeredNetwork needs hidden layers that chain, and an output layer of one unit")
        if self.activation not in (*RATIONAL, *SMOOTH):
            raise ValueError(f"activation must be one of {', '.join((*RATIONAL, *SMOOTH))}; got {self.activation!r}")

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return tuple(len(layer.bias) for layer in self.layers[:-1])

    @property
    def dim(self) -> int:
        """Number of inputs."""
        return len(self.layers[0].weights[0])

    def numbers(self) -> Iterator[Fraction]:
        """Every weight and bias."""
        for layer in self.layers:
            yield from itertools.chain.from_iterable(layer.weights)
            yield from layer.bias

    def with_inputs_divided(self, scales: Sequence[Fraction]) -> "LayeredNetwork":
        """The network that takes x to what this one takes (x_1 / scales_1, ..) to."""
        return LayeredNetwork(self.activation, (_divided(self.layers[0], scales), *self.layers[1:]))


@dataclasses.dataclass(frozen=True)
class Block:
    """h -> h + outer relu(weights h + bias)."""

    weights: tuple[tuple[Fraction, ...], ...]  # (units, stream)
    bias: tuple[Fraction, ...]  # (units,)
    outer: tuple[tuple[Fraction, ...], ...]  # (stream, units)


@dataclasses.dataclass(frozen=True)
class ResidualNetwork:
    """h_0 = A x + a, then h <- h + V relu(U h + s) for each block, output <w, h> + c.

    Attributes:
        inner: A (stream, dim) and a (stream,).
        blocks: U (units, stream), s (units,), V (stream, units); at least one block, at least one unit each.
        outer: w as one row (stream,), and c.
    """

    inner: ExactLayer
    blocks: tuple[Block, ...]
    outer: ExactLayer
    activation: Literal["relu"] = "relu"

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each block."""
        return tuple(len(block.bias) for block in self.blocks)

    @property
    def stream(self) -> int:
        """Coordinates of h."""
        return len(self.inner.bias)

    @property
    def dim(self) -> int:
        """Number of inputs."""
        return len(self.inner.weights[0])

    def numbers(self) -> Iterator[Fraction]:
        """Every weight and bias."""
        for layer in (self.inner, self.outer):
            yield from itertools.chain.from_iterable(layer.weights)
            yield from layer.bias
        for block in self.blocks:
            yield from itertools.chain.from_iterable(block.weights)
            yield from block.bias
            yield from itertools.chain.from_iterable(block.outer)

    def with_inputs_divided(self, scales: Sequence[Fraction]) -> "ResidualNetwork":
        """The network that takes x to what this one takes (x_1 / scales_1, ..) to."""
        return dataclasses.replace(self, inner=_divided(self.inner, scales))

    def unrolled(self) -> LayeredNetwork:
        """A feedforward network with the same outputs everywhere: each layer carries h as relu(h) - relu(-h)."""
        layers, before = [], self.inner  # `before`: h as an affine function of the last hidden layer, or of x
        for block in self.blocks:
            h = before.weights, before.bias
            both = [*h[0], *(tuple(-w for w in row) for row in h[0])], [*h[1], *(-b for b in h[1])]
            units = _composed(block.weights, h)
            weights = (*both[0], *(row for row, _ in units))
            bias = (*both[1], *(b + s for (_, b), s in zip(units, block.bias, strict=True)))
            layers.append(ExactLayer(tuple(weights), tuple(bias)))
            one, zero = Fraction(1), Fraction(0)
            rows = []
            for i, row in enumerate(block.outer):
                sign = [zero] * (2 * self.stream)
                sign[i], sign[self.stream + i] = one, -one
                rows.append((*sign, *row))
            before = ExactLayer(tuple(rows), (zero,) * self.stream)
        ((w, c),) = _composed(self.outer.weights, (before.weights, before.bias))
        return LayeredNetwork("relu", (*layers, ExactLayer((w,), (c + self.outer.bias[0],))))


AnyNetwork = ExactNetwork | LayeredNetwork | ResidualNetwork


def evaluate(network: AnyNetwork, points: Any) -> list[Fraction]:
    """Outputs of a ReLU or threshold network at every point, without rounding.

    Args:
        network: with rational weights.
        points: (n_samples, dim), n_samples >= 1, finite floats, integers or fractions; taken exactly.
    Raises:
        InputError: the points are not finite numbers of this shape, or the activation takes rationals to irrationals.
    """
    if isinstance(network, ExactNetwork):
        if network.width >= _MANY and (rows := exact_points(points)) and len(rows[0]) == network.dim:
            swept = line_outputs(network, rows)
            if swept is not None:
                return swept
        return forward(network, points).outputs
    if isinstance(network, ResidualNetwork):
        network = network.unrolled()
    if network.activation not in RATIONAL:
        raise InputError(f"a network of {network.activation} units has no rational outputs")
    rows = exact_points(points)
    if len(rows[0]) != network.dim:
        raise InputError(f"the network takes {network.dim} inputs, but the points have {len(rows[0])} coordinates")
    return _through(network, rows)


def _through(network: LayeredNetwork, rows: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    """All points through all layers; values are integers over one scale, a row for each unit."""
    scale = math.lcm(*{x.denominator for row in rows for x in row})
    values = [_cleared(column, scale) for column in zip(*rows, strict=True)]
    for depth, layer in enumerate(network.layers):
        own = math.lcm(*{w.denominator for w in itertools.chain(*layer.weights, layer.bias)})
        weights = [_cleared(row, own) for row in layer.weights]
        offset = [b * scale for b in _cleared(layer.bias, own)]
        values = _affine(weights, offset, values)
        scale *= own
        if depth == len(network.layers) - 1:
            break
        if network.activation == "relu":
            values = [[t if t > 0 else 0 for t in unit] for unit in values]
        else:
            values, scale = [[int(t >= 0) for t in unit] for unit in values], 1
        if scale.bit_length() > _LONG and (common := math.gcd(scale, *itertools.chain(*values))) > 1:
            values, scale = [[t // common for t in unit] for unit in values], scale // common
    return [Fraction(t, scale) for t in values[0]]


def _affine(weights: list[list[int]], offset: list[int], values: list[list[int]]) -> list[list[int]]:
    """Weights times values plus offset, a row a unit: a product of flint matrices, or weight by weight if few.

    A product of Python integers takes about as long as moving a number to flint and back, six times as long as one of
    flint's own.
    """
    units, inputs = len(weights), len(values)
    nonzero = sum(1 for row in weights for w in row if w)
    if 6 * nonzero > 6 * (units + inputs) + units * inputs:
        product = (fmpz_mat(weights) * fmpz_mat(values)).tolist()
        return [[int(t) + b for t in row] if b else list(map(int, row)) for row, b in zip(product, offset, strict=True)]
    return [_unit(row, b, values) for row, b in zip(weights, offset, strict=True)]


def _unit(row: list[int], bias: int, values: list[list[int]]) -> list[int]:
    """One unit of `_affine`, a pass over all points for each of its weights."""
    total: list[int] | None = [bias] * len(values[0]) if bias else None
    for w, column in zip(row, values, strict=True):
        if not w:
            continue
        if w == -1 and total is not None:
            total = list(map(operator.sub, total, column))
            continue
        scaled = column if w == 1 else list(map(operator.mul, column, itertools.repeat(w)))
        total = scaled if total is None else list(map(operator.add, total, scaled))
    return [0] * len(values[0]) if total is None else total


def _divided(layer: ExactLayer, scales: Sequence[Fraction]) -> ExactLayer:
    return ExactLayer(
        tuple(tuple(w / scale for w, scale in zip(row, scales, strict=True)) for row in layer.weights), layer.bias
    )


def _composed(
    rows: Sequence[Sequence[Fraction]], functions: tuple[Sequence[Sequence[Fraction]], Sequence[Fraction]]
) -> list[tuple[tuple[Fraction, ...], Fraction]]:
    """The affine functions sum_i row_i f_i of affine functions f_i = (weights_i, bias_i): one product of integers."""
    table = [(*weights, b) for weights, b in zip(*functions, strict=True)]
    left = math.lcm(*{x.denominator for row in rows for x in row})
    right = math.lcm(*{x.denominator for row in table for x in row})
    product = fmpz_mat([_cleared(row, left) for row in rows]) * fmpz_mat([_cleared(row, right) for row in table])
    found = [[Fraction(int(x), left * right) for x in row] for row in product.tolist()]
    return [(tuple(row[:-1]), row[-1]) for row in found]


def _cleared(row: Sequence[Fraction], scale: int) -> list[int]:
    return [x.numerator * (scale // x.denominator) for x in row]
