"""The methods section of a paper, put together from what the records say; nothing is said that none of them shows."""

from collections.abc import Iterable, Iterator
from typing import Any

from overparam.report._ladders import Comparison
from overparam.report._reading import Folder
from overparam.report._references import source
from overparam.report._singles import Kernel
from overparam.report._words import VERDICTS, spoken
from overparam.report.paper import _facts
from overparam.report.paper._ladder_methods import ladder_paragraphs
from overparam.report.paper._numbers import rounded
from overparam.report.paper._stated import eigenvalue_ends
from overparam.report.paper._sweep_methods import sweep_paragraphs
from overparam.report.paper._tables import claim_keys
from overparam.report.paper._tex import cite, comment, escape, tex_number

_HEAD = (
    "Methods, put together from the records of the run.  Sources are in refs.bib; rewrite freely, the numbers are the "
    "run's."
)
_PROOFS = ("certify", "prove")  # commands
_STANDS = {
    "certified": "The checker accepted",
    "recorded": "Recorded, but not accepted by the checker when this was written",
    "observed": "Not given to the checker",
}
_CLAIMED = {
    "exact": "meet every label",
    "near": "have within a stated distance a network that meets every label",
    "within": "miss no label by more than a stated bound",
    "fits": "have squared errors of a sum below a stated share of the labels'",
    "observed": "were tried in floating point only",
}
Paragraph = tuple[str, list[str]]


def methods(folder: Folder) -> str:
    """LaTeX paragraphs; every `\\cite` has its entry in the bibliography."""
    parts = [
        *_data(folder),
        *ladder_paragraphs(folder.ladders),
        *_constructions(folder),
        *_proofs(folder),
        *_kernels(folder.kernels),
        *_claims(folder),
        *(sweep_paragraphs(folder.sweep) if folder.sweep is not None else ()),
        *_checking(folder),
        *_software(folder),
    ]
    lines = [comment(_HEAD), r"\begin{sloppypar}"]
    for heading, sentences in parts:
        lines.append(rf"\paragraph{{{heading}.}} " + "\n".join(sentences) + "\n")
    if folder.missing:
        lines.append("\\paragraph{Incomplete.} Some of the run was missing when this was written: "
                     + "; ".join(map(escape, folder.missing)) + ".\n")  # fmt: skip
    return "\n".join([*lines, r"\end{sloppypar}"]) + "\n"


def _data(folder: Folder) -> Iterator[Paragraph]:
    sentences = []
    for points in _facts.data_sets(folder):
        n = "points" if points.n is None else _count(points.n, "point", "points")
        d = "" if points.d is None else f" in dimension {points.d}"
        told = f"; {'; '.join(map(escape, points.notes))}" if points.notes else ""
        sentences.append(f"The data set {escape(points.name)} has {n}{d}{told}.")
        if points.sha256:
            sentences.append(f"The file of its exact numbers has the SHA-256 \\texttt{{{escape(points.sha256)}}}.")
    if sentences:
        yield "Data", sentences


def _constructions(folder: Folder) -> Iterator[Paragraph]:
    told = []
    for one in folder.comparisons:
        keys = {entry.key for row in one.largest() if (entry := source(row["theorem"])) is not None}
        certified = sum(row["word"] == "certified" for row in one.largest())
        at = " or ".join(map(str, one.at)) or "several"
        told.append(
            f"On {escape(one.name)}, {_count(len(one.largest()), 'construction was', 'constructions were')} built on "
            f"the first {at} points, each on those numbers to which it applies{_cited(keys)}.  {_claimed(one)}  The "
            f"checker accepted {certified} of these largest networks, each with what it claims.  Sizes are those of "
            "the rational networks that are written out; what survives in floating point was found by rounding their "
            "weights."
        )
        if refused := one.refused():
            told.append(f"Not built: {escape(', '.join(name for name, _ in refused))}.")
    for network in folder.networks:
        if network.command in _PROOFS:
            continue
        entry = source(network.theorem)
        origin = f" {cite([entry.key])}" if entry is not None else ""
        on = f" on {escape(network.name)}" if network.name else ""
        told.append(f"{escape(_capital(network.title))}{origin}{on}. {_STANDS[network.word]}: {escape(network.says)}")
    if told:
        yield "Constructions", told


def _proofs(folder: Folder) -> Iterator[Paragraph]:
    """Certificates of `certify` and `prove`, which are no constructions."""
    told = []
    for network in folder.networks:
        if network.command in _PROOFS:
            on = f" on {escape(network.name)}" if network.name else ""
            subject = f"Subject {escape(network.title)}" if network.command == "prove" else escape(
                _capital(network.title))  # fmt: skip
            told.append(f"{subject}{on}. {_STANDS[network.word]}: {escape(network.says)}")
    if told:
        yield "Single certificates", told


def _claimed(comparison: Comparison) -> str:
    """What the largest networks are said to do, which is not the same for all."""
    claims = [str(row["claim"]) for row in comparison.largest()]
    told = [f"{claims.count(claim)} {words}" for claim, words in _CLAIMED.items() if claim in claims]
    others = sum(claim not in _CLAIMED for claim in claims)
    told += [f"of {others} it was not recorded"] if others else []
    return f"Of the largest network of each, what is claimed: {'; '.join(told)}." if told else ""


def _kernels(kernels: list[Kernel]) -> Iterator[Paragraph]:
    told = []
    for kernel in kernels:
        kind = {"ntk": "tangent kernel", "nngp": "covariance of the outputs"}.get(kernel.which, kernel.which)
        of, on = f"an infinitely wide {escape(kernel.kernel or 'network')}", escape(kernel.name)
        told.append(f"The {escape(kind)} of {of} was computed on {on} ({escape(kernel.word)}).")
        for words, edge in (("least", kernel.least), ("largest", kernel.largest)):
            if edge["value"] is None:
                continue
            doubt = "" if edge["verified"] else ", not shown to be the extreme one"
            value = tex_number(rounded(edge["value"]))
            told.append(f"Its {words} eigenvalue is {value}{_interval(edge)}{doubt}.")
        low, high = eigenvalue_ends(kernel)
        ends = [] if low is None else [f"at least {tex_number(rounded(low, 'down'))}"]
        ends += [] if high is None else [f"at most {tex_number(rounded(high, 'up'))}"]
        if ends:
            told.append(
                f"The checker accepted that the least eigenvalue of the matrix as computed is {' and '.join(ends)}."
            )
    if told:
        told.append(
            "All intervals are for the matrix as it was computed in floating point, not for the exact kernel; those "
            "that the checker did not accept were computed in floating point as well."
        )
        yield "Kernels", told


def _claims(folder: Folder) -> Iterator[Paragraph]:
    claims = folder.claims
    if not claims:
        return
    counts = [(verdict, sum(c["verdict"] == verdict for c in claims)) for verdict in VERDICTS]
    told = [
        f"{_count(len(claims), 'claim was', 'claims were')} judged; size of the runs: "
        f"{escape(_facts.sizes_told(claims))}."
    ]
    told += [f"{verdict} ({count}): {escape(VERDICTS[verdict])}." for verdict, count in counts if count]
    if refutable := sum(bool(claim["refuted_by"]) for claim in claims):
        part = f"{refutable} of the {len(claims)} claims state what would refute them"
        each = "Each claim states what would refute it"
        told.append(f"{each if refutable == len(claims) else part}, or show an error.")
    told.append(f"Root seeds of the measurements: {escape(_facts.roots_told(claims))}.")
    topics = dict.fromkeys(str(claim["topic"] or "") for claim in claims)
    for topic in topics:
        among = [claim for claim in claims if str(claim["topic"] or "") == topic]
        keys = {key for claim in among for key in claim_keys(claim)}
        told.append(f"{escape(topic or 'Without a topic')}: {_count(len(among), 'claim', 'claims')}{_cited(keys)}.")
    told.append(
        f"{_facts.evidence_told(claims)}  An interval has the level that is stated with it, for its own claim and not "
        "for all claims together, unless it says that it holds jointly."
    )
    yield "Claims", told


def _checking(folder: Folder) -> Iterator[Paragraph]:
    paths = _facts.certificates(folder)
    if not paths:
        return
    of_claims = any(claim["certificate"] for claim in folder.claims)
    told = [
        "What is called certified was accepted by an exact checker: integers and fractions, and balls with rational "
        f"radii where transcendental functions enter, in Python without packages {cite(['overparam'])}.",
        f"The records name {_count(len(paths), 'folder', 'folders')} of certificates"
        + (", those of claims with one or more certificates each." if of_claims else "."),
        r"A certificate is a folder of two JSON files: \texttt{statement.json}, what is claimed, of which the checker "
        r"prints a sentence when it accepts, and \texttt{witness.json}, which makes it easy to check.  The files that "
        "the statement speaks of (a data set, a network or a matrix) are named by their SHA-256 and lie in that folder "
        "or beside it.",
        r"The command is \texttt{python -I -S proofs\_check check} with the folder's name.",
    ]
    yield "Certificates", told


def _software(folder: Folder) -> Iterator[Paragraph]:
    known = _facts.versions(folder)
    if not known:
        yield "Software", [f"The program is overparam {cite(['overparam'])}; its version was not recorded."]
        return
    own = ", ".join(known.get("overparam", ["not recorded"]))
    others = [f"{escape(spoken(name))} {escape(', '.join(values))}" for name, values in sorted(known.items())
              if name not in ("overparam", "device")]  # fmt: skip
    listed = f" with {'; '.join(others)}" if others else ""
    device = ", ".join(known.get("device", ["not recorded"]))
    told = [f"Version {escape(own)} of overparam {cite(['overparam'])}{listed}.", f"Device: {escape(device)}."]
    yield "Software", told


def _interval(edge: dict[str, Any]) -> str:
    if edge["lower"] is None or edge["upper"] is None:
        return ""
    low, high = tex_number(rounded(edge["lower"], "down")), tex_number(rounded(edge["upper"], "up"))
    return f", between {low} and {high}"


def _cited(keys: Iterable[str]) -> str:
    found = cite(keys)
    return f" {found}" if found else ""


def _count(value: int, one: str, many: str) -> str:
    return f"{value} {one if value == 1 else many}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
