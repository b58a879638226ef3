"""Theorems on approximate fits: numbers by hand, hypotheses that fail, and bounds against other computations."""

import itertools
import math
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_check import THEOREMS, Quantifier, Side, rays
from proofs_check.rays import opposites_independent, rays_distinct
from proofs_check.reading import dataset_from_bytes
from proofs_check.roots import LN2_ABOVE, PI_ABOVE, ln_above, sqrt_above, sqrt_below
from proofs_check.theorems.bubeck2020_ntk import least_of_incoherent, neurons
from proofs_check.theorems.bubeck2020_total_weight import least_weight
from tests.certificates.spelling import dataset

KEYS = ("bubeck2020-ntk", "bubeck2020-harmonic", "clipped-ntk", "bubeck2020-total-weight")


def of(points):
    return dataset_from_bytes(dataset(points, [1] * len(points)))


def kernel(points):
    """H by its definition, angles from the arccosine."""
    x = np.array(points, float)
    gram, norms = x @ x.T, np.linalg.norm(x, axis=1)
    return gram * (np.pi - np.arccos(np.clip(gram / np.outer(norms, norms), -1, 1))) / (2 * np.pi)


def test_neurons_by_hand():
    """One unit point: op = 1, lambda = 1/2, so 2 ceil(2 ln 10) = 2 * 5; at eps = 1/e the logarithm is 1."""
    assert neurons(F(1), F(1, 2), F(1, 10)) == 10
    assert neurons(F(1), F(1, 2), F(1, 2)) == 4  # 2 ln 2 = 1.39
    assert neurons(F(5), F(1, 4), F(1, 100)) == 2 * 93  # 20 * 4.60517 = 92.1
    assert neurons(F(1), F(1), F(1, 2)) == 2


@settings(deadline=None, max_examples=25)
@given(st.fractions(1, 50), st.fractions(F(1, 50), 1), st.fractions(F(1, 1000), F(99, 100)))
def test_neurons_is_the_formula(op, least, eps):
    wanted = float(op / least) * math.log(float(1 / eps))
    assert 2 * wanted <= neurons(op, least, eps) * (1 + 1e-12)
    assert neurons(op, least, eps) <= 2 * (math.floor(wanted * (1 + 1e-12)) + 1)


def test_the_bound_for_incoherent_points():
    """n orthonormal points: H = 1/2 I, and the series adds up to arcsin(1) / (2 pi) = 1/4, the part of the arcsine."""
    value = least_of_incoherent(5, F(0))
    assert (
        0.2386 <= value < 0.25
    )  # c_l < 1 / (2 l sqrt(pi l)): the tail after 64 terms is below 1 / sqrt(63 pi) / (2 pi)
    assert least_of_incoherent(5, F(9, 10)) < F(1, 5)
    assert least_of_incoherent(10**6, F(999, 1000)) == 0
    rng = np.random.default_rng(0)
    for n, d in ((4, 40), (10, 200), (3, 2)):
        x = rng.normal(size=(n, d))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        coherence = np.abs(x @ x.T - np.eye(n)).max()
        assert least_of_incoherent(n, F(coherence)) <= np.linalg.eigvalsh(kernel(x))[0] + 1e-9


@pytest.mark.parametrize(
    ("points", "rays", "opposites"),
    [
        ([(1, 0), (0, 1), (1, 1)], True, True),
        ([(1, 2), (0, 0)], False, True),
        ([(1, 2), (F(1, 3), F(2, 3))], False, True),
        ([(1, 2), (-2, -4)], True, True),
        ([(1,), (-1,)], True, True),
        ([(1,), (-1,), (2,)], False, True),
        ([(1, 0), (-1, 0), (0, 1), (0, -3)], True, True),
        ([(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1)], True, False),
        ([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (2, 3, 0), (-4, -6, 0)], True, False),
        ([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (2, 3, 1), (-4, -6, -2)], True, True),
    ],
)
def test_hypotheses(points, rays, opposites):
    data = of(points)
    assert (rays_distinct(data).status == "accepted") is rays
    assert (opposites_independent(data).status == "accepted") is opposites
    assert (THEOREMS["bubeck2020-ntk"].holds_for(data).status == "accepted") is (rays and opposites)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=6, unique=True))
def test_the_hypotheses_say_that_lambda_is_positive(points):
    """(c) and (b) of the theorem in docs/theory/weights.md; on this grid lambda is 0 or well above rounding."""
    holds = THEOREMS["bubeck2020-ntk"].holds_for(of(points)).status == "accepted"
    if any(not any(point) for point in points):
        assert not holds
    else:
        assert holds is bool(np.linalg.eigvalsh(kernel(points))[0] > 1e-6)


def test_reasons_name_points():
    assert "point 1 (counting from 0) is 0" in rays_distinct(of([(1, 2), (0, 0)])).reason
    assert "points 0 and 2" in rays_distinct(of([(1, 2), (1, 3), (2, 4)])).reason
    assert "3 lines" in opposites_independent(of([(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1)])).reason


def test_long_numbers_leave_it_undecided(monkeypatch):
    monkeypatch.setattr(rays, "WORK", 300)
    assert rays_distinct(of([(1, 2), (1, 3)])).status == "undecided"
    assert opposites_independent(of([(1, 2), (1, 3)])).status == "undecided"


def test_the_weight_of_random_signs_by_hand():
    """n = 100 unit points, B = 10: 100 (1 - 0.1) / (10 (1.5 + sqrt(2 ln 2^10))) = 9 / 5.2233."""
    value = float(least_weight(100, F(100), F(1, 100), F(1, 2**10)))
    assert value == pytest.approx(9 / (1.5 + math.sqrt(20 * math.log(2))), rel=1e-12)
    assert least_weight(100, F(100), F(1), F(1, 2)) == 0


def test_the_suprema_of_the_proof_for_every_labelling():
    """E S <= 3 B / 2 over all signs, and S above B (3/2 + sqrt(2 ln(1/q))) for at most a share q of them."""
    x = np.array([[1, 1], [-1, 1], [2, 1], [0.5, 1], [-2, 1], [0, 1], [3, 1], [-0.3, 1]])  # (t, 1)
    turns = np.linspace(0, 2 * np.pi, 20_001)  # S is Lipschitz with constant sum |z_i|: 20,000 steps lose below 0.006
    values = np.maximum(np.stack([np.cos(turns), np.sin(turns)], axis=1) @ x.T, 0)
    length = math.sqrt(float(np.sum(x * x)))
    suprema = np.array([np.abs(values @ np.array(y)).max() + 0.006 for y in itertools.product([-1, 1], repeat=8)])
    assert suprema.mean() <= 1.5 * length
    for q in (0.5, 0.1, 0.01):
        assert np.mean(suprema > length * (1.5 + math.sqrt(2 * math.log(1 / q)))) <= q


@settings(deadline=None, max_examples=25)
@given(st.fractions(0, 10**6, max_denominator=10**9), st.integers(0, 200))
def test_roots_and_logarithms(number, exponent):
    for x in (number, number * 2**exponent, number / 2**exponent):
        assert sqrt_below(x) ** 2 <= x <= sqrt_above(x) ** 2
        assert sqrt_above(x) <= sqrt_below(x) * (1 + F(1, 2**60))
    assert math.log1p(float(number)) <= float(ln_above(1 + number)) * (1 + 1e-15)
    assert float(ln_above(1 + number)) <= math.log1p(float(number)) + 1e-12
    assert sqrt_above(F(9, 4)) == F(3, 2)


def test_constants():
    assert F(math.pi) < PI_ABOVE
    assert 0 < LN2_ABOVE - F("0.69314718055994530941723212145817") < F(1, 10**18)


@pytest.mark.parametrize("key", KEYS)
def test_entries(key):
    theorem = THEOREMS[key]
    assert theorem.key == key
    assert not theorem.suffices  # no statement may name it: its number is no function of n and d
    assert theorem.width is None
    assert theorem.quantifier is not Quantifier.ALMOST_EVERY_LABELLING
    assert (theorem.side is Side.LOWER) is (key == "bubeck2020-total-weight")
    assert theorem.explicit_constants is (key in ("bubeck2020-ntk", "bubeck2020-total-weight"))
