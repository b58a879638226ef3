"""A labelled point set whose numbers are exact, and the merging of repeated points."""

import dataclasses
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from overparam.errors import InputError
from overparam.exact._numbers import fraction_of


@dataclasses.dataclass(frozen=True)
class ExactData:
    """n_samples >= 1 points of dimension dim >= 1 with one label each.

    Attributes:
        points: n_samples rows of dim fractions.
        labels: n_samples fractions.
        rows: where each point stood in the caller's data, for messages.
    """

    points: tuple[tuple[Fraction, ...], ...]
    labels: tuple[Fraction, ...]
    rows: tuple[int, ...]

    @property
    def n_samples(self) -> int:
        """Number of points."""
        return len(self.points)

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.points[0])

    def take(self, which: Iterable[int]) -> "ExactData":
        """The points at these positions, in this order."""
        chosen = [(self.points[i], self.labels[i], self.rows[i]) for i in which]
        points, labels, rows = zip(*chosen, strict=True)
        return ExactData(points, labels, rows)


def exact_data(points: Any, labels: Any) -> ExactData:
    """Points and labels without rounding.

    Args:
        points: (n_samples, dim) array, or rows, of finite floats, integers or fractions; or an ExactData, which comes
            back as it is.
        labels: (n_samples,) of the same.
    Raises:
        InputError: the shapes do not fit, nothing is there, or a number is not finite; says where.
    """
    if isinstance(points, ExactData):
        return points
    rows = exact_points(points)
    try:
        column = list(labels)
    except TypeError:
        raise InputError("labels must be a column of numbers, (n_samples,)") from None
    if len(column) != len(rows):
        raise InputError(f"there are {len(rows)} points but {len(column)} labels")
    return ExactData(rows, tuple(_entry(y, f"label {i}") for i, y in enumerate(column)), tuple(range(len(rows))))


def exact_points(points: Any) -> tuple[tuple[Fraction, ...], ...]:
    """The points of `exact_data`, without labels.

    Raises:
        InputError: as there.
    """
    try:
        rows = [list(row) for row in points]
    except TypeError:
        raise InputError("points must be rows of numbers, (n_samples, dim)") from None
    if not rows or not rows[0]:
        raise InputError("points must hold at least one point of at least one coordinate")
    if len({len(row) for row in rows}) > 1:
        raise InputError("points must all have the same number of coordinates")
    return tuple(tuple(_entry(x, f"point {i}") for x in row) for i, row in enumerate(rows))


def _entry(value: object, where: str) -> Fraction:
    try:
        return fraction_of(value)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def merge_duplicates(data: ExactData) -> ExactData:
    """The distinct points, each once, in the order of their first appearance.

    Raises:
        InputError: a point appears with two labels, so no function fits the data.
    """
    first: dict[tuple[Fraction, ...], int] = {}
    for i, (point, label) in enumerate(zip(data.points, data.labels, strict=True)):
        j = first.setdefault(point, i)
        if data.labels[j] != label:
            raise InputError(
                f"points {data.rows[j]} and {data.rows[i]} are equal but their labels differ, so no function fits "
                "these data; drop one of them or give them one label"
            )
    return data.take(first.values())
