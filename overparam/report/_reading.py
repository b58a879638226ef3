"""The run's JSON files as records with every field present; what is missing or unreadable is said, never raised."""

import dataclasses
import json
import math
import pathlib
from typing import Any

from overparam.records import Link, Plot, Series, Table

_RUNG = ("rung", "family", "side", "width", "interval", "word", "quantifier", "theorem", "starts", "budget")
_WEIGHTS = ("rung", "neurons", "raw_params", "effective_params", "nonzero", "max_abs_weight", "total_weight")
_FOUND = ("width", "starts", "fitted", "certified", "stuck", "diverged", "max_steps", "best_residual")
_TRIAL = ("width", "stage", "trials", "fitted", "max_steps", "stuck", "diverged")
_CLAIM = ("id", "verdict", "claim", "evidence", "instances", "certificate", "topic", "refuted_by", "locator")


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


@dataclasses.dataclass(frozen=True)
class Folder:
    """All that an output folder holds for the report; `missing` says in words why it is partial."""

    ladders: list[Ladder]
    claims: list[dict[str, Any]]
    comparisons: list[Comparison]  # of constructions
    missing: list[str]


def whole(value: object) -> int | None:
    """The value if it is an integer that JSON wrote as one."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def real(value: object) -> float | None:
    """The value as a finite float, if it is a number that fits."""
    try:
        number = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def ladder_of(raw: object, *, stem: str) -> Ladder:
    """A ladder from parsed JSON of the shape that `overparam width` writes, however incomplete."""
    top = _table(raw)
    data, searches = _table(top.get("data")), _table(top.get("searches"))
    gd = _table(searches.get("gd"))
    if gd:
        gd |= {"trials": _rows(gd.get("trials"), _TRIAL), "interval": _pair(gd.get("interval"))}
    rungs = _rows(top.get("rungs"), (*_RUNG, "certificate"))
    for rung in rungs:
        rung["interval"] = _pair(rung["interval"])
        rung["width"] = whole(rung["width"])
        rung["low_confirmed"] = gd.get("low_confirmed") is not False  # of a threshold: was its lower end shown?
    return Ladder(
        stem=stem,
        name=str(data.get("name") or stem),
        n=whole(data.get("n")),
        d=whole(data.get("d")),
        sha256=_text(data.get("sha256")),
        labels=_text(data.get("labels")),
        notes=_texts(data.get("notes")),
        findings=_rows(data.get("findings"), ("name", "status", "how", "detail")),
        rungs=rungs,
        found=_rows(searches.get("found"), _FOUND),
        gd=gd,
        weights=_rows(top.get("weights"), (*_WEIGHTS, "path_norm", "bits", "float64_error")),
        protocol={key: str(value) for key, value in _table(top.get("protocol")).items()},
        versions={key: str(value) for key, value in _table(top.get("versions")).items()},
        sentences=_texts(top.get("sentences")),
    )


def comparison_of(raw: object, *, stem: str) -> Comparison:
    """A comparison from parsed JSON, however incomplete."""
    top = _table(raw)
    data, versions = _table(top.get("data")), _table(top.get("versions"))
    rows = [_built(row) for row in _dicts(top.get("rows")) if whole(row.get("n")) is not None]
    survival = {str(row.get("construction")): row for row in _dicts(top.get("survival"))}
    return Comparison(
        stem=stem,
        name=str(data.get("name") or stem),
        n=whole(data.get("n")),
        d=whole(data.get("d")),
        at=[n for n in top.get("at") or [] if whole(n) is not None],
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
        "certificate": None if known["certificate"] is None else str(known["certificate"]),
        "sizes": sizes if isinstance(sizes, dict) else None,
        "survives": survives if isinstance(survives, dict) else {},
    }


def _dicts(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def claims_of(raw: object) -> list[dict[str, Any]]:
    """Claims from parsed JSON, each with every field; `links`, `plots` and `tables` are records, `width` a table."""
    claims = _rows(raw, (*_CLAIM, "cites", "links", "width", "plots", "tables", "sentences"))
    for claim in claims:
        claim["cites"] = _texts(claim["cites"])
        claim["links"] = [link for row in _dicts(claim["links"]) if (link := _link(row)) is not None]
        width = _table(claim["width"])
        had = whole(width.get("had"))
        known = {"asked": real(width.get("asked")), "had": had, "constants": str(width.get("constants") or "")}
        claim["width"] = known if had else None
        claim["plots"] = [plot for row in _dicts(claim["plots"]) if (plot := _plot(row)) is not None]
        claim["tables"] = [table for row in _dicts(claim["tables"]) if (table := _printed(row)) is not None]
        claim["sentences"] = _texts(claim["sentences"])
    return claims


def _plot(row: dict[str, Any]) -> Plot | None:
    """A plot with at least one series that is whole."""
    series = [one for given in _dicts(row.get("series")) if (one := _series(given)) is not None]
    marks = [mark for mark in row.get("marks") or [] if isinstance(mark, list) and len(mark) == 2]
    if not series:
        return None
    return Plot(
        title=str(row.get("title") or ""),
        x_label=str(row.get("x_label") or ""),
        y_label=str(row.get("y_label") or ""),
        series=tuple(series),
        log_x=row.get("log_x") is True,
        log_y=row.get("log_y") is True,
        marks=tuple((x, str(word)) for at, word in marks if (x := real(at)) is not None),
    )


def _series(row: dict[str, Any]) -> Series | None:
    columns = [row.get(name) or [] for name in ("x", "y", "low", "high")]
    if not all(isinstance(column, list) for column in columns) or not columns[0]:
        return None
    x, y, low, high = (tuple(map(real, column)) for column in columns)
    if None in x or len(y) != len(x) or not {len(low), len(high)} <= {0, len(x)}:
        return None
    kind = row.get("kind")
    known = kind if kind in ("measured", "formula", "bound", "published") else "measured"
    return Series(str(row.get("label") or ""), tuple(v for v in x if v is not None), y, low, high, known)


def _printed(row: dict[str, Any]) -> Table | None:
    columns, rows = _texts(row.get("columns")), row.get("rows")
    if not columns or not isinstance(rows, list):
        return None
    whole_rows = [one for one in rows if isinstance(one, list) and len(one) == len(columns)]
    kept = tuple(tuple(v if isinstance(v, (str, int)) else real(v) for v in one) for one in whole_rows)
    return Table(str(row.get("caption") or ""), tuple(columns), kept)


def _link(row: dict[str, Any]) -> Link | None:
    kind = row.get("kind")
    if kind not in ("at most", "at least"):
        return None
    return Link(str(row.get("lemma") or ""), real(row.get("bound")), real(row.get("observed")), kind)


def read_folder(out: pathlib.Path) -> Folder:
    """Read every `ladder-*.json` and `claims.json` of an output folder; either alone is a whole run."""
    ladders, missing = [], []
    for path in sorted(out.glob("ladder-*.json")):
        raw, trouble = _parsed(path)
        ladder = ladder_of(raw, stem=path.stem.removeprefix("ladder-"))
        if trouble is None and not ladder.rungs:
            trouble = f"{path.name} holds no rungs"
        missing += [trouble] if trouble else []
        if ladder.rungs:
            ladders.append(ladder)
    claims: list[dict[str, Any]] = []
    if (path := out / "claims.json").exists():
        raw, trouble = _parsed(path)
        claims = claims_of(raw)
        if trouble is None and not claims:
            trouble = "claims.json holds no claims"
        missing += [trouble] if trouble else []
    comparisons = []
    for path in sorted(out.glob("memorizers-*.json")):
        raw, trouble = _parsed(path)
        found = comparison_of(raw, stem=path.stem.removeprefix("memorizers-"))
        if trouble is None and not found.complete:
            trouble = f"{path.name} is not finished; run the same command again"
        missing += [trouble] if trouble else []
        comparisons += [found] if found.rows else []
    others = [*comparisons, *out.glob("memorize-*.json"), *out.glob("certify-*.json"), *out.glob("kernel-*.json")]
    if not ladders and not claims and not missing and not others:
        missing.append("no command has finished: there is neither a ladder-*.json nor a claims.json")
    return Folder(ladders, claims, comparisons, missing)


def _parsed(path: pathlib.Path) -> tuple[object, str | None]:
    if not path.is_file():
        return None, f"{path.name} is not there"
    try:
        return json.loads(path.read_text(encoding="utf-8")), None
    except (OSError, ValueError, RecursionError) as error:
        return None, f"{path.name} cannot be read ({str(error).splitlines()[0]})"


def _table(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


_TEXTS = ("rung", "family", "side", "word", "quantifier", "theorem", "budget", "certificate", "id", "verdict", "stage")


def _rows(value: object, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    known = [dict.fromkeys(fields) | row for row in rows]
    return [row | {field: _text(row[field]) for field in _TEXTS if field in row} for row in known]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _pair(value: object) -> list[int | None] | None:
    """An interval [lo, hi or None]."""
    if isinstance(value, list) and len(value) == 2 and whole(value[0]) is not None:
        return [whole(value[0]), whole(value[1])]
    return None
