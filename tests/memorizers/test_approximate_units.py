"""The units of the greedy constructions: clipping, and the recombination of angles, against their formulas."""

import itertools
import math

import numpy as np
import pytest
import scipy.integrate
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.memorizers.approximate._clipped import CLIP
from overparam.memorizers.approximate._harmonic import harmonic_unit


@settings(deadline=None, max_examples=25)
@given(st.floats(-10, 10), st.floats(-10, 10))
def test_clipping(a, b):
    a = a or 1.0
    value = max(a + b, 0) - max(a - b, 0) - b
    wanted = math.copysign(1, a) * min(max(b, -abs(a)), abs(a))
    assert value == pytest.approx(wanted, abs=1e-14)
    assert CLIP(np.array([a]), np.array([b]))[0] == pytest.approx(wanted, abs=1e-14)


@pytest.mark.parametrize("m", [0, 1, 2, 3, 4, 5, 6])
def test_the_recombination_identity_by_quadrature(m):
    """kappa_m z^m / |z|^(m - 1) for the integral over the angles, split at the kinks."""
    kappa = {0: 2, 1: math.pi / 2}.get(m, 0 if m % 2 else 2 * (-1) ** (m // 2 + 1) / (m * m - 1))
    z = 0.8 - 1.7j
    kink = np.angle(z) - np.pi / 2
    parts = [
        scipy.integrate.quad(lambda t, f=f: max((z * np.exp(-1j * t)).real, 0) * f(m * t), kink, kink + np.pi)[0]
        for f in (math.cos, math.sin)
    ]
    assert complex(*parts) == pytest.approx(kappa * z**m / abs(z) ** (m - 1), abs=1e-12)


def test_the_harmonic_unit_is_near_its_integral():
    """The relative error of q angles is of order 1 / q^2: it falls at least threefold where q doubles."""
    a, b = np.meshgrid(np.linspace(-2, 2, 41) + 0.01, np.linspace(-2, 2, 41))
    wanted = a * b / np.hypot(a, b)
    errors = [np.abs(harmonic_unit(q)(a, b) - wanted).max() for q in (8, 16, 32, 64)]
    assert errors[1] <= 0.1
    assert all(3 * later <= before for before, later in itertools.pairwise(errors))
    four = harmonic_unit(4)(a, b)
    np.testing.assert_allclose(
        four, 3 * math.pi / (4 * math.sqrt(2)) * CLIP(a, b), atol=1e-13
    )  # clipping, up to a factor
