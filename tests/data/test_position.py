"""Affine general position against every determinant, in fractions; and where it is too much to decide."""

import itertools
import math
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overparam.data import Dataset, DataSpec, affine_general_position, load
from overparam.data import _position as position
from overparam.data._minors import PRIMES, residues, row_rank, vanishing


def dataset(points):
    points = np.array(points, dtype=np.float64)
    return Dataset(points, np.zeros(len(points)), "raw")


def rank(rows):
    """Plain elimination in fractions, sharing nothing with the code."""
    rows = [list(map(Fraction, row)) for row in rows]
    found = 0
    for k in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][k]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][k] / rows[found][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


def dependent_subsets(points):
    rows = [[1, *row] for row in points]
    size = min(len(rows), len(rows[0]))
    return [s for s in itertools.combinations(range(len(rows)), size) if rank([rows[i] for i in s]) < size]


def named_rows(finding):
    return [int(i) for i in finding.detail.split("rows ")[1].split(" are ")[0].replace(" and ", ", ").split(", ")]


@st.composite
def small_points(draw):
    d = draw(st.integers(1, 5))
    n = draw(st.integers(1, 8))
    most = draw(st.sampled_from([1, 3, 30, 2**40]))
    scale = draw(st.sampled_from([1.0, 2.0**-30, 2.0**200]))
    return [[scale * draw(st.integers(-most, most)) for _ in range(d)] for _ in range(n)]


@given(small_points())
@example([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])  # a collinear triple
@example([[0.0, 0.0], [1.0, 5.0], [0.0, 0.0]])  # a point twice
@example([[0.0, 1.0, 2.0], [1.0, 1.0, 2.0], [2.0, 1.0, 2.0]])  # n <= d, collinear
@example([[0.0, 3.0], [-0.0, 1.0], [0.0, 7.0], [2.0, 2.0]])  # a coordinate hyperplane, through -0.0
@example([[1e300, 1e-300], [-1e300, 1e-300], [1e-300, 1e300], [0.0, 5e-324]])
@settings(max_examples=150, deadline=None)
def test_agrees_with_every_determinant(points):
    finding = affine_general_position(dataset(points))
    bad = dependent_subsets(points)
    assert finding.how == "exact"
    assert finding.status == ("fails" if bad else "holds")
    if bad:
        rows = named_rows(finding)
        assert rank([[1, *points[i]] for i in rows]) < len(rows)


@given(small_points(), st.integers(0, 2))
@settings(max_examples=100, deadline=None)
def test_residues_and_rank_are_those_of_the_fractions(points, which):
    prime = PRIMES[which]
    image = residues(np.array(points), prime)
    for row, out in zip(points, image.tolist(), strict=True):
        for x, r in zip([1.0, *row], out, strict=True):
            assert (r * Fraction(x).denominator - Fraction(x).numerator) % prime == 0
    assert row_rank(image, prime) <= rank([[1, *row] for row in points])


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 8))
@settings(max_examples=100, deadline=None)
def test_the_zeros_are_all_found_modulo_a_tiny_prime(seed, m, n):
    """Modulo 3 zeros abound: every subset is named, or one that stands for a family, after which nothing follows."""
    matrix = np.random.default_rng(seed).integers(0, 3, size=(n, m))
    size = min(n, m)
    zero = {s for s in itertools.combinations(range(n), size) if row_rank(matrix[list(s)], 3) < size}
    named = list(vanishing(matrix, 3))
    assert all(tuple(subset) in zero for subset, _ in named)
    assert all(alone for _, alone in named[:-1])
    assert len({tuple(subset) for subset, _ in named}) == len(named)
    if all(alone for _, alone in named):
        assert {tuple(subset) for subset, _ in named} == zero


def test_primes_are_primes_below_two_to_the_31():
    for p in PRIMES:
        assert p < 2**31
        assert all(p % k for k in range(2, math.isqrt(p) + 1))


@pytest.mark.parametrize(
    "points",
    [
        [[0.0, 0.0], [PRIMES[0], 0.0], [0.0, PRIMES[0]], [3.0 * PRIMES[0], 2.0 * PRIMES[0]]],  # two rows coincide mod p
        [[0.0, 0.0], [PRIMES[0], 1.0], [1.0, 3.0], [PRIMES[0] + 1.0, 5.0]],
        [[0.0, 0.0], [PRIMES[0], 0.0], [0.0, PRIMES[1]], [PRIMES[2], PRIMES[2]]],
    ],
)
def test_zeros_modulo_a_prime_are_no_proof(points):
    assert not dependent_subsets(points)
    finding = affine_general_position(dataset(points))
    assert (finding.status, finding.how) == ("holds", "exact")


def test_when_no_prime_tells_it_stays_undecided(monkeypatch):
    """Rows that coincide modulo every prime tried stand for too many subsets to recompute."""
    monkeypatch.setattr(position, "PRIMES", (3, 3, 3))
    points = [[0.0, 0.0], [3.0, 0.0], [0.0, 3.0], [6.0, 9.0]]
    finding = affine_general_position(dataset(points))
    assert (finding.status, finding.how) == ("undecided", "one-sided")


def test_the_first_data_set_quickly():
    made = load(DataSpec())
    start = time.process_time()
    finding = affine_general_position(made)
    assert finding.status == "holds"
    assert f"all {math.comb(40, 6)} subsets" in finding.detail
    assert time.process_time() - start < 20  # a hang guard: it takes a tenth of a second


@pytest.mark.parametrize(("n", "d"), [(17, 8), (17, 9), (20, 16), (30, 28), (20, 40), (300, 1)])
def test_one_dependence_hidden_among_many(n, d):
    """The last of integer points is moved onto the hyperplane of d others: the only dependence, named minimally."""
    rng = np.random.default_rng(n * d)
    points = rng.integers(-1000, 1000, size=(n, d)).astype(float)
    if d == 1:
        points = rng.permutation(n).astype(float)[:, None]
    assert affine_general_position(dataset(points)).status == "holds"
    k = min(d, n - 1)
    points[-1] = points[0] - points[1] + points[2] if k >= 3 else points[0]
    finding = affine_general_position(dataset(points))
    assert (finding.status, finding.how) == ("fails", "exact")
    if k >= 3 and min(n, d + 1) <= 12:
        assert named_rows(finding) == [0, 1, 2, n - 1]


def test_too_many_subsets_are_undecided_or_refuted():
    assert math.comb(200, 7) > position.MAX_SUBSETS
    open_case = affine_general_position(load(DataSpec(n=200, d=6)))
    assert (open_case.status, open_case.how) == ("undecided", "one-sided")
    shared = np.array(load(DataSpec(n=200, d=6)).points)
    shared[20:27, 4] = 0.5
    refuted = affine_general_position(dataset(shared))
    assert (refuted.status, refuted.how) == ("fails", "exact")
    assert "coordinate 4 is 0.5" in refuted.detail
    assert named_rows(affine_general_position(dataset(shared))) == list(range(20, 27))
    flat = np.array(load(DataSpec(n=200, d=6)).points)
    flat = np.round(flat * 2**20)
    flat[:, 5] = flat[:, 0] + flat[:, 1]  # everything on one hyperplane: any random subset shows it
    assert affine_general_position(dataset(flat)).status == "fails"
    large = affine_general_position(load(DataSpec(n=300, d=150)))
    assert (large.status, large.how) == ("undecided", "one-sided")


def test_findings_are_deterministic():
    made = load(DataSpec(n=100, d=12))
    finding = affine_general_position(made)
    assert finding.status == "undecided"
    assert finding == affine_general_position(made)
