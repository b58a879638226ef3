"""The methods section of a paper, put together from what the records say; nothing is said that none of them shows."""

from collections.abc import Iterator
from typing import Any

from overparam.report._reading import Folder
from overparam.report._references import source
from overparam.report._singles import Kernel
from overparam.report._words import VERDICTS, spoken
from overparam.report.paper import _facts
from overparam.report.paper._ladder_methods import ladder_paragraphs
from overparam.report.paper._numbers import rounded
from overparam.report.paper._sweep_methods import sweep_paragraphs
from overparam.report.paper._tables import claim_keys
from overparam.report.paper._tex import cite, comment, escape, tex_number

_HEAD = (
    "Methods, put together from the records of the run.  Sources are in refs.bib; rewrite freely, the numbers are the "
    "run's."
)
Paragraph = tuple[str, list[str]]


def methods(folder: Folder) -> str:
    """LaTeX paragraphs; every `\\cite` has its entry in the bibliography."""
    parts = [
        *_data(folder),
        *ladder_paragraphs(folder.ladders),
        *_constructions(folder),
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
        at = ", ".join(map(str, one.at))
        told.append(
            f"On {escape(one.name)}, {len(one.largest())} constructions were built on the first {at} points "
            f"{cite(keys)}; of the networks of the most points the checker accepted {certified}.  Sizes are those of "
            "the rational networks; what survives in floating point was found by rounding the weights."
        )
        if refused := one.refused():
            told.append(f"Not built: {escape(', '.join(name for name, _ in refused))}.")
    for network in folder.networks:
        entry = source(network.theorem)
        origin = f" {cite([entry.key])}" if entry is not None else ""
        on = f" on {escape(network.name)}" if network.name else ""
        stands = "The checker accepted" if network.word == "certified" else "Not given to the checker"
        told.append(f"{escape(_capital(network.title))}{origin}{on}. {stands}: {escape(network.says)}")
    if told:
        yield "Constructions", told


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
        if kernel.certified["certificate"]:
            proved = {"lower": kernel.certified["at_least"], "upper": kernel.certified["at_most"]}
            told.append(f"The checker accepted, of the matrix as computed, a least eigenvalue{_interval(proved)}.")
    if told:
        told.append("All intervals are for the matrix as it was computed in floating point.")
        yield "Kernels", told


def _claims(folder: Folder) -> Iterator[Paragraph]:
    claims = folder.claims
    if not claims:
        return
    size = _facts.sizes(folder)
    at = f" at size {' and '.join(map(escape, size))}" if size else ""
    counts = [(verdict, sum(c["verdict"] == verdict for c in claims)) for verdict in VERDICTS]
    told = [f"{_count(len(claims), 'claim was', 'claims were')} judged{at}."]
    told += [f"{verdict} ({count}): {escape(VERDICTS[verdict])}." for verdict, count in counts if count]
    if any(claim["refuted_by"] for claim in claims):
        told.append("What would refute a claim, or show an error, was stated with it before the run.")
    if roots := _facts.roots(folder):
        told.append(f"Root seeds of the measurements: {escape(', '.join(roots))}; a second one is used where the first "
                    "measurement did not agree with the claim.")  # fmt: skip
    topics = dict.fromkeys(str(claim["topic"] or "") for claim in claims)
    for topic in topics:
        among = [claim for claim in claims if str(claim["topic"] or "") == topic]
        keys = {key for claim in among for key in claim_keys(claim)}
        told.append(f"{escape(topic or 'Without a topic')}: {_count(len(among), 'claim', 'claims')} {cite(keys)}.")
    told.append(
        "The data, seeds, levels and counts of each claim are in its evidence; intervals are for the claim at hand, "
        "not for all claims together, where it does not say jointly."
    )
    yield "Claims", told


def _checking(folder: Folder) -> Iterator[Paragraph]:
    paths = _facts.certificates(folder)
    if not paths:
        return
    told = [
        "What is called certified was accepted by an exact checker: integers and fractions, and balls with rational "
        f"radii where transcendental functions enter, in Python without packages {cite(['overparam'])}.",
        f"The records name {_count(len(paths), 'folder', 'folders')} of certificates; each holds the statement in the "
        "checker's words, the witness, and the data set under its SHA-256.",
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


def _count(value: int, one: str, many: str) -> str:
    return f"{value} {one if value == 1 else many}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
