"""Exact values of a network at given points.

A unit adds up fractions.  Its denominators are cleared once, then everything about it is integers: if the inputs of
a layer are v_j / (D_j E) with D_j belonging to input j and E to the point, the unit with weights w_j and bias b is
(sum_j W_j v_j + B E) / (L E), where L is a common multiple of the denominators of all w_j / D_j and of b, and W_j, B
are these numbers times L.  So L is the unit's D in the next layer, and E stays; after step all scales are 1.
"""

from fractions import Fraction

from proofs_check.budget import Budget, product_cost
from proofs_check.exact import cleared, common_multiple
from proofs_check.reading import Family, Layer, Network, Vector

_DOING = "evaluating the network"


def foreign_to(net: Network, family: Family) -> str | None:
    """Why the network is not in the family, or None if it is.

    The activation is the family's; a network file does not name one.
    """
    if net.widths != family.widths:
        return f"its hidden widths are {_cut(net.widths)}, not {_cut(family.widths)}"
    if not family.hidden_bias and any(b != 0 for layer in net.layers[:-1] for b in layer.bias):
        return "it has a nonzero hidden bias"
    if not family.output_bias and net.layers[-1].bias[0] != 0:
        return "it has a nonzero output bias"
    return None


def _cut(widths: tuple[int, ...]) -> str:
    """The widths, of very many the first."""
    return str(list(widths)) if len(widths) <= 20 else f"[{', '.join(map(str, widths[:20]))}, ... {len(widths)} in all]"


def values(net: Network, activation: str, points: tuple[Vector, ...], budget: Budget) -> list[tuple[int, int]]:
    """The network's value at each point, as numerator and positive denominator (not in lowest terms).

    relu(t) = max(t, 0); step(t) = 1 if t >= 0, else 0.  The points must have as many coordinates as the first
    layer's rows have weights.

    Raises:
        OverBudget: the numbers are too long.
    """
    cleared_points = [cleared(point, budget) for point in points]
    point_scales = [scale for _, scale in cleared_points]
    # the layer's inputs: one list for each input, with one number for each point
    columns = [list(column) for column in zip(*(row for row, _ in cleared_points), strict=True)]
    input_scales = [1] * len(columns)
    for depth, layer in enumerate(net.layers):
        sums, unit_scales = _affine(layer, columns, input_scales, point_scales, budget)
        if depth == len(net.layers) - 1:
            return [(s, unit_scales[0] * e) for s, e in zip(sums[0], point_scales, strict=True)]
        if activation == "relu":
            columns, input_scales = [[max(s, 0) for s in unit] for unit in sums], unit_scales
        elif activation == "threshold":
            columns = [[int(s >= 0) for s in unit] for unit in sums]
            input_scales, point_scales = [1] * len(sums), [1] * len(points)
        else:
            raise ValueError(f"activation must be relu or threshold, not {activation!r}")
    raise ValueError("a network has at least one layer")


def _affine(
    layer: Layer, columns: list[list[int]], input_scales: list[int], point_scales: list[int], budget: Budget
) -> tuple[list[list[int]], list[int]]:
    """Each unit's numerators at all points, and its scale L; see the head of this file."""
    lengths = [_longest(column) for column in columns]
    scale_length = _longest(point_scales)
    sums: list[list[int]] = []
    unit_scales: list[int] = []
    for row, bias in zip(layer.weights, layer.bias, strict=True):
        above = [w.numerator for w in row] + [bias.numerator]
        below = [budget.product(w.denominator, d, _DOING) for w, d in zip(row, input_scales, strict=True)]
        below.append(bias.denominator)
        scale = common_multiple(below, budget)
        factors = (budget.quotient(scale, b, _DOING) for b in below)
        *weights, offset = [budget.product(a, f, _DOING) for a, f in zip(above, factors, strict=True)]
        sizes = [(w.bit_length(), length) for w, length in zip(weights, lengths, strict=True)]
        sizes.append((offset.bit_length(), scale_length))
        budget.spend(len(point_scales) * sum(product_cost(*size) for size in sizes), _DOING)
        budget.hold(len(point_scales) * (max(map(sum, sizes)) + len(sizes).bit_length()), _DOING)
        unit = [offset * e for e in point_scales]
        for weight, column in zip(weights, columns, strict=True):
            if weight:
                unit = [s + weight * v for s, v in zip(unit, column, strict=True)]
        sums.append(unit)
        unit_scales.append(scale)
    return sums, unit_scales


def _longest(numbers: list[int]) -> int:
    return max((number.bit_length() for number in numbers), default=0)


def as_fractions(pairs: list[tuple[int, int]]) -> list[Fraction]:
    """Values in lowest terms, for people and tests; the decision itself multiplies across."""
    return [Fraction(above, below) for above, below in pairs]
