"""Residual networks: pairs on a stream, and points that move to their classes."""

import math
import re
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings

from overparam.errors import InputError
from overparam.exact import evaluate
from overparam.memorizers import memorize
from tests.memorizers.datasets import HOSTILE, gaussian, grids, in_general_position, moment_curve
from tests.memorizers.naive import check, output


def circle(n):
    """Rational points of the unit circle, in no order."""
    s = [F(k * k + 1, n) for k in range(n)]
    return [((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)) for t in s]


def check_or_refusal(construction, points, labels):
    """The checked memorizer, or the words of its refusal."""
    try:
        return check(construction, points, labels), ""
    except InputError as refused:
        return None, str(refused)


def sphere(n, d, seed=0):
    points = np.random.default_rng(seed).normal(size=(n, d))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


@settings(max_examples=25, deadline=None)
@given(grids())
def test_general_position_suffices(case):
    points, labels = case
    memorizer, _ = check_or_refusal("yun-resnet", points, labels)
    if memorizer is None:
        assert not in_general_position(points)
        return
    d = len(points[0])
    assert memorizer.network.stream == d + 1
    assert memorizer.numbers["hidden nodes"] <= 2 * math.ceil(len(points) / (d + 1)) - 2


@pytest.mark.parametrize(("n", "d", "width", "widths"), [
    (1, 3, 2, (1,)), (4, 3, 2, (1,)), (5, 3, 2, (1,)), (6, 3, 2, (2,)), (8, 3, 1, (1, 1)), (12, 3, 3, (3, 1)),
    (13, 3, 2, (2, 2, 1)), (40, 5, 100, (12,)),
])  # fmt: skip
def test_nodes_by_hand(n, d, width, widths):
    assert check("yun-resnet", *gaussian(n, d), width=width).network.widths == widths


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data(name):
    points, labels = HOSTILE[name]
    for construction, advice in (("yun-resnet", '"greedy"'), ("hardt", '"yun-deep"')):
        memorizer, message = check_or_refusal(construction, points, labels)
        assert memorizer or (advice in message and re.search(r"points? \d", message) and construction in message)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 25])
@pytest.mark.parametrize("width", [None, 1, 7])
def test_points_of_a_circle(n, width):
    """Two coordinates are enough, whatever the logarithm of n; real labels, so as many classes as points."""
    labels = np.random.default_rng(1).normal(size=n)
    memorizer = check("hardt", circle(n), labels, **({} if width is None else {"width": width}))
    assert memorizer.network.stream == 3
    assert memorizer.network.widths[-1] == n
    assert memorizer.network.widths[0] == min(n, width or 2)
    assert sum(memorizer.network.widths) == 2 * n


@pytest.mark.parametrize(("n", "d"), [(2, 10), (10, 10), (30, 6), (10, 50)])
def test_unit_floats_are_near_enough(n, d):
    """No float vector has length 1 exactly; the condition on inner products is met all the same."""
    points = sphere(n, d)
    memorizer = check("hardt", points, [i % 3 for i in range(n)])
    assert "as they are" in memorizer.notes[0]
    assert memorizer.numbers["classes"] == min(n, 3)


def test_whitening_sets_dependent_lengths_right():
    """Points x and 2x are in each other's way; centred and whitened, ten points in ten dimensions never are."""
    points, labels = gaussian(10, 10)
    points[1] = 2 * points[0]
    memorizer = check("hardt", points, labels)
    assert "whitened" in memorizer.notes[0]


def test_refusals_name_points_in_the_way():
    with pytest.raises(InputError, match=r'point 1 is at least as far as point 0 .* use "yun-resnet".* or "yun-deep"'):
        memorize([[1, 0], [2, 0], [3, 0]], [1, 2, 3], "hardt")
    with pytest.raises(InputError, match=r"points 0, 1, 2 .*not in general position"):
        memorize([[1, 0], [2, 0], [3, 0]], [1, 0, 3], "yun-resnet")
    for construction in ("yun-resnet", "hardt"):
        with pytest.raises(InputError, match="width must be an integer from 1 to 1000000; got 0"):
            memorize(moment_curve(3, 2), [1, 2, 3], construction, width=0)


def test_moved_points_stand_at_their_classes():
    """Before the last block the stream has as many different values as there are classes."""
    network = check("hardt", circle(9), [0, 1, 2] * 3).network
    ends = [tuple(_stream(network, x)) for x in circle(9)]
    assert len(set(ends)) == 3
    assert ends[:3] * 3 == ends


def _stream(network, x):
    coordinates = []
    for k in range(network.stream):
        weights = tuple(F(int(j == k)) for j in range(network.stream))
        part = type(network)(network.inner, network.blocks[:-1], type(network.outer)((weights,), (F(0),)))
        coordinates.append(output(part, x))
        assert evaluate(part, [x]) == [coordinates[-1]]
    return coordinates
