"""The minimal width of points on a line, or the two numbers one of which it is, with a network of the larger."""

import dataclasses
import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from overparam.errors import InputError
from overparam.exact import ExactNetwork, exact_data, merge_duplicates
from overparam.memorizers.shallow._line_quick import quick_plan
from overparam.memorizers.shallow._line_search import exhaustive_plan
from overparam.memorizers.shallow._polygon import Knot, Plan, Polygon, knots_of, polygon_through


@dataclasses.dataclass(frozen=True)
class LineWidths:
    """Bounds on the least number of ReLU neurons, with hidden biases and an output bias, that take all labels exactly.

    Attributes:
        k_star: the least number of knots of a piecewise linear function through the points.
        low: no network of fewer neurons takes the labels; k_star, or k_star + 1 if that was proved.
        high: width of the network; low or low + 1.
        network: takes every label, which was checked without rounding.
        rigid: whether there is only one function with k_star knots.
        how: in words, where the network and the lower bound come from.
    """

    k_star: int
    low: int
    high: int
    network: ExactNetwork
    rigid: bool
    how: str

    @property
    def decided(self) -> bool:
        """Whether the minimal width is known: it is low = high."""
        return self.low == self.high


def line_widths(points: Any, labels: Any, *, most: int = 2**20) -> LineWidths:
    """The minimal width of points on a line: K*, or K* + 1, or one of the two where deciding would take too long.

    Args:
        points: (n_samples, 1) finite floats, integers or fractions, taken exactly; repeated points count once.
        labels: (n_samples,) of the same.
        most: how many intervals of subset sums the exhaustive search may hold; 2**20 are some 200 MB and seconds, and
            decide up to 34 knots that cannot move, or any number whose turns are small multiples of one number.
    Raises:
        InputError: unusable data, more than one coordinate, or equal points with different labels.
    Source:
        docs/theory/one_dimension.md.

    >>> found = line_widths([[0], [1], [2], [3]], [0, 1, 0, 1])
    >>> found.k_star, found.low, found.high, found.network.width
    (2, 3, 3, 3)
    """
    data = exact_data(points, labels)
    if data.dim != 1:
        raise InputError(f"line_widths takes points with one coordinate; these have {data.dim}")
    data = merge_duplicates(data)
    order = sorted(range(data.n_samples), key=lambda i: data.points[i])
    polygon = polygon_through([data.points[i][0] for i in order], [data.labels[i] for i in order])
    k_star, low, how = polygon.n_knots, polygon.n_knots, "a network with one neuron for each knot, found quickly"
    plan = quick_plan(polygon)
    if plan is None:
        search = exhaustive_plan(polygon, most=most)
        plan, low = search.plan, k_star + search.exhausted
        if plan:
            how = "a network with one neuron for each knot, found by an exhaustive search"
        elif search.exhausted:
            how = "an exhaustive search showed that one neuron for each knot is not enough"
        else:
            how = "the subset sums are too many to tell whether one neuron for each knot is enough"
    knots = knots_of(polygon, plan or Plan([False] * k_star, {}, {}, {}))
    if plan is None:  # one more knot makes the function constant on the left
        knots = [Knot(polygon.t[0], polygon.slopes[0], False), *knots]
    knots.sort(key=lambda knot: knot.at)
    c = sum((knot.jump * (polygon.t[0] - knot.at) for knot in knots if knot.left), polygon.y[0])
    if not _takes(knots, c, polygon):
        raise RuntimeError("the knots missed a label: a bug of overparam, please report it")
    one = Fraction(1)
    neurons = [(knot.jump, (-one, knot.at) if knot.left else (one, -knot.at)) for knot in knots]
    network = ExactNetwork.from_forms("relu", neurons, c, 1)
    return LineWidths(k_star, low, network.width, network, polygon.rigid, how)


def _takes(knots: Sequence[Knot], c: Fraction, polygon: Polygon) -> bool:
    """Whether c + the knots, sorted, has every label; a sweep with the line that the function is between two knots."""
    slope = -sum((knot.jump for knot in knots if knot.left), Fraction(0))
    height = c + sum((knot.jump * knot.at for knot in knots if knot.left), Fraction(0))
    j = 0
    for t, y in zip(polygon.t, polygon.y, strict=True):
        for knot in itertools.takewhile(lambda knot: knot.at < t, itertools.islice(knots, j, None)):  # noqa: B023
            slope, height, j = slope + knot.jump, height - knot.jump * knot.at, j + 1
        if slope * t + height != y:
            return False
    return True
