"""Sweeps: their signs, the shortest in the plane against a search over all sets, moment curves, and the networks."""

import functools
import itertools
import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overparam.data import Dataset
from overparam.exact import exact_data, fraction_of
from overparam.memorizers import memorize
from overparam.memorizers.shallow import _sweep_search
from overparam.memorizers.shallow._curve import moment_curve as curve_of
from overparam.memorizers.shallow._sweep import swept
from overparam.memorizers.shallow._sweep_plane import shortest_in_plane
from overparam.memorizers.shallow._sweep_search import find_sweep, single_points
from overparam.widths import certify
from tests.exact import oracles
from tests.memorizers.datasets import HOSTILE, clouds, gaussian, grids, moment_curve

NINE = [(11, 0), (-6, 10), (-5, -8), (19, 3), (-8, 11), (-7, -15), (28, 9), (-87, 77), (-2, -69)]


def value(form, point):
    return sum((w * fraction_of(x) for w, x in zip(form[:-1], point, strict=True)), Fraction(form[-1]))


def check_sweep(points, groups):
    """The definition, with arithmetic of its own."""
    rest = set(range(len(points)))
    swept = set()
    for members, h in groups:
        signs = {i: value(h, points[i]) for i in range(len(points))}
        rest -= set(members)
        assert members
        assert all(signs[i] == 0 for i in members)
        assert all(signs[i] < 0 for i in swept)
        assert all(signs[i] > 0 for i in rest)
        lifted = [(*map(fraction_of, points[i]), 1) for i in members]
        assert oracles.rank(lifted) == len(members)
        swept |= set(members)
    assert not rest
    assert len(swept) == len(points)
    return len(groups)


def sweep_of(points):
    groups, _ = find_sweep(exact_data(points, [0] * len(points)))
    return check_sweep(points, groups)


def fewest_groups(points):
    """The shortest planar sweep, by a search over all sets of swept points."""
    n = len(points)

    def ahead(w, x):
        cross = w[0] * x[1] - w[1] * x[0]
        return cross > 0 or (cross == 0 and w[0] * x[0] + w[1] * x[1] > 0)

    def single(before, v, after):
        """Some line through v has `before` on one side: all directions, those turned round, fit in half a turn."""
        at = points[v]
        ways = [(points[i][0] - at[0], points[i][1] - at[1]) for i in after]
        ways += [(at[0] - points[i][0], at[1] - points[i][1]) for i in before]
        return not ways or any(all(ahead(w, x) for x in ways) for w in ways)

    def pair(before, v, w, after):
        a, b = points[w][0] - points[v][0], points[w][1] - points[v][1]
        sides = [a * (points[i][1] - points[v][1]) - b * (points[i][0] - points[v][0]) for i in (*before, *after)]
        return any(
            all(sign * t < 0 for t in sides[: len(before)]) and all(sign * t > 0 for t in sides[len(before) :])
            for sign in (1, -1)
        )

    @functools.cache
    def least(before):
        rest = [i for i in range(n) if i not in before]
        if not rest:
            return 0
        best = math.inf
        for size, fits in ((1, single), (2, pair)):
            for group in itertools.combinations(rest, size):
                after = [i for i in rest if i not in group]
                if fits(sorted(before), *group, after):
                    best = min(best, 1 + least(before | set(group)))
        return best

    return least(frozenset())


def arms(length):
    """Three arms of the plane with exponentially growing radii."""
    directions = ((10, 1), (-6, 9), (-5, -8))
    return [(a * 4**k + k, b * 4**k - k * k) for k in range(length) for a, b in directions]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=7, unique=True))
def test_the_shortest_planar_sweep_is_shortest(points):
    found = shortest_in_plane(exact_data(points, [0] * len(points)))
    assert check_sweep(points, found) == fewest_groups(points)


def test_nine_points_need_seven_groups():
    assert check_sweep(NINE, shortest_in_plane(exact_data(NINE, [0] * 9))) == 7


@pytest.mark.parametrize("length", [2, 3, 4])
def test_three_arms_need_two_groups_for_three_points(length):
    points = arms(length)
    found = check_sweep(points, shortest_in_plane(exact_data(points, [0] * len(points))))
    assert found == 2 * length
    if length < 4:
        assert fewest_groups(points) == found


def test_convex_position_takes_half_as_many_groups_as_points():
    for n in range(3, 12):
        circle = [(Fraction(1 - t * t, 1 + t * t), Fraction(2 * t, 1 + t * t)) for t in range(n)]
        assert sweep_of(circle) == -(-n // 2)


@pytest.mark.parametrize("d", [1, 2, 3, 4, 5, 6])
def test_a_moment_curve_takes_ceil_n_over_d_groups_for_odd_and_even_d(d):
    """Consecutive groups of d - 1, as one might fear for even d, would be one more already at n = d."""
    for n in range(1, 3 * d + 3):
        points = [[Fraction(3 * t - n) ** k * (-2) ** k for k in range(1, d + 1)] for t in range(n)]
        assert curve_of(exact_data(points, [0] * n)) is not None
        assert sweep_of(points) == -(-n // d)
    assert curve_of(exact_data([[1] * d, [2] * d, [3] * d], [0] * 3)) is None or d == 1  # (1, 1), (2, 2), (3, 3)


@pytest.mark.parametrize(("n", "d"), [(9, 3), (15, 10), (30, 20)])
def test_greedy_sweeps_of_gaussian_points(n, d):
    points = gaussian(n, d)[0].tolist()
    assert -(-n // d) <= sweep_of(points) <= 2 * -(-n // d)


@settings(max_examples=10, deadline=None)
@given(grids(max_dim=4))
def test_degenerate_points_have_sweeps(case):
    points, _ = case
    sweep_of(points)
    assert check_sweep(points, single_points(exact_data(points, [0] * len(points)))) == len(points)


def test_where_floats_fail_single_points_are_left(monkeypatch):
    """No proposal is ever confirmed: the sweep goes on with fractions, through points that tie in every coordinate."""
    monkeypatch.setattr(_sweep_search._Greedy, "_confirmed", lambda *_: None)
    monkeypatch.setattr(_sweep_search, "_OBJECTIVES", 1)
    monkeypatch.setattr(_sweep_search, "_SWEEPS", 1)
    assert sweep_of(list(itertools.product((0, 1), repeat=3))) == 8


@settings(max_examples=10, deadline=None)
@given(grids(max_dim=4))
def test_labels_are_met_with_a_neuron_a_group(case):
    points, labels = case
    data = exact_data(points, labels)
    groups, _ = find_sweep(data)
    neurons, _ = swept(data, groups)
    assert len(neurons) == len(groups)
    network = memorize(points, labels, "sweep").network
    assert oracles.outputs(network, [[Fraction(x) for x in p] for p in points]) == [Fraction(y) for y in labels]
    assert network.width <= len(points)


@settings(max_examples=5, deadline=None)
@given(clouds(max_size=6))
@example(([(0.0, 0.0, 1e9 - 153), (0.0, 1.0, 45.0), (0.0, 0.0, 46.0), (0.0, 2.0, 52.0)], [0.0, 2.0, 0.0, 1.0]))
def test_any_finite_floats(case):
    points, labels = case
    network = memorize(points, labels, "sweep").network
    rows = [[fraction_of(x) for x in p] for p in points]
    assert oracles.outputs(network, rows) == [fraction_of(y) for y in labels]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data(name):
    points, labels = HOSTILE[name]
    network = memorize(points, labels, "sweep").network
    rows = [[fraction_of(x) for x in p] for p in points]
    assert oracles.outputs(network, rows) == [fraction_of(y) for y in labels]


def test_weights_stay_short():
    """A neuron depends on its own group and the one before but for a power of two: bits do not add up over groups.

    Coordinates and labels have 53 bits; a line through two points and a function on it are quotients of sums of
    products of at most four of them, two such quotients meet in a neuron, and the powers of two grow by at most the
    ratio of distances to the lines, observed at some bits a group.
    """
    points, labels = gaussian(40, 2)
    numbers = list(memorize(points, labels, "sweep").network.numbers())
    assert max(x.numerator.bit_length() for x in numbers) <= 2 * 4 * 64 + 20 * 16


def test_certified_under_the_theorem(tmp_path):
    circle = np.array([[np.cos(t), np.sin(t)] for t in range(9)])
    for points in (circle, np.array(moment_curve(9, 4), float), gaussian(9, 3)[0]):
        data = Dataset(points, np.random.default_rng(0).normal(size=9), "x", ())
        memorizer = memorize(data.points, data.labels, "sweep")
        found = certify(memorizer, data, tmp_path / str(points.shape[1]))
        assert json.loads((found.folder / "statement.json").read_text())["theorem"] == "alternating-sweep"
        assert found.width == memorizer.numbers["groups"]


def test_few_affinely_independent_points_and_constant_labels():
    assert memorize([[0, 0], [1, 0], [0, 1]], [1, -2, 5], "sweep").network.width == 1
    assert memorize([[0, 0], [1, 0], [0, 1]], [3, 3, 3], "sweep").network.width == 0
    assert memorize([[0, 0], [1, 1], [2, 2]], [0, 1, 0], "sweep").network.width == 3
