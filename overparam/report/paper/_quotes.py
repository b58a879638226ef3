"""Which numbers of a run a paper may quote: of ladders, claims, constructions, kernels, single networks, a sweep."""

import math
from collections.abc import Iterator
from typing import Any

from overparam.report._fields import real, whole
from overparam.report._ladders import Comparison, Ladder
from overparam.report._reading import Folder
from overparam.report._singles import Kernel, Network
from overparam.report._sweep_folder import Sweep
from overparam.report._words import VERDICTS, asked_word, reading, spoken, title
from overparam.report.paper._numbers import ENDS, Quoted, Toward, rational
from overparam.report.paper._stated import eigenvalue_ends, neurons_stated, stated
from overparam.report.paper._tables import word_of

MOST_CELLS = 400  # of a sweep whose numbers get macros; sweep.csv has all of them
_STORED = "as the construction stores them: a direction that all neurons share counts once"
_WEIGHTS = {
    "neurons": "hidden neurons",
    "raw_params": f"weights and biases {_STORED}; zeros included",
    "nonzero": f"weights and biases {_STORED}; those that are not 0",
    "max_abs_weight": "largest absolute value of a weight or bias",
    "total_weight": "total weight, sum |v| sqrt(|u|^2 + b^2)",
    "path_norm": "path norm, sum over all paths of absolute weights' products, the first layer's in Euclidean norm",
    "bits": f"bits of the longest numerator or denominator of the weights and biases {_STORED}",
    "total_bits": f"bits of all weights and biases {_STORED}; signs left out",
    "float64_error": "largest |output - label| when the rounded network runs in float64",
}
_NEAR = "; of the network that is written out, near which an exact one lies"
_RUN = ("float64_error",)  # seen in a run
_ASKED = {
    "q": "success probability that defines it",
    "level": "joint confidence of both ends, where both were confirmed",
}
_OUTCOMES = {
    "seeds": "seeds asked for",
    "rows": "seeds whose rows are there",
    "fitted": "seeds that fitted where they were trained",
    "max_steps": "seeds still running at the step limit (censored)",
    "diverged": "seeds that diverged",
    "stuck": "seeds that were stuck",
    "unconfirmed": "seeds among the fitted that float64 did not confirm",
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
                at, toward = f"weights[rung={row['rung']}].{key}", _toward(key)
                yield Quoted((stem, str(row["rung"]), spoken(key)), value, _word_of_size(key), told, file, at, toward)
    yield Quoted((stem, "reading"), reading(ladder), "mixed", f"{ladder.name} in one sentence", file, None)


def _rung(rung: dict[str, Any], ladder: Ladder, file: str) -> Iterator[Quoted]:
    """A width, or those ends of a threshold that were confirmed; an end that was not is no number to quote."""
    name, word, at = str(rung["rung"]), word_of(rung), f"rungs[rung={rung['rung']}]"
    scope = f"{ladder.name}, {title(name)}, for {spoken(rung['quantifier'])}"
    if rung["side"] == "threshold" and rung["interval"]:
        low, high = rung["interval"]
        presumed = f"end of the threshold, if success does not become rarer as the width grows{_single(ladder)}"
        if low is not None and rung["low_confirmed"]:
            told = f"{scope}: lower {presumed}"
            yield Quoted((ladder.stem, name, "low"), low, word, told, file, f"{at}.interval[0]")
        if high is not None:
            told = f"{scope}: upper {presumed}"
            yield Quoted((ladder.stem, name, "high"), high, word, told, file, f"{at}.interval[1]")
        for key, means in _ASKED.items():
            if (value := _number(ladder.gd.get(key))) is not None and name == "gd":
                told = f"{ladder.name}, threshold of gradient descent: {means}"
                yield Quoted((ladder.stem, name, key), value, "given", told, file, f"searches.gd.{key}")
    elif rung["width"] is not None:
        told = f"{scope}: hidden neurons, {rung['side']} bound" if rung["side"] in ("lower", "upper") else scope
        yield Quoted((ladder.stem, name), rung["width"], word, told, file, f"{at}.width")
    if (starts := whole(rung["starts"])) is not None:
        yield Quoted((ladder.stem, name, "starts"), starts, "given", f"{scope}: starts", file, f"{at}.starts")


def _single(ladder: Ladder) -> str:
    """The confidence of one end by itself."""
    level = real(ladder.gd.get("level"))
    return "" if level is None else f"; confirmed with confidence {1 - (1 - level) / 2:g} by itself"


def _comparison(comparison: Comparison) -> Iterator[Quoted]:
    file = f"memorizers-{comparison.stem}.json"
    for row in comparison.largest():
        name, n = row["construction"], row["n"]
        part, of = ("built", comparison.stem, name), f"{comparison.name}, construction {name} on {n} points"
        at = f"rows[construction={name},n={n}].sizes"
        near = _NEAR if row["claim"] == "near" else ""
        yield from _sizes(row["sizes"], part, of, near, _judged(row["word"]), row["says"], file, at)


def _judged(word: object) -> str | None:
    """The word of what the checker's sentence says: none where the checker was not asked."""
    return str(word) if word in ("certified", "recorded") else None


def _sizes(
    sizes: dict[str, Any], part: tuple[str, ...], of: str, near: str, word: str | None, says: str, file: str, at: str
) -> Iterator[Quoted]:
    """The sizes of a network, and the bounds that the checker's sentence states of it."""
    for key, means in _WEIGHTS.items():
        if (value := _number(sizes.get(key))) is not None:
            told = word is not None and key == "neurons" and value == neurons_stated(says)
            yield Quoted((*part, spoken(key)), value, str(word) if told else _word_of_size(key), f"{of}: {means}{near}",
                         file, f"{at}.{key}", _toward(key))  # fmt: skip
    if word is not None:
        neurons = neurons_stated(says)
        if neurons is not None and "neurons" not in sizes:
            yield Quoted((*part, "neurons"), neurons, word, f"{of}: {_WEIGHTS['neurons']}", file, None)
        who = "the checker's sentence" if word == "certified" else "the record"
        for one in stated(says):
            yield Quoted((*part, one.key), one.value, word, f"{of}: {one.means}, as {who} states it", file, None,
                         one.toward)  # fmt: skip


def _word_of_size(key: str) -> str:
    return "observed" if key in _RUN else "computed"


def _toward(key: str) -> Toward:
    """Errors are rounded up."""
    return "up" if key in _RUN else "nearest"


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
    proved = zip(("at_least", "at_most"), eigenvalue_ends(kernel), ENDS[1:], strict=True)
    for key, value, (end, toward) in proved:
        if value is not None:
            told = f"{kernel.name}, {kernel.which} as computed: least eigenvalue, {end} bound"
            yield Quoted(("kernel", kernel.stem, "certified", end), value, "certified", told, file,
                         f"certified.{key}", toward)  # fmt: skip


def _network(network: Network) -> Iterator[Quoted]:
    file = f"{network.stem}.json"
    part, of = ("network", network.stem), f"{network.name or network.stem}, {network.title}"
    near, word = _NEAR if network.claim == "near" else "", _judged(network.word)
    yield from _sizes(network.sizes, part, of, near, word, network.says, file, "sizes")
    for key, found in network.numbers.items():
        if (value := _number(found)) is not None:
            yield Quoted((*part, "of the construction", key), value, "computed", f"{of}: {spoken(key)}", file,
                         f"numbers.{key}")  # fmt: skip
    known = {one.key for one in stated(network.says)} if word is not None else set()
    for key, text in network.repair.items():  # texts; what the sentence states is quoted from there
        if key not in known and key != "neurons" and rational(text) is not None:
            yield Quoted((*part, key), text, "computed", f"{of}: {key}", file, f"repair.{key}")


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
                told = (
                    f"{claim['id']}: width asked for, as the source's formula gives it (constants: "
                    f"{width['constants'] or 'not recorded'}); its hypotheses are judged by the verdict"
                )
                yield Quoted((*name, "asked"), width["asked"], asked_word(width), told, file, f"{at}.width.asked", "up")
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
