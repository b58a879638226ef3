"""Exact values of a network with one hidden layer whose neurons all look in one direction r.

With weights a_j r and bias b_j, neuron j sees only t = <r, x>.  It is a_j t + b_j, and v_j relu(a_j t + b_j) is the
line v_j b_j + v_j a_j t on one side of its knot -b_j / a_j and 0 on the other; a step neuron is v_j or 0.  So the
network is a line between two knots.  Going from left to right through knots and points, that line is kept as integers
(A, B, Q) without a common factor, A / Q + (B / Q) t, and each knot adds or takes away one neuron's line.  A network
that interpolates runs through two neighbouring points with short coordinates, so its lines are short however
unrelated the neurons' denominators are, provided that common factors are removed at once.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cmp_to_key
from math import gcd
from typing import Any, NamedTuple

from proofs_check.budget import Budget, division_cost, gcd_cost, product_cost
from proofs_check.exact import cleared
from proofs_check.layers import Network
from proofs_check.reading import Vector

_DOING = "evaluating the network"
_EACH, _COMPARING = 40_000, 2_000  # units that Python itself takes for a knot or a point, and to compare two of them

_PLACES = 64  # binary, of the numbers by which stops are first compared

_AT, _POINT, _BEHIND = range(3)  # ranks: a knot whose neuron changes at the knot itself, a point, a knot behind it

Line = tuple[int, int, int]  # A, B, Q: the function A / Q + (B / Q) t, with no common factor and Q > 0


class Direction(NamedTuple):
    """Neuron j has the weights slopes[j] * along."""

    along: list[int]
    slopes: list[Fraction]


class _Stop(NamedTuple):
    """A knot or a point at above / below, below > 0."""

    above: int
    below: int
    rank: int  # of stops at one place the lower comes first
    which: int  # the neuron or the point


def direction_of(net: Network, budget: Budget) -> Direction | None:
    """The common direction of the neurons; None if they have none, or there are more hidden layers.

    Raises:
        OverBudget: the numbers are too long.
    """
    if len(net.layers) != 2:
        return None
    rows = net.layers[0].weights
    first = next((row for row in rows if any(row)), None)
    if first is None:
        return Direction([0] * len(rows[0]) if rows else [], [Fraction(0)] * len(rows))
    along, _ = cleared(first, budget)
    content = 0
    for a in along:
        content = _gcd(content, a, budget)
    along = [budget.quotient(a, content, _DOING) for a in along]
    lead = next(k for k, a in enumerate(along) if a)
    slopes: list[Fraction] = []
    for row in rows:
        if slopes and row == rows[len(slopes) - 1]:  # as the row before it
            slopes.append(slopes[-1])
            continue
        budget.spend(gcd_cost(row[lead].numerator.bit_length(), along[lead].bit_length()), _DOING)
        slope = row[lead] / along[lead]
        if not all(_is_product(w, slope, a, budget) for w, a in zip(row, along, strict=True)):
            return None
        slopes.append(slope)
    return Direction(along, slopes)


def swept(
    net: Network, direction: Direction, activation: str, points: tuple[Vector, ...], budget: Budget
) -> list[tuple[int, int]]:
    """The network's value at each point, as `network.values` gives it.

    Raises:
        OverBudget: the numbers are too long.
    """
    hidden, output = net.layers
    budget.spend(_EACH * (len(points) + len(hidden.bias)), _DOING)
    stops = [_stop(point, direction.along, i, budget) for i, point in enumerate(points)]
    lines: list[Line] = []
    now: Line = (output.bias[0].numerator, 0, output.bias[0].denominator)
    for slope, bias, weight in zip(direction.slopes, hidden.bias, output.weights[0], strict=True):
        lines.append(_line(weight, bias, slope, activation, budget))
        if slope:
            stops.append(_knot(bias, slope, activation, len(lines) - 1, budget))
        elif bias > 0 or (bias == 0 and activation == "threshold"):
            now = _sum(now, lines[-1], budget)
    stops.sort(key=_order(budget))
    free = budget.memory  # of the sums only the last is kept
    for _, _, rank, j in stops:
        if rank != _POINT and direction.slopes[j] < 0:  # far to the left, the neurons that look there are on
            budget.memory, now = free, _sum(now, lines[j], budget)
    values = [(0, 1)] * len(points)
    for above, below, rank, i in stops:
        budget.memory = free
        if rank == _POINT:
            values[i] = _at(now, above, below, budget)
            free = budget.memory
        else:
            a, b, q = lines[i]
            now = _sum(now, (a, b, q) if direction.slopes[i] > 0 else (-a, -b, q), budget)
    return values


def _stop(point: Vector, along: list[int], which: int, budget: Budget) -> _Stop:
    """Where a point lies on the line."""
    integers, scale = cleared(point, budget)
    products = [budget.product(x, a, _DOING) for x, a in zip(integers, along, strict=True)] if along else []
    return _Stop(sum(products), scale, _POINT, which)


def _knot(bias: Fraction, slope: Fraction, activation: str, which: int, budget: Budget) -> _Stop:
    """Where neuron `which` vanishes; a step neuron that looks to the left is still on there, step(0) being 1."""
    above = budget.product(-bias.numerator, slope.denominator, _DOING)
    below = budget.product(bias.denominator, slope.numerator, _DOING)
    rank = _BEHIND if slope < 0 and activation == "threshold" else _AT
    return _Stop(above, below, rank, which) if slope > 0 else _Stop(-above, -below, rank, which)


def _line(weight: Fraction, bias: Fraction, slope: Fraction, activation: str, budget: Budget) -> Line:
    """What the neuron adds where it is on."""
    if activation == "threshold":
        return weight.numerator, 0, weight.denominator
    (a, b), scale = cleared((bias, slope), budget)
    # (a, b) / scale and the weight are in lowest terms, so all common factors are between one's top and the other's end
    content = _gcd(_gcd(a, b, budget), weight.denominator, budget)
    common = _gcd(weight.numerator, scale, budget)
    factor = budget.quotient(weight.numerator, common, _DOING)
    a, b = (budget.product(budget.quotient(x, content, _DOING), factor, _DOING) for x in (a, b))
    below = budget.quotient(weight.denominator, content, _DOING)
    return a, b, budget.product(below, budget.quotient(scale, common, _DOING), _DOING)


def _sum(one: Line, other: Line, budget: Budget) -> Line:
    """The sum of two lines.

    Let g = gcd(Q, Q').  Over the denominator Q Q' / g, the sum can only be shortened by a divisor of g: a prime power
    that Q has more of than Q', or the reverse, divides all of one line over that denominator but not all of the other.
    """
    a, b, q = one
    c, d, r = other
    g = _gcd(q, r, budget)
    s, t = budget.quotient(q, g, _DOING), budget.quotient(r, g, _DOING)
    a = budget.product(a, t, _DOING) + budget.product(c, s, _DOING)
    b = budget.product(b, t, _DOING) + budget.product(d, s, _DOING)
    h = _gcd(_gcd(g, a, budget), b, budget)
    a, b, g = (budget.quotient(x, h, _DOING) for x in (a, b, g))
    return a, b, budget.product(budget.product(s, t, _DOING), g, _DOING)


def _at(line: Line, above: int, below: int, budget: Budget) -> tuple[int, int]:
    """The line's value at t = above / below."""
    a, b, q = line
    value = budget.product(a, below, _DOING) + budget.product(b, above, _DOING)
    return value, budget.product(q, below, _DOING)


def _order(budget: Budget) -> Callable[[_Stop], tuple[int, Any]]:
    """Sorting key of stops, from left to right: first floor(2^64 t), and where these agree the stops themselves."""

    def compare(one: _Stop, other: _Stop) -> int:
        cost = product_cost(one.above.bit_length(), other.below.bit_length())
        budget.spend(_COMPARING + cost + product_cost(one.below.bit_length(), other.above.bit_length()), _DOING)
        left, right = one.above * other.below, other.above * one.below
        return (left > right) - (left < right) or one.rank - other.rank

    exactly = cmp_to_key(compare)

    def key(stop: _Stop) -> tuple[int, Any]:
        bits, other_bits = stop.above.bit_length() + _PLACES, stop.below.bit_length()
        budget.spend(_COMPARING + division_cost(bits, other_bits), _DOING)
        budget.hold(max(bits - other_bits, 0), _DOING)
        return (stop.above << _PLACES) // stop.below, exactly(stop)

    return key


def _is_product(w: Fraction, slope: Fraction, a: int, budget: Budget) -> bool:
    """Whether w = slope * a."""
    ahead = budget.product(w.numerator, slope.denominator, _DOING)
    return ahead == budget.product(budget.product(slope.numerator, a, _DOING), w.denominator, _DOING)


def _gcd(a: int, b: int, budget: Budget) -> int:
    budget.spend(gcd_cost(a.bit_length(), b.bit_length()), _DOING)
    return gcd(a, b)
