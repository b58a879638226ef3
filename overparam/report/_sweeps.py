"""A sweep as a table: one line a cell, outcomes counted, the share of fits with its interval."""

import csv
import io
import pathlib
from typing import Any

from overparam.sweeps import CellState
from overparam.widths import clopper_pearson

BUDGET_LIMITED = 0.05  # share of censored seeds beyond which a cell says more about the budget than about the width
_OUTCOMES = ("fitted", "max_steps", "diverged", "stuck")


def cell_rows(states: list[CellState]) -> list[dict[str, Any]]:
    """One row a cell, with the columns of sweep.csv."""
    return [_row(state) for state in states]


def sweep_csv(rows: list[dict[str, Any]]) -> str:
    """The text of sweep.csv.

    Columns: the cell, its settings, seeds asked for and rows there, rows by outcome, fits that float64 did not confirm,
    the Clopper-Pearson interval at 95 % of the probability to fit, whether the budget limits the cell, and whether it
    is complete or PARTIAL.  Censored seeds (max_steps) count as failures for the lower end and as fits for the upper
    one, and so do fits that float64 did not confirm and seeds that are not there yet.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def sweep_text(path: pathlib.Path, rows: list[dict[str, Any]]) -> str:
    """Where the table is, and how many cells say more of their budget than of the width."""
    limited = sum(row["budget_limited"] for row in rows)
    lines = [f"{path}: {len(rows)} cells, {sum(row['rows'] for row in rows)} rows"]
    if limited:
        lines.append(f"{limited} cells are limited by their budget: more than 5 % of their seeds were still running")
    return "\n".join(lines)


def _row(state: CellState) -> dict[str, Any]:
    counts = {name: state.outcomes.get(name, 0) for name in _OUTCOMES}
    open_ones = counts["max_steps"] + state.unconfirmed
    fits = counts["fitted"] - state.unconfirmed
    # seeds that are not there yet count as open: which shards come first depends on how soon their seeds end
    low, high = clopper_pearson(fits, state.wanted, censored=open_ones + state.wanted - state.rows)
    settings = {axis: ",".join(v) if isinstance(v, tuple) else v for axis, v in state.coordinates.items()}
    return {
        "cell": state.cell,
        **settings,
        "seeds": state.wanted,
        "rows": state.rows,
        **counts,
        "unconfirmed": state.unconfirmed,
        "fit_low": low,
        "fit_high": high,
        "budget_limited": state.rows > 0 and counts["max_steps"] > BUDGET_LIMITED * state.rows,
        "state": "complete" if state.complete else "PARTIAL",
    }
