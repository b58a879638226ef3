"""Exact values of a network at given points.

A unit adds up fractions.  Its denominators are cleared once, then everything about it is integers: if the inputs of
a layer are v_j / (D_j E) with D_j belonging to input j and E to the point, the unit with weights w_j and bias b is
(sum_j W_j v_j + B E) / (L E), where L is a common multiple of the denominators of all w_j / D_j and of b, and W_j, B
are these numbers times L.  So L is the unit's D in the next layer, and E stays; after step all scales are 1.  W, B and
L do not depend on the points, so a layer is one product of integer matrices, [W B] times the rows of v with E below.

Networks of one hidden layer whose neurons share one direction are swept instead; see `proofs_check/sweep.py`.
"""

from fractions import Fraction
from math import gcd

from proofs_check.budget import Budget, gcd_cost
from proofs_check.exact import cleared, common_multiple
from proofs_check.layers import Family, Network
from proofs_check.packed import Rows, product
from proofs_check.reading import Dataset, Vector
from proofs_check.sweep import direction_of, swept

_DOING = "evaluating the network"
_BLOCK = 2**20  # numbers of one layer held at a time


def foreign_to(net: Network, family: Family, dataset: Dataset) -> str | None:
    """Why the network is not in the family or does not read these points, or None if it is and does.

    The activation is the family's; a network file does not name one.
    """
    if net.widths != family.widths:
        return f"its hidden widths are {_cut(net.widths)}, not {_cut(family.widths)}"
    if not family.hidden_bias and any(b != 0 for layer in net.layers[:-1] for b in layer.bias):
        return "it has a nonzero hidden bias"
    if not family.output_bias and net.layers[-1].bias[0] != 0:
        return "it has a nonzero output bias"
    if any(len(row) != dataset.dim for row in net.layers[0].weights):
        return f"it reads {len(net.layers[0].weights[0])} coordinates, but the points have {dataset.dim}"
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
    if activation not in ("relu", "threshold"):
        raise ValueError(f"activation must be relu or threshold, not {activation!r}")
    if direction := direction_of(net, budget):
        return swept(net, direction, activation, points, budget)
    layers, scale = _in_integers(net, activation, len(points[0]), budget)
    at_a_time = max(_BLOCK // max(1, *net.widths), 1)
    outputs: list[tuple[int, int]] = []
    for start in range(0, len(points), at_a_time):
        free = budget.memory
        block = _through(layers, scale, activation, points[start : start + at_a_time], budget)
        budget.memory = free  # of a block only the outputs stay
        budget.hold(sum(above.bit_length() + below.bit_length() for above, below in block), _DOING)
        outputs += block
    return outputs


def _through(
    layers: list[Rows], scale: int, activation: str, points: tuple[Vector, ...], budget: Budget
) -> list[tuple[int, int]]:
    """Some points sent through all layers; `scale` is the L of the output."""
    cleared_points = [cleared(point, budget) for point in points]
    point_scales = [e for _, e in cleared_points]
    rows = [list(row) for row in zip(*(row for row, _ in cleared_points), strict=True)]
    held = 0
    for layer in layers[:-1]:
        budget.spend(100 * len(layer) * len(points), _DOING)
        free = budget.memory
        sums = product(layer, [*rows, point_scales], budget)
        held, budget.memory = free - budget.memory, budget.memory + held  # the layer before is not needed any more
        if activation == "relu":
            rows = [[s if s > 0 else 0 for s in unit] for unit in sums]
        else:
            rows, point_scales = [[int(s >= 0) for s in unit] for unit in sums], [1] * len(points)
    (outputs,) = product(layers[-1], [*rows, point_scales], budget)
    return [(s, budget.product(scale, e, _DOING)) for s, e in zip(outputs, point_scales, strict=True)]


def _in_integers(net: Network, activation: str, dim: int, budget: Budget) -> tuple[list[Rows], int]:
    """Each layer's rows [W B], and the scale L of the output; see the head of this file."""
    layers: list[Rows] = []
    input_scales, scales = [1] * dim, [1]
    for layer in net.layers:
        units = [
            unit_in_integers(row, b, input_scales, budget) for row, b in zip(layer.weights, layer.bias, strict=True)
        ]
        layers.append([row for row, _ in units])
        scales = [scale for _, scale in units]
        input_scales = scales if activation == "relu" else [1] * len(units)
    return layers, scales[0]


def unit_in_integers(row: Vector, bias: Fraction, input_scales: list[int], budget: Budget) -> tuple[list[int], int]:
    """One unit's integers W and B, and its scale L, from the scales D of its inputs; see the head of this file.

    Raises:
        OverBudget: the numbers are too long.
    """
    above, below = [], []
    for w, d in zip(row, input_scales, strict=True):
        top, bottom = w.numerator, w.denominator
        if d != 1:  # w / d in lowest terms: weights that a linear solve repaired cancel what else would multiply up
            budget.spend(gcd_cost(top.bit_length(), d.bit_length()), _DOING)
            common = gcd(top, d)
            top = budget.quotient(top, common, _DOING)
            bottom = budget.product(bottom, budget.quotient(d, common, _DOING), _DOING)
        above.append(top)
        below.append(bottom)
    above.append(bias.numerator)
    below.append(bias.denominator)
    scale = common_multiple(below, budget)
    factors = (budget.quotient(scale, b, _DOING) for b in below)
    return [budget.product(a, f, _DOING) for a, f in zip(above, factors, strict=True)], scale
