"""The one number of a claim for the verdict table: an interval, the tightest inequality, or what was accepted."""

import math
import re
from typing import Any, NamedTuple

from overparam.records import Link
from overparam.report._words import number, short, slack_of

_NUMBER = r"[-+]?\d[\d.]*(?:e[-+]?\d+)?"
_INTERVAL = re.compile(rf"\[{_NUMBER}, {_NUMBER}\]|{_NUMBER} \+- {_NUMBER}")
_LONGEST = 160


class Key(NamedTuple):
    """The number, in words, and the word for what stands behind it."""

    says: str
    word: str  # certified, observed, theorem
    room: float | None  # by what factor an inequality holds: below 1 where it fails; None for everything else


def key_of(claim: dict[str, Any]) -> Key | None:
    """The key number of a claim; None where the record has none.

    An estimate shows the first interval of its evidence, a certified claim what the checker accepted.  Otherwise the
    inequality with the least room speaks, since a claim is as strong as that; without inequalities the certificates,
    or the width that a theorem asks for.
    """
    if claim["verdict"] == "CERTIFIED" and claim["certificate"]:
        return _accepted(claim)
    if claim["verdict"] == "ESTIMATED" and (found := _interval(str(claim["evidence"] or ""))):
        return Key(found, "observed", None)
    if (link := tightest(claim["links"])) is not None:
        says = f"{link.lemma}: {short(link.observed)}, {link.kind} {short(link.bound)} asked; {slack_of(link)}"
        return Key(says, "observed", link.slack if math.isfinite(link.slack) else None)
    if claim["certificate"]:
        return _accepted(claim)
    if (width := claim["width"]) is not None:
        asked = "more than any float holds" if width["asked"] is None else short(width["asked"])
        says = f"width asked {asked} (constants: {width['constants']}), here {number(width['had'])}"
        return Key(says, "theorem" if width["constants"] == "explicit" else "assumed", None)
    return None


def _accepted(claim: dict[str, Any]) -> Key:
    many = claim["certificates"]
    said = "its certificates" if many is None else "1 certificate" if many == 1 else f"{many} certificates"
    return Key(f"accepted by the checker: {said}", "certified", None)


def tightest(links: list[Link]) -> Link | None:
    """The inequality that fails, else the one with the least room, else the first."""
    failing = [link for link in links if not link.holds]
    if failing:
        return failing[0]
    return min(links, key=lambda link: link.slack, default=None)


def _interval(evidence: str) -> str | None:
    """The first number with an interval, with the words before it back to the start of its clause."""
    match = _INTERVAL.search(evidence)
    if match is None:
        return None
    before = evidence[: match.start()]
    for stop in (". ", "; ", ": "):  # a shorter piece only where the clause is long
        start = before.rfind(stop)
        clause = evidence[start + len(stop) if start >= 0 else 0 : match.end()]
        if len(clause) <= _LONGEST:
            return clause.strip()
    return match.group()
