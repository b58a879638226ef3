"""What is known about a data set, in sentences with a status: decided exactly, or left open."""

from fractions import Fraction

from overparam.data._dataset import Dataset
from overparam.data._finding import Finding
from overparam.data._metric import least_squared_distance, shown, squared_norm_range
from overparam.data._position import affine_general_position
from overparam.data._predicates import consistent_labels, distinct_points


def describe(dataset: Dataset) -> list[Finding]:
    """Distinct points, consistent labels, affine general position, separation, norms, in this order.

    Deterministic, in bounded time and memory: what cannot be decided within it is `undecided`, never guessed.

    >>> from overparam.data import from_arrays
    >>> [f.status for f in describe(from_arrays([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], [0.0, 1.0, 0.0]))]
    ['holds', 'holds', 'fails', 'holds', 'holds']
    """
    return [
        distinct_points(dataset),
        consistent_labels(dataset),
        affine_general_position(dataset),
        _separation(dataset),
        _norms(dataset),
    ]


def _separation(dataset: Dataset) -> Finding:
    """Holds if the least distance is known and positive; the detail carries it."""
    if len(dataset.points) == 1:
        return Finding("separation", "holds", "exact", "a single point")
    square, exact = least_squared_distance(dataset.points)
    detail = f"least distance {shown(square, root=True)}, squared {shown(square)}"
    if square == 0:
        return Finding("separation", "fails", "exact", "two points coincide")
    if exact:
        return Finding("separation", "holds", "exact", detail)
    return Finding("separation", "undecided", "one-sided", "too many pairs to compare all; at most: " + detail)


def _norms(dataset: Dataset) -> Finding:
    """Always holds: it states the range."""
    (least, largest), exact = squared_norm_range(dataset.points)
    detail = f"squared norms from {shown(least)} to {shown(largest)}"
    if exact and least == largest:
        detail = f"every squared norm is exactly {shown(least)}" if least == Fraction(shown(least)) else detail
    elif shown(least) == shown(largest):
        detail += ", equal only to the digits shown"
    if exact:
        return Finding("norms", "holds", "exact", detail)
    return Finding("norms", "undecided", "one-sided", "too many rows to compare exactly; the range contains: " + detail)
