"""The tables of a paper (booktabs), from the same records and in the same words as the report's."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from overparam.records import Link, Table
from overparam.report._comparison import HEAD, Comparison, cells
from overparam.report._ladders import Ladder
from overparam.report._reading import Folder
from overparam.report._references import cited, source
from overparam.report._singles import Kernel, Network
from overparam.report._sweep_folder import Sweep
from overparam.report._words import asked_word, number, safe, short, slack_of, spoken, title, width_of
from overparam.report.paper._layout import Cell, Row, table
from overparam.report.paper._numbers import ENDS, rounded
from overparam.report.paper._stated import eigenvalue_ends
from overparam.report.paper._tex import cite, escape, seen, tex_number

_EDGES = (("least eigenvalue", "least"), ("largest eigenvalue", "largest"), ("condition number", "condition"))
_SIZES = 7  # columns of the first of the two tables of constructions


def paper_tables(folder: Folder) -> dict[str, str]:
    """Every table of a run: name of the file, without .tex, -> LaTeX."""
    claims, sweep = folder.claims, folder.sweep
    made = {f"ladder-{ladder.stem}": ladder_table(ladder) for ladder in folder.ladders}
    for comparison in folder.comparisons:
        name = f"memorizers-{comparison.stem}"
        made[name], made[f"{name}-weights"] = memorizers_tables(comparison)
    if claims:
        made["claims"] = claims_table(claims)
        made |= {f"claim-{safe(c['id'])}-{i}": numbers_table(t) for c in claims for i, t in enumerate(c["tables"], 1)}
    if any(claim["width"] for claim in claims):
        made["widths"] = widths_table(claims)
    if any(claim["links"] for claim in claims):
        made["inequalities"] = inequalities_table(claims)
    if folder.kernels:
        made["kernels"] = kernels_table(folder.kernels)
    if folder.networks:
        made["networks"] = networks_table(folder.networks)
    if sweep is not None and sweep.rows:
        made["sweep"] = sweep_table(sweep)
    return made


def ladder_table(ladder: Ladder) -> str:
    """The ladder of one data set."""
    usual = usual_family(ladder)
    rows: list[Row] = []
    for rung in ladder.rungs:
        other = f" ({rung['family']})" if rung["family"] and rung["family"] != usual else ""
        name = _sourced(title(rung["rung"]), rung["theorem"])
        rows.append((name, width_of(rung), word_of(rung), spoken(rung["quantifier"]) + other))
    remark = f"Ladder of widths, {ladder.name}: n = {number(ladder.n)}, d = {number(ladder.d)}; networks: {usual}."
    return table(remark, ("rung", "hidden neurons", "word", "holds for"), rows, right=frozenset({1}))


def word_of(rung: dict[str, Any]) -> str:
    """The word of a rung; a bound that stands on an impossibility is proved, and "impossible" would read otherwise."""
    return "proved" if rung["word"] == "impossible" else spoken(rung["word"])


def usual_family(ladder: Ladder) -> str:
    """The networks that most rungs of a ladder count."""
    families = [str(rung["family"]) for rung in ladder.rungs if rung["family"]]
    return max(dict.fromkeys(families), key=families.count, default="not recorded")


def claims_table(claims: list[dict[str, Any]]) -> str:
    """The claims with their verdicts."""
    rows: list[Row] = [
        (_with(str(c["claim"] or ""), claim_keys(c)), str(c["verdict"] or ""), number(c["instances"])) for c in claims
    ]
    return table("Claims and their verdicts.", ("claim", "verdict", "instances"), rows, right=frozenset({2}), long=True)


def widths_table(claims: list[dict[str, Any]]) -> str:
    """Width theorems: what each asks for on the data at hand, and the loosest and tightest inequality of its chain."""
    rows: list[Row] = []
    for claim in claims:
        width = claim["width"]
        if width is None:
            continue
        links = [link for link in claim["links"] if not math.isnan(link.slack)]
        ends = [max(links, key=_slack), min(links, key=_slack)] if links else []
        told = [f"{link.lemma} ({slack_of(link)})" for link in ends] or ["–", "–"]
        beyond = Cell("> 10^308", r"$>10^{308}$")
        asked = beyond if width["asked"] is None else rounded(width["asked"], "up")
        name = _with(str(claim["id"]), claim_keys(claim))
        rows.append((name, asked, asked_word(width), number(width["had"]), *told))
    head = ("claim", "width asked", "word", "here", "loosest inequality", "tightest inequality")
    remark = (
        "Widths that claims ask for on the data at hand, as the formulas of their sources give them, and those of the "
        "networks here.  Theorem: with explicit constants; assumed: with constants that the source leaves open.  "
        "Whether the hypotheses hold is judged by the verdicts; see report.html for the data and the constants."
    )
    return table(remark, head, rows, right=frozenset({1, 3}), long=True)


def inequalities_table(claims: list[dict[str, Any]]) -> str:
    """What was measured against what each claim asks for."""
    rows: list[Row] = [
        (str(claim["id"]), link.lemma, short(link.observed), _wanted(link), slack_of(link))
        for claim in claims
        for link in claim["links"]
    ]
    head = ("claim", "inequality", "observed", "wanted", "room")
    remark = "Inequalities: observed in floating-point runs, wanted by the claim."
    return table(remark, head, rows, right=frozenset({2}), long=True)


def numbers_table(numbers: Table) -> str:
    """A table that a study printed."""
    rows: list[Row] = [[v if isinstance(v, str) else number(v) for v in row] for row in numbers.rows]
    right = frozenset(i for i in range(len(numbers.columns)) if not any(isinstance(r[i], str) for r in numbers.rows))
    return table(numbers.caption, numbers.columns, rows, right=right)


def memorizers_tables(comparison: Comparison) -> tuple[str, str]:
    """All constructions on one data set, the largest network of each: what was built, and what its weights cost."""
    shown = [(row, cells(row, comparison)) for row in comparison.largest()]
    names = [_sourced(told[0], row["theorem"]) for row, told in shown]
    at = ", ".join(map(str, comparison.at))
    remark = (
        f"Constructions, {comparison.name}: n = {at}.  Weights are counted as the construction stores them, zeros "
        "included: a direction that all neurons share counts once."
    )
    built: list[Row] = [(name, *told[1:_SIZES]) for name, (_, told) in zip(names, shown, strict=True)]
    cost: list[Row] = [(name, *told[_SIZES:]) for name, (_, told) in zip(names, shown, strict=True)]
    rest = (HEAD[0], *HEAD[_SIZES:])
    return (
        table(remark, HEAD[:_SIZES], built, right=frozenset(range(3, _SIZES))),
        table(f"{remark}  What their weights cost.", rest, cost, right=frozenset(range(1, len(rest)))),
    )


def kernels_table(kernels: list[Kernel]) -> str:
    """Extreme eigenvalues of each kernel with their bounds."""
    rows: list[Row] = []
    for kernel in kernels:
        for words, key in _EDGES:
            edge: Mapping[str, Any] = getattr(kernel, key)
            name = f"{kernel.name}, {kernel.which}" if key == "least" else ""
            told = ("–" if edge[end] is None else rounded(edge[end], toward) for end, toward in ENDS)
            rows.append((name, words, *told, kernel.word))
        ends = eigenvalue_ends(kernel)
        if ends != (None, None):
            told = ("–" if end is None else rounded(end, way) for end, (_, way) in zip(ends, ENDS[1:], strict=True))
            rows.append(("", "least eigenvalue", "–", *told, "certified"))
    head = ("kernel", "of its matrix", "value", "from", "to", "word")
    return table("Kernels of infinitely wide networks.", head, rows, right=frozenset({2, 3, 4}), long=True)


def networks_table(networks: list[Network]) -> str:
    """Single constructions and certificates, each with the checker's sentence."""
    rows: list[Row] = [
        (_sourced(one.title, one.theorem), number(one.sizes.get("neurons")), one.word, _said(one)) for one in networks
    ]
    head = ("construction or subject", "neurons", "word", "what the checker accepted")
    return table("Single constructions and certificates.", head, rows, right=frozenset({1}), long=True)


def _said(network: Network) -> str:
    """The sentence that was accepted, or that none was."""
    if network.word == "certified":
        return network.says
    return "nothing" if network.word == "observed" else f"nothing; the record says: {network.says}"


def sweep_table(sweep: Sweep) -> str:
    """One line a cell: its settings, outcomes, and the interval of the probability to fit."""
    counts = ("seeds", "rows", "fitted", "max_steps", "diverged", "stuck", "unconfirmed")
    rows: list[Row] = [
        (
            *(number(row[axis]) for axis in sweep.axes),
            *(number(row[name]) for name in counts),
            f"[{rounded(row['fit_low'], 'down')}, {rounded(row['fit_high'], 'up')}]",
        )
        for row in sweep.rows
    ]
    named = {"rows": "there", "max_steps": "at limit"}
    head = (*(axis.rpartition(".")[2] for axis in sweep.axes), *(named.get(c, c) for c in counts), "fits, 95 %")
    remark = f"Sweep {sweep.name}, observed: outcomes, and the 95 % interval of the probability to fit."
    return table(remark, tuple(map(spoken, head)), rows, right=frozenset(range(len(head))), long=True)


def _slack(link: Link) -> float:
    return link.slack


def _wanted(link: Link) -> Cell:
    bound = short(link.bound)
    return Cell(seen(f"{link.kind} {bound}"), f"{link.kind} {tex_number(bound)}")


def claim_keys(claim: dict[str, Any]) -> list[str]:
    """The keys of the bibliography behind a claim: its theorem's, and those that it cites."""
    entry = source(claim["id"])
    own = [] if entry is None else [entry.key]
    return [*own, *(found.key for key in claim["cites"] if (found := cited(key)) is not None and found.key not in own)]


def _sourced(name: str, theorem: object) -> Cell:
    """A name with the source of its theorem."""
    entry = source(theorem)
    return _with(name, [] if entry is None else [entry.key])


def _with(name: str, keys: Iterable[str]) -> Cell:
    listed = sorted(set(keys))
    told = f"[{', '.join('99' for _ in listed)}]" if listed else ""
    return Cell(f"{name} {told}".strip(), f"{escape(name)} {cite(listed)}".strip())
