"""Separation and norms against fractions over all pairs, whatever the magnitude."""

import decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overparam.data import Dataset, describe, from_arrays, least_squared_distance, squared_norm_range
from overparam.data import _metric as metric

ENTRY = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-3, 3).map(float), st.sampled_from([1e300, 1e-300])
)


def squared(a, b):
    return sum((Fraction(x) - Fraction(y)) ** 2 for x, y in zip(a, b, strict=True))


@st.composite
def points(draw):
    d = draw(st.integers(1, 4))
    return draw(st.lists(st.lists(ENTRY, min_size=d, max_size=d), min_size=2, max_size=9))


@given(points())
@example([[1e300, 0.0], [1e300, 1e-300], [-1e300, 5e-324]])
@example([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [1.0 + 2**-52, 0.0]])
@example([[0.1, 0.2], [0.2, 0.1], [0.3, 0.3], [0.2, 0.2]])  # near ties that floats order wrongly
@settings(max_examples=200, deadline=None)
def test_exact_whatever_the_magnitude(rows):
    array = np.array(rows)
    least = min(squared(a, b) for i, a in enumerate(rows) for b in rows[:i])
    assert least_squared_distance(array) == (least, True)
    norms = [squared(row, [0.0] * len(row)) for row in rows]
    assert squared_norm_range(array) == ((min(norms), max(norms)), True)


def test_near_ties_are_settled_in_integers():
    """Many pairs at distance 1 up to rounding, far apart from each other: floats pick the wrong one now and then."""
    misled = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        step = np.zeros((100, 7))
        step[:, 1:] = rng.normal(size=(100, 6))
        step /= np.sqrt((step**2).sum(axis=1, keepdims=True))
        start = np.zeros((100, 7))
        start[:, 0] = 8.0 * np.arange(100)
        rows = np.concatenate([start, start + step])
        exact = [squared(rows[i].tolist(), rows[i + 100].tolist()) for i in range(100)]
        assert least_squared_distance(rows) == (min(exact), True)
        floats = ((rows[:100] - rows[100:]) ** 2).sum(axis=1)
        misled += exact[int(floats.argmin())] != min(exact)
    assert misled > 0  # else this test would not need the integers


def test_beyond_the_budget_the_bound_is_attained_and_marked(monkeypatch):
    rows = np.random.default_rng(2).normal(size=(50, 2))
    truth, _ = least_squared_distance(rows)
    monkeypatch.setattr(metric, "WORK", 10)
    bound, exact = least_squared_distance(rows)
    assert not exact
    assert bound >= truth
    every = {squared(a, b) for a in rows.tolist() for b in rows.tolist()}
    assert bound in every
    finding = describe(from_arrays(rows, np.zeros(50)))[3]
    assert (finding.status, finding.how) == ("undecided", "one-sided")
    assert "at most" in finding.detail


def test_too_many_ties_are_marked(monkeypatch):
    grid = np.array([[float(i), float(j)] for i in range(9) for j in range(9)])
    monkeypatch.setattr(metric, "EXACT_WORK", 10)
    assert least_squared_distance(grid) == (1, False)
    assert squared_norm_range(np.vstack([grid, -grid, grid])) == ((0, 128), False)


def test_what_findings_say():
    separation, norms = describe(from_arrays([[3.0, 4.0], [0.0, 5.0]], [0.0, 1.0]))[3:]
    assert separation.detail == "least distance 3.16228, squared 10"
    assert norms.detail == "every squared norm is exactly 25"
    single = describe(from_arrays([[3.0, 4.0]], [0.0]))
    assert [f.status for f in single] == ["holds"] * 5
    zeros = describe(Dataset(np.zeros((2, 2)), np.zeros(2), "raw"))
    assert [f.status for f in zeros] == ["fails", "holds", "fails", "fails", "holds"]


@given(st.fractions(min_value=0), st.integers(-2000, 2000))
def test_shown_is_within_six_digits(value, power):
    value *= Fraction(2) ** power
    text = metric.shown(value)
    assert abs(Fraction(decimal.Decimal(text)) - value) <= value / 10**5


@pytest.mark.parametrize(
    ("value", "text"), [(Fraction(0), "0"), (Fraction(1, 3), "0.333333"), (Fraction(10**400), "1e+400")]
)
def test_shown_plainly(value, text):
    assert metric.shown(value) == text
