"""Deep networks and independence in exact arithmetic, against plain fractions."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.exact import ExactNetwork, exact_layers, forward, forward_layers, leading_columns
from tests.exact import oracles

numbers = st.one_of(st.floats(-4, 4, width=32), st.fractions(-3, 3, max_denominator=7))


@st.composite
def networks(draw):
    sizes = [*draw(st.lists(st.integers(1, 3), min_size=2, max_size=4)), 1]
    layers = [
        (draw(st.lists(st.lists(numbers, min_size=a, max_size=a), min_size=b, max_size=b)),
         draw(st.lists(numbers, min_size=b, max_size=b)))
        for a, b in itertools.pairwise(sizes)
    ]  # fmt: skip
    points = draw(st.lists(st.lists(numbers, min_size=sizes[0], max_size=sizes[0]), min_size=1, max_size=3))
    return layers, points


@given(networks())
def test_outputs_and_signs_are_those_of_plain_fractions(case):
    layers, points = case
    got = forward_layers(exact_layers(layers), points)
    for i, point in enumerate(points):
        values = [Fraction(x) for x in point]
        for depth, (weights, bias) in enumerate(layers):
            values = [
                sum((Fraction(w) * v for w, v in zip(row, values, strict=True)), Fraction(b))
                for row, b in zip(weights, bias, strict=True)
            ]
            if depth < len(layers) - 1:
                assert got.signs[depth][i].tolist() == [(v > 0) - (v < 0) for v in values]
                values = [max(v, Fraction(0)) for v in values]
        assert got.outputs[i] == values[0]


def test_a_two_layer_network_is_one_of_them():
    rng = np.random.default_rng(0)
    network = ExactNetwork.from_arrays(rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(size=4), 0.5)
    points = rng.normal(size=(6, 3))
    one, two = forward(network, points), forward_layers(exact_layers(network), points)
    assert one.outputs == two.outputs
    assert (one.signs.T == two.signs[0]).all()


@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 2**31))
def test_leading_columns_are_the_first_independent_ones(n, columns, seed):
    matrix = np.random.default_rng(seed).integers(-1, 2, (n, columns))
    ranks = [oracles.rank(matrix[:, :k].tolist()) for k in range(columns + 1)]
    wanted = [k for k in range(columns) if ranks[k + 1] > ranks[k]]
    assert leading_columns([[Fraction(int(x), 3) for x in row] for row in matrix]) == wanted


def test_wrong_shapes():
    for layers in ([], [([[1.0]], [0.0])], [([[1.0]], [0.0]), ([[1.0], [1.0]], [0.0, 0.0])]):
        with pytest.raises(InputError, match="at least one hidden layer, and one output"):
            exact_layers(layers)
    with pytest.raises(InputError, match="layer 1 must have 1 rows of 2 weights"):
        exact_layers([([[1.0], [1.0]], [0.0, 0.0]), ([[1.0]], [0.0])])
    with pytest.raises(InputError, match="the network takes 1 inputs"):
        forward_layers(exact_layers([([[1.0]], [0.0]), ([[1.0]], [0.0])]), [[1.0, 2.0]])
