"""Claims as the page shows them: by topic, each with its evidence, its theorem's chain, and what it leaves open."""

import shlex
from typing import Any

from overparam.report._references import cited, theorem
from overparam.report._words import SILENT, VERDICTS, short, slack_of

CHECK = "python -I -S proofs_check check"
_NOT_SHOWN = ("does not show", "do not show", "does not prove", "not shown:")


def tally(claims: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """How many claims have each verdict, in the order of the words."""
    verdicts = [str(claim["verdict"]) for claim in claims]
    return [(verdict, verdicts.count(verdict)) for verdict in VERDICTS if verdict in verdicts]


def topics(claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Topics in the order in which they come up, each with its claims."""
    names = dict.fromkeys(str(claim["topic"] or "") for claim in claims)
    return [{"name": name, "claims": [_claim(c) for c in claims if str(c["topic"] or "") == name]} for name in names]


def _claim(claim: dict[str, Any]) -> dict[str, Any]:
    """A claim with its evidence split at the sentence that says what it does not show."""
    evidence, silent = str(claim["evidence"] or ""), ""
    sentences = evidence.replace("; it does not", ". It does not").split(". ")
    for i, sentence in enumerate(sentences):
        if any(phrase in sentence.lower() for phrase in _NOT_SHOWN):
            evidence, silent = ". ".join(sentences[:i]), ". ".join(sentences[i:])
            evidence += "." if evidence and not evidence.endswith(".") else ""
            break
    certificate = claim["certificate"]
    command = f"{CHECK} {shlex.quote(str(certificate))}" if certificate else None
    width = claim["width"]
    return claim | {
        "chain": [
            {
                "lemma": link.lemma,
                "wanted": f"{link.kind} {short(link.bound)}",
                "observed": short(link.observed),
                "slack": slack_of(link),
                "holds": link.holds,
            }
            for link in claim["links"]
        ],
        "asked": None if width is None else short(width["asked"]),
        "had": None if width is None else width["had"],
        "constants": None if width is None else width["constants"],
        "source": _source(claim),
        "evidence": evidence,
        "silent": silent or _silent(claim),
        "command": command,
        "gloss": VERDICTS.get(str(claim["verdict"]), ""),
    }


def _silent(claim: dict[str, Any]) -> str:
    """What the verdict leaves open; of a theorem that floats agree with, its proof is its source's."""
    if claim["verdict"] == "CONSISTENT" and str(claim["refuted_by"] or "").startswith("Would show an error"):
        return "A theorem, tested in floating point: its proof is in the source, and nothing here proves it."
    return SILENT.get(str(claim["verdict"]), "")


def _source(claim: dict[str, Any]) -> str:
    """Bibliography keys and where in them."""
    keys = [key for key in claim["cites"] if cited(key) is not None]
    entry = theorem(claim["id"])
    if entry is not None and entry.cite:
        return f"{entry.cite}, {entry.locator}"
    return "; ".join(filter(None, [", ".join(keys), str(claim["locator"] or "")]))
