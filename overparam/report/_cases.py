"""The search over activation patterns as a table: how many cases each means closed, and of how many patterns."""

from typing import Any

from overparam.report._fields import as_table, whole
from overparam.report._ladders import Ladder
from overparam.report._words import number, spoken

_WAYS = {
    "affine": "linear algebra",
    "programs": "linear programs",
    "reused": "earlier proofs",
    "symmetry": "symmetry",
}
CASES_HEAD = ("neurons", "outcome", "cases looked at", *_WAYS.values())
CASES = (
    "A case fixes whether some neurons are active on some points. Of the cases looked at, those that linear algebra, a "
    "linear program or an earlier proof closed hold no interpolator (exact proofs); the others were split into smaller "
    "ones, or were left open when the budget ended. Symmetry: cases never looked at, since neurons can be exchanged. "
    "In brackets: of the activation patterns that were removed, the share that each means removed."
)


def cases(ladder: Ladder) -> list[list[str]]:
    """A row a width, with the columns of CASES_HEAD."""
    return [
        [
            number(row["width"]),
            spoken(row["outcome"]),
            number(row["nodes"]),
            *(f"{number(row[way])} ({_share(way, as_table(row['patterns']))})" for way in _WAYS),
        ]
        for row in ladder.exact
    ]


def _share(way: str, patterns: dict[str, Any]) -> str:
    counts = {name: whole(patterns.get(name)) or 0 for name in _WAYS}
    total = sum(counts.values())
    return f"{100 * counts[way] / total:.1f} %" if total else "–"
