"""Points sent to a line at distances of at least 2, on as short an interval as a good direction allows (Lemma P).

Some unit vector u has |<u, x - x'>| >= |x - x'| sqrt(8 / (pi d)) / n^2 for all pairs: a uniform u fails a pair with
probability below 2 / n^2, and there are fewer than n^2 / 2 pairs.  So the interval need not be longer than
n^2 (largest distance / least distance) sqrt(pi d / 2).
"""

import itertools
from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from overparam.exact import ExactData, power_of_two_above
from overparam.memorizers._direction import best_separating

_SHORT = 2**8  # the scale has at most nine bits, and is so much too large at most


class Projection(NamedTuple):
    """The map x -> <weights, x> + bias, and where it sends the points.

    Attributes:
        weights: (dim,) dyadic numbers.
        bias: an integer.
        order: the points, by their images.
        floors: integer parts of the images, ascending; the first is 0, each at least 1 above the one before.
        images: ascending, each at least 2 above the one before.
        bits: of the largest integer part, at least 1.
    """

    weights: tuple[Fraction, ...]
    bias: int
    order: tuple[int, ...]
    floors: tuple[int, ...]
    images: tuple[Fraction, ...]
    bits: int


def projection(data: ExactData) -> Projection:
    """The shortest interval among those of the directions tried, for distinct points."""
    if data.n_samples == 1:
        return Projection((Fraction(0),) * data.dim, 0, (0,), (0,), (Fraction(0),), 1)
    ordering = best_separating(data, list(range(1, data.n_samples)))[0]
    z = ordering.z
    gap = min(after - before for before, after in itertools.pairwise(z))
    unit = power_of_two_above(2 / gap) / _SHORT
    scale = unit * ceil(2 / gap / unit)
    bias = ceil(-scale * z[0])
    images = tuple(scale * value + bias for value in z)
    floors = tuple(value.numerator // value.denominator for value in images)
    weights = tuple(scale * w for w in ordering.direction)
    return Projection(weights, bias, ordering.order, floors, images, floors[-1].bit_length())


def groups_of(count: int, size: int) -> list[range]:
    """0, .., count - 1 in consecutive groups of this size, the last one perhaps smaller."""
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


def packed(fields: Sequence[tuple[int, int]]) -> int:
    """Numbers written one after the other in binary, the first in the highest places: pairs (number, bits)."""
    code = 0
    for number, bits in fields:
        code = code << bits | number
    return code
