"""Numbers enter without rounding and leave in one spelling."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.exact import exponent_above, float_of, fraction_of, power_of_two_above, spell

finite = st.floats(allow_nan=False, allow_infinity=False)


def parse(text: str) -> Fraction:
    """What a reader makes of a spelling, written from the description of the format alone."""
    if "/" in text:
        p, q = text.split("/")
        return Fraction(int(p, 16), int(q, 16))
    m, e = text.split("*2^")
    return int(m, 16) * Fraction(2) ** int(e)


@settings(deadline=None)
@given(st.one_of(st.fractions(), finite.map(Fraction), st.integers()))
@example(5e-324)
@example(1.7976931348623157e308)
def test_spelling_comes_back(number):
    number = Fraction(number)
    text = spell(number)
    assert parse(text) == number
    assert text == text.lower()
    dyadic = number.denominator & (number.denominator - 1) == 0
    assert ("*2^" in text) == dyadic
    if dyadic and number:
        assert int(text.split("*")[0], 16) % 2 == 1


def test_spellings_of_the_format():
    numbers = ["1", "10", "-3/4", "26", "0", "1/3", "-10/11"]
    assert [spell(Fraction(x)) for x in numbers] == ["1*2^0", "5*2^1", "-3*2^-2", "d*2^1", "0*2^0", "1/3", "-a/b"]


def test_numbers_too_long_for_a_file_are_refused():
    longest = Fraction(2**2**20 - 1)
    assert parse(spell(longest)) == longest
    for number in (longest * 2 + 1, Fraction(2) ** (2**20 + 1), Fraction(1, 2 ** (2**20 + 1)), 1 / (2 * longest + 1)):
        with pytest.raises(InputError, match="too long"):
            spell(number)


@settings(deadline=None)
@given(finite)
def test_a_float_is_the_fraction_it_is(x):
    m, e = math.frexp(x)
    assert fraction_of(x) == int(m * 2**53) * Fraction(2) ** (e - 53)
    assert fraction_of(np.float64(x)) == fraction_of(x)
    assert float_of(fraction_of(x)) == x


def test_other_numbers():
    assert fraction_of(np.float32(0.1)) == Fraction(float(np.float32(0.1)))
    assert fraction_of(np.int64(7)) == fraction_of(7) == 7
    assert fraction_of(Fraction(1, 3)) == Fraction(1, 3)
    assert float_of(Fraction(10) ** 400) == math.inf
    assert float_of(-(Fraction(10) ** 400)) == -math.inf
    for bad in (math.nan, math.inf, np.float64(-math.inf), "1", None, 1j):
        with pytest.raises(InputError):
            fraction_of(bad)


@settings(deadline=None)
@given(st.integers(1, 2**80), st.integers(1, 2**80))
def test_power_of_two_just_above(p, q):
    e = exponent_above(p, q)
    assert Fraction(2) ** (e - 1) < Fraction(p, q) <= Fraction(2) ** e
    assert power_of_two_above(Fraction(p, q)) == Fraction(2) ** e
