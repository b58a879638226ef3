"""Thresholds of many cells: the level is shared, open cells stay open, undecided trials limit a cell."""

import json

import numpy as np
import pytest
from scipy.stats import norm

from overparam.errors import InputError
from overparam.widths import Cell, Trial, split_confirm, threshold_grid, width_grid

WIDTHS = width_grid(1, 60)


def probit(centre, scale, seed=0):
    rng = np.random.default_rng(seed)
    chances = {width: float(norm.cdf((width - centre) / scale)) for width in WIDTHS}
    return lambda width, stage, first, count: (rng.random(count) < chances[width]).astype(int)


def always(trial):
    return lambda width, stage, first, count: np.full(count, trial)


def test_cells_share_the_error_probability(monkeypatch):
    """Each of M cells is confirmed at 1 - alpha/M, and as if it were alone."""
    levels = []

    def watched(*arguments, level, **options):
        levels.append(level)
        return split_confirm(*arguments, level=level, **options)

    monkeypatch.setattr("overparam.widths._grid.split_confirm", watched)
    grid = threshold_grid([Cell({"n": n}, WIDTHS, probit(n, 2)) for n in (8, 16, 32, 40)])
    assert levels == [1 - 0.05 / 4] * 4
    alone = split_confirm(probit(16, 2), WIDTHS, level=1 - 0.05 / 4, confirm=150)
    assert (grid.cells[1].low, grid.cells[1].high) == (alone.low, alone.high)
    assert grid.trials == sum(cell.threshold.trials for cell in grid.cells)


def test_more_cells_ask_for_more_evidence_but_only_logarithmically():
    """A step curve: E doubles or so with each trial, so that 30 cells cost log2(30) < 5 trials more a side."""
    step = lambda width, stage, first, count: np.full(count, int(width >= 9))  # noqa: E731
    one, many = (threshold_grid([Cell({"n": 1 + i}, WIDTHS, step) for i in range(cells)], batch=1) for cells in (1, 30))

    def confirming(cell):
        return sum(len(b.outcomes) for b in cell.threshold.batches if b.stage.startswith("confirm"))

    assert confirming(one.cells[0]) < confirming(many.cells[0]) <= confirming(one.cells[0]) + 10
    assert all(cell.low <= 9 <= cell.high for cell in many.cells)


def test_what_cannot_be_confirmed_stays_open():
    """Never fits: no upper end; always fits: no lower end; out of steps: neither, and limited by the budget."""
    curves = {1: always(Trial.FAILED), 2: always(Trial.FITTED), 3: always(Trial.CENSORED), 4: probit(20, 1)}
    grid = threshold_grid([Cell({"n": n}, WIDTHS, run) for n, run in curves.items()])
    never, ever, budget, settled = grid.cells
    assert (never.low, never.high, never.note) == (WIDTHS[-1] + 1, None, "open above")
    assert (ever.low, ever.high, ever.note) == (None, WIDTHS[0], "open below")
    assert (budget.low, budget.high, budget.budget_limited) == (None, None, True)
    assert "budget-limited" in budget.note
    assert [cell.verdict for cell in grid.cells] == ["INCONCLUSIVE"] * 3 + ["ESTIMATED"]
    assert settled.low <= 20 <= settled.high
    assert "1 of 4 cells are settled" in grid.sentence


def test_a_few_undecided_trials_limit_a_cell_that_has_both_ends():
    """One trial in five: both ends are confirmed in spite of them, but the cell is not settled."""
    rng = np.random.default_rng(0)

    def run(width, stage, first, count):
        return np.where(rng.random(count) < 0.2, Trial.CENSORED, int(width >= 9))

    (cell,) = threshold_grid([Cell({"n": 9}, WIDTHS, run)]).cells
    assert cell.low <= 9 <= cell.high
    assert cell.budget_limited
    assert cell.verdict == "INCONCLUSIVE"


def test_table_and_json():
    grid = threshold_grid([Cell({"n": 20, "d": 2.5}, WIDTHS, probit(9, 1)), Cell({"n": 4, "d": 2}, WIDTHS, always(0))])
    header, first, second = grid.table().splitlines()
    assert header.split() == ["n", "d", "interval", "trials", "censored", "verdict", "note"]
    assert first.split()[:2] == ["20", "2.5"]
    assert second.endswith("open above")
    assert "?]" in second
    read = json.loads(grid.dumps())
    assert read["cells"][1]["interval"] == [WIDTHS[-1] + 1, None]
    assert sum(len(b["outcomes"]) for b in read["cells"][0]["batches"]) == read["cells"][0]["trials"]
    assert "falls as the width grows" in read["sentence"]


@pytest.mark.parametrize(
    ("cells", "options", "named"),
    [
        ([], {}, "cells"),
        ([Cell({"n": 1}, WIDTHS, always(0)), Cell({"d": 1}, WIDTHS, always(0))], {}, "told apart"),
        ([Cell({"n": 0}, WIDTHS, always(0))], {}, "positive"),
        ([Cell({"n": 1}, (3, 2), always(0))], {}, "ascending"),
        ([Cell({"n": 1}, (0, 2), always(0))], {}, "positive and ascending"),
        ([Cell({"n": 1}, WIDTHS, always(0))], {"q": 1.0}, "q must be"),
        ([Cell({"n": 1}, WIDTHS, always(0))], {"level": 0.0}, "level must be"),
        ([Cell({"n": 1}, WIDTHS, always(0))], {"batch": 0}, "batch must be"),
    ],
)
def test_refusals_name_what_is_wrong(cells, options, named):
    with pytest.raises(InputError, match=named):
        threshold_grid(cells, **options)
