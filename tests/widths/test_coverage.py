"""The joint intervals of split-confirm hold as often as they say: curves with known thresholds, an exact test.

Coverage of at least 95 % is rejected at level 1e-3, set beforehand; planted errors must be rejected.
"""

import importlib.util
import json
import math
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import binom

from overparam.widths import _grid, _threshold
from tests.house.sources import ROOT

PATH = ROOT / "benchmarks" / "widths" / "coverage.py"
spec = importlib.util.spec_from_file_location("coverage_of_thresholds", PATH)
coverage = importlib.util.module_from_spec(spec)
spec.loader.exec_module(coverage)

TEMPTING = ["late", "early", "late", "early", "late"]


def covered(names, repetitions):
    return sum(all(coverage.repeat(names, repetition)[1]) for repetition in range(repetitions))


def test_intervals_hold_jointly():
    assert not coverage.rejects(covered(list(coverage.CURVES), 60), 60)


@pytest.mark.slow
def test_intervals_hold_jointly_in_a_thousand_repetitions():
    assert not coverage.rejects(covered(list(coverage.CURVES), 1000), 1000)


def test_an_error_probability_that_is_not_split_is_caught(monkeypatch):
    """Each cell, side and attempt takes all of 5 %."""
    split_confirm = _grid.split_confirm
    monkeypatch.setattr(_threshold, "_SHARES", (2.0, 2.0, 2.0))
    monkeypatch.setattr(_grid, "split_confirm", lambda *a, level, **o: split_confirm(*a, level=0.95, **o))
    assert coverage.rejects(covered(TEMPTING, 60), 60)


def test_seeds_that_are_used_again_are_caught(monkeypatch):
    """Every batch of a stage starts at its first seed: eight trials, counted over and over."""
    trials = _threshold._trials
    monkeypatch.setattr(
        _threshold, "_trials", lambda run, width, stage, first, count: trials(run, width, stage, 0, count)
    )
    assert coverage.rejects(covered(TEMPTING, 30), 30)


def test_without_monotony_only_the_one_sided_statements_hold(monkeypatch):
    """A bump at small widths: the first crossing is 5, and intervals around the second one miss it all the time."""
    bump = lambda k: 0.6 if k <= 6 else 0.05 if k < 20 else 0.95  # noqa: E731
    monkeypatch.setitem(coverage.CURVES, "bump", bump)
    missed, one_sided = 0, 0
    for repetition in range(60):
        grid, (held,) = coverage.repeat(["bump"], repetition)
        (cell,) = grid.cells
        missed += not held
        upper = cell.high is None or bump(cell.high) >= 0.5
        one_sided += upper and (cell.low is None or bump(cell.low - 1) < 0.5)
    assert coverage.rejects(60 - missed, 60)
    assert not coverage.rejects(one_sided, 60)
    assert "if it can fall" in grid.sentence


def test_the_exact_test_rejects_at_its_level():
    """P(Bin(60, 0.95) <= 50) < 1e-3 <= P(Bin(60, 0.95) <= 51), by summing."""
    tails = [sum(math.comb(60, s) * 0.95**s * 0.05 ** (60 - s) for s in range(most + 1)) for most in (50, 51)]
    assert tails[0] < 1e-3 <= tails[1]
    assert [coverage.rejects(count, 60) for count in (50, 51)] == [True, False]


def test_the_plain_grid_has_the_same_guarantee():
    """A fixed order: errors at the nominal rate per side at most, on the tempting curves too."""
    rng = np.random.default_rng(0)
    for curve in coverage.CURVES.values():
        truth = coverage.threshold(curve)
        ends = [coverage.plain(curve, 16, 0.05, rng) for _ in range(400)]
        missed = sum(not low <= truth <= high for low, high in ends)
        assert binom.sf(missed - 1, 400, 0.05) > 1e-3


@pytest.mark.slow
def test_the_benchmark_runs(tmp_path):
    out = tmp_path / "record.json"
    run = subprocess.run(
        [sys.executable, str(PATH), "--smallest", "--out", str(out)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    record = json.loads(out.read_text())
    assert record["repetitions"] == 5
    assert not record["rejected"]
    steep = {cell["curve"]: cell for cell in record["cells"]}["probit"]
    assert steep["mean_trials"] < steep["plain_trials"]
