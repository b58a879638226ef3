"""Every witness about an eigenvalue proves its bound, by plain fractions, or none is made."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.certificates import (
    WitnessError,
    eigenvalue_witness,
    given_matrix,
    limit_gram,
    network_gram_of,
)
from overparam.errors import InputError
from overparam.networks import Layer
from overparam.ntk import first_layer_gram, network_gram
from tests.certificates_room.witnesses import proves, quotient, relu_kernel


def exact(matrix):
    return [[Fraction(x) for x in row] for row in np.asarray(matrix).tolist()]


def decided(witness, matrix, radius=Fraction(0)):
    """Both bounds, for every matrix within `radius`."""
    content = witness.content()
    n = len(matrix)
    lower = proves(matrix, witness.at_least, content["factor"], radius)
    vector = [int(word, 16) for word in content["vector"].split(" ")]
    return lower and quotient(matrix, vector) + n * radius <= witness.at_most


@given(st.integers(1, 7), st.integers(0, 2**31), st.sampled_from([1.0, 1e-30, 1e30]))
def test_random_symmetric_matrices(n, seed, scale):
    half = np.random.default_rng(seed).normal(size=(n, n)) * scale
    matrix = half + half.T
    witness = eigenvalue_witness(given_matrix(matrix))
    assert decided(witness, exact(matrix))
    least = np.linalg.eigvalsh(matrix)[0]
    largest = np.abs(np.linalg.eigvalsh(matrix)).max()
    slack = 2.0**-9 * abs(least) + 1e-12 * largest
    assert least - slack <= witness.at_least <= witness.at_most <= least + slack


def test_singular_and_diagonal_matrices():
    ones = np.ones((5, 5))
    witness = eigenvalue_witness(given_matrix(ones))
    assert decided(witness, exact(ones))
    assert -1e-12 < witness.at_least <= 0 <= witness.at_most < 1e-12
    identity = [[Fraction(i == j, 3) for j in range(4)] for i in range(4)]  # thirds: nothing that floats hold
    witness = eigenvalue_witness(given_matrix(identity))
    assert decided(witness, identity)
    zero = [[Fraction(0)] * 3 for _ in range(3)]
    assert eigenvalue_witness(given_matrix(zero), lower=False).at_most == 0


@pytest.mark.parametrize("hidden_bias", [False, True])
def test_the_limit(hidden_bias):
    """Proved for every matrix within the radius, in which the true one lies by tests/ntk."""
    points = np.random.default_rng(0).normal(size=(15, 4))
    bounded = limit_gram(points, hidden_bias=hidden_bias)
    witness = eigenvalue_witness(bounded)
    assert decided(witness, exact(bounded.mid), Fraction(bounded.radius.max()))
    least = np.linalg.eigvalsh(first_layer_gram(points, hidden_bias=hidden_bias))[0]
    assert witness.at_least <= least <= witness.at_most < 1.002 * witness.at_least


@pytest.mark.parametrize(("widths", "free"), [((9,), [0]), ((9,), [0, 1]), ((4, 6), [1]), ((3, 4), [0, 1, 2])])
def test_relu_networks(widths, free):
    rng = np.random.default_rng(1)
    sizes = [3, *widths, 1]
    layers = [(rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in itertools.pairwise(sizes)]
    points = rng.normal(size=(8, 3))
    options = {"free": free, "hidden_bias": True, "output_bias": False}
    bounded = network_gram_of(layers, points, activation="relu", **options)
    kernel, _ = relu_kernel(layers, points.tolist(), free, output_bias=False)
    for i in range(8):
        for j in range(8):
            assert abs(Fraction(bounded.mid[i, j]) - kernel[i][j]) <= bounded.radius[i, j]
    assert bounded.radius.max() < 1e-11 * np.abs(bounded.mid).max()
    assert decided(eigenvalue_witness(bounded), kernel)


@pytest.mark.parametrize("activation", ["tanh", "erf", "gelu"])
def test_smooth_networks(activation):
    """Two float computations of one kernel, so that they agree within both their bounds."""
    rng = np.random.default_rng(2)
    layers = [(rng.normal(size=(9, 3)), rng.normal(size=9)), (rng.normal(size=(1, 9)), rng.normal(size=1))]
    points = rng.normal(size=(6, 3))
    options = {"activation": activation, "free": [0, 1], "hidden_bias": True, "output_bias": True}
    bounded = network_gram_of(layers, points, **options)
    other = np.asarray(network_gram([Layer(*layer) for layer in layers], points, **options))
    assert (np.abs(bounded.mid - other) <= 2 * bounded.radius).all()
    assert bounded.radius.max() < 1e-11 * np.abs(bounded.mid).max()
    witness = eigenvalue_witness(bounded)
    assert decided(witness, exact(bounded.mid), Fraction(bounded.radius.max()))


def test_a_bound_of_the_callers_and_one_that_is_none():
    matrix = np.diag([1.0, 2.0])
    witness = eigenvalue_witness(given_matrix(matrix), at_least=Fraction(1, 3), upper=False)
    assert (witness.at_least, witness.at_most, witness.vector) == (Fraction(1, 3), None, None)
    assert proves(exact(matrix), Fraction(1, 3), witness.content()["factor"])
    assert witness.content()["vector"] is None
    with pytest.raises(WitnessError, match="ask for a lower one"):
        eigenvalue_witness(given_matrix(matrix), at_least=Fraction(1))
    with pytest.raises(InputError, match="symmetric"):
        given_matrix([[1.0, 2.0], [3.0, 1.0]])
    with pytest.raises(InputError, match="symmetric"):
        given_matrix([[1.0, 2.0]])


def test_numbers_out_of_range_are_refused():
    with pytest.raises(WitnessError, match="so small"):
        eigenvalue_witness(given_matrix([[1e-250]]))
    with pytest.raises(InputError, match="beyond the range"):
        given_matrix([[Fraction(10) ** 400]])
    layers = [(np.full((2, 1), 1e200), np.zeros(2)), (np.full((1, 2), 1e200), np.zeros(1))]
    bounded = network_gram_of(layers, [[1.0]], activation="relu", free=[0, 1], hidden_bias=True, output_bias=True)
    with pytest.raises(WitnessError, match="beyond the range"):
        eigenvalue_witness(bounded)


def test_nearly_parallel_points_still_have_a_bound():
    points = np.array([[1.0, 0.0], [1.0, 1e-6], [0.3, 1.0]])
    bounded = limit_gram(points, hidden_bias=False)
    witness = eigenvalue_witness(bounded)
    assert witness.at_least > 1e-8
    assert decided(witness, exact(bounded.mid), Fraction(bounded.radius.max()))
