"""What several studies here share: a rule with two levels, and curves with their intervals."""

from collections.abc import Sequence

from numpy.typing import NDArray

from overparam.records import Series
from overparam.studies._rules import Judged, means


def between(holds_by: Judged, fails_by: Judged) -> Judged:
    """A claim that holds by one level and fails only by a weaker one: what lies between cannot tell.

    >>> between(Judged(False, "below 4", ()), Judged(True, "above 2", ())).holds is None
    True
    """
    holds = True if holds_by.holds else False if fails_by.holds is False else None
    return Judged(holds, holds_by.words, holds_by.links)


def band(label: str, x: Sequence[float] | NDArray, values: NDArray) -> Series:
    """Means over the seeds of values (seeds, x), with intervals that hold for all x at once."""
    mean, _, half = means(values)
    return Series(
        label,
        tuple(map(float, x)),
        tuple(mean.tolist()),
        tuple((mean - half).tolist()),
        tuple((mean + half).tolist()),
    )
