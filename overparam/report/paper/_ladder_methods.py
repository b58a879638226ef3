"""How the ladders were filled, in sentences; what is the same for several data sets is said once."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from overparam.report._fields import real
from overparam.report._ladders import Ladder
from overparam.report._references import source
from overparam.report._words import spoken, title
from overparam.report.paper._tables import usual_family
from overparam.report.paper._tex import cite, escape, tex_number

_CONSTRUCTIONS = ("pairs", "greedy", "distinct", "bubeck-4ceil", "zhang", "baum")
_SEARCH = (
    "What fitted in floating point was repaired to rational weights that meet every label exactly; a search that finds "
    "nothing proves nothing."
)
_CONFIRMED = (
    "Widths are explored first; then one width from each side is confirmed on fresh seeds by a nonnegative "
    "supermartingale, which by Ville's inequality exceeds $1/\\alpha$ with probability at most $\\alpha$, so that "
    "looking after every trial costs nothing.  The two sides, and up to three attempts on each, share the error "
    "probability.  An interval with both ends presumes that success does not become less probable as the width grows.  "
    "A trial that ran out of steps is censored: it is no failure, and it counts against the side that was being "
    "confirmed."
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
        told = [sentence for part in (_trial, _ends) for sentence in _once(thresholds, part)]
        yield "Gradient descent", [*told, _CONFIRMED]


def _once(ladders: Sequence[Ladder], part: Callable[[Ladder], str]) -> list[str]:
    """What a part says of each ladder, with the names of all of which it says the same."""
    found: dict[str, list[str]] = {}
    for ladder in ladders:
        if said := part(ladder):
            found.setdefault(said, []).append(escape(ladder.name))
    return [f"{', '.join(names)}: {said}" for said, names in found.items()]


def _sources(ladder: Ladder) -> str:
    entries = {str(rung["rung"]): source(rung["theorem"]) for rung in ladder.rungs if rung["theorem"]}
    named = [f"{escape(title(name))} {cite([entry.key])}" for name, entry in entries.items() if entry is not None]
    return f"bounds and constructions are {', '.join(named)}." if named else ""


def _search(ladder: Ladder) -> str:
    found = ladder.rung("found")
    if found is None or not found["budget"]:
        return ""
    return f"small networks were searched by Levenberg--Marquardt steps ({escape(found['budget'])}).  {_SEARCH}"


def _constructions(ladder: Ladder) -> str:
    built = any(rung["rung"] in _CONSTRUCTIONS and rung["word"] == "certified" for rung in ladder.rungs)
    return "constructions were carried out in rational arithmetic." if built else ""


def _minimal(ladder: Ladder) -> str:
    """What came of the search for the minimal width."""
    told = []
    for rung in ladder.rungs:
        if rung["rung"] not in ("exact", "impossible"):
            continue
        used = f" ({escape(rung['budget'])})" if rung["budget"] else ""
        if rung["width"] is None or rung["word"] not in ("certified", "impossible", "theorem"):
            told.append(f"the exact minimal width was left {escape(spoken(rung['word']))}{used}")
        elif rung["rung"] == "impossible":
            told.append(f"fewer than {rung['width']} neurons were excluded by exact proofs{used}")
        else:
            told.append(f"width {rung['width']} was proved to be minimal{used}")
    return "; ".join(told) + ("." if told else "")


def _protocol(ladder: Ladder) -> str:
    return "; ".join(f"{escape(spoken(key))}: {escape(value)}" for key, value in ladder.protocol.items()) + (
        "." if ladder.protocol else ""
    )


def _trial(ladder: Ladder) -> str:
    """One trial, and what the threshold is."""
    budget = (ladder.rung("gd") or {}).get("budget")
    trial = f"one trial is {escape(budget)}.  " if budget else ""
    q, level = _number(ladder.gd.get("q")), _number(ladder.gd.get("level"))
    return (
        f"{trial}The threshold is the least width from which a trial succeeds with probability at least {q}; its "
        f"interval has confidence {level}."
    )


def _ends(ladder: Ladder) -> str:
    """Which ends were confirmed."""
    rung: dict[str, Any] = ladder.rung("gd") or {}
    missing = [] if rung["low_confirmed"] else ["lower"]
    missing += [] if rung["interval"] and rung["interval"][1] is not None else ["upper"]
    left = " and ".join(f"the {end} end was not confirmed" for end in missing)
    left += ", and no number is quoted for what was not confirmed.  " if missing else ""
    said = escape(ladder.gd.get("sentence") or "")
    return f"{left}{f'In the words of the run: {said}' if said else ''}".strip()


def _number(value: object) -> str:
    found = real(value)
    return "that was not recorded" if found is None else tex_number(f"{found:g}")
