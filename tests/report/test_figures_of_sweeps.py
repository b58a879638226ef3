"""Shares, thresholds and the phase plane of a sweep: legible at both widths, and nothing said that is not shown."""

import csv
import io
import math

import pytest

from overparam.report.figures._cells import Point, enough, needed, points_of
from overparam.report.figures._phase import draw_phase, phase_csv
from overparam.report.figures._shares import draw_shares, shares_csv
from overparam.report.figures._style import INCHES, saved, style
from overparam.report.figures._thresholds import draw_thresholds, judged, thresholds_csv
from tests.report.drawing import COLUMNS, check_texts
from tests.report.sweep_samples import SEEDS, sweep, threshold

SWEEPS = {
    "n": sweep(),
    "n and d": sweep(data={"n": [10, 20, 40, 80], "d": [2, 5]}),
    "one size": sweep(data={"n": 40, "d": 4}, train={"step_size": [0.1, 0.5, 0.9]}),
    "signs": sweep(data={"n": [10, 20, 40], "d": 4, "labels": "signs"}),
    "partial": sweep(rows=60, censored=3),
    "many": sweep(data={"n": [10, 20], "d": 4}, train={"step_size": [0.1 * i for i in range(1, 13)]}),
    "wide": sweep(data={"n": [1000, 5000, 20000], "d": 100}, model={"width": [1, 10, 100, 1000, 10000]}),
}


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("name", SWEEPS)
@pytest.mark.slow
def test_labels_lie_on_the_page_and_apart(name, columns):
    with style():
        figures = [draw(SWEEPS[name], columns) for draw in (draw_shares, draw_thresholds, draw_phase)]
        assert (figures[1] is None) == (figures[2] is None) == (name == "one size")
        for figure in filter(None, figures):
            assert "observed" in check_texts(figure)
            assert figure.get_figwidth() == INCHES[columns]


@pytest.mark.slow
def test_bounds_are_drawn_where_their_theorem_speaks():
    """Counting is about real labels: signs are no matter of it; the pairs construction takes any labels."""
    with style():
        real, signs = (check_texts(draw_thresholds(SWEEPS[name])) for name in ("n", "signs"))
        plane, signed = (check_texts(draw_phase(SWEEPS[name])) for name in ("n", "signs"))
        one = check_texts(draw_shares(SWEEPS["one size"]))
    assert "exact fits of almost all labels need (theorem)" in real
    assert "exact fits of almost all labels need" not in signs
    assert "enough for any labels in general position (theorem)" in signs
    assert "left of it" in plane
    assert "left of it" not in signed
    assert f"need: {needed(40, 4)} (theorem)" in one.replace("\n", " ")
    assert f"position: {enough(40, 4)} (theorem)" in one.replace("\n", " ")


def test_no_bound_for_several_layers_or_other_units():
    deep = sweep(model={"width": [1, 2, 4], "architecture": "mlp", "depth": 2})
    smooth = sweep(model={"width": [1, 2, 4], "architecture": "mlp", "activation": "tanh"})
    for one in (deep, smooth):
        assert not any(point.counts or point.general for point in points_of(one))


def test_thresholds_hold_what_they_are_made_of():
    """Every interval holds the width at which the made-up law has share 1/2, and the law its exponents."""
    rows = _rows(thresholds_csv(SWEEPS["n and d"]))
    cells = [row for row in rows if row["what"] == "threshold"]
    assert len(cells) == 8
    for row in cells:
        middle = threshold(int(row["n"]), int(row["d"]))
        assert not row["low"] or int(row["low"]) <= math.ceil(middle)
        assert not row["high"] or int(row["high"]) >= middle
    exponents = {row["what"]: (float(row["low"]), float(row["high"])) for row in rows if "exponent" in row["what"]}
    assert exponents["exponent of n"][0] <= 1 <= exponents["exponent of n"][1]
    assert exponents["exponent of d"][0] <= -0.5 <= exponents["exponent of d"][1]


def test_thresholds_are_judged_jointly():
    """An end that one cell alone would confirm at 95 % is left open where many cells are judged at once."""
    points = [Point(10, 4, width, "", fits, 0, SEEDS, SEEDS, True, True) for width, fits in ((1, 22), (9, SEEDS))]
    assert points[0].interval()[1] < 0.5 <= points[0].interval(1 - 0.05 / 100)[1]
    alone, joint = (judged(points, level) for level in (0.95, 1 - 0.05 / 100))
    assert (alone.low, alone.low_confirmed, alone.high) == (2, True, 9)
    assert (joint.low, joint.low_confirmed, joint.high) == (1, False, 9)
    assert judged(points[:1], 1 - 0.05 / 100) is None


def test_seeds_that_are_not_there_confirm_nothing():
    with style():
        assert draw_thresholds(sweep(rows=30)) is None
        assert draw_shares(sweep(rows=30)) is not None


def test_a_sweep_without_rows_has_no_figure():
    empty = sweep(rows=0)
    assert draw_shares(empty) is draw_thresholds(empty) is draw_phase(empty) is None


@pytest.mark.parametrize("numbers", [shares_csv, phase_csv])
def test_the_numbers_lie_beside_the_figures(numbers):
    rows = _rows(numbers(SWEEPS["partial"]))
    assert len(rows) == len(SWEEPS["partial"].rows)
    for row, given in zip(rows, SWEEPS["partial"].rows, strict=True):
        assert int(row["fitted"]) == given["fitted"] - given["unconfirmed"]
        assert (float(row["low"]), float(row["high"])) == (given["fit_low"], given["fit_high"])
        assert float(row["share"]) == int(row["fitted"]) / 60
        assert row["word"] == "observed"


def test_the_share_that_is_drawn_is_that_of_the_table():
    with style():
        axes = draw_shares(SWEEPS["n"], "single").axes[0]
    drawn = sorted((float(x), round(float(y), 9)) for c in axes.containers for x, y in c.lines[0].get_xydata())
    assert drawn == sorted((float(r["width"]), round(float(r["share"]), 9)) for r in _rows(shares_csv(SWEEPS["n"])))


@pytest.mark.slow
def test_equal_sweeps_give_equal_bytes():
    with style():
        first, second = (saved(draw_phase(sweep()), ("svg", "pdf")) for _ in range(2))
    assert first == second


def _rows(text):
    return list(csv.DictReader(io.StringIO(text)))
