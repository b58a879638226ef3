"""How the ladders were filled, in sentences; what is the same for several data sets is said once."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from overparam.report._fields import real
from overparam.report._ladders import Ladder
from overparam.report._references import source
from overparam.report._words import spoken, title
from overparam.report.paper._facts import PROVED
from overparam.report.paper._tables import usual_family
from overparam.report.paper._terms import DIVERGED, SHARPNESS, laws_told
from overparam.report.paper._tex import cite, escape, tex_number
from overparam.report.paper._thresholds import ends_told, tolerances_told

_CONSTRUCTIONS = ("pairs", "greedy", "distinct", "bubeck-4ceil", "zhang", "baum")
_SEARCH = (
    "What fits in floating point is repaired, where that succeeds, to rational weights that meet every label exactly, "
    "and given to the checker; a search that finds nothing proves nothing."
)
_CONFIRMED = (
    "Widths are explored first; then, on fresh seeds, one width is to be confirmed from each side.  The evidence is a "
    "nonnegative supermartingale if the success probability at that width lies on the other side of $q$ (the "
    "hypothesis being tested), and by Ville's inequality it would then exceed $1/\\alpha$ with probability at most "
    "$\\alpha$, so that looking after every trial costs nothing.  The two sides, and up to three attempts on each, "
    "share the error probability.  A trial that ran out of steps is censored: it is no failure, and it counts against "
    "the side that was being confirmed."
)


def ladder_paragraphs(ladders: Sequence[Ladder]) -> Iterator[tuple[str, list[str]]]:
    """Widths and their searches, and the thresholds of gradient descent, as paragraphs of the methods."""
    if ladders:
        families = sorted({usual_family(ladder) for ladder in ladders})
        listed = escape("; ".join(families))
        told = [f"Widths count hidden neurons of these networks, where no other is named: {listed}."]
        for part in (_sources, _search, _constructions, _minimal, _protocol):
            told += _once(ladders, part)
        yield "Widths", told
    thresholds = [ladder for ladder in ladders if ladder.gd and ladder.rung("gd") is not None]
    if thresholds:
        told = [sentence for part in (_trial, _ends, _sensitivity) for sentence in _once(thresholds, part)]
        yield "Gradient descent", [*told, *_defined(thresholds), _CONFIRMED]


def _once(ladders: Sequence[Ladder], part: Callable[[Ladder], str]) -> list[str]:
    """What a part says of each ladder, with the names of all of which it says the same."""
    found: dict[str, list[str]] = {}
    for ladder in ladders:
        if said := part(ladder):
            found.setdefault(said, []).append(escape(ladder.name))
    return [f"{', '.join(names)}: {said}" for said, names in found.items()]


def _sources(ladder: Ladder) -> str:
    used = [rung for rung in ladder.rungs if rung["theorem"] and rung["word"] in PROVED]
    entries = {str(rung["rung"]): source(rung["theorem"]) for rung in used}
    named = [f"{escape(title(name))} {cite([entry.key])}" for name, entry in entries.items() if entry is not None]
    return f"bounds and constructions with a source are {', '.join(named)}." if named else ""


def _search(ladder: Ladder) -> str:
    found = ladder.rung("found")
    if found is None or not (found["budget"] or ladder.found):
        return ""
    done = "; ".join(_searched(row) for row in ladder.found)
    budget = f"  Budget, in the words of the run: {escape(found['budget'])}." if found["budget"] else ""
    told = f": {done}" if done else ""
    return f"small networks were searched by Levenberg--Marquardt steps{told}.{budget}  {_SEARCH}"


def _searched(row: dict[str, Any]) -> str:
    """What the search did at one width, as far as its row says."""
    if row["starts"] == 0:
        return escape(f"width {row['width']} (the constant network)")
    counts = [f"{row[key]} {words}" for key, words in (("starts", "starts"), ("fitted", "fitted")) if row[key]]
    none = [] if row["fitted"] or row["fitted"] is None else ["none fitted"]
    told = ", ".join([*counts, *none])
    return escape(f"width {row['width']}{f' ({told})' if told else ''}")


def _constructions(ladder: Ladder) -> str:
    # a recorded one was built as well, but what is said of it is not believed
    built = any(rung["rung"] in _CONSTRUCTIONS and rung["word"] == "certified" for rung in ladder.rungs)
    return "constructions were carried out in rational arithmetic." if built else ""


def _minimal(ladder: Ladder) -> str:
    """What came of the search for the minimal width."""
    told = []
    for rung in ladder.rungs:
        if rung["rung"] not in ("exact", "impossible"):
            continue
        used = f" (budget: {escape(rung['budget'])})" if rung["budget"] else ""
        if rung["word"] == "recorded":
            named = "the exact minimal width" if rung["rung"] == "exact" else "a lower bound for these data"
            told.append(f"a certificate of {named} is recorded, but the checker did not accept it{used}")
        elif rung["width"] is None or rung["word"] not in ("certified", "impossible", "theorem"):
            told.append(f"the exact minimal width was left {escape(spoken(rung['word']))}{used}")
        elif rung["rung"] == "impossible":
            told.append(f"fewer than {rung['width']} neurons were excluded for these data by exact proofs{used}")
        else:
            told.append(f"width {rung['width']} was proved to be minimal for these data{used}")
    return "; ".join(told) + ("." if told else "")


def _protocol(ladder: Ladder) -> str:
    rows = [f"{escape(spoken(key))}: {escape(value)}" for key, value in protocol_of(ladder)]
    return "; ".join(rows) + ("." if rows else "")


def protocol_of(ladder: Ladder) -> list[tuple[str, str]]:
    """The protocol of what was run: without that of gradient descent where its threshold was not asked for."""
    return [(key, value) for key, value in ladder.protocol.items() if ladder.gd or key != "gradient descent"]


def _trial(ladder: Ladder) -> str:
    """One trial, and what the threshold is."""
    rung = ladder.rung("gd") or {}
    trial = f"one trial is {escape(rung['budget'])}.  " if rung.get("budget") else ""
    scope = f" (for {escape(spoken(rung['quantifier']))})" if rung.get("quantifier") else ""
    return (
        f"{trial}The threshold{scope} is the least width from which on a trial succeeds with probability at least "
        f"$q$, where $q$ is {_number(ladder.gd.get('q'))}."
    )


def _ends(ladder: Ladder) -> str:
    """Which ends were confirmed."""
    said = escape(ladder.gd.get("sentence") or "")
    return f"{escape(ends_told(ladder))}{f'  In the words of the run: {said}' if said else ''}"


def _sensitivity(ladder: Ladder) -> str:
    return escape(tolerances_told(ladder))


def _defined(ladders: Sequence[Ladder]) -> Iterator[str]:
    """The terms that the words of the runs use."""
    words = " ".join(str((ladder.rung("gd") or {}).get("budget") or "") for ladder in ladders)
    if "sharpness" in words:
        yield SHARPNESS
    if laws := laws_told(re.findall(r"\blaw (\w+)", words)):
        yield laws
    if "diverged" in words:
        yield DIVERGED


def _number(value: object) -> str:
    found = real(value)
    return "not recorded" if found is None else tex_number(f"{found:g}")
