"""Data sets keep their numbers, and say what is wrong with them."""

from fractions import Fraction

import numpy as np
import pytest

from overparam.errors import InputError
from overparam.exact import exact_data, merge_duplicates


def test_arrays_lists_integers_and_fractions_agree():
    from_lists = exact_data([[1, 2], [3, Fraction(1, 2)]], [0, 1.5])
    from_arrays = exact_data(np.array([[1.0, 2.0], [3.0, 0.5]]), np.array([0.0, 1.5]))
    assert from_lists == from_arrays
    assert (from_lists.n_samples, from_lists.dim) == (2, 2)
    assert exact_data(from_lists, None) is from_lists


@pytest.mark.parametrize(
    ("points", "labels", "says"),
    [
        ([], [], "at least one point"),
        ([[]], [1], "at least one"),
        ([[1], [1, 2]], [1, 2], "same number"),
        ([[1], [2]], [1], "2 points but 1 labels"),
        ([1, 2], [1, 2], "rows of numbers"),
        ([[1.0], [float("nan")]], [1, 2], "point 1: .*finite"),
        ([[1.0], [2.0]], [1, float("inf")], "label 1: .*finite"),
        (np.array([["a"]], object), [1], "point 0"),
    ],
)
def test_unusable_data_are_refused_with_the_reason(points, labels, says):
    with pytest.raises(InputError, match=says):
        exact_data(points, labels)


def test_repeated_points_are_merged_or_refused():
    data = exact_data([[1], [2], [1.0], [3]], [5, 6, 5, 7])
    merged = merge_duplicates(data)
    assert merged.points == ((1,), (2,), (3,))
    assert merged.labels == (5, 6, 7)
    assert merged.rows == (0, 1, 3)
    with pytest.raises(InputError, match="points 1 and 2 are equal"):
        merge_duplicates(exact_data([[1], [2], [2], [3]], [5, 6, 8, 7]))
    tiny = exact_data([[1.0], [1.0 + 2**-52]], [0, 1])
    assert merge_duplicates(tiny) == tiny
