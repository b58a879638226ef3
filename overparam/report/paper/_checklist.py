"""checklist.md: the questions that conferences ask about reproducibility, answered from the record of the run."""

from collections.abc import Iterator

from overparam.report._reading import Folder
from overparam.report._words import SILENT, VERDICTS, WORDS, spoken
from overparam.report.paper import _facts
from overparam.report.paper._checklist_theory import theory
from overparam.report.paper._checklist_training import sensitivity, settings, statistics
from overparam.report.paper._facts import setting
from overparam.report.paper._markdown import LISTED, NOT_RECORDED, listed, many, plain

_LICENCE = "overparam and its checker are under the Apache License 2.0 (the file LICENSE of the program)."
_TOLD_APART = ("overparam", "revision", "source", "code", "device", "processor", "threads")


def checklist(folder: Folder) -> str:
    """Markdown; an answer that the record does not hold is "not recorded", for the authors to fill in."""
    questions = [
        ("Claims", "Do the main claims reflect what was shown, and with what kind of evidence?", _claims(folder)),
        ("Limitations", "What do the results not show?", _limits(folder)),
        ("Theory", "Are all assumptions stated, and is each theorem proved or cited?", theory(folder)),
        ("Data", "Where do the data come from, and can they be obtained?", _data(folder)),
        ("Code", "Is the code available, and can the results be reproduced with it?", _code(folder)),
        ("Settings", "Are all settings and budgets of training and search given, and how were they chosen?",
         settings(folder)),
        ("Statistics", "Are seeds, error bars and what they capture stated?", statistics(folder)),
        ("Sensitivity", "How much do the results hang on tolerances, step limits and other budgets?",
         sensitivity(folder)),
        ("Compute", "On what machines, and for how long, did it run?", _compute(folder)),
        ("Licences", "Are the licences of software and data respected and stated?", _licences(folder)),
    ]  # fmt: skip
    lines = [
        "# Reproducibility checklist",
        "",
        "Answered from the files of the run.  What is *not recorded* is for the authors to say.",
    ]
    if folder.missing:
        lines += ["", f"**PARTIAL**: {'; '.join(map(plain, folder.missing))}."]
    for heading, question, answers in questions:
        lines += ["", f"## {heading}", "", f"*{question}*", "", *(f"- {answer}" for answer in answers)]
    return "\n".join(lines) + "\n"


def _claims(folder: Folder) -> Iterator[str]:
    counts = [(verdict, sum(c["verdict"] == verdict for c in folder.claims)) for verdict in VERDICTS]
    yield from (f"{verdict}, {many(count, 'claim')}: {VERDICTS[verdict]}." for verdict, count in counts if count)
    words = _facts.words(folder)
    known = [word for word in WORDS if word in words]
    yield from (f"{many(words.count(word), 'record')} {spoken(word)}: {WORDS[word]}." for word in known)
    if folder.sweep is not None:
        yield f"{many(len(folder.sweep.rows), 'cell')} of a sweep, observed: {WORDS['observed']}."
    if not any((folder.claims, words, folder.sweep)):
        yield NOT_RECORDED
    yield "Each number of numbers.tex has its word, what it is and its file in report.json."


def _limits(folder: Folder) -> Iterator[str]:
    verdicts = {str(claim["verdict"]) for claim in folder.claims}
    yield from (f"{verdict}: {SILENT[verdict]}" for verdict in VERDICTS if verdict in verdicts)
    if folder.claims:
        yield "What single claims leave open stands with each of them in report.html."
    if folder.ladders:
        yield "A ladder speaks of its data set, except where a rung says otherwise; a failed search proves nothing."
    if any("almost" in str(rung["quantifier"]) for ladder in folder.ladders for rung in ladder.rungs):
        yield "A bound for almost every labelling does not exclude that the labels at hand are exceptional."
    if folder.comparisons or any(network.command == "memorize" for network in folder.networks):
        yield "A construction shows that a network of its size exists, not that training finds it or that it learns."
    if any(network.command == "certify" for network in folder.networks):
        yield "A certificate of one's own network speaks of its points, not of other points or of how it was trained."
    if any(network.command == "prove" for network in folder.networks):
        yield (
            "A proved fact speaks of these points, and of the network and the step that its sentence names: not of "
            "other draws, and of training in exact arithmetic only."
        )
    if folder.kernels:
        yield "Eigenvalues are bounded for the matrix as computed in floating point, not for the exact kernel."
    if folder.sweep is not None:
        yield "Training that fails, or runs out of steps, does not show that the networks cannot fit."


def _data(folder: Folder) -> Iterator[str]:
    points = _facts.data_sets(folder)
    for one in points[:LISTED]:
        size = f"n = {one.n or NOT_RECORDED}, d = {one.d or NOT_RECORDED}"
        digest = f"file {one.sha256}.json" if one.sha256 else f"hash {NOT_RECORDED}"
        notes = "; ".join(one.notes) or f"origin {NOT_RECORDED}"
        yield f"{plain(one.name)}: {size}; {plain(notes)}; {digest}."
    if len(points) > LISTED:
        yield f"{len(points) - LISTED} further data sets are in report.html."
    if folder.sweep is not None:
        kinds = ", ".join(map(str, setting(folder.sweep, "data.data")))
        yield f"Sweep: {plain(kinds)}, drawn or read as spec.toml says."
    if folder.claims:
        yield plain(_facts.evidence_told(folder.claims))
    if not (points or folder.sweep or folder.claims):
        yield NOT_RECORDED
    yield "The program downloads nothing."
    if _facts.certificates(folder):
        yield (
            "The data set, network or matrix of a certificate lies in its folder or beside it: exact numbers in a file "
            "named by its SHA-256."
        )


def _code(folder: Folder) -> Iterator[str]:
    known = _facts.versions(folder)
    yield f"overparam {listed(known.get('overparam'))}, revision {listed(known.get('revision'))}, "\
          f"state of the source {listed([*known.get('source', []), *known.get('code', [])])}."  # fmt: skip
    others = {k: v for k, v in known.items() if k not in _TOLD_APART}
    yield "; ".join(f"{plain(spoken(k))} {listed(v)}" for k, v in sorted(others.items())) + "." if others else (
        f"Versions of other packages: {NOT_RECORDED}."
    )  # fmt: skip
    if paths := _facts.certificates(folder):
        yield (
            f"{many(len(paths), 'folder')} of certificates: `overparam recheck DIR`, or without the program "
            "`python -I -S proofs_check check DIR`; `overparam bundle DIR` packs them with the checker."
        )
    if folder.sweep is not None:
        yield "Sweep: `overparam run spec.toml --out DIR`, and `overparam recheck DIR` computes shards again."


def _compute(folder: Folder) -> Iterator[str]:
    known = _facts.versions(folder)
    yield f"Device: {listed(known.get('device'))}; processor: {listed(known.get('processor'))}."
    yield f"Threads: {listed(known.get('threads'))}."
    yield f"Time: {NOT_RECORDED}."
    yield f"Compute spent on runs that are not reported: {NOT_RECORDED}."


def _licences(folder: Folder) -> Iterator[str]:
    yield _LICENCE
    for one in _facts.data_sets(folder)[:LISTED]:
        drawn = one.source == "drawn by the program"
        told = "drawn by the program, nothing to license" if drawn else f"{one.source}; licence {NOT_RECORDED}"
        yield f"{plain(one.name)}: {plain(told)}."
    if folder.claims or folder.sweep is not None:
        yield f"Data of claims and sweeps: licence {NOT_RECORDED} (drawn data need none)."
