"""Curves with bars: what the bars are said to be is what they are, worked out by other means."""

import ast

import numpy as np
import pytest
from scipy import stats

from overparam.studies import _series
from tests.house.sources import ROOT

X = (1, 2, 3)
TRIALS = np.random.default_rng(0).uniform(0.5, 1, size=(6, 3))


def ends(series):
    return np.transpose([series.low, series.high])


def test_intervals_of_means():
    joint, each = _series.measured("f", X, TRIALS), _series.pointwise("f", X, TRIALS.T)
    for series, level in ((joint, 1 - 0.01 / 3), (each, 0.95)):
        wanted = [stats.t.interval(level, 5, np.mean(v), stats.sem(v)) for v in TRIALS.T]
        np.testing.assert_allclose(ends(series), wanted, rtol=1e-12)
        np.testing.assert_allclose(series.y, TRIALS.mean(axis=0))
    assert (joint.spread, each.spread) == (_series.JOINT, _series.POINTWISE)
    assert "99 %" in joint.spread and "95 %" in each.spread


def test_shares_stay_shares():
    """An interval of something that lies between 0 and 1 ends there, and still covers the mean."""
    for series in (_series.measured("f", X, TRIALS, within=(0, 1)), _series.pointwise("f", X, TRIALS.T, within=(0, 1))):
        low, high = ends(series).T
        assert (low >= 0).all() and (high <= 1).all() and (low <= series.y).all() and (series.y <= high).all()
    assert max(_series.measured("f", X, TRIALS).high) > 1


def test_where_a_peak_is_left_out_the_curve_is_interrupted():
    series = _series.measured("f", X, TRIALS, gap=2.5)
    assert series.x == (1.0, 2.0, 2.5, 3.0)
    assert np.isnan([series.y[2], series.low[2], series.high[2]]).all()


def test_draws_of_different_numbers():
    series = _series.pointwise("f", X[:2], [[1.0, 2.0, 3.0], [4.0]], joined=False)
    assert series.y == (2.0, 4.0) and not series.joined
    assert np.isnan([series.low[1], series.high[1]]).all(), "one number has no interval"
    alone = _series.pointwise("f", X[:2], [[1.0], [2.0]])
    assert (alone.y, alone.low, alone.spread) == ((1.0, 2.0), (), "")


def test_geometric_means_medians_and_ranges():
    found = _series.geometric("f", X, TRIALS)
    np.testing.assert_allclose(found.y, stats.gmean(TRIALS, axis=0))
    np.testing.assert_allclose(np.log(ends(found)), ends(_series.measured("f", X, np.log(TRIALS))), rtol=1e-12)
    middle = _series.medians("f", X, TRIALS)
    np.testing.assert_allclose(middle.y, np.median(TRIALS, axis=0))
    np.testing.assert_allclose(ends(middle), np.percentile(TRIALS, [25, 75], axis=0).T)
    assert middle.label == "f, median"
    missing = TRIALS.copy()
    missing[0, 0] = np.nan
    whole = _series.ranges("f", X, missing)
    assert whole.low[0] == TRIALS[1:, 0].min() and whole.y[0] == pytest.approx(TRIALS[1:, 0].mean())
    assert (found.spread, middle.spread, whole.spread) == (_series.GEOMETRIC, _series.QUARTILES, _series.RANGE)


def test_rates_of_events():
    happened = np.array([[True, False, True]] * 4 + [[True, False, False]] * 2)
    series = _series.rates("f", X, happened)
    wanted = [stats.binomtest(int(v.sum()), 6).proportion_ci(0.95, "exact") for v in happened.T]
    np.testing.assert_allclose(ends(series), [(w.low, w.high) for w in wanted], rtol=1e-9, atol=1e-12)
    assert series.y == (1.0, 0.0, pytest.approx(2 / 3))


def test_every_curve_with_bars_says_what_they_are():
    """In the source of every study, those at other sizes too; a curve without would raise when it is drawn."""
    seen = 0
    for path in (ROOT / "overparam" / "studies").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Series":
                names = {keyword.arg for keyword in call.keywords}
                bars = len(call.args) > 3 or "low" in names or any(isinstance(a, ast.Starred) for a in call.args)
                assert not bars or "spread" in names, f"{path}:{call.lineno}"
                seen += bars
    assert seen > 5


def test_printed_constants():
    """0 and 5 of 5: ends 0, 1 and 1 - 0.025^(1/5), 0.025^(1/5).  Student at 0.01 / 2 / 2 with 2 degrees: 14.09."""
    rates = _series.rates("", [1.0, 2.0], [[False, True]] * 5)
    assert rates.low[0] == 0 and rates.high[1] == 1
    assert rates.high[0] == pytest.approx(1 - 0.025**0.2) and rates.low[1] == pytest.approx(0.025**0.2)
    means = _series.measured("", [1, 2], [[1.0, 5.0], [3.0, 5.0], [2.0, 5.0]])
    assert means.y == (2.0, 5.0) and means.low[1] == means.high[1] == 5.0
    assert means.high[0] - 2 == pytest.approx(14.09 / 3**0.5, rel=1e-3)
