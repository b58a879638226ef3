"""Points on a line, on a moment curve or in convex position, and what their order says; exact predicates and counts."""

import itertools
from fractions import Fraction
from math import lcm

from proofs_check.answers import Answer, OverBudget, accepted, rejected, undecided
from proofs_check.budget import Budget, gcd_cost, product_cost
from proofs_check.reading import Dataset

WORK = 10**11  # of one question, in units of the budget

_STEP = 3000  # units: what one comparison takes besides its products
_SORTING, _COMPARING = "sorting the points", "comparing the points"


def one_coordinate(dataset: Dataset) -> Answer:
    """The points are real numbers."""
    if dataset.dim == 1:
        return accepted("The points have one coordinate.")
    return rejected(f"the points have {dataset.dim} coordinates, and the theorem is about points on a line")


def two_label_values(dataset: Dataset) -> Answer:
    """The labels take at most two values."""
    first = dataset.labels[0]
    other = next((label for label in dataset.labels if label != first), first)
    third = next((i for i, label in enumerate(dataset.labels) if label not in (first, other)), None)
    if third is None:
        return accepted("The labels take at most two values.")
    return rejected(f"the labels take at least three values, the third at sample {third} (counting from 0)")


def on_moment_curve(dataset: Dataset) -> Answer:
    """The points are (a_1 t, a_2 t^2, .., a_d t^d) for distinct numbers t; no a_k is 0, unless there is one point."""
    try:
        return _on_moment_curve(dataset, Budget(WORK))
    except OverBudget as error:
        return undecided(str(error))


def _on_moment_curve(dataset: Dataset, budget: Budget) -> Answer:
    order = in_order(dataset, budget)
    t = [point[0] for point in dataset.points]
    for i, j in itertools.pairwise(order):
        if t[i] == t[j]:
            return rejected(f"the points {i} and {j} (counting from 0) have the same first coordinate")
    if dataset.n_samples == 1:
        return accepted("The point is on a moment curve.")
    far = dataset.points[order[-1] if t[order[-1]] else order[0]]
    if not all(far):
        return rejected("some point other than the origin has a coordinate that is 0")
    bits = _longest(dataset)
    for k in range(1, dataset.dim + 1):
        budget.spend(2 * gcd_cost(k * bits, k * bits), _COMPARING)
        budget.spend(dataset.n_samples * (_STEP + 4 * k * product_cost(k * bits, bits)), _COMPARING)
        p, q = (far[k - 1] / far[0] ** k).as_integer_ratio()
        for i, point in enumerate(dataset.points):
            (above, below), (x, y) = point[0].as_integer_ratio(), point[k - 1].as_integer_ratio()
            if x * q * below**k != y * p * above**k:
                return rejected(f"coordinate {k} of point {i} (counting from 0) is not that of a moment curve")
    return accepted("The points are on a moment curve.")


def in_order(dataset: Dataset, budget: Budget) -> list[int]:
    """The indices of the points by ascending first coordinate.

    Raises:
        OverBudget: there are too many, or their numbers are too long.
    """
    n, bits = dataset.n_samples, _longest(dataset)
    budget.spend(n * n.bit_length() * (2 * product_cost(bits, bits) + _STEP), _SORTING)
    return sorted(range(n), key=lambda i: dataset.points[i][0])


def label_changes(dataset: Dataset) -> int | None:
    """How often the label changes from left to right along the first coordinate; None if two of these are equal.

    Raises:
        OverBudget: there are too many points, or their numbers are too long.
    """
    order = in_order(dataset, Budget(WORK))
    if any(dataset.points[i][0] == dataset.points[j][0] for i, j in itertools.pairwise(order)):
        return None
    return sum(dataset.labels[i] != dataset.labels[j] for i, j in itertools.pairwise(order))


def fewest_knots(dataset: Dataset) -> int | None:
    """K*, the least number of knots of a piecewise linear function with these labels at these points of a line.

    The slopes between neighbours turn up or down or not at all at each point but the first and the last; each maximal
    run of r equal turns needs ceil(r / 2) knots.  None if equal points have different labels.

    Raises:
        OverBudget: there are too many points, or their numbers are too long.
    """
    budget = Budget(WORK)
    order = in_order(dataset, budget)
    pairs = [(dataset.points[i][0], dataset.labels[i]) for i in order]
    graph = pairs[:1]
    for pair in pairs[1:]:
        if pair[0] != graph[-1][0]:
            graph.append(pair)
        elif pair[1] != graph[-1][1]:
            return None
    bits = 4 * _longest(dataset)
    budget.spend(len(graph) * (_STEP + 16 * product_cost(bits, bits)), "comparing the slopes")
    turns = [_turn(*three) for three in zip(graph, graph[1:], graph[2:], strict=False)]
    return sum((len(list(run)) + 1) // 2 for turn, run in itertools.groupby(turns) if turn)


def _turn(*graph: tuple[Fraction, Fraction]) -> int:
    """The sign by which the slope grows at the second of three points, the first coordinates ascending."""
    (x, y), (u, v), (s, t) = (tuple(value.as_integer_ratio() for value in pair) for pair in graph)
    run, run_on, rise, rise_on = (b[0] * a[1] - a[0] * b[1] for a, b in ((x, u), (u, s), (y, v), (v, t)))
    growth = rise_on * run * y[1] * s[1] - rise * run_on * t[1] * x[1]  # over positive denominators that agree
    return (growth > 0) - (growth < 0)


def in_convex_position(dataset: Dataset) -> bool:
    """Whether these distinct points of the plane are all corners of their convex hull.

    Raises:
        OverBudget: there are too many, or their numbers are too long.
    """
    budget = Budget(WORK)
    n, bits = dataset.n_samples, 3 * _longest(dataset)
    budget.spend(n * n.bit_length() * (2 * product_cost(bits, bits) + _STEP), _SORTING)
    budget.spend(4 * n * (6 * product_cost(bits, bits) + _STEP), _COMPARING)
    ascending = sorted(dataset.points)
    whole = []
    for x, y in ascending:
        scale = lcm(x.denominator, y.denominator)
        whole.append((x.numerator * (scale // x.denominator), y.numerator * (scale // y.denominator), scale))
    corners = 0
    for points in (whole, whole[::-1]):  # the lower and the upper side
        side: list[tuple[int, int, int]] = []
        for point in points:
            while len(side) > 1 and _orientation(side[-2], side[-1], point) <= 0:
                side.pop()
            side.append(point)
        corners += len(side) - 1
    return n <= 2 or corners == n


def _orientation(a: tuple[int, int, int], b: tuple[int, int, int], c: tuple[int, int, int]) -> int:
    """Positive if c is on the left of the way from a to b; each point (x w, y w, w) with w > 0."""
    return a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0])


def _longest(dataset: Dataset) -> int:
    """Bits of the longest numerator or denominator."""
    numbers = itertools.chain(dataset.labels, *dataset.points)
    return max(max(x.numerator.bit_length(), x.denominator.bit_length()) for x in numbers)
