"""Directions that separate points: exact, short, and accepted by the checker."""

import hashlib
import json
import random
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import proofs_check
from overparam.certificates import dataset_bytes, position_witness_bytes, separating_direction
from overparam.errors import InputError


def inner(u, x):
    return sum((F(a) * b for a, b in zip(u, x, strict=True)), F(0))


coordinate = st.integers(-3, 3) | st.fractions(-1, 1, max_denominator=4) | st.floats(-1e300, 1e300)


@settings(deadline=None)
@given(st.integers(1, 4).flatmap(lambda d: st.lists(st.tuples(*[coordinate] * d), min_size=1, max_size=30)))
@example([(0, 0), (1, 0), (0, 1), (1, 1)])
@example([(5,)])
@example([(0,), (2**61 - 1,)])  # equal modulo the first prime
@example([(F(1, 2**61 - 1),), (0,), (2**89 - 1,)])
@example([(0.1 + 0.2, 1), (0.3, 1)])  # floats that print alike
def test_distinct_points_are_separated_and_others_refused(points):
    exact = [tuple(map(F, point)) for point in points]
    if len(set(exact)) < len(exact):
        with pytest.raises(InputError, match="are equal, so no direction separates them"):
            separating_direction(points)
        return
    u = separating_direction(points)
    assert all(type(a) is int for a in u)
    assert len({inner(u, x) for x in exact}) == len(exact)


def test_directions_are_short():
    """An axis where one coordinate suffices; on an m x m grid two entries of about log2(m) bits."""
    assert separating_direction([(0, 3), (1, 3), (2, 3)]) == (1, 0)
    assert separating_direction([(3, 0), (3, 1), (3, 1.5)]) == (0, 1)
    u = separating_direction([(i, j) for i in range(30) for j in range(30)])
    assert 30 <= max(map(abs, u)) < 2**9


def lay(root, points, which):
    data = dataset_bytes(points, [0] * len(points))
    path = root / f"{hashlib.sha256(data).hexdigest()}.json"
    path.write_bytes(data)
    (root / "statement.json").write_bytes(proofs_check.state("position", path, property=which))
    (root / "witness.json").write_bytes(position_witness_bytes(points, which, {"made by": "the tests"}))
    return proofs_check.check(root)


@pytest.mark.parametrize("which", ["distinct", "affine", "linear"])
def test_the_checker_accepts(tmp_path, which):
    points = np.random.default_rng(0).normal(size=(12, 3))
    answer = lay(tmp_path, points, which)
    assert answer.status == "accepted"
    assert which in answer.sentence
    direction = json.loads((tmp_path / "witness.json").read_text())["direction"]
    assert (direction == "1 0 0") if which == "distinct" else (direction is None)


@pytest.mark.parametrize("side", [30, pytest.param(100, marks=pytest.mark.slow)])
def test_points_of_a_grid(tmp_path, side):
    """Every coordinate repeats; the entries of the direction stay short all the same."""
    rng = random.Random(0)
    points = [(i, j, rng.randrange(3), 0) for i in range(side) for j in range(side)]
    assert lay(tmp_path, points, "distinct").status == "accepted"
    u = json.loads((tmp_path / "witness.json").read_text())["direction"]
    assert max(abs(int(word, 16)) for word in u.split()) < 2**20


def test_a_property_that_is_none():
    with pytest.raises(InputError, match="must be distinct, affine or linear"):
        position_witness_bytes([[1]], "convex", {})
