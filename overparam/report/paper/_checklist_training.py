"""The checklist's answers about training and search: settings, statistics, on what the results hang."""

from collections.abc import Iterator

from overparam.report._reading import Folder
from overparam.report._words import spoken, title
from overparam.report.paper import _facts
from overparam.report.paper._ladder_methods import protocol_of
from overparam.report.paper._markdown import NOT_RECORDED, plain
from overparam.report.paper._thresholds import ends_told, limits_told, tolerances_told


def settings(folder: Folder) -> Iterator[str]:
    told = False
    for ladder in folder.ladders:
        budgets = [(f"{title(r['rung'])}, in the words of the run", r["budget"]) for r in ladder.rungs if r["budget"]]
        rows = [*protocol_of(ladder), *budgets]
        told = told or bool(rows)
        yield from (f"{plain(ladder.name)}, {plain(spoken(key))}: {plain(value)}." for key, value in rows)
    if folder.claims:
        told = True
        size = plain(_facts.sizes_told(folder.claims))
        yield f"Claims: size {size}; all settings of a study are in its source file."
    for kernel in folder.kernels:
        told = True
        yield f"{plain(kernel.name)}: {plain(kernel.which)} of a {plain(kernel.kernel or NOT_RECORDED)}."
    if folder.sweep is not None:
        told = True
        yield "Sweep: settings are in spec.toml, or the defaults of the program; methods.tex says them in words."
    if not told:
        yield NOT_RECORDED


def statistics(folder: Folder) -> Iterator[str]:
    told = False
    for ladder in folder.ladders:
        if seed := ladder.protocol.get("root seed") or ladder.protocol.get("seeds"):
            told = True
            yield f"{plain(ladder.name)}: seeds: {plain(seed)}; seeds of drawn data are in the notes above."
        if ladder.gd and (rung := ladder.rung("gd")) is not None:
            told = True
            over = f" ({plain(spoken(rung['quantifier']))})" if rung["quantifier"] else ""
            yield (
                f"{plain(ladder.name)}, threshold of gradient descent{over}: {plain(ends_told(ladder))}  Sequential "
                "tests, see methods.tex."
            )
    if folder.claims:
        told = True
        roots = plain(_facts.roots_told(folder.claims))
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


def sensitivity(folder: Folder) -> Iterator[str]:
    if any(word == "certified" for word in _facts.words(folder)):
        yield "Certified: what the checker accepted hangs on no tolerance and no budget of a floating-point run."
    for ladder in folder.ladders:
        if ladder.gd and ladder.rung("gd") is not None:
            tolerance = tolerances_told(ladder) or f"other tolerances: {NOT_RECORDED}."
            yield f"{plain(ladder.name)}: {plain(tolerance)}"
            if limits := limits_told(ladder):
                yield f"{plain(ladder.name)}: {plain(limits)}"
        if ladder.rung("found") is not None:
            yield f"{plain(ladder.name)}: smaller networks may exist than the search found within its budget."
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
    told = folder.ladders or folder.claims or folder.sweep or folder.comparisons
    if not told and "certified" not in _facts.words(folder):
        yield NOT_RECORDED
