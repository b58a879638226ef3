"""zhang2017-cor1 and width-3-memorizer: values by hand, one off in each direction, the hypothesis broken."""

import dataclasses
import itertools
from fractions import Fraction

import pytest

from proofs_check.claims._theorem import within_theorem
from proofs_check.layers import Family
from proofs_check.reading import Dataset
from proofs_check.theorems import THEOREMS

COR1, WIDTH_3 = THEOREMS["zhang2017-cor1"], THEOREMS["width-3-memorizer"]


def dataset(n, d=2, *, repeated=False):
    points = tuple(tuple(Fraction(i + k) for k in range(d)) for i in range(n))
    points = (points[0], *points[:-1]) if repeated else points
    return Dataset("0" * 64, points, tuple(Fraction(i % 2) for i in range(n)))


def capacity(widths):
    """Hinges that layers of these widths hold besides T, and T where it may be an output: slot by slot."""
    m = len(widths)
    if m == 1:
        return widths[0] - 1  # T itself is a hinge that is read
    return sum(w - (layer < m - 1) - (layer > 0) for layer, w in enumerate(widths))


@pytest.mark.parametrize(
    ("n", "m", "width"),
    [
        (1, 1, 1),
        (1, 3, 2),
        (2, 1, 1),
        (3, 1, 2),
        (4, 2, 2),
        (5, 1, 4),
        (5, 2, 3),
        (10, 3, 4),
        (100, 1, 99),
        (100, 2, 50),
    ],
)
def test_widths_by_hand(n, m, width):
    assert COR1.allows((1, *[width] * m), dataset(n))
    assert not COR1.allows((1, *[width] * (m - 1), width + 1), dataset(n))
    assert COR1.allows((1, *[1] * m), dataset(n))


def test_the_widths_are_the_least_that_hold_all_hinges():
    for n, m in itertools.product(range(5, 40), range(1, 40)):
        width = next(w for w in range(2, 50) if capacity((w,) * m) >= n - 2)
        assert COR1.allows((1, *[width] * m), dataset(n, 1))
        assert not COR1.allows((1, *[width + 1] * m), dataset(n, 1))


def test_the_first_layer_is_one_neuron():
    for theorem in (COR1, WIDTH_3):
        assert not theorem.allows((2, 2), dataset(5))
        assert not theorem.allows((1,), dataset(5))


@pytest.mark.parametrize(("n", "depth"), [(1, 2), (4, 2), (5, 3), (6, 3), (7, 4), (100, 97)])
def test_depths_of_width_three_by_hand(n, depth):
    assert WIDTH_3.allows((1, *[3] * (depth - 1)), dataset(n))
    assert not WIDTH_3.allows((1, *[3] * depth), dataset(n))
    assert not WIDTH_3.allows((1, *[3] * (depth - 2), 4), dataset(n))


def test_width_three_is_zhang2017_cor1_at_its_least_depth():
    """There, the same widths are promised; one layer less has no room for the hinges."""
    for n in range(6, 30):
        assert COR1.allows((1, *[3] * (n - 4)), dataset(n))
        assert capacity((3,) * (n - 4)) >= n - 2 > capacity((3,) * (n - 5))


def test_nonzero_numbers():
    assert COR1.nonzero((1, 50, 50), dataset(100, 7)) == 7 + 300 + 4 - 4
    assert WIDTH_3.nonzero((1, 3, 3), dataset(5, 1)) == 1 + 15 + 4 - 4


@pytest.mark.parametrize("theorem", [COR1, WIDTH_3])
def test_repeated_points_break_the_hypothesis(theorem):
    assert theorem.holds_for(dataset(5)).status == "accepted"
    assert theorem.holds_for(dataset(5, repeated=True)).status == "rejected"
    assert theorem.suffices and theorem.width is None and not theorem.residual


def test_a_statement_may_name_them():
    family = Family("relu", True, True, (1, 3, 3))
    for theorem in (COR1, WIDTH_3):
        assert within_theorem(theorem.key, family, dataset(5)).status == "accepted"
        for other in ({"widths": (1, 4, 3)}, {"output_bias": False}, {"activation": "threshold"}):
            assert within_theorem(theorem.key, dataclasses.replace(family, **other), dataset(5)).status == "rejected"
