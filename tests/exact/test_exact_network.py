"""The fast exact evaluation is the naive one."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.exact import Cloud, ExactNetwork, evaluate, forward, shortest
from tests.exact import oracles

numbers = st.one_of(
    st.integers(-4, 4).map(Fraction), st.fractions(-9, 9, max_denominator=97), st.floats(-1e3, 1e3).map(Fraction)
)


@st.composite
def networks_and_points(draw):
    dim, width, n = draw(st.integers(1, 3)), draw(st.integers(0, 5)), draw(st.integers(1, 5))
    form = st.tuples(*[numbers] * (dim + 1))
    neurons = draw(st.lists(st.tuples(numbers, form), min_size=width, max_size=width))
    activation = draw(st.sampled_from(["relu", "threshold"]))
    return (activation, neurons, draw(numbers), dim), draw(
        st.lists(st.tuples(*[numbers] * dim), min_size=n, max_size=n)
    )


@settings(deadline=None)
@given(networks_and_points())
def test_outputs_are_those_of_naive_arithmetic(case):
    parts, points = case
    network = ExactNetwork.from_forms(*parts)
    assert evaluate(network, points) == oracles.outputs(network, points)


@pytest.mark.slow
@settings(deadline=None)
@given(networks_and_points())
def test_signs_and_linear_outputs_under_any_pattern(case):
    parts, points = case
    network = ExactNetwork.from_forms(*parts)
    pre = [[sum(w * x for w, x in zip(form, (*point, 1), strict=True)) for point in points] for form in network.forms]
    result = forward(network, points)
    assert result.signs.shape == (network.width, len(points))
    assert result.signs.tolist() == [[(t > 0) - (t < 0) for t in row] for row in pre]
    if network.activation == "relu":
        pattern = np.arange(network.width * len(points)).reshape(network.width, len(points)) % 2 == 0
        linear = [
            network.c + sum(v * row[i] for v, row, on in zip(network.v, pre, pattern, strict=True) if on[i])
            for i in range(len(points))
        ]
        assert forward(network, points, pattern=pattern).outputs == linear


def test_unrelated_denominators_do_not_multiply_up():
    """A hundred neurons of coprime 200-bit denominators: their common one would have 20,000 bits."""
    rng = np.random.default_rng(0)
    denominators = [int.from_bytes(rng.bytes(25)) | 1 for _ in range(100)]
    neurons = [(Fraction(1), (Fraction(1, q), Fraction(i))) for i, q in enumerate(denominators)]
    network = ExactNetwork.from_forms("relu", neurons, Fraction(0), 1)
    points = [(Fraction(i, 7),) for i in range(-3, 4)]
    assert evaluate(network, points) == oracles.outputs(network, points)


def test_arrays_in_and_out():
    rng = np.random.default_rng(1)
    arrays = rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=3), np.array(0.1)
    network = ExactNetwork.from_arrays(*arrays)
    assert network.v[0] == Fraction(float(arrays[2][0]))
    assert (network.width, network.dim) == (3, 2)
    for before, after in zip(arrays, network.to_arrays(), strict=True):
        assert after.dtype == np.float64
        assert np.array_equal(before, after)
    empty = ExactNetwork.from_arrays(np.zeros((0, 4)), np.zeros(0), np.zeros(0), 2.5)
    assert (empty.width, empty.dim) == (0, 4)
    assert evaluate(empty, [(0, 0, 0, 0)]) == [Fraction(5, 2)]
    assert [array.shape for array in empty.to_arrays()] == [(0, 4), (0,), (0,), ()]
    assert len(list(network.numbers())) == 13


def test_misfits_are_refused():
    with pytest.raises(InputError, match="shapes"):
        ExactNetwork.from_arrays(np.zeros((2, 3)), np.zeros(3), np.zeros(2), 0.0)
    with pytest.raises(InputError, match="finite"):
        ExactNetwork.from_arrays(np.full((1, 1), np.nan), np.zeros(1), np.zeros(1), 0.0)
    with pytest.raises(ValueError, match="ExactNetwork"):
        ExactNetwork("relu", ((Fraction(1),),), (), (), Fraction(0), 1)


@settings(deadline=None)
@given(st.lists(numbers, min_size=2, max_size=4).filter(any))
def test_shortest_is_a_positive_dyadic_multiple_below_one(form):
    short = shortest(form)
    a = next(i for i, t in enumerate(form) if t)
    ratio = short[a] / form[a]
    assert ratio > 0
    assert [ratio * t for t in form] == list(short)
    assert max(map(abs, short)) < 1
    assert all(t.denominator & (t.denominator - 1) == 0 for t in short)


def test_values_of_a_form():
    cloud = Cloud([(Fraction(1, 3), Fraction(2)), (Fraction(0), Fraction(-1, 7))])
    assert cloud.values((Fraction(3), Fraction(1, 2), Fraction(-2))) == [Fraction(0), Fraction(-29, 14)]
    assert cloud.numerators([]).rows == []
