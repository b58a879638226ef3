"""How the report says things: titles of rungs, glosses of words and verdicts, numbers, a ladder in one sentence."""

import decimal
import hashlib
import math
import re
from typing import Any

from overparam.records import Link
from overparam.report._fields import real, whole
from overparam.report._reading import Ladder

TITLES = {
    "counting": "parameter counting",
    "impossible": "proved impossible below",
    "exact": "exact minimal width",
    "rank": "tangent kernel's rank",
    "found": "found by search",
    "gd": "gradient descent",
    "pairs": "pairs construction",
    "greedy": "greedy pairs",
    "distinct": "distinct points",
    "bubeck-4ceil": "Bubeck et al., 4⌈n/d⌉",
    "ceil-4n-d": "⌈4n/d⌉, as often quoted",
    "zhang": "Zhang et al.",
    "baum": "Baum, threshold units",
    "ntk": "NTK theorems",
}

WORDS = {
    "certified": "the exact checker accepted the files on disk",
    "theorem": "a formula whose hypotheses, where it has any, were checked on these data",
    "impossible": "an exact proof that no such network exists",
    "observed": "a floating-point run showed it; not a proof",
    "recorded": "the record calls it certified, but when this was written the checker did not accept a certificate "
    "that says so: believe nothing of it",
    "not_found": "a search failed, which proves nothing",
    "undecided": "the hypotheses could not be decided within the budget",
    "vacuous": "the hypotheses fail here, or the bound says nothing here",
}

MORE = {  # words of single numbers, beside those of records
    "proved": "an exact proof that no smaller network exists, accepted by the checker",
    "assumed": "taken from a source or set by whoever ran this; nothing here tests it",
}

VERDICTS = {
    "CERTIFIED": "exact arithmetic proved the finite statement for every instance listed",
    "CONSISTENT": "measured as announced and not contradicted; not a proof",
    "ESTIMATED": "a number with a confidence interval",
    "SCOPED": "false or too broad as worded; the narrower statement holds",
    "REFUTED": "the hypotheses hold and the claim fails",
    "INCONCLUSIVE": "budget, power or precision did not suffice",
    "VACUOUS": "nothing is tested here: the hypotheses are not met, or what is promised is no better than a guess",
}

SILENT = {  # what a verdict leaves open, where the evidence does not say so itself
    "CERTIFIED": "Not shown: anything about data sets other than the instances listed.",
    "CONSISTENT": "Not shown: that the claim is true: other data, widths and budgets were not tried.",
    "ESTIMATED": "Not shown: the value outside the setting that was measured.",
    "SCOPED": "Not shown: the statement as it was worded, which is false or too broad.",
    "REFUTED": "Not shown: that no narrower statement holds.",
    "INCONCLUSIVE": "Not shown: anything for or against the claim.",
    "VACUOUS": "Not shown: anything for or against the statement; what was measured is its mechanism.",
}

SIDES = {"lower": "needed", "upper": "suffices", "exact": "minimal", "threshold": "threshold"}
_SEARCHED = ("found", "exact")  # certified, but not by a construction
_LONGEST = 80  # letters of a name in a file's
_SIGNS = {"lower": "≥ ", "upper": "≤ ", "exact": "= "}


def title(rung: str | None) -> str:
    """A rung's name for people; one we do not know keeps its own."""
    return TITLES.get(str(rung), str(rung))


def spoken(word: object) -> str:
    """`not_found` as people write it; a missing word is a dash."""
    return "–" if word is None else str(word).replace("_", " ")


def number(value: object) -> str:
    """A number in a table: integers whole, floats to four digits, nothing as a dash, anything else as it is."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**9 else f"{decimal.Decimal(value):.2e}"
    return f"{value:.4g}"


def link_words(link: Link) -> str:
    """One inequality of a theorem's chain as a clause."""
    return f"{link.lemma}: {short(link.observed)}, {link.kind} {short(link.bound)} wanted ({slack_of(link)})"


def asked_word(width: dict[str, Any]) -> str:
    """What stands behind the width that a claim asks for: its source's formula, or one with constants of our own."""
    return "theorem" if width["constants"] == "explicit" else "assumed"


def safe(name: object) -> str:
    """A claim's id as part of a file name or of an element's id; two that differ stay apart.

    >>> safe("s-baum"), safe("a/b") == safe("a b")
    ('s-baum', False)
    """
    text = str(name)
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", text)[:_LONGEST]
    same = plain == text
    return plain if same else f"{plain}-{hashlib.sha256(text.encode(errors='backslashreplace')).hexdigest()[:8]}"


def slack_of(link: Link) -> str:
    """How much room an inequality has, or by how much it fails."""
    if not link.holds:
        by = 1 / link.slack if 0 < link.slack < 1 else math.inf
        return "fails" if math.isinf(by) else f"fails, {short(by)}×"
    return "holds" if math.isinf(link.slack) else f"holds, {short(link.slack)}×"


def short(value: float | None) -> str:
    """Three digits; what was no finite number is said to be none."""
    return "not finite" if value is None else f"{value:.3g}"


def width_of(rung: dict[str, Any]) -> str:
    """`≥ 7`, `≤ 9`, `7 – 24`, `not settled`, or a dash."""
    if rung["width"] is not None and rung["side"] != "threshold":
        return _SIGNS.get(str(rung["side"]), "") + number(rung["width"])
    return interval_of(rung) if rung["interval"] else number(rung["width"])


def interval_of(rung: dict[str, Any]) -> str:
    """Those ends of a threshold that were confirmed: `7 – 24`, `≥ 7`, `≤ 24`, or `not settled`."""
    low, high = rung["interval"]
    if not rung["low_confirmed"]:
        return "not settled" if high is None else f"≤ {number(high)}"
    return f"≥ {number(low)}" if high is None else f"{number(low)} – {number(high)}"


def counts_relu(rung: dict[str, Any]) -> bool:
    """Whether the rung counts ReLU neurons; threshold units are another family and bound nothing here."""
    return rung["rung"] != "baum" and "threshold" not in str(rung["family"]).lower()


def best_lower(ladder: Ladder) -> dict[str, Any] | None:
    """The highest proved lower bound; of two equal ones that for these very data."""
    proved = ("theorem", "certified", "impossible")
    rungs = [r for r in ladder.rungs if r["side"] == "lower" and r["width"] is not None and r["word"] in proved]
    return max(filter(counts_relu, rungs), key=lambda r: (r["width"], not for_almost_every(r)), default=None)


def best_certified(ladder: Ladder, *, search: bool = True) -> dict[str, Any] | None:
    """The smallest certified network, with or without those that a search found.

    A rung shows the width that its theorem promises; here it has the neurons of the network itself, never more.
    """
    neurons = {row["rung"]: whole(row["neurons"]) for row in ladder.weights}
    rungs = [r for r in ladder.rungs if r["side"] in ("upper", "exact") and r["width"] is not None]
    rungs = [r for r in rungs if r["word"] == "certified" and (search or r["rung"] not in _SEARCHED)]
    built = [r | {"width": min(r["width"], neurons.get(r["rung"]) or r["width"])} for r in rungs]
    return min(filter(counts_relu, built), key=lambda r: r["width"], default=None)


def minimal(ladder: Ladder) -> dict[str, Any] | None:
    """The rung of the exact minimal width, if that was proved."""
    exact = ladder.rung("exact")
    return exact if exact and exact["width"] is not None and exact["word"] == "certified" else None


def for_almost_every(rung: dict[str, Any] | None) -> bool:
    """Whether a bound leaves out exceptional labellings, these perhaps among them."""
    return rung is not None and "almost" in str(rung["quantifier"])


def tiles(ladder: Ladder) -> list[dict[str, str]]:
    """The numbers a reader looks for first, each with its word."""
    lower = best_lower(ladder)
    picks = [
        ("minimal", minimal(ladder)),
        ("needed by almost every labelling" if for_almost_every(lower) else "needed", lower),
        ("found", ladder.rung("found")),
        ("constructed", best_certified(ladder, search=False)),
        ("threshold of gradient descent", ladder.rung("gd")),
    ]
    shown = [(label, rung, str(rung["word"])) for label, rung in picks if rung]
    return [  # a bound that stands on an impossibility is proved; the word alone would read as its opposite
        {"label": a, "width": width_of(r), "word": "proved" if w == "impossible" else w, "rung": title(r["rung"])}
        for a, r, w in shown
    ]


def reading(ladder: Ladder) -> str:
    """The ladder in one sentence, made of its rungs only."""
    parts = []
    lower, built, found, gd = (
        best_lower(ladder),
        best_certified(ladder, search=False),
        ladder.rung("found"),
        ladder.rung("gd"),
    )
    exact = minimal(ladder)
    if exact:
        parts.append(f"the minimal width of these data is exactly {number(exact['width'])} (certified)")
    if lower and not (exact and not for_almost_every(lower)):
        units = "neuron is" if lower["width"] == 1 else "neurons are"
        scope = f" for {spoken(lower['quantifier'])}" if lower["quantifier"] else ""
        parts.append(f"at least {number(lower['width'])} {units} needed{scope} ({spoken(lower['word'])})")
    below = ladder.rung("impossible")
    if not exact and below and below is not lower:
        parts.append(f"for these data {number(below['width'])} are proved necessary")
    if not exact and below:
        parts.append("where their minimal width lies above that is undecided within the cases allowed")
    if found and found["width"] is not None:
        network = "an exact network" if found["word"] == "certified" else "a network"
        parts.append(f"a search found {network} with {number(found['width'])} ({spoken(found['word'])})")
    elif found:
        parts.append("the search found no network, which proves nothing")
    if built:
        promised = (ladder.rung(str(built["rung"])) or built)["width"]
        least = f", where its theorem promises {number(promised)}" if promised != built["width"] else ""
        parts.append(
            f"the best construction ({title(built['rung'])}) takes {number(built['width'])} (certified{least})"
        )
    smallest = best_certified(ladder)
    if lower and smallest and for_almost_every(lower) and smallest["width"] < lower["width"]:
        parts.append(
            f"{number(smallest['width'])} is fewer than almost every labelling needs: these labels are exceptional"
        )
    if gd:
        parts.append(_descent(gd, ladder))
    points = "1 point" if ladder.n == 1 else f"{number(ladder.n)} points"
    return f"{points} in dimension {number(ladder.d)}: " + ("; ".join(parts) or "no rung has a number yet") + "."


def _descent(gd: dict[str, Any], ladder: Ladder) -> str:
    """What was confirmed about gradient descent, end by end."""
    low, high = gd["interval"] or (None, None)
    q, word, level = ladder.gd.get("q"), spoken(gd["word"]), real(ladder.gd.get("level"))
    if level is not None:
        word += f", confidence {1 - (1 - level) / 2:g}"  # of each end by itself
    odds = f"probability at least {number(q)}" if q is not None else "the probability asked for"
    fits = f"gradient descent fits with {odds} at width {number(high)} ({word})"
    short = f"at width {number(low - 1 if low else low)} it fits less often ({word})"
    if not gd["low_confirmed"]:
        return (
            "no threshold of gradient descent was settled" if high is None else f"{fits}, no width was shown too small"
        )
    return f"{fits}, and {short}" if high is not None else f"for gradient descent, {short}, and no width was confirmed"
