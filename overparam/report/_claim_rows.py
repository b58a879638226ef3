"""Claims as records with every field present; plots and tables that are not whole are left out."""

from typing import Any

from overparam.records import Link, Plot, Series, Table
from overparam.report._fields import as_dicts, as_list, as_rows, as_table, as_texts, as_words, real, whole

_MOST, _LONGEST = 64, 240  # series or marks of a plot, and letters of a label: more can be neither drawn nor read
_CLAIM = ("id", "verdict", "claim", "evidence", "instances", "certificate", "topic", "refuted_by", "locator")


def claims_of(raw: object) -> list[dict[str, Any]]:
    """Claims from parsed JSON, each with every field; `links`, `plots` and `tables` are records, `width` a table."""
    claims = as_rows(
        raw, (*_CLAIM, "cites", "links", "width", "plots", "tables", "sentences", "roots", "run", "certificates")
    )
    for claim in claims:
        claim["cites"] = as_texts(claim["cites"])
        claim["links"] = [link for row in as_dicts(claim["links"]) if (link := _link(row)) is not None]
        width = as_table(claim["width"])
        had = whole(width.get("had"))
        known = {"asked": real(width.get("asked")), "had": had, "constants": str(width.get("constants") or "")}
        claim["width"] = known if had else None
        claim["plots"] = [plot for row in as_dicts(claim["plots"]) if (plot := _plot(row)) is not None]
        claim["tables"] = [table for row in as_dicts(claim["tables"]) if (table := _printed(row)) is not None]
        claim["sentences"] = as_texts(claim["sentences"])
        claim["roots"] = as_texts(claim["roots"])
        claim["run"] = as_words(claim["run"])
        claim["certificates"] = whole(claim["certificates"])
        claim["accepted"] = []  # sentences of its certificates, which `_verified` asks for
    return claims


def _label(value: object) -> str:
    """A title or label; what is longer than any figure has room for is cut."""
    text = "" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _plot(row: dict[str, Any]) -> Plot | None:
    """A plot with at least one series that is whole."""
    series = [one for given in as_dicts(row.get("series"))[:_MOST] if (one := _series(given)) is not None]
    marks = [mark for mark in as_list(row.get("marks")) if isinstance(mark, list) and len(mark) == 2]
    if not series:
        return None
    return Plot(
        title=_label(row.get("title")),
        x_label=_label(row.get("x_label")),
        y_label=_label(row.get("y_label")),
        series=tuple(series),
        log_x=row.get("log_x") is True,
        log_y=row.get("log_y") is True,
        marks=tuple((x, _label(word)) for at, word in marks[:_MOST] if (x := real(at)) is not None),
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
    whole_x = tuple(v for v in x if v is not None)
    spread = _label(row.get("spread")) or ("not recorded" if low else "")  # as in records of earlier versions
    return Series(_label(row.get("label")), whole_x, y, low, high, known, row.get("joined") is not False, spread)


def _printed(row: dict[str, Any]) -> Table | None:
    columns, rows = as_texts(row.get("columns")), row.get("rows")
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
