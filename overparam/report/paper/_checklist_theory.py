"""The checklist's answers about theory: what was used, under which hypotheses, and where it is proved."""

import re
from collections.abc import Iterator
from typing import Any

from overparam.report._reading import Folder
from overparam.report._references import theorem
from overparam.report._words import spoken
from overparam.report.paper import _facts
from overparam.report.paper._markdown import LISTED, NOT_RECORDED, code_of, plain

_PAGE = re.compile(r"docs/theory/\w+\.md")


def theory(folder: Folder) -> Iterator[str]:
    rungs = [rung for ladder in folder.ladders for rung in ladder.rungs if rung["word"] in _facts.PROVED]
    slugs = {rung["theorem"] for rung in rungs}
    slugs |= {row["theorem"] for one in folder.comparisons for row in one.largest() if row["word"] in _facts.PROVED}
    slugs |= {one.theorem for one in folder.networks if one.word == "certified"}
    used = [_entry(entry) for slug in sorted(map(str, slugs)) if (entry := theorem(slug)) is not None]
    pages = sorted({page for rung in rungs for page in _PAGE.findall(str(rung["budget"] or ""))})
    used += [f"What the tangent kernel's rank is taken to show is proved in {page}." for page in pages]
    used = [*_unnamed(folder), *used]
    judged = [_judged(claim) for claim in folder.claims]
    yield from used[:LISTED]
    if len(used) > LISTED:
        yield f"{len(used) - LISTED} further theorems: `overparam theorems` prints hypotheses and source of each."
    yield from judged[:LISTED]
    if len(judged) > LISTED:
        yield f"{len(judged) - LISTED} further claims were judged: report.html names the source of each."
    if not (used or judged):
        yield f"Theorems used: {'none' if _complete(folder) else NOT_RECORDED}."
    findings = [(ladder.name, row) for ladder in folder.ladders for row in ladder.findings]
    for name, row in findings[:LISTED]:
        detail = f": {plain(row['detail'])}" if row["detail"] else ""
        how = f"{plain(spoken(row['status']))} ({plain(spoken(row['how']))})"
        yield f"{plain(name)}: {plain(row['name'])}: {how}{detail}."


def _complete(folder: Folder) -> bool:
    """Whether there are records at all, so that what they do not name was not used."""
    return bool(folder.ladders or folder.comparisons or folder.kernels or folder.networks or folder.sweep)


def _entry(entry: Any) -> str:
    """A theorem with its hypotheses and where it is stated; proved are those with a page of their own."""
    needs = "; ".join(hypothesis.__name__.replace("_", " ") for hypothesis in entry.hypotheses) or "none"
    pages = list(dict.fromkeys(_PAGE.findall(entry.locator)))
    told = [] if entry.locator in pages and not entry.cite else [", ".join(filter(None, [entry.cite, entry.locator]))]
    source = [f"source: {plain(one)}" for one in told if one] + [f"proved in {plain(page)}" for page in pages]
    return f"`{entry.key}`: hypotheses: {plain(needs)}; {'; '.join(source) or f'source: {NOT_RECORDED}'}."


def _judged(claim: dict[str, Any]) -> str:
    """A claim's theorem, or where the claim is taken from."""
    told = f"Judged, {claim['verdict']}: "
    if (entry := theorem(claim["id"])) is not None:
        return told + _entry(entry)
    places = ", ".join(filter(None, [*claim["cites"], str(claim["locator"] or "")]))
    return f"{told}`{code_of(claim['id'])}`: source: {plain(places) or NOT_RECORDED}."


def _unnamed(folder: Folder) -> Iterator[str]:
    """What rests on no theorem entry."""
    free = {str(row["construction"]) for one in folder.comparisons for row in one.largest() if not row["theorem"]}
    free |= {one.title for one in folder.networks if one.command == "memorize" and not one.theorem}
    if free:
        yield f"No theorem is named for the size of: {plain(', '.join(sorted(free)))}."
    if any(network.command in ("certify", "prove") for network in folder.networks):
        yield (
            "Single certificates use no theorem of the list; docs/trust.md names the proof of the method by which each "
            "kind is decided."
        )
