"""checklist.md: the questions that conferences ask about reproducibility, answered from the record of the run."""

import re
from collections.abc import Iterator
from typing import Any

from overparam.report._reading import Folder
from overparam.report._references import theorem
from overparam.report._words import SILENT, VERDICTS, WORDS, spoken, title
from overparam.report.paper import _facts
from overparam.report.paper._facts import setting
from overparam.report.paper._ladder_methods import protocol_of
from overparam.report.paper._stated import eigenvalue_ends
from overparam.report.paper._thresholds import ends_told, limits_told, tolerances_told

NOT_RECORDED = "not recorded"
_LISTED = 30  # theorems or data sets that are told one by one
_LICENCE = "overparam and its checker are under the Apache License 2.0 (the file LICENSE of the program)."
_TOLD_APART = ("overparam", "revision", "source", "code", "device", "processor", "threads")
_PAGE = re.compile(r"docs/theory/\w+\.md")
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
        ("Sensitivity", "How much do the results hang on tolerances, step limits and other budgets?",
         _sensitivity(folder)),
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
    words = _words(folder)
    known = [word for word in WORDS if word in words]
    yield from (f"{_many(words.count(word), 'record')} {spoken(word)}: {WORDS[word]}." for word in known)
    if folder.sweep is not None:
        yield f"{_many(len(folder.sweep.rows), 'cell')} of a sweep, observed: {WORDS['observed']}."
    if not any((folder.claims, words, folder.sweep)):
        yield NOT_RECORDED
    yield "Each number of numbers.tex has its word, what it is and its file in report.json."


def _words(folder: Folder) -> list[str]:
    """The words of all records but claims, each as often as it stands there."""
    words = [str(rung["word"]) for ladder in folder.ladders for rung in ladder.rungs]
    words += [str(row["word"]) for one in folder.comparisons for row in one.largest()]
    words += [one.word for one in (*folder.networks, *folder.kernels)]
    return words + ["certified" for kernel in folder.kernels if eigenvalue_ends(kernel) != (None, None)]


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


def _theory(folder: Folder) -> Iterator[str]:
    rungs = [rung for ladder in folder.ladders for rung in ladder.rungs if rung["word"] in _facts.PROVED]
    slugs = {rung["theorem"] for rung in rungs}
    slugs |= {row["theorem"] for one in folder.comparisons for row in one.largest() if row["word"] in _facts.PROVED}
    slugs |= {one.theorem for one in folder.networks if one.word == "certified"}
    used = [_entry(entry) for slug in sorted(map(str, slugs)) if (entry := theorem(slug)) is not None]
    pages = sorted({page for rung in rungs for page in _PAGE.findall(str(rung["budget"] or ""))})
    used += [f"What the tangent kernel's rank is taken to show is proved in {page}." for page in pages]
    used = [*_unnamed(folder), *used]
    judged = [_judged(claim) for claim in folder.claims]
    yield from used[:_LISTED]
    if len(used) > _LISTED:
        yield f"{len(used) - _LISTED} further theorems: `overparam theorems` prints hypotheses and source of each."
    yield from judged[:_LISTED]
    if len(judged) > _LISTED:
        yield f"{len(judged) - _LISTED} further claims were judged: report.html names the source of each."
    if not (used or judged):
        yield f"Theorems used: {'none' if _complete(folder) else NOT_RECORDED}."
    findings = [(ladder.name, row) for ladder in folder.ladders for row in ladder.findings]
    for name, row in findings[:_LISTED]:
        detail = f": {_plain(row['detail'])}" if row["detail"] else ""
        how = f"{_plain(spoken(row['status']))} ({_plain(spoken(row['how']))})"
        yield f"{_plain(name)}: {_plain(row['name'])}: {how}{detail}."


def _complete(folder: Folder) -> bool:
    """Whether there are records at all, so that what they do not name was not used."""
    return bool(folder.ladders or folder.comparisons or folder.kernels or folder.networks or folder.sweep)


def _entry(entry: Any) -> str:
    """A theorem with its hypotheses and where it is stated; proved are those with a page of their own."""
    needs = "; ".join(hypothesis.__name__.replace("_", " ") for hypothesis in entry.hypotheses) or "none"
    pages = list(dict.fromkeys(_PAGE.findall(entry.locator)))
    told = [] if entry.locator in pages and not entry.cite else [", ".join(filter(None, [entry.cite, entry.locator]))]
    source = [f"source: {_plain(one)}" for one in told if one] + [f"proved in {_plain(page)}" for page in pages]
    return f"`{entry.key}`: hypotheses: {_plain(needs)}; {'; '.join(source) or f'source: {NOT_RECORDED}'}."


def _judged(claim: dict[str, Any]) -> str:
    """A claim's theorem, or where the claim is taken from."""
    told = f"Judged, {claim['verdict']}: "
    if (entry := theorem(claim["id"])) is not None:
        return told + _entry(entry)
    places = ", ".join(filter(None, [*claim["cites"], str(claim["locator"] or "")]))
    return f"{told}`{_code_of(claim['id'])}`: source: {_plain(places) or NOT_RECORDED}."


def _unnamed(folder: Folder) -> Iterator[str]:
    """What rests on no theorem entry."""
    free = {str(row["construction"]) for one in folder.comparisons for row in one.largest() if not row["theorem"]}
    free |= {one.title for one in folder.networks if one.command == "memorize" and not one.theorem}
    if free:
        yield f"No theorem is named for the size of: {_plain(', '.join(sorted(free)))}."
    if any(network.command in ("certify", "prove") for network in folder.networks):
        yield (
            "Single certificates use no theorem of the list; docs/trust.md names the proof of the method by which each "
            "kind is decided."
        )


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
        yield _plain(_facts.evidence_told(folder.claims))
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
        budgets = [(f"{title(r['rung'])}, in the words of the run", r["budget"]) for r in ladder.rungs if r["budget"]]
        rows = [*protocol_of(ladder), *budgets]
        told = told or bool(rows)
        yield from (f"{_plain(ladder.name)}, {_plain(spoken(key))}: {_plain(value)}." for key, value in rows)
    if folder.claims:
        told = True
        size = _plain(_facts.sizes_told(folder.claims))
        yield f"Claims: size {size}; all settings of a study are in its source file."
    for kernel in folder.kernels:
        told = True
        yield f"{_plain(kernel.name)}: {_plain(kernel.which)} of a {_plain(kernel.kernel or NOT_RECORDED)}."
    if folder.sweep is not None:
        told = True
        yield "Sweep: settings are in spec.toml, or the defaults of the program; methods.tex says them in words."
    if not told:
        yield NOT_RECORDED


def _statistics(folder: Folder) -> Iterator[str]:
    told = False
    for ladder in folder.ladders:
        if seed := ladder.protocol.get("root seed") or ladder.protocol.get("seeds"):
            told = True
            yield f"{_plain(ladder.name)}: seeds: {_plain(seed)}; seeds of drawn data are in the notes above."
        if ladder.gd and (rung := ladder.rung("gd")) is not None:
            told = True
            over = f" ({_plain(spoken(rung['quantifier']))})" if rung["quantifier"] else ""
            yield (
                f"{_plain(ladder.name)}, threshold of gradient descent{over}: {_plain(ends_told(ladder))}  Sequential "
                "tests, see methods.tex."
            )
    if folder.claims:
        told = True
        roots = _plain(_facts.roots_told(folder.claims))
        yield (
            f"Claims: root seeds: {roots}.  The level of an interval is stated with it, for that claim alone unless it "
            "says jointly."
        )
    if folder.sweep is not None:
        told = True
        seeds, root = folder.sweep.settings.get("seeds"), folder.sweep.settings.get("root_seed")
        wanted, there = sum(row["seeds"] for row in folder.sweep.rows), sum(row["rows"] for row in folder.sweep.rows)
        over = "initializations, and data where they are drawn" if folder.sweep.settings.get("data_per_seed") else (
            "initializations")  # fmt: skip
        yield (
            f"Sweep: {seeds} seeds a cell from root seed {root} were asked for; {there} of {wanted} are there; "
            f"Clopper-Pearson intervals at 95 % for single cells, over {over}; censored and missing seeds widen them."
        )
    if folder.comparisons or any(one.command == "memorize" for one in folder.networks):
        told = True
        yield f"Constructions are deterministic; seeds of those that draw stand in their notes, or are {NOT_RECORDED}."
    if any(one.command == "prove" for one in folder.networks):
        told = True
        yield f"Proofs of a rank and of lazy training begin with a random draw: its root seed is {NOT_RECORDED}."
    if folder.kernels or any(one.command == "certify" for one in folder.networks):
        told = True
        yield "Kernels, and certificates of one's own network, have no randomness of their own."
    if not told:
        yield NOT_RECORDED


def _sensitivity(folder: Folder) -> Iterator[str]:
    if any(word == "certified" for word in _words(folder)):
        yield "Certified: what the checker accepted hangs on no tolerance and no budget of a floating-point run."
    for ladder in folder.ladders:
        if ladder.gd and ladder.rung("gd") is not None:
            tolerance = tolerances_told(ladder) or f"other tolerances: {NOT_RECORDED}."
            yield f"{_plain(ladder.name)}: {_plain(tolerance)}"
            if limits := limits_told(ladder):
                yield f"{_plain(ladder.name)}: {_plain(limits)}"
        if ladder.rung("found") is not None:
            yield f"{_plain(ladder.name)}: smaller networks may exist than the search found within its budget."
    if folder.claims:
        yield "Claims: as far as the evidence of each says."
    if folder.sweep is not None:
        censored = sum(row["max_steps"] for row in folder.sweep.rows)
        yield (
            f"Sweep: {censored} seeds were at their step limit, and widen the intervals; other tolerances than "
            f"those of the cells: {NOT_RECORDED}."
        )
    if folder.comparisons:
        yield "Constructions: which of them survive rounding to float32 and float64 is in their table."
    if not (folder.ladders or folder.claims or folder.sweep or folder.comparisons or "certified" in _words(folder)):
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


def _code_of(text: object) -> str:
    """Text between back-ticks."""
    return " ".join("".join(c if c.isprintable() and c != "`" else " " for c in str(text)).split())


def _plain(text: object) -> str:
    """Text that Markdown shows as it stands, on one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).translate(_MARKS).split())
