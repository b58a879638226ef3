"""Powers of two round nothing and bring data of any size to size one."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from overparam.exact import ExactNetwork
from overparam.widths._scaling import Units, unit_exponent, unit_size
from tests.exact import oracles

TINY = 5e-324  # the least positive float64
FINITE = st.floats(allow_nan=False, allow_infinity=False)


def root_mean_square(values):
    """In fractions, so that nothing overflows; the root by integers."""
    mean = sum(Fraction(x) ** 2 for x in values) / len(values)
    shift = 200 + max(0, mean.denominator.bit_length())
    return Fraction(math.isqrt(int(mean * 4**shift)), 2**shift)


@given(st.lists(FINITE, min_size=1, max_size=6))
@example([1e300, -3e299])
@example([TINY])
@example([TINY, 0.0, 3 * TINY])
@example([1.7976931348623157e308] * 5)
@example([2.0**-1022, 2.0**-1074])
def test_unit_size(values):
    scaled = unit_size(np.array(values))
    exponent = unit_exponent(np.array(values))
    exact = [Fraction(x) * Fraction(2) ** -exponent for x in values]
    if not any(values):
        assert scaled.tolist() == values
        return
    rms = root_mean_square(exact)
    slack = Fraction(1, 2**40)  # the float mean square of at most 6 squares errs by far less
    assert (1 - slack) / 2 <= rms**2 <= 2 * (1 + slack)
    for got, wanted in zip(scaled.tolist(), exact, strict=True):
        # exact, unless the result is too small for 53 bits: then it is the nearest multiple of the least float
        assert Fraction(got) == wanted or (abs(wanted) < Fraction(2) ** -1022 and abs(got - wanted) <= Fraction(TINY))


def test_zeros_stay():
    assert unit_size(np.zeros((2, 3))).tolist() == np.zeros((2, 3)).tolist()
    assert unit_size(np.zeros(0)).shape == (0,)


NUMBER = FINITE.filter(lambda x: x == 0 or abs(x) > 1e-290)


@given(arrays.arrays(np.float64, (5, 2), elements=NUMBER), arrays.arrays(np.float64, 5, elements=NUMBER))
def test_a_network_in_units_says_the_same_on_the_data_as_given(points, labels):
    """f'(x') = y' in units means f(x) = y as given: both sides in fractions, without our evaluator."""
    units = Units.of(points, labels)
    rows, targets = units.exactly(points, labels)
    rng = np.random.default_rng(0)
    net = ExactNetwork.from_arrays(rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=3), np.array(0.25))
    inside = oracles.outputs(net, rows)
    outside = oracles.outputs(units.undo(net), [[Fraction(x) for x in row] for row in points.tolist()])
    assert outside == [value * Fraction(2) ** units.label for value in inside]
    assert [value * Fraction(2) ** units.label for value in targets] == [Fraction(y) for y in labels.tolist()]


@pytest.mark.parametrize("scale", [0, 1000, -1000])
def test_units_undo_any_power_of_two(scale):
    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(6, 3)), rng.normal(size=6)
    plain = Units.of(points, labels).floats(points, labels)
    moved = np.ldexp(points, [scale, -scale, 0]), np.ldexp(labels, scale)
    again = Units.of(*moved).floats(*moved)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(plain, again, strict=True))
