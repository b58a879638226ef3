"""Values of networks with the activation tanh, erf or gelu, enclosed by balls at a precision, and what is left open.

A number is an integer in units of 2^-bits with a radius of its own: deep narrow networks spread the errors of different
units very differently.  An activation a at m passes a radius r on as r min(B1, |a'(m)| + B2 r), B1 and B2 bounds of
|a'| and |a''|, so a unit that is nearly flat forgets what its sum erred by.
"""

import functools
from fractions import Fraction
from math import isqrt

from proofs_check.balls import Ball, activation
from proofs_check.budget import Budget, division_cost, product_cost
from proofs_check.enclosures import of_fractions
from proofs_check.layers import Layer, Network
from proofs_check.packed import Rows, longest, product
from proofs_check.reading import Vector

FIRST, LAST = 2**6, 2**14  # bits of the first precision, which is then doubled, and of the last
PRECISIONS = tuple(FIRST << i for i in range((LAST // FIRST).bit_length()))

# upper bounds of |a'| and |a''|, the second: 4 / (3 sqrt 3), 2 sqrt 2 exp(-1/2) / sqrt pi, 2 / sqrt(2 pi)
BENDS = {
    "tanh": (Fraction(1), Fraction(76981, 10**5)),
    "erf": (Fraction(112838, 10**5), Fraction(96789, 10**5)),
    "gelu": (Fraction(1129, 10**3), Fraction(79789, 10**5)),
}

OPEN = (
    f"enclosing the network's values in balls of {LAST} binary places leaves open whether they are near enough to the "
    "labels"
)

_DOING = "enclosing the network's values"
_BLOCK = 2**18  # numbers of one layer held at a time


def enclosed_values(net: Network, name: str, points: list[Vector], bits: int, budget: Budget) -> list[Ball]:
    """The network's value at each point, in balls at `bits`.

    The points must have as many coordinates as the first layer's rows have weights.

    Raises:
        OverBudget: the numbers are too long, or too many for this precision.
    """
    at_a_time = max(_BLOCK // max(1, *net.widths), 1)
    found: list[Ball] = []
    for start in range(0, len(points), at_a_time):
        free = budget.memory
        block = _through(net, name, points[start : start + at_a_time], bits, budget)
        budget.memory = free  # of a block only the outputs stay
        budget.hold(sum(ball.middle.bit_length() + ball.radius.bit_length() for ball in block), _DOING)
        found += block
    return found


def error_between(ball: Ball, label: Fraction, budget: Budget) -> tuple[int, int]:
    """The least and the largest that |value - label| can be, in units of 2^-bits."""
    budget.spend(2 * division_cost(label.numerator.bit_length() + ball.bits, label.denominator.bit_length()), _DOING)
    middle = abs(ball.middle - (label.numerator << ball.bits) // label.denominator)
    radius = ball.radius + 1  # the label was rounded down
    return max(middle - radius, 0), middle + radius


def _through(net: Network, name: str, points: list[Vector], bits: int, budget: Budget) -> list[Ball]:
    """Some points sent through all layers; units are rows, points are columns."""
    free = budget.memory
    start = of_fractions([list(point) for point in points], bits, budget)
    middles = [list(column) for column in zip(*start.rows, strict=True)]
    radii = [[start.radius] * len(points) for _ in middles]
    for layer in net.layers[:-1]:
        middles, radii = _activated(name, *_sums(layer, middles, radii, len(points), bits, budget), bits, budget)
        budget.memory = free  # a layer's numbers take the place of those before
        budget.hold(len(points) * sum(longest(row) for row in (*middles, *radii)), _DOING)
    (outputs,), (errors,) = _sums(net.layers[-1], middles, radii, len(points), bits, budget)
    return [Ball(middle, radius, bits) for middle, radius in zip(outputs, errors, strict=True)]


def _sums(layer: Layer, middles: Rows, radii: Rows, columns: int, bits: int, budget: Budget) -> tuple[Rows, Rows]:
    """A layer's sums and their radii: |sum w a - w' a'| <= sum (|w'| + s) r + s sum |a'|, where weights err by s.

    Weights are rounded so finely that s times the largest input is about a unit, unless that takes twice the places.
    """
    middles, radii = [*middles, [1 << bits] * columns], [*radii, [0] * columns]
    shift = min(max(bits, *map(longest, middles), *map(longest, radii)), 2 * bits)
    weights = of_fractions([[*row, b] for row, b in zip(layer.weights, layer.bias, strict=True)], shift, budget)
    sums = product(weights.rows, middles, budget)
    spread = product([[abs(w) + weights.radius for w in row] for row in weights.rows], radii, budget)
    budget.spend(len(middles) * columns * (shift // 30 + 100), _DOING)
    rounding = [weights.radius * sum(map(abs, column)) for column in zip(*middles, strict=True)]
    return (
        [[s >> shift for s in row] for row in sums],
        [[((r + more) >> shift) + 2 for r, more in zip(row, rounding, strict=True)] for row in spread],
    )


def _activated(name: str, sums: Rows, radii: Rows, bits: int, budget: Budget) -> tuple[Rows, Rows]:
    """The activations of these sums, and their radii."""
    length = max(map(longest, (*sums, *radii)), default=0)
    cap = isqrt(2 * bits + 8) + 3  # beyond, the cost does not depend on the size
    costs = sum(_cost(name, min((abs(t) >> bits) + 1, cap), bits) for row in sums for t in row)
    # besides: the products with the radii
    budget.spend(costs + sum(map(len, sums)) * (4 * product_cost(length, bits) + 500), _DOING)
    budget.spend(bits * (bits // 30 + 200), _DOING)  # pi and the logarithm of 2
    first, second = BENDS[name]
    steepest = -(-(first.numerator << bits) // first.denominator)
    values, spreads = [], []
    for row, row_ in zip(sums, radii, strict=True):
        pairs = [_value_and_slope(name, t, bits) for t in row]
        reach = []
        for (value, slope), r in zip(pairs, row_, strict=True):
            steep = abs(slope.middle) + slope.radius + r * second.numerator // second.denominator + 1
            moved = (r * min(steep, steepest) >> bits) + 1
            reach.append(value.radius + (moved if name == "gelu" else min(moved, 2 << bits)))  # |tanh|, |erf| <= 1
        values.append([value.middle for value, _ in pairs])
        spreads.append(reach)
    return values, spreads


def _value_and_slope(name: str, t: int, bits: int) -> tuple[Ball, Ball]:
    """Of the activation at t / 2^bits.

    For |t| >= b >= 64 the difference from the limits is less than (1 + b) exp(-b^2 / 2) < 2^-b, and for tanh less than
    4 exp(-2 b) < 2^-b: |t| Phi(-|t|) < phi(t) < exp(-t^2 / 2), where Phi and phi are the normal distribution and its
    density, and 1 - erf |t| < exp(-t^2).
    """
    if abs(t) >> bits < bits:
        return activation(name, Ball(t, 0, bits))
    one = 1 << bits
    if name == "gelu":
        return Ball(max(t, 0), 1, bits), Ball(one if t > 0 else 0, 1, bits)
    return Ball(one if t > 0 else -one, 1, bits), Ball(0, 1, bits)


@functools.lru_cache(maxsize=1024)
def _cost(name: str, size: int, bits: int) -> int:
    """Units of work for `activation` at absolute values in [size - 1, size]."""
    f = bits + bits.bit_length() + 12
    if name == "tanh":
        return _exponential(f) + 3 * division_cost(3 * f, f)
    least, most = (size - 1) ** 2, size**2
    if name == "gelu":  # erf of t / sqrt 2
        least, most = least // 2, most // 2 + 1
    if least > bits + 3:
        return 10 * product_cost(f, f)
    square = min(most, bits + 3) + 1
    h = f + (3 * square + 1) // 2
    step = product_cost(h, 2 * bits + 32) + division_cost(h + 2 * bits + 32, 2 * bits + 32) + 300
    return _terms(square, f) * step + _exponential(h) + h * (h // 30 + 200) + 20 * product_cost(h, h)


def _exponential(f: int) -> int:
    """Of exp at f bits: each term is 2^-8 times the one before, or less."""
    return (f // 8 + 20) * (product_cost(f, f) + 300) + division_cost(2 * f, f)


def _terms(square: int, f: int) -> int:
    """More than the terms of erf's series that are not below 2^-f: each is the one before times 2 t^2 / (2 k + 3)."""
    gained = k = 0
    while gained <= f:
        gained += (2 * k + 3).bit_length() - 1 - (2 * square).bit_length()
        k += 1
    return k
