"""Exact linear algebra against elimination by hand."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overparam.exact import Cloud, hyperplane_through, interpolate_affine, solve
from tests.exact import oracles

small = st.integers(-3, 3)


@st.composite
def systems(draw):
    n, unknowns = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    entries = st.one_of(small.map(Fraction), st.fractions(-2, 2, max_denominator=9))
    matrix = draw(st.lists(st.lists(entries, min_size=unknowns, max_size=unknowns), min_size=n, max_size=n))
    return matrix, draw(st.lists(entries, min_size=n, max_size=n))


@settings(deadline=None)
@given(systems())
@example(([[Fraction(0), Fraction(0)]], [Fraction(0)]))
@example(([[Fraction(0)]], [Fraction(1)]))
@example(([[Fraction(2**61 - 1)], [Fraction(1)]], [Fraction(2**61 - 1), Fraction(1)]))
@example(([[Fraction(2**61 - 1)]], [Fraction(1)]))
def test_a_solution_exactly_when_there_is_one(system):
    matrix, right = system
    solution = solve(matrix, right)
    rank = oracles.rank(matrix)
    consistent = oracles.rank([[*row, y] for row, y in zip(matrix, right, strict=True)]) == rank
    assert (solution is not None) == consistent
    if solution is not None:
        assert [sum(a * t for a, t in zip(row, solution, strict=True)) for row in matrix] == right
        assert sum(map(bool, solution)) <= rank


def test_preference_chooses_the_columns():
    matrix, right = [[1, 1, 1]], [Fraction(5)]
    for wanted in range(3):
        solution = solve(matrix, right, preference=np.eye(3)[[wanted]])
        assert solution == [Fraction(5) if a == wanted else 0 for a in range(3)]


def test_integers_far_beyond_floats():
    huge = 10**400
    assert solve([[huge, 1], [1, huge]], [Fraction(huge + 1), Fraction(huge + 1)]) == [1, 1]


@settings(deadline=None)
@given(st.lists(st.tuples(small, small, small), min_size=1, max_size=3, unique=True), st.data())
def test_a_hyperplane_vanishes_on_its_points(points, data):
    points = [tuple(map(Fraction, point)) for point in points]
    count = 4 - len(points)
    free = data.draw(st.lists(small, min_size=count, max_size=count).filter(any))
    form = hyperplane_through(points, free)
    independent = oracles.rank([(*point, 1) for point in points]) == len(points)
    assert (form is not None) == independent
    if form is not None:
        assert set(Cloud(points).values(form)) == {0}
        assert any(form)


@settings(deadline=None)
@given(st.lists(st.tuples(small, small), min_size=1, max_size=5, unique=True), st.data())
def test_affine_interpolation(points, data):
    points = [tuple(map(Fraction, point)) for point in points]
    labels = [Fraction(data.draw(small)) for _ in points]
    form = interpolate_affine(points, labels)
    lifted = [(*point, 1) for point in points]
    consistent = oracles.rank(lifted) == oracles.rank([(*x, y) for x, y in zip(lifted, labels, strict=True)])
    assert (form is not None) == consistent
    if form is not None:
        assert Cloud(points).values(form) == labels


@pytest.mark.parametrize("n", [1, 12, 40])
def test_float_data_of_many_coordinates(n):
    rng = np.random.default_rng(n)
    points = [tuple(map(Fraction, row)) for row in rng.normal(size=(n, n + 3)).tolist()]
    labels = [Fraction(y) for y in rng.normal(size=n).tolist()]
    form = interpolate_affine(points, labels)
    assert form is not None
    assert [sum(w * x for w, x in zip(form, (*point, 1), strict=True)) for point in points] == labels
