"""Narrow networks through points: Hanin and Sellke's maxima and minima, width 2, Lu et al."""

import pytest
from hypothesis import given, settings

from overparam.memorizers import memorize
from tests.memorizers.datasets import HOSTILE, ZIGZAG, clouds, gaussian, grids, moment_curve
from tests.memorizers.naive import check

NARROW = ("max-min", "width-2", "narrow-lu")


def largest(construction, n, d):
    """Width and depth that the docs promise."""
    return {"max-min": (d + 1, max(n - 1, 1)), "width-2": (2, max(n - 1, 1)), "narrow-lu": (d + 4, 2 * n)}[construction]


@settings(max_examples=12, deadline=None)
@given(grids(max_size=7))
def test_distinct_points_suffice(case):
    for construction in NARROW:
        widths = check(construction, *case).network.widths
        width, depth = largest(construction, len(case[0]), len(case[0][0]))
        assert max(widths) <= width
        assert len(widths) <= depth


@settings(max_examples=8, deadline=None)
@given(clouds(max_size=5))
def test_any_finite_floats(case):
    for construction in NARROW:
        check(construction, *case)


@pytest.mark.parametrize("construction", NARROW)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data(name, construction):
    check(construction, *HOSTILE[name])


@pytest.mark.parametrize(("n", "d"), [(2, 1), (10, 2), (10, 10), (20, 3)])
def test_gaussian_data_need_a_step_a_point(n, d):
    points, labels = gaussian(n, d)
    assert check("max-min", points, labels).network.widths == (d + 1,) * (n - 1)
    assert check("width-2", points, labels).network.widths == (2,) * (n - 1)
    assert check("narrow-lu", points, labels).network.widths == (d + 4, d + 3) * n


def test_steps_that_are_not_needed():
    """Nothing to do where z has the label already, or the label is 0."""
    assert check("width-2", moment_curve(6, 2), [3] * 6).numbers["steps"] == 0
    assert check("width-2", [[t] for t in range(6)], [0, 1, 1, 1, 1, 1]).numbers["steps"] == 2  # up, then down to 1
    assert check("narrow-lu", [[t] for t in range(8)], ZIGZAG).numbers["bumps"] == 4
    assert check("narrow-lu", [[1, 2], [3, 4]], [0, 0]).network.widths == (2,)


def test_numbers_do_not_grow_with_depth():
    points, labels = gaussian(60, 2)
    for construction in NARROW:
        numbers = memorize(points, labels, construction).network.numbers()
        assert max(max(x.numerator.bit_length(), x.denominator.bit_length()) for x in numbers) <= 100
