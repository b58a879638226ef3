"""A sweep as the page shows it: its cells with shares and intervals, its failures, its specification."""

import decimal
from typing import Any

from overparam.report._sweep_folder import Sweep
from overparam.report._words import number
from overparam.report.page._drawn import drawn

MOST_CELLS, MOST_FAILURES = 400, 40
_OUTCOMES = ("fitted", "max_steps", "diverged", "stuck")
_CAPTIONS = {
    "shares": "Shares of seeds that fitted (observed), with Clopper–Pearson intervals at 95 % for each cell by itself; "
    "lines are labelled with what stands behind them.",
    "thresholds": "Thresholds (observed): the least width with the share asked for, with intervals, and the exponent "
    "fitted to them.",
    "phase": "The phase plane (observed): shade is the share of seeds that fitted; the line is a theorem's bound.",
}


def sweep_section(sweep: Sweep, figures: dict[str, dict[str, bytes]]) -> dict[str, Any]:
    """A sweep as the template wants it."""
    rows = sweep.rows[:MOST_CELLS]
    totals = {name: sum(row[name] for row in sweep.rows) for name in ("seeds", "rows", *_OUTCOMES, "unconfirmed")}
    return {
        "sweep": sweep,
        "figures": [
            {"svg": drawn(figures[name], prefix=f"s{name[0]}", label=f"{name} figure"), "caption": caption}
            for name, caption in _CAPTIONS.items()
            if name in figures
        ],
        "rows": [_cell(row, sweep) for row in rows],
        "more": len(sweep.rows) - len(rows),
        "totals": totals,
        "complete": sum(row["state"] == "complete" for row in sweep.rows),
        "limited": sum(bool(row["budget_limited"]) for row in sweep.rows),
        "fixed": _fixed(sweep),
        "failures": sweep.failures[:MOST_FAILURES],
        "more_failures": max(0, len(sweep.failures) - MOST_FAILURES),
    }


def _cell(row: dict[str, Any], sweep: Sweep) -> dict[str, Any]:
    confirmed = row["fitted"] - row["unconfirmed"]
    notes = []
    if row["state"] == "PARTIAL":
        notes.append("PARTIAL: seeds that are not there count as open")
    if row["budget_limited"]:
        notes.append("limited by its budget")
    return {
        "settings": [number(row[axis]) for axis in sweep.axes],
        "counts": [number(row[name]) for name in ("rows", *_OUTCOMES, "unconfirmed")],
        "share": f"{confirmed / row['rows']:.3f}" if row["rows"] else "–",
        "interval": f"[{_end(row['fit_low'], decimal.ROUND_FLOOR)}, {_end(row['fit_high'], decimal.ROUND_CEILING)}]",
        "notes": "; ".join(notes),
        "seeds": row["seeds"],
    }


def _end(value: float, rounding: str) -> str:
    """An end of an interval to three digits, outwards."""
    return str(decimal.Decimal(value).quantize(decimal.Decimal("0.001"), rounding))


def _fixed(sweep: Sweep) -> list[tuple[str, str]]:
    """Settings that all cells share, as the specification words them."""
    found = [(name, number(sweep.settings.get(name))) for name in ("root_seed", "seeds", "chunk", "shard")]
    per_seed = sweep.settings.get("data_per_seed")
    found.append(("data", "drawn anew for each seed" if per_seed else "the same for all seeds"))
    for part in ("data", "model", "train"):
        settings = sweep.settings.get(part) or {}
        found += [
            (f"{part}.{name}", number(value))
            for name, value in settings.items()
            if f"{part}.{name}" not in sweep.axes and isinstance(value, (str, int, float, bool))
        ]
    return found
