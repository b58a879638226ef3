"""What a network does to each point and how its output moves with each unit: the factors of the tangent kernel.

With J the derivatives of the n outputs in the weights and biases of some layers, K = J J^T is the sum over these
layers of (B B^T) o (A A^T): row i of A is the layer's input at point i, with 1 appended if the layer has biases, row i
of B the derivatives of the output in the layer's sums, o the product entry by entry.

For relu everything is rational.  Point i is an integer vector divided by e_i, the weights and biases of layer l are
integers divided by L_l, so sums of layer l are integers divided by L_0 .. L_l e_i; relu keeps the scale.  Derivatives
in the sums of layer l are integers divided by L_(l+1) .. L_last.  The derivative of relu is 1 above 0, else 0.
"""

import dataclasses
import functools
import itertools

from proofs_check.balls import Ball, activation, activation_cost
from proofs_check.budget import Budget
from proofs_check.enclosures import Enclosure, entrywise, largest, rounded, times_transpose
from proofs_check.exact import cleared
from proofs_check.layers import Family, Layer, Network
from proofs_check.packed import Rows
from proofs_check.reading import Vector

_DOING = "evaluating the network"


@dataclasses.dataclass(frozen=True)
class Exact:
    """A relu network at n points, in integers with the scales told at the head of this file.

    `inputs` of each layer, n rows, the last number of each stands for 1; `sums` of each layer, the output layer's last;
    `slopes` of each layer, the derivatives of the output in its sums; `weights` of each layer, a row for each unit with
    its bias at the end; `points` are the e_i, `units` the L_l, `scales` those of the outputs, one for each point.
    """

    points: list[int]
    units: list[int]
    weights: list[Rows]
    inputs: list[Rows]
    sums: list[Rows]
    slopes: list[Rows]
    scales: list[int]

    @property
    def outputs(self) -> list[int]:
        """The network's values, times the scales."""
        return [row[0] for row in self.sums[-1]]


@dataclasses.dataclass(frozen=True)
class Enclosed:
    """A smooth network at n points: as `Exact`, in enclosures; `outputs` is one column."""

    inputs: list[Enclosure]
    slopes: list[Enclosure]
    outputs: Enclosure


def exact(net: Network, points: tuple[Vector, ...], budget: Budget) -> Exact:
    """A relu network at these points.

    Raises:
        OverBudget: the numbers are too long.
    """
    vectors, scales = whole_points(points, budget)
    weights, units = _layers(net, budget)
    inputs, sums, one = [], [], 1
    for unit, rows in zip(units, weights, strict=True):
        inputs.append(vectors)
        sums.append(times_transpose(vectors, rows, budget))
        one = budget.product(one, unit, _DOING)
        vectors = [[*(max(s, 0) for s in row), one * e] for row, e in zip(sums[-1], scales, strict=True)]
    slopes = [[[1] for _ in points]]
    for rows, before in zip(weights[:0:-1], sums[-2::-1], strict=True):
        back = times_transpose(slopes[0], _without_bias(rows), budget)
        gated = [[b if s > 0 else 0 for b, s in zip(b_, s_, strict=True)] for b_, s_ in zip(back, before, strict=True)]
        slopes.insert(0, gated)
    outer = [budget.product(one, e, _DOING) for e in scales]
    return Exact(scales, units, weights, inputs, sums, slopes, outer)


def enclosed(net: Network, name: str, points: tuple[Vector, ...], bits: int, budget: Budget) -> Enclosed:
    """A network with the activation tanh, erf or gelu at these points, in units of 2^-bits.

    Raises:
        OverBudget: the numbers are too long.
    """
    vectors, scales = whole_points(points, budget)
    current = rounded(vectors, scales, [1] * len(vectors[0]), bits, budget)
    whole, units = _layers(net, budget)
    weights = [
        rounded(rows, [unit] * len(rows), [1] * len(rows[0] if rows else []), bits, budget)
        for rows, unit in zip(whole, units, strict=True)
    ]
    inputs, derivatives = [], []
    for layer in weights[:-1]:
        inputs.append(current)
        current, slope = _activated(current.times(layer, budget), name, budget)
        derivatives.append(slope)
    inputs.append(current)
    outputs = current.times(weights[-1], budget)
    slopes = [Enclosure([[1 << bits] for _ in points], 0, bits)]
    for layer, slope in zip(weights[:0:-1], reversed(derivatives), strict=True):
        back = Enclosure(_without_bias(layer.rows), layer.radius, bits)
        slopes.insert(0, slopes[0].times(back, budget).entrywise(slope, budget))
    return Enclosed(inputs, slopes, outputs)


def exact_kernel(tangent: Exact, family: Family, free: tuple[int, ...], budget: Budget) -> Rows:
    """The tangent kernel of the free layers: entry (i, j) times the scales of outputs i and j.

    Raises:
        OverBudget: the numbers are too long.
    """
    total: Rows = []
    for l in free:
        memory = budget.memory
        inputs = tangent.inputs[l] if has_bias(family, l) else [row[:-1] for row in tangent.inputs[l]]
        # B has the scale L_(l+1) .. L_last, A has L_0 .. L_(l-1) e_i: a factor L_l each is missing
        slopes = tangent.slopes[l]
        part = entrywise(times_transpose(slopes, slopes, budget), times_transpose(inputs, inputs, budget), budget)
        square = tangent.units[l] ** 2
        budget.spend(len(part) ** 2 * (largest(part).bit_length() // 30 + 1) * (square.bit_length() // 30 + 1), _DOING)
        total = [
            [t + square * x for t, x in zip(above, row, strict=True)]
            for above, row in zip(total or itertools.repeat([0] * len(part)), part)  # noqa: B905 - one is endless
        ]
        budget.memory = memory
        budget.hold(len(total) ** 2 * largest(total).bit_length(), _DOING)
    return total


def enclosed_kernel(tangent: Enclosed, family: Family, free: tuple[int, ...], budget: Budget) -> Enclosure:
    """The tangent kernel of the free layers.

    Raises:
        OverBudget: the numbers are too long.
    """
    parts = []
    for l in free:
        inputs, slopes = tangent.inputs[l], tangent.slopes[l]
        if not has_bias(family, l):
            inputs = dataclasses.replace(inputs, rows=[row[:-1] for row in inputs.rows])
        parts.append(slopes.times(slopes, budget).entrywise(inputs.times(inputs, budget), budget))
    return functools.reduce(Enclosure.plus, parts)


def has_bias(family: Family, layer: int) -> bool:
    """Whether networks of the family have biases in this layer."""
    return family.output_bias if layer == len(family.widths) else family.hidden_bias


def whole_points(points: tuple[Vector, ...], budget: Budget) -> tuple[Rows, list[int]]:
    """Each point as integers, its scale appended for the coordinate 1; and the scales."""
    pairs = [cleared(point, budget) for point in points]
    return [[*row, scale] for row, scale in pairs], [scale for _, scale in pairs]


def _layers(net: Network, budget: Budget) -> tuple[list[Rows], list[int]]:
    """Each layer's weights with its bias as the last column, as integers; and the layers' scales."""
    pairs = [_whole(layer, budget) for layer in net.layers]
    return [rows for rows, _ in pairs], [scale for _, scale in pairs]


def _whole(layer: Layer, budget: Budget) -> tuple[Rows, int]:
    rows = [(*row, bias) for row, bias in zip(layer.weights, layer.bias, strict=True)]
    numbers, scale = cleared(itertools.chain.from_iterable(rows), budget)
    size = len(rows[0]) if rows else 1
    return [numbers[i : i + size] for i in range(0, len(numbers), size)], scale


def _without_bias(rows: Rows) -> Rows:
    """The weights alone, transposed: one row for each input."""
    return [list(column) for column in zip(*rows, strict=True)][:-1]


def _activated(sums: Enclosure, name: str, budget: Budget) -> tuple[Enclosure, Enclosure]:
    """The values with 1 appended, and the derivatives."""
    bits = sums.bits
    size = (largest(sums.rows) + sums.radius >> bits) + 1
    budget.spend((sum(map(len, sums.rows)) + 8) * activation_cost(size, bits), _DOING)
    budget.hold(sum(map(len, sums.rows)) * 2 * (bits + size.bit_length() + 32), _DOING)
    pairs = [[activation(name, Ball(t, sums.radius, bits)) for t in row] for row in sums.rows]
    first, second = (
        Enclosure(
            [[pair[k].middle for pair in row] for row in pairs],
            max((pair[k].radius for row in pairs for pair in row), default=0),
            bits,
        )
        for k in (0, 1)
    )
    return dataclasses.replace(first, rows=[[*row, 1 << bits] for row in first.rows]), second
