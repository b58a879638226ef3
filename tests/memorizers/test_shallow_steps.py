"""Stairs, knots on a line, alternations along a moment curve, and random features: sizes, labels, refusals."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.data import Dataset
from overparam.errors import InputError
from overparam.exact import fraction_of
from overparam.memorizers import memorize
from overparam.widths import certify
from tests.exact import oracles
from tests.memorizers.datasets import HOSTILE, clouds, gaussian, grids, moment_curve


def check(construction, points, labels, **options):
    """Every label met by an evaluation that is not ours."""
    memorizer = memorize(points, labels, construction, **options)
    rows = [[fraction_of(x) for x in point] for point in points]
    assert oracles.outputs(memorizer.network, rows) == [fraction_of(y) for y in labels]
    return memorizer


def distinct(points):
    return len({tuple(map(fraction_of, point)) for point in points})


@settings(max_examples=15, deadline=None)
@given(grids())
def test_steps_and_features_on_grids(case):
    n = len(case[0])
    assert check("steps", *case).network.width <= n - 1
    features = check("features", *case).network
    assert features.width <= n
    assert features.c == 0


@settings(max_examples=15, deadline=None)
@given(clouds(max_size=6))
def test_steps_and_features_on_any_floats(case):
    assert check("steps", *case).network.activation == "threshold"
    assert check("features", *case).network.activation == "relu"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data(name):
    points, labels = HOSTILE[name]
    n = distinct(points)
    assert check("steps", points, labels).network.width <= n - 1
    assert check("features", points, labels).network.width <= n
    if len(points[0]) == 1:
        check("knots", points, labels)
    else:
        with pytest.raises(InputError, match=r'one coordinate, and these have \d+; use "distinct"'):
            memorize(points, labels, "knots")


def test_real_labels_need_every_step_and_classes_few():
    points, labels = gaussian(30, 3)
    assert check("steps", points, labels).network.width == 29
    classes = [float(np.sign(row[0] + row[1])) for row in points]
    assert check("steps", points, classes).network.width < 29
    assert check("steps", [[0, 0], [1, 0], [2, 0], [3, 0]], [5, 5, 7, 7]).network.width == 1


def fewest_knots(t, y):
    """K*, by the formula."""
    slopes = [Fraction(b - a, s - r) for (r, a), (s, b) in itertools.pairwise(zip(t, y, strict=True))]
    turns = [(b > a) - (b < a) for a, b in itertools.pairwise(slopes)]
    return sum(math.ceil(len(list(run)) / 2) for turn, run in itertools.groupby(turns) if turn)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
def test_knots_are_k_star_or_one_more(y):
    t = [3 * i + i % 2 for i in range(len(y))]
    memorizer = check("knots", [[x] for x in t], y)
    k_star = fewest_knots(t, y)
    assert memorizer.numbers["fewest knots"] == k_star
    assert memorizer.network.width in (k_star, k_star + 1)
    assert memorizer.network.width >= memorizer.numbers["least width is at least"] >= k_star


def test_knots_of_the_fixtures():
    column = [[t] for t in range(5)]
    assert [check("knots", column[:n], [0, 1, 0, 1, 0][:n]).network.width for n in (3, 4, 5)] == [2, 3, 3]


@pytest.mark.parametrize(("n", "d"), [(5, 1), (6, 2), (5, 3), (4, 9)])
def test_alternations_for_every_labelling(n, d):
    points = moment_curve(n, d)
    for labels in itertools.product((2, -7), repeat=n):
        changes = sum(a != b for a, b in itertools.pairwise(labels))
        memorizer = check("alternations", points[::-1], labels[::-1])
        assert memorizer.network.width == -(-changes // d)
        assert memorizer.numbers["label changes"] == changes


def test_alternations_near_a_curve_and_off_it():
    t = np.linspace(0.1, 2.3, 12)
    rounded = np.column_stack([t**k for k in (1, 2, 3)])  # no float power is the exact power
    labels = [(-1.0) ** i for i in range(12)]
    assert check("alternations", rounded, labels).network.width == 4
    with pytest.raises(InputError, match=r'too far from the moment curve.*use "sakurai"'):
        memorize(rounded + np.random.default_rng(0).normal(size=rounded.shape), labels, "alternations")
    with pytest.raises(InputError, match=r"not points .* of a moment curve"):
        memorize([[1, 0], [2, 0]], [1, -1], "alternations")
    with pytest.raises(InputError, match=r"not points .* of a moment curve"):
        memorize([[1, 1], [1, 2]], [1, -1], "alternations")
    with pytest.raises(InputError, match="at most two values, and these take 3"):
        memorize(moment_curve(3, 2), [0, 1, 2], "alternations")


def test_features_by_seed_and_width():
    points, labels = gaussian(12, 4)
    one, same, other = (check("features", points, labels, seed=seed).network for seed in (0, 0, 1))
    assert one == same != other
    wide = check("features", points, labels, width=40)
    assert wide.network.width == 12
    assert wide.numbers == {"features drawn": 40, "rank": 12}
    with pytest.raises(InputError, match=r"5 random features have rank 5 at these 12 points.*larger width"):
        memorize(points, labels, "features", width=5)
    with pytest.raises(InputError, match="width must be an integer from 1"):
        memorize(points, labels, "features", width=0)
    assert check("features", points, [0.0] * 12, width=5).network.width == 0


def test_as_many_draws_as_points_may_fall_short():
    """The folklore 'n random ReLU features are independent' is not true of n draws: here 5 of 5 have rank below 5."""
    labels = [1, -1, 1, -1, 1]
    ranks = set()
    for seed in range(12):
        try:
            ranks.add(memorize([[t] for t in range(5)], labels, "features", width=5, seed=seed).numbers["rank"])
        except InputError as refused:
            ranks.add(int(str(refused).split("rank ")[1].split()[0]))
    assert min(ranks) < 5


@pytest.mark.parametrize("construction", ["steps", "knots", "alternations", "features"])
def test_certified_under_the_theorem(construction, tmp_path):
    points = np.array(moment_curve(8, 1 if construction == "knots" else 3), float)
    rng = np.random.default_rng(3)
    labels = rng.choice([-1.0, 1.0], size=8) if construction == "alternations" else rng.normal(size=8)
    data = Dataset(points, labels, "x", ())
    memorizer = memorize(points, labels, construction)
    found = certify(memorizer, data, tmp_path / construction)
    assert found.width == memorizer.network.width
    assert "equals the label exactly" in found.sentence


@pytest.mark.slow
@pytest.mark.parametrize("d", [1, 2, 10, 50])
def test_a_hundred_points(d):
    points, labels = gaussian(100, d)
    assert check("steps", points, labels).network.width == 99
    assert check("features", points, labels).network.width == 100
    assert check("sweep", points, labels).network.width <= {1: 100, 2: 54, 10: 18, 50: 3}[d]
