"""Binomial intervals and evidence, against sums over every outcome."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.widths import clopper_pearson, evidence


def binomial(n: int, s: int, p: float) -> float:
    return math.comb(n, s) * p**s * (1 - p) ** (n - s)


@given(st.integers(1, 30), st.data())
def test_interval_ends_have_the_stated_tails(n, data):
    s = data.draw(st.integers(0, n))
    low, high = clopper_pearson(s, n)
    # the ends solve a binomial tail equation; scipy's quantile is good to about 1e-12
    if s > 0:
        assert sum(binomial(n, i, low) for i in range(s, n + 1)) == pytest.approx(0.025, rel=1e-6)
    if s < n:
        assert sum(binomial(n, i, high) for i in range(s + 1)) == pytest.approx(0.025, rel=1e-6)


@pytest.mark.parametrize("p", [0.03, 0.3, 0.5, 0.77])
def test_interval_covers(p):
    n = 25
    covered = sum(binomial(n, s, p) for s in range(n + 1) if clopper_pearson(s, n)[0] <= p <= clopper_pearson(s, n)[1])
    assert covered >= 0.95


def test_censored_trials_widen_both_ways():
    """They count as failures below and as successes above."""
    low, high = clopper_pearson(4, 10, censored=3)
    assert low == clopper_pearson(4, 10)[0]
    assert high == clopper_pearson(7, 10)[1]


@pytest.mark.parametrize("null", [0.2, 0.5, 0.9])
def test_evidence_has_mean_one_under_the_null(null):
    """A martingale at p = null: the exact mean over all outcomes of 8 trials."""
    mean = np.zeros(8)
    for outcomes in itertools.product([False, True], repeat=8):
        weight = math.prod(null if won else 1 - null for won in outcomes)
        mean += weight * evidence(outcomes, null)
    np.testing.assert_allclose(mean, 1, rtol=1e-12)  # 256 terms of size below 1e3, 1e-16 each


@pytest.mark.slow
def test_evidence_rarely_reaches_its_level_under_the_null():
    """Ville: at most 5 % of paths ever reach 20, summed exactly over all paths of 14 fair trials."""
    reached = sum(evidence(path, 0.5).max() >= 20 for path in itertools.product([False, True], repeat=14))
    assert 0 < reached / 2**14 <= 0.05
