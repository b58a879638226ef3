"""Claims as the page shows them: a row of the verdict table each, and below it all that stands behind the verdict."""

import re
import shlex
from typing import Any

from overparam.report._references import cited, theorem
from overparam.report._words import SILENT, VERDICTS, asked_word, safe, short, slack_of
from overparam.report.figures._style import inline
from overparam.report.page._keys import key_of

CHECK = "python -I -S proofs_check check"
_NOT_SHOWN = (
    "does not show",
    "do not show",
    "does not prove",
    "proves nothing",
    "shows nothing",
    "rest on the theorem",
    "is the theorem's",
)
_ORDER = list(VERDICTS)


def tally(claims: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """How many claims have each verdict, in the order of the words."""
    verdicts = [str(claim["verdict"]) for claim in claims]
    return [(verdict, verdicts.count(verdict)) for verdict in VERDICTS if verdict in verdicts]


def topics(claims: list[dict[str, Any]], figures: dict[str, dict[str, dict[str, bytes]]]) -> list[dict[str, Any]]:
    """Topics in the order in which they come up, each with its claims."""
    names = dict.fromkeys(str(claim["topic"] or "") for claim in claims)
    return [
        {"name": name, "claims": [_claim(c, figures) for c in claims if str(c["topic"] or "") == name]}
        for name in names
    ]


def _claim(claim: dict[str, Any], figures: dict[str, dict[str, dict[str, bytes]]]) -> dict[str, Any]:
    evidence, silent = _split(str(claim["evidence"] or ""))
    silent = silent or _silent(claim)
    certificate, width = claim["certificate"], claim["width"]
    return claim | {
        "anchor": f"claim-{safe(claim['id'])}",
        "gloss": VERDICTS.get(str(claim["verdict"]), ""),
        "order": _ORDER.index(claim["verdict"]) if claim["verdict"] in _ORDER else len(_ORDER),
        "key": key_of(claim),
        "evidence": evidence,
        "silent": silent,
        "silent_first": _first(silent),
        # of claims with measurements beside them the sentences that the checker accepted are proved, not the paragraph
        "evidence_word": "observed" if claim["links"] or claim["sentences"] or not certificate else "certified",
        "chain": [
            {
                "lemma": link.lemma,
                "asked": f"{link.kind} {short(link.bound)}",
                "observed": short(link.observed),
                "slack": slack_of(link),
                "holds": link.holds,
            }
            for link in claim["links"]
        ],
        "asked": None
        if width is None
        else "more than any float holds"
        if width["asked"] is None
        else short(width["asked"]),
        "asked_word": None if width is None else asked_word(width),
        "had": None if width is None else width["had"],
        "constants": None if width is None else width["constants"],
        "source": _source(claim),
        "command": f"{CHECK} {shlex.quote(str(certificate))}" if certificate else None,
        "drawings": _drawings(claim, figures),
    }


def _split(evidence: str) -> tuple[str, str]:
    """The evidence, and those of its sentences that say what it does not show."""
    shown, silent = [], []
    for sentence in re.split(r"(?<=\.)\s+|; (?=it does not )", evidence):
        kept = silent if any(phrase in sentence.lower() for phrase in _NOT_SHOWN) else shown
        kept.append(sentence)
    closed = [one if one.endswith((".", ":")) else f"{one}." for one in silent]
    return " ".join(shown), " ".join(one[:1].upper() + one[1:] for one in closed)


def _first(text: str) -> str:
    """The first sentence, for the table."""
    return re.split(r"(?<=[.:]) (?=[A-Z])", text)[0].replace("theorem:", "theorem.")


def _silent(claim: dict[str, Any]) -> str:
    """What the verdict leaves open; of a theorem that floats agree with, its proof is its source's."""
    if claim["verdict"] == "CONSISTENT" and str(claim["refuted_by"] or "").startswith("Would show an error"):
        return "A theorem, tested in floating point: its proof is in the source, and nothing here proves it."
    general = SILENT.get(str(claim["verdict"]), "").removeprefix("Not shown: ")
    return general[:1].upper() + general[1:]


def _source(claim: dict[str, Any]) -> str:
    """Bibliography keys and where in them."""
    keys = [key for key in claim["cites"] if cited(key) is not None]
    entry = theorem(claim["id"])
    if entry is not None and entry.cite:
        return f"{entry.cite}, {entry.locator}"
    return "; ".join(filter(None, [", ".join(keys), str(claim["locator"] or "")]))


def _drawings(claim: dict[str, Any], figures: dict[str, dict[str, dict[str, bytes]]]) -> list[str]:
    """The figures of one claim as elements of the page."""
    found = []
    for index, plot in enumerate(claim["plots"], 1):
        drawn = figures.get(f"{safe(claim['id'])}-{index}", {}).get("claim")
        if drawn is not None:
            found.append(inline(drawn["svg"], prefix=f"c{safe(claim['id'])}{index}", label=label(plot.title)))
    return found


def label(text: str) -> str:
    """Text that may stand in an attribute of an element."""
    return re.sub(r"[^A-Za-z0-9 ,.:;()=+-]", " ", text)
