"""The certified least eigenvalue of the limit kernel: accepted, and as near to the float value as was asked for."""

import numpy as np
import pytest

from overparam.data import from_arrays
from overparam.ntk import first_layer_gram, hadamard_bound, least_eigenvalue
from overparam.widths import LimitGram, prove_least_eigenvalue


@pytest.mark.parametrize("n", [60, pytest.param(200, marks=pytest.mark.slow)])
def test_accepted_and_equal_to_the_float_value(n, tmp_path):
    """A share of 2^-21 of the eigenvalue is given up: 5e-7 relative, below 1e-6; floats add n EPS times the largest."""
    points = np.random.default_rng(0).normal(size=(n, 20))
    points /= np.linalg.norm(points, axis=1)[:, None]
    proof = prove_least_eigenvalue(LimitGram(from_arrays(points, np.ones(n))), tmp_path / "proof", share=2.0**-21)
    edge = least_eigenvalue(first_layer_gram(points))
    low, high = proof.numbers["at_least"], proof.numbers["at_most"]
    assert low < high < low * (1 + 1e-6)
    assert edge.verified and abs(edge.value / low - 1) <= 1e-6 and abs(edge.value / high - 1) <= 1e-6
    # the float enclosure is of the matrix of floats, the certificate's of the true one: entries differ by roundings
    slack = n * n * 2.0**-50
    assert edge.lower - slack <= high and low <= edge.upper + slack
    assert hadamard_bound(points).value <= high
