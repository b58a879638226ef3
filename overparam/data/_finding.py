"""The record that every predicate on a data set answers with."""

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """One thing about a data set."""

    name: str
    status: Literal["holds", "fails", "undecided"]
    how: Literal["exact", "one-sided"]
    """exact: decided without rounding; one-sided: what was tried could have settled it one way only, and did not."""
    detail: str
    """The evidence or the numbers, in words; rows are counted from 0."""
