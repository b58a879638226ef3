"""Which numbers of a run a paper may quote: of ladders, claims, constructions, kernels, single networks, a sweep."""

import math
from collections.abc import Iterator
from typing import Any

from overparam.report._fields import real, whole
from overparam.report._ladders import Comparison, Ladder
from overparam.report._reading import Folder
from overparam.report._singles import Kernel, Network
from overparam.report._sweep_folder import Sweep
from overparam.report._words import VERDICTS, reading, spoken, title
from overparam.report.paper._numbers import ENDS, Quoted
from overparam.report.paper._tables import word_of

MOST_CELLS = 400  # of a sweep whose numbers get macros; sweep.csv has all of them
_WEIGHTS = {
    "neurons": "hidden neurons",
    "raw_params": "weights and biases, zeros included",
    "nonzero": "weights and biases that are not 0",
    "max_abs_weight": "largest weight",
    "total_weight": "total weight, sum |v| sqrt(|u|^2 + b^2)",
    "path_norm": "path norm",
    "bits": "bits of the longest numerator or denominator",
    "total_bits": "bits of all weights together",
    "float64_error": "largest error when run in float64",
}
_OUTCOMES = {
    "seeds": "seeds asked for",
    "rows": "seeds whose rows are there",
    "fitted": "seeds that fitted",
    "max_steps": "seeds still running at the step limit (censored)",
    "diverged": "seeds that diverged",
    "stuck": "seeds that were stuck",
    "unconfirmed": "fits of float32 that float64 did not confirm",
}


def quotes(folder: Folder) -> list[Quoted]:
    """Everything worth quoting, in the order of the report."""
    found: list[Quoted] = []
    for ladder in folder.ladders:
        found += _ladder(ladder)
    for comparison in folder.comparisons:
        found += _comparison(comparison)
    for kernel in folder.kernels:
        found += _kernel(kernel)
    for network in folder.networks:
        found += _network(network)
    if folder.sweep is not None:
        found += _sweep(folder.sweep)
    return [*found, *_claims(folder.claims)]


def _ladder(ladder: Ladder) -> Iterator[Quoted]:
    file, stem = f"ladder-{ladder.stem}.json", ladder.stem
    for name, key, value, means in (
        ("samples", "n", ladder.n, "number of points"),
        ("dim", "d", ladder.d, "dimension of the points"),
    ):
        if value is not None:
            yield Quoted((stem, name), value, "given", f"{ladder.name}: {means}", file, f"data.{key}")
    for rung in ladder.rungs:
        yield from _rung(rung, ladder, file)
    for row in ladder.weights:
        for key, means in _WEIGHTS.items():
            if (value := _number(row.get(key))) is not None:
                told = f"{ladder.name}, network of {title(row['rung'])}: {means}"
                at = f"weights[rung={row['rung']}].{key}"
                yield Quoted((stem, str(row["rung"]), spoken(key)), value, "computed", told, file, at)
    yield Quoted((stem, "reading"), reading(ladder), "mixed", f"{ladder.name} in one sentence", file, None)


def _rung(rung: dict[str, Any], ladder: Ladder, file: str) -> Iterator[Quoted]:
    """A width, or those ends of a threshold that were confirmed; an end that was not is no number to quote."""
    name, word, at = str(rung["rung"]), word_of(rung), f"rungs[rung={rung['rung']}]"
    scope = f"{ladder.name}, {title(name)}, for {spoken(rung['quantifier'])}"
    if rung["side"] == "threshold" and rung["interval"]:
        low, high = rung["interval"]
        if low is not None and rung["low_confirmed"]:
            yield Quoted((ladder.stem, name, "low"), low, word, f"{scope}: lower end", file, f"{at}.interval[0]")
        if high is not None:
            yield Quoted((ladder.stem, name, "high"), high, word, f"{scope}: upper end", file, f"{at}.interval[1]")
        for key, means in (("q", "success probability that defines it"), ("level", "confidence of the interval")):
            if (value := _number(ladder.gd.get(key))) is not None and name == "gd":
                told = f"{ladder.name}, threshold of gradient descent: {means}"
                yield Quoted((ladder.stem, name, key), value, "given", told, file, f"searches.gd.{key}")
    elif rung["width"] is not None:
        told = f"{scope}: hidden neurons, {rung['side']} bound" if rung["side"] in ("lower", "upper") else scope
        yield Quoted((ladder.stem, name), rung["width"], word, told, file, f"{at}.width")
    if (starts := whole(rung["starts"])) is not None:
        yield Quoted((ladder.stem, name, "starts"), starts, "given", f"{scope}: starts", file, f"{at}.starts")


def _comparison(comparison: Comparison) -> Iterator[Quoted]:
    file = f"memorizers-{comparison.stem}.json"
    for row in comparison.largest():
        name, n = row["construction"], row["n"]
        for key, means in _WEIGHTS.items():
            if (value := _number(row["sizes"].get(key))) is not None:
                certified = key == "neurons" and row["word"] == "certified"  # what the checker's sentence says
                word = "certified" if certified else "computed"
                told = f"{comparison.name}, construction {name} on {n} points: {means}"
                at = f"rows[construction={name},n={n}].sizes.{key}"
                yield Quoted(("built", comparison.stem, name, spoken(key)), value, word, told, file, at)


def _kernel(kernel: Kernel) -> Iterator[Quoted]:
    file = f"kernel-{kernel.stem}.json"
    edges = {"least": "least eigenvalue", "largest": "largest eigenvalue", "condition": "condition number"}
    for edge, words in edges.items():
        for end, toward in ENDS:
            if (value := getattr(kernel, edge)[end]) is not None:
                name = ("kernel", kernel.stem, edge) if end == "value" else ("kernel", kernel.stem, edge, end)
                bound = "" if end == "value" else f", {end} bound"
                told = f"{kernel.name}, {kernel.which} of a {kernel.kernel}: {words}{bound}"
                yield Quoted(name, value, kernel.word, told, file, f"{edge}.{end}", toward)
    for key, (end, toward) in zip(("at_least", "at_most"), ENDS[1:], strict=True):
        if (value := kernel.certified[key]) is not None:
            told = f"{kernel.name}, {kernel.which} as computed: least eigenvalue, {end} bound"
            yield Quoted(("kernel", kernel.stem, "certified", end), value, "certified", told, file,
                         f"certified.{key}", toward)  # fmt: skip


def _network(network: Network) -> Iterator[Quoted]:
    file = f"{network.stem}.json"
    for key, means in _WEIGHTS.items():
        if (value := _number(network.sizes.get(key))) is not None:
            word = network.word if key == "neurons" else "computed"
            told = f"{network.name or network.stem}, {network.title}: {means}"
            yield Quoted(("network", network.stem, spoken(key)), value, word, told, file, f"sizes.{key}")


def _sweep(sweep: Sweep) -> Iterator[Quoted]:
    yield Quoted(("sweep", "cells"), len(sweep.rows), "given", "cells of the sweep", "sweep.csv", None)
    for key, means in _OUTCOMES.items():
        word = "given" if key == "seeds" else "observed"
        total = sum(row[key] for row in sweep.rows)
        yield Quoted(("sweep", spoken(key)), total, word, f"{means}, all cells together", "sweep.csv", None)
    for row in sweep.rows if len(sweep.rows) <= MOST_CELLS else ():
        place = tuple(f"{axis.rpartition('.')[2]} {row[axis]}" for axis in sweep.axes)
        where = ", ".join(place) or "the one cell"
        name = ("sweep", "cell", *place)
        for key in ("seeds", "rows", "fitted", "max_steps"):
            word = "given" if key == "seeds" else "observed"
            yield Quoted((*name, spoken(key)), row[key], word, f"{where}: {_OUTCOMES[key]}", "sweep.csv",
                         f"[cell={row['cell']}].{key}")  # fmt: skip
        for key, (end, toward) in zip(("fit_low", "fit_high"), ENDS[1:], strict=True):
            told = f"{where}: probability to fit, {end} end at 95 %"
            at = f"[cell={row['cell']}].{key}"
            yield Quoted((*name, spoken(key)), row[key], "observed", told, "sweep.csv", at, toward)


def _claims(claims: list[dict[str, Any]]) -> Iterator[Quoted]:
    file = "claims.json"
    if claims:
        yield Quoted(("claims",), len(claims), "given", "claims that were judged", file, None)
    for verdict in VERDICTS:
        if count := sum(claim["verdict"] == verdict for claim in claims):
            yield Quoted(("claims", verdict.lower()), count, verdict, f"claims with the verdict {verdict}", file, None)
    for claim in claims:
        name, verdict, at = ("claim", str(claim["id"])), str(claim["verdict"]), f"[id={claim['id']}]"
        yield Quoted(name, verdict, verdict, f"verdict on {claim['id']}", file, f"{at}.verdict")
        if (instances := whole(claim["instances"])) is not None:
            told = f"{claim['id']}: instances that the verdict speaks of"
            yield Quoted((*name, "instances"), instances, verdict, told, file, f"{at}.instances")
        if (width := claim["width"]) is not None:
            if width["asked"] is not None:
                told = f"{claim['id']}: width asked for, constants {width['constants']}"
                yield Quoted((*name, "asked"), width["asked"], "theorem", told, file, f"{at}.width.asked")
            told = f"{claim['id']}: width of the networks at hand"
            yield Quoted((*name, "had"), width["had"], "given", told, file, f"{at}.width.had")
        for i, link in enumerate(claim["links"]):
            place, part = f"{at}.links[{i}]", (*name, "inequality", str(i + 1))
            if link.observed is not None:
                told = f"{claim['id']}, {link.lemma}: observed"
                yield Quoted((*part, "observed"), link.observed, "observed", told, file, f"{place}.observed")
            if link.bound is not None:
                told = f"{claim['id']}, {link.lemma}: {link.kind}"
                yield Quoted((*part, "bound"), link.bound, "formula", told, file, f"{place}.bound")


def _number(value: object) -> int | float | None:
    """A number as it stands in the file."""
    if (integer := whole(value)) is not None:
        return integer
    found = real(value)
    return found if found is not None and math.isfinite(found) else None
