"""checklist.md: the questions that conferences ask about reproducibility, answered from the record of the run."""

from collections.abc import Iterator
from typing import Any

from overparam.report._fields import real
from overparam.report._reading import Folder
from overparam.report._references import theorem
from overparam.report._words import SILENT, VERDICTS, WORDS, spoken
from overparam.report.paper import _facts
from overparam.report.paper._facts import setting

NOT_RECORDED = "not recorded"
_LISTED = 30  # theorems or data sets that are told one by one
_LICENCE = "overparam and its checker are under the Apache License 2.0 (the file LICENSE of the program)."
_TOLD_APART = ("overparam", "revision", "source", "code", "device", "processor", "threads")
_MARKS = str.maketrans({c: f"\\{c}" for c in "\\`*_<>[]#|"})


def checklist(folder: Folder) -> str:
    """Markdown; an answer that the record does not hold is "not recorded", for the authors to fill in."""
    questions = [
        ("Claims", "Do the main claims reflect what was shown, and with what kind of evidence?", _claims(folder)),
        ("Limitations", "What do the results not show?", _limits(folder)),
        ("Theory", "Are all assumptions stated, and is each theorem proved or cited?", _theory(folder)),
        ("Data", "Where do the data come from, and can they be obtained?", _data(folder)),
        ("Code", "Is the code available, and can the results be reproduced with it?", _code(folder)),
        ("Settings", "Are all settings and budgets of training and search given, and how were they chosen?",
         _settings(folder)),
        ("Statistics", "Are seeds, error bars and what they capture stated?", _statistics(folder)),
        ("Compute", "On what machines, and for how long, did it run?", _compute(folder)),
        ("Licences", "Are the licences of software and data respected and stated?", _licences(folder)),
    ]  # fmt: skip
    lines = [
        "# Reproducibility checklist",
        "",
        "Answered from the files of the run.  What is *not recorded* is for the authors to say.",
    ]
    if folder.missing:
        lines += ["", f"**PARTIAL**: {'; '.join(map(_plain, folder.missing))}."]
    for heading, question, answers in questions:
        lines += ["", f"## {heading}", "", f"*{question}*", "", *(f"- {answer}" for answer in answers)]
    return "\n".join(lines) + "\n"


def _claims(folder: Folder) -> Iterator[str]:
    counts = [(verdict, sum(c["verdict"] == verdict for c in folder.claims)) for verdict in VERDICTS]
    yield from (f"{verdict}, {_many(count, 'claim')}: {VERDICTS[verdict]}." for verdict, count in counts if count)
    words = [str(rung["word"]) for ladder in folder.ladders for rung in ladder.rungs]
    words += [str(row["word"]) for one in folder.comparisons for row in one.largest()]
    words += [one.word for one in (*folder.networks, *folder.kernels)]
    known = [word for word in WORDS if word in words]
    yield from (f"{_many(words.count(word), 'record')} {spoken(word)}: {WORDS[word]}." for word in known)
    if folder.sweep is not None:
        yield f"{_many(len(folder.sweep.rows), 'cell')} of a sweep, observed: {WORDS['observed']}."
    if not any((folder.claims, words, folder.sweep)):
        yield NOT_RECORDED
    yield "Each number of numbers.tex has its word, what it is and its file in report.json."


def _limits(folder: Folder) -> Iterator[str]:
    verdicts = {str(claim["verdict"]) for claim in folder.claims}
    yield from (f"{verdict}: {SILENT[verdict]}" for verdict in VERDICTS if verdict in verdicts)
    if folder.claims:
        yield "What single claims leave open stands with each of them in report.html and claims.json."
    if folder.ladders:
        yield "A ladder speaks of its data set, except where a rung says otherwise; a failed search proves nothing."
    if any("almost" in str(rung["quantifier"]) for ladder in folder.ladders for rung in ladder.rungs):
        yield "A bound for almost every labelling does not exclude that the labels at hand are exceptional."
    if folder.comparisons or folder.networks:
        yield "A construction shows that a network of its size exists, not that training finds it or that it learns."
    if folder.kernels:
        yield "Eigenvalues are bounded for the matrix as computed in floating point, not for the exact kernel."
    if folder.sweep is not None:
        yield "Training that fails, or runs out of steps, does not show that the networks cannot fit."


def _theory(folder: Folder) -> Iterator[str]:
    slugs = {rung["theorem"] for ladder in folder.ladders for rung in ladder.rungs}
    slugs |= {row["theorem"] for one in folder.comparisons for row in one.largest()}
    slugs |= {network.theorem for network in folder.networks} | {claim["id"] for claim in folder.claims}
    entries = [entry for slug in sorted(map(str, slugs)) if (entry := theorem(slug)) is not None]
    if not entries:
        yield f"Theorems used: {'none' if folder.sweep is not None or folder.kernels else NOT_RECORDED}."
        return
    for entry in entries[:_LISTED]:
        needs = "; ".join(hypothesis.__name__.replace("_", " ") for hypothesis in entry.hypotheses) or "none"
        proof = ", ".join(filter(None, [entry.cite, entry.locator])) or NOT_RECORDED
        yield f"`{entry.key}`: hypotheses: {_plain(needs)}; proof: {_plain(proof)}."
    if len(entries) > _LISTED:
        yield f"{len(entries) - _LISTED} further theorems: `overparam theorems` prints hypotheses and source of each."
    findings = [(ladder.name, row) for ladder in folder.ladders for row in ladder.findings]
    for name, row in findings[:_LISTED]:
        yield f"{_plain(name)}: {_plain(row['name'])}: {_plain(spoken(row['status']))} ({_plain(spoken(row['how']))})."


def _data(folder: Folder) -> Iterator[str]:
    points = _facts.data_sets(folder)
    for one in points[:_LISTED]:
        size = f"n = {one.n or NOT_RECORDED}, d = {one.d or NOT_RECORDED}"
        digest = f"file {one.sha256}.json" if one.sha256 else f"hash {NOT_RECORDED}"
        notes = "; ".join(one.notes) or f"origin {NOT_RECORDED}"
        yield f"{_plain(one.name)}: {size}; {_plain(notes)}; {digest}."
    if len(points) > _LISTED:
        yield f"{len(points) - _LISTED} further data sets are in report.html."
    if folder.sweep is not None:
        kinds = ", ".join(map(str, setting(folder.sweep, "data.data")))
        yield f"Sweep: {_plain(kinds)}, drawn or read as spec.toml says."
    if folder.claims:
        yield "The data of each claim are named in its evidence."
    if not (points or folder.sweep or folder.claims):
        yield NOT_RECORDED
    yield "Nothing is downloaded; a certificate holds the exact numbers of its data set."


def _code(folder: Folder) -> Iterator[str]:
    known = _facts.versions(folder)
    yield f"overparam {_listed(known.get('overparam'))}, revision {_listed(known.get('revision'))}, "\
          f"state of the source {_listed([*known.get('source', []), *known.get('code', [])])}."  # fmt: skip
    others = {k: v for k, v in known.items() if k not in _TOLD_APART}
    yield "; ".join(f"{_plain(spoken(k))} {_listed(v)}" for k, v in sorted(others.items())) + "." if others else (
        f"Versions of other packages: {NOT_RECORDED}."
    )  # fmt: skip
    if paths := _facts.certificates(folder):
        yield (
            f"{_many(len(paths), 'folder')} of certificates: `overparam recheck DIR`, or without the program "
            "`python -I -S proofs_check check DIR`; `overparam bundle DIR` packs them with the checker."
        )
    if folder.sweep is not None:
        yield "Sweep: `overparam run spec.toml --out DIR`, and `overparam recheck DIR` computes shards again."


def _settings(folder: Folder) -> Iterator[str]:
    told = False
    for ladder in folder.ladders:
        rows = [*ladder.protocol.items(), *((str(r["rung"]), r["budget"]) for r in ladder.rungs if r["budget"])]
        told = told or bool(rows)
        yield from (f"{_plain(ladder.name)}, {_plain(spoken(key))}: {_plain(value)}." for key, value in rows)
    if folder.claims:
        told = True
        size = ", ".join(_facts.sizes(folder)) or NOT_RECORDED
        yield f"Claims: size {_plain(size)}; settings of each study are in its evidence and its source file."
    if folder.sweep is not None:
        told = True
        yield "Sweep: every setting is in spec.toml; methods.tex says it in words."
    if not told:
        yield NOT_RECORDED


def _statistics(folder: Folder) -> Iterator[str]:
    told = False
    for ladder in folder.ladders:
        if seed := ladder.protocol.get("root seed") or ladder.protocol.get("seeds"):
            told = True
            yield f"{_plain(ladder.name)}: seeds: {_plain(seed)}; seeds of drawn data are in the notes above."
        if ladder.gd and (level := real(ladder.gd.get("level"))) is not None:
            told = True
            yield (
                f"{_plain(ladder.name)}: the threshold of gradient descent has confidence {level:g} over random "
                "initializations or draws, as its rung says; sequential tests, see methods.tex."
            )
    if folder.claims:
        told = True
        seeds = ", ".join(_facts.roots(folder)) or NOT_RECORDED
        yield f"Claims: root seeds {_plain(seeds)}; levels and what an interval captures are in the evidence."
    if folder.sweep is not None:
        told = True
        seeds, root = folder.sweep.settings.get("seeds"), folder.sweep.settings.get("root_seed")
        yield (
            f"Sweep: {seeds} seeds a cell from root seed {root}; Clopper-Pearson intervals at 95 % for single cells, "
            "over initializations, and over data where each seed draws its own; censored seeds widen them."
        )
    if folder.comparisons or folder.networks or folder.kernels:
        told = True
        yield "Constructions and kernels are deterministic, except for draws that their notes name."
    if not told:
        yield NOT_RECORDED


def _compute(folder: Folder) -> Iterator[str]:
    known = _facts.versions(folder)
    yield f"Device: {_listed(known.get('device'))}; processor: {_listed(known.get('processor'))}."
    yield f"Threads: {_listed(known.get('threads'))}."
    yield f"Time: {NOT_RECORDED}."
    yield f"Compute spent on runs that are not reported: {NOT_RECORDED}."


def _licences(folder: Folder) -> Iterator[str]:
    yield _LICENCE
    for one in _facts.data_sets(folder)[:_LISTED]:
        drawn = one.source == "drawn by the program"
        told = "drawn by the program, nothing to license" if drawn else f"{one.source}; licence {NOT_RECORDED}"
        yield f"{_plain(one.name)}: {_plain(told)}."
    if folder.claims or folder.sweep is not None:
        yield f"Data of claims and sweeps: licence {NOT_RECORDED} (drawn data need none)."


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _listed(values: list[Any] | None) -> str:
    return _plain(", ".join(map(str, values))) if values else NOT_RECORDED


def _plain(text: object) -> str:
    """Text that Markdown shows as it stands, on one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).translate(_MARKS).split())
