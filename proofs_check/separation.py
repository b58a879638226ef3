"""How far apart the points of a data set are, exactly, and the sizes of networks that follow from it."""

import functools
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from math import isqrt

from proofs_check.answers import Answer, OverBudget, accepted, rejected, undecided
from proofs_check.budget import PER_BYTE, START, Budget, division_cost, gcd_cost, product_cost
from proofs_check.exact import cleared, in_words
from proofs_check.position import WORK, points_distinct
from proofs_check.reading import Dataset
from proofs_check.roots import PI_ABOVE, ln_above, sqrt_above, sqrt_below

_DOING = "the least distance of the points"

Rows = list[list[int]]


@functools.lru_cache(maxsize=32)
def _measured(dataset: Dataset) -> tuple[int | None, int, int]:
    """The squared least distance of points that are not equal, the squared diagonal of the box, and their common scale.

    The points are swept along the coordinate of the widest range: a point is compared with later ones until that
    coordinate alone is too far away.  That takes n log n steps for points that are spread out in the plane, and n^2 at
    worst, which is paid for step by step.
    """
    budget = _budget(dataset)
    rows, scale = _whole(dataset, budget)
    columns = list(zip(*rows, strict=True))
    ranges = [max(column) - min(column) for column in columns]
    bits = max(r.bit_length() for r in ranges) + 1
    each = product_cost(bits, bits) + 200
    budget.spend(len(rows) * dataset.dim * each, _DOING)
    diagonal, widest = sum(r * r for r in ranges), max(range(dataset.dim), key=ranges.__getitem__)
    rows = sorted([row[widest], *row[:widest], *row[widest + 1 :]] for row in rows)
    rows = [row for row, before in zip(rows, [[], *rows[:-1]], strict=True) if row != before]
    if len(rows) == 1:
        return None, diagonal, scale
    best = min(_squared(a, b) for a, b in pairwise(rows))
    for i, row in enumerate(rows):
        for j in range(i + 1, len(rows)):
            other, total, steps = rows[j], 0, 0
            for a, b in zip(row, other, strict=True):
                steps += 1
                total += (a - b) * (a - b)
                if total >= best:
                    break
            else:
                best = total
            budget.spend(steps * each, _DOING)
            if steps == 1:  # the first coordinate alone; later points are no nearer in it
                break
    return best, diagonal, scale


def least_distance_squared(dataset: Dataset) -> Fraction | None:
    """The squared least distance of two points that are not equal; None if all are.

    Raises:
        OverBudget: there are too many points, or their numbers are too long.
    """
    least, _, scale = _measured(dataset)
    return None if least is None else _ratio(least, scale * scale, _budget(dataset))


def diagonal_squared(dataset: Dataset) -> Fraction:
    """The squared diagonal of the least box around the points: no two points are further apart.

    Raises:
        OverBudget: as for `least_distance_squared`.
    """
    _, diagonal, scale = _measured(dataset)
    return _ratio(diagonal, scale * scale, _budget(dataset))


def projected_bits(dataset: Dataset) -> int:
    """Bits of the places of the points on a line, at distances of at least 2, from 0 on (Lemma P).

    With D = the diagonal of the box over the least distance, some direction needs a line no longer than
    n^2 D sqrt(pi d / 2); these are the bits of the integer part of that.  One if all points are equal.

    Raises:
        OverBudget: as for `least_distance_squared`.
    """
    least, diagonal, _ = _measured(dataset)
    if least is None:
        return 1
    pi, per = PI_ABOVE.as_integer_ratio()
    above, below = dataset.n_samples**4 * dataset.dim * pi * diagonal, 2 * per * least
    _budget(dataset).spend(3 * division_cost(above.bit_length(), below.bit_length()), "the line of Lemma P")
    return isqrt(above // below).bit_length()


def in_ball(radius: Fraction) -> Callable[[Dataset], Answer]:
    """The hypothesis that no point is further than this from the origin."""

    def within(dataset: Dataset) -> Answer:
        try:
            rows, scale = _whole(dataset, budget := _budget(dataset))
            bits = max(abs(x).bit_length() for row in rows for x in row)
            budget.spend(len(rows) * dataset.dim * product_cost(bits, bits), "the lengths of the points")
        except OverBudget as error:
            return undecided(str(error))
        for i, row in enumerate(rows):
            if sum(x * x for x in row) > (radius * scale) ** 2:
                return rejected(f"point {i} (counting from 0) is further than {in_words(radius)} from the origin")
        return accepted(f"No point is further than {in_words(radius)} from the origin.")

    return within


def separated(distance: Fraction) -> Callable[[Dataset], Answer]:
    """The hypothesis that any two points are at least this far apart."""

    def apart(dataset: Dataset) -> Answer:
        if distance > 0 and (repeated := points_distinct(dataset)).reason:
            return repeated
        try:
            least = least_distance_squared(dataset)
        except OverBudget as error:
            return undecided(str(error))
        if least is not None and least < distance * distance:
            return rejected(f"two points are nearer to each other than {in_words(distance)}")
        return accepted(f"Any two points are at least {in_words(distance)} apart.")

    return apart


def ratio_below(bound: Fraction) -> Callable[[Dataset], Answer]:
    """The hypothesis that the box around the points has a diagonal of less than `bound` times the least distance."""

    def holds(dataset: Dataset) -> Answer:
        try:
            least, diagonal = least_distance_squared(dataset), diagonal_squared(dataset)
        except OverBudget as error:
            return undecided(str(error))
        if least is not None and diagonal >= bound * bound * least:
            return rejected(f"the points are spread over more than {in_words(bound)} times their least distance")
        return accepted(f"The points are spread over less than {in_words(bound)} times their least distance.")

    return holds


@functools.lru_cache(maxsize=32)
def separating_hyperplanes(dataset: Dataset) -> int:
    """So many hyperplanes, at most, tell all points apart that are not equal.

    The least of three numbers: n - 1, parallel ones between the points; 2 D sqrt(pi d / 2) ln n, since a random one
    that meets the ball around the box parts two points at distance delta with probability at least
    (delta / diagonal) sqrt(2 / (pi d)); and (2 pi / delta') ln n through the origin, where delta' bounds the distances
    of the points moved to the unit sphere from below: for lengths between r and R it is
    sqrt(delta^2 - (R - r)^2) / R.

    Raises:
        OverBudget: as for `least_distance_squared`.
    """
    least, diagonal, _ = _measured(dataset)
    if least is None:
        return 0
    n, budget = dataset.n_samples, _budget(dataset)
    logarithm = ln_above(n)
    box = _ratio(diagonal, least, budget)
    counts = [Fraction(n - 1), 2 * logarithm * sqrt_above(box * PI_ABOVE * dataset.dim / 2)]
    rows, _ = _whole(dataset, budget)
    bits = max(abs(x).bit_length() for row in rows for x in row)
    budget.spend(len(rows) * dataset.dim * product_cost(bits, bits), "the lengths of the points")
    lengths = [sum(x * x for x in row) for row in rows]
    longest, shortest = max(lengths), min(lengths)  # all of it in units of the scale
    budget.spend(8 * gcd_cost(2 * bits + 64, 2 * bits + 64), "the lengths of the points")
    spread = sqrt_above(longest) - sqrt_below(shortest)
    if least > spread * spread:
        counts.append(2 * PI_ABOVE * logarithm * sqrt_above(longest / (least - spread * spread)))
    return min(-(-count.numerator // count.denominator) for count in counts)


def _budget(dataset: Dataset) -> Budget:
    """What a question about these points may cost: as much as a certificate with a file of their size gets."""
    size = sum(12 + _spelled_bits(x) // 4 for point in dataset.points for x in point)
    return Budget(min(START + PER_BYTE * size, WORK))


def _spelled_bits(x: Fraction) -> int:
    """Bits of a number that a file spells out: powers of two cost nothing there."""
    p, q = x.numerator, x.denominator
    return p.bit_length() - (p & -p).bit_length() + (q.bit_length() if q & (q - 1) else 0)


def _ratio(above: int, below: int, budget: Budget) -> Fraction:
    """The quotient in lowest terms, paid for."""
    budget.spend(gcd_cost(above.bit_length(), below.bit_length()), _DOING)
    return Fraction(above, below)


def _whole(dataset: Dataset, budget: Budget) -> tuple[Rows, int]:
    """All coordinates over one denominator."""
    numbers, scale = cleared([x for point in dataset.points for x in point], budget)
    return [numbers[i : i + dataset.dim] for i in range(0, len(numbers), dataset.dim)], scale


def _squared(a: list[int], b: list[int]) -> int:
    return sum((x - y) * (x - y) for x, y in zip(a, b, strict=True))
