"""A ladder and a comparison of constructions as records with every field present."""

import dataclasses
from typing import Any

from overparam.report._fields import as_dicts, as_list, as_pair, as_rows, as_table, as_text, as_texts, of_data, whole

_RUNG = ("rung", "family", "side", "width", "interval", "word", "quantifier", "theorem", "starts", "budget")
_WEIGHTS = ("rung", "neurons", "raw_params", "effective_params", "nonzero", "max_abs_weight", "total_weight")
_FOUND = ("width", "starts", "fitted", "certified", "stuck", "diverged", "max_steps", "best_residual")
_EXACT = ("width", "outcome", "nodes", "affine", "programs", "reused", "symmetry", "patterns")
_TRIAL = ("width", "stage", "step_size", "trials", "fitted", "max_steps", "stuck", "diverged")
_TOLERANCES = ("fitted_looser", "fitted_tighter")  # of confirming trials


@dataclasses.dataclass(frozen=True)
class Ladder:
    """One `ladder-NAME.json`; `None` stands for whatever the file does not say."""

    stem: str  # NAME
    name: str  # of the data, as the user gave it
    n: int | None
    d: int | None
    sha256: str | None
    labels: str | None
    notes: list[str]
    findings: list[dict[str, Any]]
    rungs: list[dict[str, Any]]
    found: list[dict[str, Any]]
    exact: list[dict[str, Any]]  # the search over activation patterns, a row a width
    gd: dict[str, Any]
    weights: list[dict[str, Any]]
    protocol: dict[str, str]
    versions: dict[str, str]
    sentences: list[str]

    def rung(self, name: str) -> dict[str, Any] | None:
        """The rung of that name, if the ladder has it."""
        return next((rung for rung in self.rungs if rung["rung"] == name), None)


@dataclasses.dataclass(frozen=True)
class Comparison:
    """One `memorizers-NAME.json`, with every field present."""

    stem: str
    name: str
    n: int | None
    d: int | None
    sha256: str | None
    notes: list[str]  # of the data
    at: list[int]
    rows: list[dict[str, Any]]
    survival: dict[str, dict[str, Any]]  # construction -> dtype -> up_to, lost_at
    versions: dict[str, str]
    complete: bool

    def built(self, n: int) -> list[dict[str, Any]]:
        """The networks of n points whose sizes were measured."""
        return [row for row in self.rows if row["n"] == n and row["sizes"]]

    def largest(self) -> list[dict[str, Any]]:
        """Of each construction the network of the most points, in the order of the record."""
        best: dict[str, dict[str, Any]] = {}
        for row in self.rows:
            if row["sizes"] and row["n"] >= best.get(row["construction"], row)["n"]:
                best[row["construction"]] = row
        return list(best.values())

    def refused(self) -> list[tuple[str, str]]:
        """Constructions that were not built at all, or not at some n, and why (at the largest of them)."""
        found: dict[str, tuple[list[int], str]] = {}
        for row in sorted(self.rows, key=lambda row: row["n"]):
            if not row["sizes"]:
                found[row["construction"]] = ([*found.get(row["construction"], ([], ""))[0], row["n"]], row["says"])
        have = {row["construction"] for row in self.rows if row["sizes"]}
        return [
            (f"{name} (n = {', '.join(map(str, at))})" if name in have else name, why)
            for name, (at, why) in found.items()
        ]


def ladder_of(raw: object, *, stem: str) -> Ladder:
    """A ladder from parsed JSON of the shape that `overparam width` writes, however incomplete."""
    top = as_table(raw)
    data, searches = as_table(top.get("data")), as_table(top.get("searches"))
    gd = as_table(searches.get("gd"))
    if gd:
        gd |= {"trials": as_rows(gd.get("trials"), (*_TRIAL, *_TOLERANCES)), "interval": as_pair(gd.get("interval"))}
        gd |= {name: as_list(gd.get(name)) for name in ("grid", "step_sizes")}
        gd |= {name: as_text(gd.get(name)) for name in ("sentence", "verdict")}
    rungs = as_rows(top.get("rungs"), (*_RUNG, "certificate"))
    for rung in rungs:
        rung["interval"] = as_pair(rung["interval"])
        rung["width"] = whole(rung["width"])
        rung["low_confirmed"] = gd.get("low_confirmed") is not False  # of a threshold: was its lower end shown?
    return Ladder(
        stem=stem,
        **of_data(data, stem),
        labels=as_text(data.get("labels")),
        findings=as_rows(data.get("findings"), ("name", "status", "how", "detail")),
        rungs=rungs,
        found=as_rows(searches.get("found"), _FOUND),
        exact=as_rows(searches.get("exact"), _EXACT),
        gd=gd,
        weights=as_rows(top.get("weights"), (*_WEIGHTS, "path_norm", "bits", "float64_error")),
        protocol={key: str(value) for key, value in as_table(top.get("protocol")).items()},
        versions={key: str(value) for key, value in as_table(top.get("versions")).items()},
        sentences=as_texts(top.get("sentences")),
    )


def comparison_of(raw: object, *, stem: str) -> Comparison:
    """A comparison from parsed JSON, however incomplete."""
    top = as_table(raw)
    data, versions = as_table(top.get("data")), as_table(top.get("versions"))
    rows = [_built(row) for row in as_dicts(top.get("rows")) if whole(row.get("n")) is not None]
    survival = {str(row.get("construction")): row for row in as_dicts(top.get("survival"))}
    return Comparison(
        stem=stem,
        **of_data(data, stem),
        at=[n for n in as_list(top.get("at")) if whole(n) is not None],
        rows=rows,
        survival=survival,
        versions={str(key): str(value) for key, value in versions.items()},
        complete=top.get("complete") is True,
    )


def _built(row: dict[str, Any]) -> dict[str, Any]:
    fields = ("construction", "group", "n", "word", "claim", "theorem", "promised", "certificate", "says")
    known = {field: row.get(field) for field in fields}
    sizes, survives = row.get("sizes"), row.get("survives")
    return known | {
        "construction": str(known["construction"]),
        "says": str(known["says"] or ""),
        "word": as_text(known["word"]),
        "theorem": as_text(known["theorem"]),
        "certificate": None if known["certificate"] is None else str(known["certificate"]),
        "sizes": sizes if isinstance(sizes, dict) else None,
        "survives": survives if isinstance(survives, dict) else {},
    }
