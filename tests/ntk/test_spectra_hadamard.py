"""The Hadamard-power bound: below the eigenvalue always, tight where the answer is known, with the rounding counted."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.ntk import hadamard_bound, hadamard_bound_from_angle
from overparam.ntk.spectra._hadamard import _float_below, _power_above
from overparam.ntk.spectra._tails import EXACT, ORDERS, PI_ABOVE, PI_BELOW, combined, tail_below
from tests.ntk.simple_kernels import relu_gram, unit_points

EPS = 2.0**-52


def least_angle(points):
    units = points / np.linalg.norm(points, axis=1)[:, None]
    pairs = [(units[i], units[j]) for i in range(len(units)) for j in range(i)]
    both = [sorted((np.linalg.norm(u - v), np.linalg.norm(u + v))) for u, v in pairs]
    return min(2 * math.atan2(less, more) for less, more in both)


def test_tails_are_below_the_series():
    """T(q) = 1/2 minus the terms before q, with enough terms; the last order summed is 3072."""
    term, partial, exact = Fraction(1), 0.25, {1: 0.5, 2: 0.25}
    total = 0.25
    for m in range(1536):
        total -= float(term) / (2 * m + 1) / (2 * math.pi)
        term *= Fraction(2 * m + 1, 2 * m + 2)
        term = Fraction(round(term * 2**80), 2**80)
        exact[2 * m + 4] = total
    assert partial == exact[2]
    for q in (q for q in ORDERS if q in exact):
        rounding = q * EPS
        assert float(tail_below(q)) <= exact[q] + rounding
        assert float(tail_below(q)) >= exact[q] * (1 - (0 if q <= EXACT else 1 / q)) - rounding
    with ctx.workprec(200):
        assert arb(fmpq(*PI_BELOW.as_integer_ratio())) < arb.pi() < arb(fmpq(*PI_ABOVE.as_integer_ratio()))
    assert all(tail_below(a) > tail_below(b) for a, b in itertools.pairwise(ORDERS))
    # h(c) at one half, by its series between orders up to 32: what is left is below T(34) / 2^34
    half = {q: 1 - Fraction(1, 2) ** q for q in ORDERS if q < 2**12}
    closed = 0.5 - 0.5 * (math.pi - math.acos(0.5)) / (2 * math.pi)
    assert closed - 1e-10 <= float(combined(half)) <= closed


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 20), st.integers(1, 8), st.integers(0, 999), st.booleans(), st.sampled_from([1.0, 1e-150, 1e140]))
@example(1, 1, 0, False, 1.0)
@example(2, 1, 0, True, 1.0)
def test_below_the_eigenvalue(n, d, seed, hidden_bias, scale):
    """Rounding of the float eigenvalue: n EPS times the trace, at most."""
    points = np.random.default_rng(seed).normal(size=(n, d)) * scale
    bound = hadamard_bound(points, hidden_bias=hidden_bias, block=7)
    rows = np.concatenate([points, np.ones((n, int(hidden_bias)))], axis=1)
    values = np.linalg.eigvalsh(relu_gram(rows))
    assert 0 <= bound.value <= values[0] + 4 * n * EPS * values[-1]
    if n > 1:
        apriori = hadamard_bound_from_angle(n, least_angle(rows / np.abs(rows).max(axis=1)[:, None]) * (1 - 1e-6))
        assert apriori * (rows**2).sum(axis=1).min() <= bound.value * (1 + 1e-6)


def test_two_points_exactly():
    """The least eigenvalue of two unit vectors is 1/2 - |cos t| (pi - t) / (2 pi), and all of the series is used."""
    for angle, share in ((math.pi / 2, 1 - 1e-12), (1.0, 1 - 1e-7), (0.1, 0.95), (1e-4, 0.9), (1e-8, 0.9)):
        points = np.array([[1.0, 0.0], [math.cos(angle), math.sin(angle)]])
        # 1 - cos t + t cos t / pi, without cancellation
        exact = math.sin(angle / 2) ** 2 + angle * math.cos(angle) / (2 * math.pi)
        for bound in (hadamard_bound(points).value, hadamard_bound(points * [[1], [-1]]).value):
            assert share * exact <= bound <= exact
        assert share * 0.99 * exact <= hadamard_bound_from_angle(2, angle * (1 - 1e-15)) <= exact * (1 + 1e-14)


def test_quality():
    """Half of the eigenvalue on random points, as the theory's table has it: 0.0380 of 0.0624, 0.0828 of 0.1885."""
    for n, d, low, high in ((100, 10, 0.5, 0.7), (100, 50, 0.4, 0.55)):
        points = unit_points(n, d)
        least = np.linalg.eigvalsh(relu_gram(points))[0]
        assert low <= hadamard_bound(points).value / least <= high


def test_the_bound_from_the_angle_has_the_order_that_is_claimed():
    """0.03 angle / sqrt(log n); summing over all orders instead of choosing one gives 0.07 on this grid."""
    for n in (2, 10, 1000, 10**8):
        for angle in (1e-8, 0.005, 0.1, 0.5, 1.5, math.pi / 2):
            assert hadamard_bound_from_angle(n, angle) >= 0.07 * angle / math.sqrt(math.log(n))
    assert hadamard_bound_from_angle(5, 0.0) == 0
    bounds = [hadamard_bound_from_angle(50, t) for t in np.linspace(0, 1.5, 16)]
    assert all(a <= b for a, b in itertools.pairwise(bounds))


def test_what_it_says_of_degenerate_points():
    three = np.sqrt(np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]))
    assert 0.05 <= hadamard_bound(three).value <= 1 / 8
    assert hadamard_bound(np.array([[1.0, 2.0], [1.0, 2.0]])).value == 0
    assert hadamard_bound(np.array([[1.0, 2.0], [-2.0, -4.0]])).value == 0
    assert hadamard_bound(np.array([[1.0, 2.0], [0.0, 0.0]])).value == 0
    assert hadamard_bound(np.ones((3, 1))).value == 0
    assert 4.5 * (1 - 1e-14) <= hadamard_bound(np.array([[3.0]])).value <= 4.5
    assert 0.5 - 1e-14 <= hadamard_bound(np.eye(4)).value <= 0.5
    for bad in (np.ones(3), np.ones((0, 2)), np.array([[np.nan]])):
        with pytest.raises(InputError, match="points"):
            hadamard_bound(bad)
    for n, angle in ((0, 0.1), (2, -0.1), (2, 1.6), (2, math.nan)):
        with pytest.raises(InputError):
            hadamard_bound_from_angle(n, angle)


def test_directions_of_rounding():
    third = Fraction(1, 3)
    assert _float_below(third) <= third < Fraction(math.nextafter(_float_below(third), 1))
    assert _float_below(-third) <= -third
    power = Fraction(_power_above((1 << 256) // 3 + 1, 7), 1 << 256)
    assert third**7 <= power <= third**7 + Fraction(30, 1 << 256)


def test_blocks_do_not_matter():
    """The matrix product may sum in another order: its rounding is in the bound, d EPS relatively."""
    points = unit_points(40, 6)
    one, other = hadamard_bound(points, block=40), hadamard_bound(points, block=3)
    assert abs(one.value - other.value) <= 1e-12 and one.orders == other.orders
    assert np.all(np.diff(one.gains) >= -1e-12)


def test_bounds_beyond_floats_are_rounded_down():
    assert hadamard_bound(np.eye(2) * 1e200).value == np.finfo(float).max
    assert _float_below(Fraction(-(10**400))) == -math.inf
