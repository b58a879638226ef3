"""The rules of decision: their printed constants, their error rates, what they answer at the edges."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from overparam.studies import _rules as rules


@pytest.mark.parametrize(
    ("trials", "grid", "factor"),
    [(12, 1, 3.11), (40, 1, 2.71), (100, 5, 3.17), (40, 20, 3.80), (12, 100, 5.92), (2000, 20, 3.49)],
)
def test_half_widths_are_students_shared_by_the_grid(trials, grid, factor):
    values = np.random.default_rng(0).normal(size=(trials, grid))
    found = rules.means(values)
    np.testing.assert_allclose(found.half / found.error, factor, atol=0.006)
    np.testing.assert_allclose(found.error, [np.std(v, ddof=1) / trials**0.5 for v in values.T])


def test_a_true_formula_rarely_fails_and_a_wrong_one_is_never_consistent():
    rng = np.random.default_rng(1)
    true = [rules.against(1 + rng.normal(size=(1000, 5)), np.ones(5), 0.2).holds for _ in range(400)]
    assert true.count(False) <= stats.binom.ppf(0.9999, 400, 0.01) and true.count(True) > 300
    wrong = [rules.against(1 + 0.1 * rng.normal(size=(1000, 2)), [1, 1.11], 0.05).holds for _ in range(50)]
    assert wrong == [False] * 50


def test_a_limit_may_be_off_by_its_tolerance_and_no_more():
    trials = np.random.default_rng(2).normal(1, 0.01, size=(100, 1))
    assert rules.against(trials, [1.05], 0.1, limit=True).holds is True
    assert rules.against(trials, [1.05], 0.1).holds is False
    assert rules.against(trials, [1.2], 0.1, limit=True).holds is False


def test_too_few_trials_and_numbers_that_are_none_cannot_tell():
    rng = np.random.default_rng(3)
    assert rules.against(1 + 5 * rng.normal(size=(12, 1)), [1.0], 0.05).holds is None
    assert rules.against(np.full((12, 1), np.nan), [1.0], 0.05).holds is None
    exact = rules.against(np.ones((12, 1)), [1.0], 0.05)
    assert exact.holds is True and exact.links[0].observed == 0
    assert rules.against(np.ones((12, 1)), [1.1], 0.05).holds is False


@pytest.mark.parametrize("sign", [1, -1])
def test_effects_on_either_side(sign):
    kind = "above" if sign > 0 else "below"
    far = sign * np.array([1.0, 1.1, 0.9, 1.05, 0.95])
    assert rules.effect(far, 0.0, "gap", kind=kind).holds is True
    assert rules.effect(-far, 0.0, "gap", kind=kind).holds is False
    assert rules.effect(far, sign * 1.0, "gap", kind=kind).holds is None
    assert rules.effect([*far, np.nan], 0.0, "gap", kind=kind).holds is None
    bound = 1.0 - stats.t.ppf(0.95, 4) * np.std(far, ddof=1) / 5**0.5
    assert rules.effect(far, 0.0, "gap", kind=kind).links[0].observed == pytest.approx(sign * bound)
    with pytest.raises(ValueError, match="5 seeds"):
        rules.effect(far[:4], 0.0, "gap", kind=kind)


@pytest.mark.parametrize(("yes", "total", "low"), [(5, 5, 0.549), (10, 10, 0.741), (20, 20, 0.861), (7, 10, None)])
def test_events_by_exact_bounds(yes, total, low):
    judged = rules.events([True] * yes + [False] * (total - yes), "fitted")
    bound = judged.links[0].observed
    tail = sum(
        math.comb(total, k) * Fraction(bound) ** k * (1 - Fraction(bound)) ** (total - k) for k in range(yes, total + 1)
    )
    assert float(tail) == pytest.approx(0.05)
    if low is not None:
        assert bound == pytest.approx(low, abs=6e-4)
    assert judged.holds is (True if low else None)
    assert rules.events([False] * 5, "fitted").holds is False


def test_chance_is_judged_over_seeds():
    rng = np.random.default_rng(4)
    assert rules.chance(rng.normal(0.1, 0.02, 10), 10).holds is True
    assert rules.chance(rng.normal(0.3, 0.02, 10), 10).holds is False
    assert rules.chance(rng.normal(0.1, 0.2, 5), 10).holds is None


def test_slope_and_rank_correlation_agree_with_scipy():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(2, 25))
    fit = stats.linregress(x, y)
    half = stats.t.ppf(0.975, 23) * fit.stderr
    np.testing.assert_allclose(rules.slope(x, y), (fit.slope, fit.slope - half, fit.slope + half))
    assert rules.rank_correlation(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)


def test_one_failure_decides_and_one_doubt_leaves_open():
    yes, no, unknown = (rules.Judged(holds, "x", ()) for holds in (True, False, None))
    assert rules.all_of(yes, yes).holds is True
    assert rules.all_of(yes, unknown, no).holds is False
    assert rules.all_of(yes, unknown).holds is None
