"""Any labels of n distinct points: n - 2 ReLU neurons and an output bias (n >= 5), and 0, 1, 2, 3 for n = 1, 2, 3, 4.

The points are projected to a line.  There, a polygon through the labels needs a convex knot in every triple that turns
up and a concave one in every triple that turns down; two neighbouring triples of one sign share a knot, where their
outer chords meet.  A knot at the first point makes the left end constant, so all neurons may face right: K* + 1 of
them.  Only labels that alternate in every triple have K* = n - 2; they save that extra knot by moving one knot and, if
the first slope is negative (up to the sign of the labels), by turning the third neuron to the left.
"""

import itertools
from fractions import Fraction
from typing import NamedTuple

from overparam.exact import ExactData
from overparam.memorizers._built import Built, Options, along, two_layer
from overparam.memorizers._direction import Ordering, best_separating

_DIRECTIONS = 8


class Knot(NamedTuple):
    """jump * relu(z - at), or jump * relu(at - z) if it faces left."""

    at: Fraction
    jump: Fraction
    left: bool = False


def build_distinct(data: ExactData, _: Options) -> Built:
    """The narrowest network over a few directions; works for every labelling of distinct points."""
    everywhere = list(range(1, data.n_samples))
    return min(
        (_along(data, ordering) for ordering in best_separating(data, everywhere, how_many=_DIRECTIONS)),
        key=lambda built: built.network.widths,
    )


def _along(data: ExactData, ordering: Ordering) -> Built:
    knots, c = line_network(list(ordering.z), [data.labels[i] for i in ordering.order])
    neurons = []
    for knot in knots:
        form = along(ordering.direction, knot.at)
        neurons.append((knot.jump, tuple(-t for t in form) if knot.left else form))
    return two_layer(neurons, c, data.dim, f"a polygon along {list(ordering.direction)}")


def line_network(z: list[Fraction], y: list[Fraction]) -> tuple[list[Knot], Fraction]:
    """Knots and constant c of a function c + sum of knots through (z_i, y_i), z ascending; at most n - 2 if n >= 5."""
    if len(z) == 1:
        return [], y[0]
    slopes = [(y[i + 1] - y[i]) / (z[i + 1] - z[i]) for i in range(len(z) - 1)]
    turns = [_sign(after - before) for before, after in itertools.pairwise(slopes)]
    alternating = 0 not in turns and all(s != t for s, t in itertools.pairwise(turns))
    if len(z) >= 5 and alternating:
        sign = turns[0]
        knots, c = _alternating(z, [sign * t for t in y], [sign * s for s in slopes])
        return [Knot(k.at, sign * k.jump, k.left) for k in knots], sign * c
    start = [Knot(z[0], slopes[0])] if slopes[0] else []
    return start + _fewest_knots(z, y, slopes, turns), y[0]


def _sign(t: Fraction) -> int:
    return (t > 0) - (t < 0)


def _fewest_knots(z: list[Fraction], y: list[Fraction], slopes: list[Fraction], turns: list[int]) -> list[Knot]:
    """K* knots: ceil(length / 2) for each maximal run of equal turns.  turns[i] is the turn at z[i + 1]."""
    knots, i = [], 0
    while i < len(turns):
        if turns[i] == 0:
            i += 1
            continue
        end = i
        while end < len(turns) and turns[end] == turns[i]:
            end += 1
        if (end - i) % 2:
            knots.append(Knot(z[i + 1], slopes[i + 1] - slopes[i]))
            i += 1
        for j in range(i, end, 2):  # the chords before z[j + 1] and behind z[j + 2] meet between these two points
            jump = slopes[j + 2] - slopes[j]
            knots.append(Knot((y[j + 1] - y[j + 2] + slopes[j + 2] * z[j + 2] - slopes[j] * z[j + 1]) / jump, jump))
        i = end
    return knots


def _alternating(z: list[Fraction], y: list[Fraction], slopes: list[Fraction]) -> tuple[list[Knot], Fraction]:
    """The n - 2 knots where the turns alternate, the first upward; knot j of the polygon sits at z[j + 1]."""
    jumps = [after - before for before, after in itertools.pairwise(slopes)]
    knots = [Knot(at, jump) for at, jump in zip(z[1:], jumps, strict=False)]
    first, third = slopes[0], jumps[2]
    if first >= 0:  # slide the first knot back along the second line, down to the level of the first label
        knots[0] = Knot(z[1] - (y[1] - y[0]) / slopes[1], slopes[1])
        return knots, y[0]
    if third >= -first:  # slide the first knot until the left end has slope -third, that of a third knot facing left
        knots[0] = Knot(z[0] + (z[1] - z[0]) * (slopes[1] - first) / (slopes[1] + third), slopes[1] + third)
        knots[2] = Knot(z[3], third, left=True)
        return knots, y[0] - third * (z[3] - z[0])
    at = z[4] + third * (z[4] - z[3]) / first  # slide the third knot until its jump is -first, and face it left
    knots[2] = Knot(at, -first, left=True)
    if len(knots) > 3:
        knots[3] = Knot(z[4], slopes[4] - (slopes[2] - first))
    return knots, y[0] + first * (at - z[0])
