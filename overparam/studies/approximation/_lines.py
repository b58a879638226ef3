"""ReLU networks of one input as what they are, continuous piecewise affine functions, in exact arithmetic."""

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from overparam.exact import ExactLayer


class Line(NamedTuple):
    """A piecewise affine function on an interval: ascending knots, both ends among them, and its values there."""

    knots: tuple[Fraction, ...]
    values: tuple[Fraction, ...]

    @property
    def pieces(self) -> int:
        """How many affine pieces there are; neighbours with one slope are one piece."""
        steps = zip(itertools.pairwise(self.knots), itertools.pairwise(self.values), strict=True)
        slopes = [(after - before) / (right - left) for (left, right), (before, after) in steps]
        return 1 + sum(one != other for one, other in itertools.pairwise(slopes))


def along(layers: Sequence[ExactLayer], low: Fraction, high: Fraction) -> Line:
    """The network on [low, high]: ReLU after every layer but the last, which has one unit.

    Args:
        layers: the first takes one input.
        low: left end.
        high: right end, above it.
    """
    knots = [low, high]
    units = [[low, high]]  # values at the knots, a row a unit
    for depth, layer in enumerate(layers):
        pre = [
            [
                bias + sum((w * row[i] for w, row in zip(weights, units, strict=True)), Fraction(0))
                for i in range(len(knots))
            ]
            for weights, bias in zip(layer.weights, layer.bias, strict=True)
        ]
        if depth == len(layers) - 1:
            return Line(tuple(knots), tuple(pre[0]))
        knots, pre = _with_roots(knots, pre)
        units = [[max(value, Fraction(0)) for value in row] for row in pre]
    raise ValueError("a network has at least one layer")


def _with_roots(knots: list[Fraction], rows: list[list[Fraction]]) -> tuple[list[Fraction], list[list[Fraction]]]:
    """Knots added where a row changes its sign between two of them, and all rows there."""
    new_knots, new_rows = [knots[0]], [[row[0]] for row in rows]
    for i in range(len(knots) - 1):
        left, right = knots[i], knots[i + 1]
        shares = sorted({row[i] / (row[i] - row[i + 1]) for row in rows if row[i] * row[i + 1] < 0})
        for share in (*shares, Fraction(1)):
            new_knots.append(left + share * (right - left))
            for row, out in zip(rows, new_rows, strict=True):
                out.append(row[i] + share * (row[i + 1] - row[i]) if share != 1 else row[i + 1])
    return new_knots, new_rows
