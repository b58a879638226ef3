"""Positions against every determinant, written out."""

import itertools
from fractions import Fraction as F

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proofs_check import position
from proofs_check.answers import OverBudget
from proofs_check.budget import Budget
from proofs_check.position import (
    affine_general_position,
    binary_labels,
    general_position,
    linear_general_position,
    points_distinct,
)
from proofs_check.reading import Dataset, dataset_from_bytes
from tests.certificates.spelling import dataset

undisguised = affine_general_position.__wrapped__  # without the cache, which knows a data set by its hash only


def of(points, labels=None) -> Dataset:
    return dataset_from_bytes(dataset(points, labels or [0] * len(points)))


def determinant(rows):
    """Along the first row."""
    if not rows:
        return 1
    minors = ([row[:c] + row[c + 1 :] for row in rows[1:]] for c in range(len(rows)))
    return sum((-1) ** c * a * determinant(m) for c, (a, m) in enumerate(zip(rows[0], minors, strict=True)) if a)


def independent(rows) -> bool:
    """Some maximal minor is not 0."""
    columns = range(len(rows[0]))
    return any(
        determinant([[row[c] for c in chosen] for row in rows]) != 0
        for chosen in itertools.combinations(columns, len(rows))
    )


def by_brute_force(points) -> bool:
    rows = [[*point, 1] for point in points]
    return all(independent(subset) for subset in itertools.combinations(rows, min(len(rows), len(rows[0]))))


@st.composite
def point_sets(draw):
    d = draw(st.integers(1, 4))
    n = draw(st.integers(1, 8 if d < 4 else 7))
    size = draw(st.sampled_from([2, 5, 30]))
    coordinate = st.integers(-size, size) | st.fractions(-3, 3, max_denominator=5)
    return draw(st.lists(st.tuples(*[coordinate] * d), min_size=n, max_size=n))


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(point_sets())
@example([(0, 0), (1, 1), (2, 2)])
@example([(0, 0), (1, 0), (0, 1), (1, 1)])
@example([(0, 0), (1, 0), (0, 1), (1, 1), (2, 3), (2, 2)])
@example([(0, 1), (1, 0), (1, 1), (0, 0), (0, -1)])
@example([(0, 0, 0), (1, 0, 0), (2, 0, 0)])
@example([(k, k**2, k**3) for k in range(8)])
@example([(k, k**2, k**3) for k in range(-3, 4)] + [(0, 0, 1)])
def test_against_every_determinant(points):
    answer = affine_general_position(of(points))
    assert answer.status == ("accepted" if by_brute_force(points) else "rejected")


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(point_sets())
@example([(0, 0), (1, 0)])
@example([(1, 2), (2, 4), (1, 0)])
@example([(1,), (1,), (2,)])
@example([(1,), (0,)])
@example([(1, 0), (1, 0)])
@example([(k, k**2, k**3) for k in range(1, 8)])
@example([(k, k**2, k**3) for k in range(1, 8)] + [(1, 0, -1)])
def test_linear_against_every_determinant(points):
    answer = linear_general_position(of(points))
    size = min(len(points), len(points[0]))
    holds = all(independent(subset) for subset in itertools.combinations(points, size))
    assert answer.status == ("accepted" if holds else "rejected")


def test_translations_keep_affine_position_and_break_linear_position():
    points = [(1, 1), (2, 1), (1, 2)]
    moved = [(x - 1, y - 1) for x, y in points]
    assert affine_general_position(of(points)).status == affine_general_position(of(moved)).status == "accepted"
    assert linear_general_position(of(points)).status == "accepted"
    assert linear_general_position(of(moved)).status == "rejected"


@pytest.mark.parametrize("affine", [True, False])
def test_position_is_paid_for_before_it_is_looked_at(affine):
    """Where the hypotheses have fixed limits, a certificate has its budget; within it the answers are the same."""
    data = of(moment_curve(30, 4) if affine else [p[1:] for p in moment_curve(30, 5)][1:])
    with pytest.raises(OverBudget, match="general position, a determinant for each set"):
        general_position(data, Budget(10**7), affine=affine)
    budget = Budget(10**10)
    assert general_position(data, budget, affine=affine).status == "accepted"
    assert 10**7 < budget.allowed - budget.work < 10**9
    wide = of([[(i * j) % 211 for j in range(100)] for i in range(1, 201)])  # binom(200, 100) is not counted out
    with pytest.raises(OverBudget):
        general_position(wide, Budget(10**14), affine=affine)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(point_sets(), st.sampled_from([(2,), (3, 5), (7, 2, 11), (13,)]))
def test_small_primes_never_lie(points, primes):
    """Determinants that vanish by accident leave the question open; they never answer it wrongly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(position, "PRIMES", primes)
        answer = undisguised(of(points))
    assert answer.status in ("undecided", "accepted" if by_brute_force(points) else "rejected")


def test_an_unlucky_prime_is_followed_by_the_next():
    p = position.PRIMES[0]
    points = [(0, 0), (1, 1), (2, 2 + p), (5, 1)]  # the first three are collinear modulo p only
    assert affine_general_position(of(points)).status == "accepted"
    points = [(F(1, p), 0), (1, 1), (2, 3)]  # a denominator that vanishes modulo p
    assert affine_general_position(of(points)).status == "accepted"


def test_unlucky_for_every_prime_is_undecided():
    product = position.PRIMES[0] * position.PRIMES[1] * position.PRIMES[2]
    answer = affine_general_position(of([(0, 0), (1, 1), (2, 2 + product)]))
    assert answer.status == "undecided"
    assert "recomputed over the integers does not" in answer.missing


def test_the_primes_are_primes():
    """Miller-Rabin with the first twelve prime bases decides all integers below 3 * 10^24."""
    for p in position.PRIMES:
        odd, twos = p - 1, 0
        while odd % 2 == 0:
            odd, twos = odd // 2, twos + 1
        for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
            x = pow(base, odd, p)
            assert x in (1, p - 1) or any((x := x * x % p) == p - 1 for _ in range(twos - 1))
    assert len(set(position.PRIMES)) == 3


def moment_curve(n, d):
    return [[t**k for k in range(1, d + 1)] for t in range(n)]


@pytest.mark.parametrize(
    ("n", "d"), [(400, 1), (60, 2), (20, 4), (11, 6), (13, 10), (14, 12), (12, 11), (12, 20), (1, 1)]
)
def test_the_moment_curve_is_in_general_position(n, d):
    """The two ways through the subsets: many points in low dimension, and few points left out in high dimension."""
    assert affine_general_position(of(moment_curve(n, d))).status == "accepted"


@pytest.mark.parametrize(
    ("n", "d"), [(400, 1), (60, 2), (20, 4), (11, 6), (13, 10), (14, 12), (12, 11), (12, 20), (30, 40)]
)
def test_one_point_moved_onto_a_hyperplane(n, d):
    """The last point becomes an affine combination of the first min(n - 1, d)."""
    points = moment_curve(n, d)
    base = points[: min(n - 1, d)]
    weights = [F(2)] + [F(0)] * (len(base) - 2) + [F(-1)] if len(base) > 1 else [F(1)]
    points[-1] = [sum(w * p[k] for w, p in zip(weights, base, strict=True)) for k in range(d)]
    answer = affine_general_position(of(points))
    assert answer.status == "rejected"
    assert "equal" in answer.reason or "affinely dependent" in answer.reason


def test_all_points_on_one_hyperplane():
    for n, d in ((6, 4), (12, 4), (5, 9)):
        points = [[*row, sum(row)] for row in moment_curve(n, d - 1)]
        assert affine_general_position(of(points)).status == ("rejected" if n > d else "accepted")


def test_beyond_the_budget():
    far = affine_general_position(of(moment_curve(60, 30)))
    assert far.status == "undecided"
    assert "one determinant for each set of 31 of 60 points" in far.missing
    doubled = moment_curve(60, 30)
    doubled[40] = doubled[3]
    assert affine_general_position(of(doubled)).status == "rejected"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(position, "ELIMINATION", 100)
        assert "elimination" in undisguised(of(moment_curve(6, 4))).missing


@pytest.mark.parametrize("size", range(1, 9))
def test_counting_subsets(size):
    for n in range(size, 300, 7):
        count = 1
        for i in range(size):
            count = count * (n - i) // (i + 1)
        assert position._more_subsets(n, size) == (count > position.SUBSETS)
        assert position._more_subsets(n, n - size) == position._more_subsets(n, size)


def test_a_determinant_beyond_the_budget_is_undecided(monkeypatch):
    """A determinant that vanishes modulo a prime has to be recomputed, and its numbers may be too long for that."""
    long = 3**10000
    data = of([(0, 0), (long, long), (2 * long, 2 * long)])
    assert undisguised(data).status == "rejected"
    monkeypatch.setattr(position, "WORK", 300_000)
    answer = undisguised(data)
    assert answer.status == "undecided"
    assert "recomputing a determinant over the integers would exceed the checker's budget" in answer.missing


def test_distinct_and_binary():
    assert points_distinct(of([(0, 1), (1, 0)])).status == "accepted"
    twice = points_distinct(of([(0, 1), (1, 0), (0, 1)]))
    assert twice.status == "rejected"
    assert "points 0 and 2" in twice.reason
    for labels, expected in (
        ([1, -1], "accepted"),
        ([0, 1], "accepted"),
        ([1, 1], "accepted"),
        ([0, 0], "accepted"),
        ([-1, 0], "rejected"),
        ([0, 2], "rejected"),
        ([1, F(-1, 2)], "rejected"),
    ):
        assert binary_labels(of([(0, 1), (1, 0)], labels)).status == expected


@pytest.mark.slow
def test_the_reference_size():
    """n = 40, d = 5: 3.8 million determinants; the limit of ten seconds has room for a slow machine."""
    import random
    import time

    rng = random.Random(0)
    data = of([[F(rng.gauss(0, 1)) for _ in range(5)] for _ in range(40)])
    start = time.process_time()
    assert affine_general_position(data).status == "accepted"
    assert time.process_time() - start < 10
