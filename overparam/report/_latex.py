"""Tables for a paper (booktabs) and one macro for each number that its text may quote."""

import math
import re
import unicodedata
from typing import Any

from overparam.records import Link
from overparam.report._comparison import HEAD, Comparison, cells
from overparam.report._reading import Folder, Ladder
from overparam.report._references import cited, source
from overparam.report._words import number, reading, short, slack_of, spoken, title, width_of

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≠": r"$\neq$",
    "→": r"$\to$",
    "∈": r"$\in$",
    "∞": r"$\infty$",
    "√": r"$\surd$",
    "−": r"$-$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "±": r"$\pm$",
    "–": "--",
    "—": "---",
    "²": r"$^2$",
    "³": r"$^3$",
    "α": r"$\alpha$",
    "β": r"$\beta$",
    "δ": r"$\delta$",
    "ε": r"$\varepsilon$",
    "λ": r"$\lambda$",
    "σ": r"$\sigma$",
}
_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def escape(text: object) -> str:
    """Text that LaTeX prints as it stands; control characters become spaces, letters beyond Latin a question mark."""
    return "".join(_SPECIAL.get(c) or _letter(c) for c in str(text))


def _letter(char: str) -> str:
    if not char.isprintable():
        return " "
    latin = ord(char) < 0x250 and unicodedata.category(char)[0] in "LNPSZ"
    return char if latin else "?"


def ladder_table(ladder: Ladder) -> str:
    """The ladder of one data set as a `tabular`; the preamble needs booktabs."""
    rows = []
    for rung in ladder.rungs:
        entry = source(rung["theorem"])
        origin = rf" \cite{{{entry.key}}}" if entry is not None else ""
        cells = [escape(title(rung["rung"])) + origin, escape(width_of(rung)), escape(spoken(rung["word"]))]
        rows.append(" & ".join([*cells, escape(spoken(rung["quantifier"]))]) + r" \\")
    head = f"Ladder of widths, {ladder.name}: n = {number(ladder.n)}, d = {number(ladder.d)}."
    return _tabular(head, "lrll", ("rung", "hidden neurons", "word", "holds for"), rows)


def claims_table(claims: list[dict[str, Any]]) -> str:
    """The claims with their verdicts."""
    rows = [
        " & ".join([escape(c["claim"]), escape(c["verdict"]), escape(number(c["instances"]))]) + r" \\" for c in claims
    ]
    return _tabular("Claims and their verdicts.", r"p{0.62\linewidth}lr", ("claim", "verdict", "instances"), rows)


def widths_table(claims: list[dict[str, Any]]) -> str:
    """Width theorems: what each asks for on the data at hand, and the loosest and tightest inequality of its chain."""
    rows = []
    for claim in claims:
        width, links = claim["width"], [link for link in claim["links"] if not math.isnan(link.slack)]
        if width is None:
            continue
        sources = ",".join(key for key in claim["cites"] if cited(key) is not None)
        ends = [max(links, key=_slack), min(links, key=_slack)] if links else []
        told = [f"{link.lemma} ({slack_of(link)})" for link in ends] or ["", ""]
        asked = escape(short(width["asked"])) if width["asked"] is not None else r"$>10^{308}$"
        origin = rf" \cite{{{sources}}}" if sources else ""
        rows.append(
            " & ".join([escape(claim["id"]) + origin, asked, escape(number(width["had"])), *map(escape, told)]) + r" \\"
        )
    head = ("theorem", "width asked", "here", "loosest inequality", "tightest inequality")
    columns = r"lrrp{0.28\linewidth}p{0.28\linewidth}"
    return _tabular("Width theorems on the data at hand; see report.html for the data.", columns, head, rows)


def _slack(link: Link) -> float:
    return link.slack


def memorizers_table(comparison: Comparison) -> str:
    """All constructions on one data set, the largest network of each, with the sources of their theorems."""
    rows = []
    for row in comparison.largest():
        first, *others = cells(row, comparison)
        entry = source(row["theorem"])
        origin = rf" \cite{{{entry.key}}}" if entry is not None else ""
        rows.append(" & ".join([escape(first) + origin, *map(escape, others)]) + r" \\")
    at = ", ".join(map(str, comparison.at))
    return _tabular(f"Constructions, {comparison.name}: n = {at}.", "lll" + "r" * (len(HEAD) - 3), HEAD, rows)


def _tabular(comment: str, columns: str, head: tuple[str, ...], rows: list[str]) -> str:
    lines = [
        f"% {_one_line(comment)}  Needs \\usepackage{{booktabs}}.",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        " & ".join(head) + r" \\",
        r"\midrule",
        *rows,
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def numbers(folder: Folder) -> str:
    r"""`\newcommand` for every number of the ladders, \opNAMEFound, \opNAMEGdLow and so on, and for their readings."""
    macros: dict[str, tuple[str, str]] = {}

    def define(name: str, value: str, remark: str) -> None:
        while name in macros:  # two data sets whose names have the same letters
            name += "X"
        macros[name] = (value, remark)

    for ladder in folder.ladders:
        stem = "op" + letters(ladder.stem)
        for what, value in (("Samples", ladder.n), ("Dim", ladder.d)):
            if value is not None:
                define(stem + what, number(value), ladder.name)
        for rung in ladder.rungs:
            name, remark = stem + letters(str(rung["rung"])), f"{ladder.name}, {rung['rung']}, {spoken(rung['word'])}"
            if rung["width"] is not None:
                define(name, number(rung["width"]), remark)
            for end, bound in zip(("Low", "High"), rung["interval"] or (), strict=False):
                if bound is not None:
                    define(name + end, number(bound), remark)
        define(stem + "Reading", reading(ladder), ladder.name)
    for claim in folder.claims:
        define("opClaim" + letters(str(claim["id"])), str(claim["verdict"]), "verdict")
    lines = [f"\\newcommand{{\\{name}}}{{{escape(value)}}}% {_one_line(why)}" for name, (value, why) in macros.items()]
    return "\n".join(["% Every number below comes from the run's JSON files.", *lines]) + "\n"


def letters(name: str) -> str:
    """A name in letters only, as TeX's macros want it: breast_cancer-60 -> BreastCancerSixZero."""
    words = re.findall(r"[A-Za-z]+|\d", name)
    return "".join(_DIGITS[int(w)] if w.isdigit() else w[0].upper() + w[1:] for w in words) or "Data"


def _one_line(text: str) -> str:
    """A TeX comment must end where its line ends."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text)
