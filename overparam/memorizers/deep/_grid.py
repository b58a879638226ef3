"""Yun, Sra and Jadbabaie 2019, Theorem 3.1: n points in two hidden layers of 2p - 1 and 2q ReLU neurons, pq >= n.

The points, sorted by t, are cut into p groups of at most q.  On a group the labels are a sum of q hinges
delta_s relu(t - tau_s), tau_s between the points s - 1 and s of the group.  The neurons phi_s^+ and phi_s^- of the
second layer are max(+-delta_s, 0) (t - tau_s) on every group, with the hinge of that group, and straight between two
knots in each gap between groups: so they are affine in the outputs t, relu(t - knot) of the first layer, and the sum
of all relu(phi_s^+) - relu(phi_s^-) has every label.

All hinges are powers of two and the two knots of a gap are a power of two apart, so that data with short binary
fractions get weights with short binary fractions.  Proof: docs/theory/deep.md.
"""

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from overparam.exact import ExactData, LayeredNetwork, exponent_above, power_of_two_above
from overparam.memorizers._built import Built, Options
from overparam.memorizers.deep._affine import ONE, ZERO, Affine, Line, combination, layer, line_of, unit

Straight = tuple[Fraction, Fraction]  # slope, value at 0


class Grid(NamedTuple):
    """Knots of the first layer, and the second layer's neurons as functions of (t, relu(t - knot), ..), with signs."""

    knots: list[Fraction]
    neurons: list[tuple[Fraction, Affine]]


def build_grid(data: ExactData, options: Options) -> Built:
    """The three-layer network of 2p - 1 and 2q neurons, no output bias; any distinct points.

    `options.width` is at most how many neurons the first layer has; else p is near the square root of n.
    """
    line = line_of(data)
    groups, size = shape(data.n_samples, options.width)
    layers, output = two_layers(line, line.labels, size)
    note = f"{groups} groups of at most {size} points along {list(line.direction)}"
    network = LayeredNetwork("relu", (*layers, layer(len(layers[-1].bias), [output])))
    return Built(network, (note,), numbers={"groups": groups, "points of a group": size})


def shape(n_samples: int, width: int | None = None) -> tuple[int, int]:
    """Numbers p and q with pq >= n, neither of which could be less; at most `width` neurons in the first layer."""
    groups = math.isqrt(n_samples - 1) + 1 if width is None else min((width + 1) // 2, n_samples)
    size = -(-n_samples // groups)
    return -(-n_samples // size), size


def two_layers(line: Line, values: Sequence[Fraction], size: int) -> tuple[list, Affine]:
    """Both hidden layers, and the values at the points as a function of the second layer's outputs."""
    grid = grid_of(line.t, values, size, before=None, after=None)
    first = layer(len(line.direction), [line.function, *(line.function.shifted(-knot) for knot in grid.knots)])
    second = layer(len(first.bias), [phi for _, phi in grid.neurons])
    return [first, second], Affine({k: sign for k, (sign, _) in enumerate(grid.neurons)})


def grid_of(
    t: Sequence[Fraction],
    values: Sequence[Fraction],
    size: int,
    *,
    before: Fraction | None,
    after: Fraction | None,
) -> Grid:
    """The neurons for points in ascending order, in groups of `size`.

    Args:
        t: positions.
        values: what the signed sum of the neurons is to be there.
        size: of a group.
        before: position of the point before, where and left of which all neurons vanish; None: there is none.
        after: likewise of the point behind.
    """
    groups = [(t[a : a + size], values[a : a + size]) for a in range(0, len(t), size)]
    edges = [(one[-1], other[0]) for (one, _), (other, _) in itertools.pairwise(groups)]
    knots = [k for edge in edges for k in _knots(*edge)]
    last = [] if after is None else [t[-1]]
    hinges = [_hinges(*group, before if g == 0 else None) for g, group in enumerate(groups)]
    neurons = []
    for s in range(min(size, len(t))):
        for sign in (1, -1):
            straights = [_one_sided(group[s], sign) if s < len(group) else (ZERO, ZERO) for group in hinges]
            neurons.append((Fraction(sign), _bent(straights, knots, t[-1], after)))
    return Grid([*knots, *last], neurons)


def _knots(left: Fraction, right: Fraction) -> tuple[Fraction, Fraction]:
    """Two numbers in [left, right], a power of two apart."""
    return left, left + 1 / power_of_two_above(1 / (right - left))


def _hinges(t: Sequence[Fraction], values: Sequence[Fraction], before: Fraction | None) -> list[Straight]:
    """Hinges (delta_s, delta_s tau_s) whose first s have the right sum at the point s.

    Each tau_s lies left of its point, and not left of the point before: the hinge is the least power of two with that.
    """
    found, slope, offset = [], ZERO, ZERO  # the line on which the hinges so far lie, slope t - offset
    room = (t[-1] - t[0] or ONE) if before is None else t[0] - before
    for s, (at, value) in enumerate(zip(t, values, strict=True)):
        missing = value - (slope * at - offset)
        gap = at - t[s - 1] if s else room
        least = abs(missing) / gap
        delta = (ONE if missing > 0 else -ONE) * power_of_two_above(least) if missing else ZERO
        moment = delta * at - missing if missing else ZERO
        found.append((delta, moment))
        slope, offset = slope + delta, offset + moment
    return found


def _one_sided(hinge: Straight, sign: int) -> Straight:
    """max(sign delta, 0) (t - tau)."""
    delta, moment = hinge
    return (sign * delta, -sign * moment) if sign * delta > 0 else (ZERO, ZERO)


def _bent(straights: list[Straight], knots: list[Fraction], end: Fraction, after: Fraction | None) -> Affine:
    """The function that is each straight on its group, from (t, relu(t - knot), ..)."""
    slope, offset = straights[0]
    factors = {0: slope}
    for g, ((a, c), (b, e)) in enumerate(itertools.pairwise(straights)):
        one, other = knots[2 * g : 2 * g + 2]
        between = (b * other + e - a * one - c) / (other - one)
        factors[2 * g + 1], factors[2 * g + 2] = between - a, b - between
    if after is not None:
        a, c = straights[-1]
        height = a * end + c
        down = Fraction(2) ** exponent_above(height.numerator, height.denominator) if height > 0 else ZERO
        steep = down * power_of_two_above(1 / (after - end))  # so that height - steep (after - end) <= 0
        factors[len(knots) + 1] = -steep - a
    return combination({k: f for k, f in factors.items() if f}, [unit(k) for k in range(len(knots) + 2)], offset)
