"""Square roots and logarithms of rational numbers, rounded to a given side."""

import math
from fractions import Fraction

PLACES = 64  # binary places of a logarithm
LN2_ABOVE = Fraction(6931471805599453095, 10**19)  # ln 2 = 0.69314718055994530941..
PI_ABOVE = Fraction(314159265358979323846264338327950288419717, 10**41)  # pi = ..28841971693..

_BITS = 66  # of a root, after its leading one


def sqrt_below(number: Fraction | int) -> Fraction:
    """At most the root of a number >= 0, and short of it by less than 2^-64 of it."""
    number = Fraction(number)
    if not number:
        return Fraction(0)
    shift = max(0, _BITS - (number.numerator.bit_length() - number.denominator.bit_length()) // 2)
    return Fraction(math.isqrt((number.numerator << 2 * shift) // number.denominator), 1 << shift)


def sqrt_above(number: Fraction | int) -> Fraction:
    """At least the root of a number >= 0, and above it by less than 2^-63 of it."""
    root = sqrt_below(number)
    return root if root * root == number else root * (1 + Fraction(1, 2**64))  # what is cut off is less


def ln_above(number: Fraction | int) -> Fraction:
    """At least the natural logarithm of a number >= 1."""
    return LN2_ABOVE * Fraction(log2_above(number), 1 << PLACES)


def log2_above(number: Fraction | int) -> int:
    """An integer at least 2^PLACES log2(number) and less than 2 above it; the number is positive.

    Squaring doubles the logarithm: each square that passes 2 gives one binary place.  Mantissas are rounded up.
    """
    above, below = number.as_integer_ratio()
    whole = above.bit_length() - below.bit_length()
    unit = 1 << (2 * PLACES)
    shift = 2 * PLACES - whole
    mantissa = -(-(above << max(shift, 0)) // (below << max(-shift, 0)))  # number 2^-whole, between 1/2 and 2
    if mantissa < unit:
        mantissa, whole = 2 * mantissa, whole - 1
    places = 0
    for _ in range(PLACES):
        mantissa = -(-mantissa * mantissa // unit)
        places *= 2
        if mantissa >= 2 * unit:
            mantissa, places = -(-mantissa // 2), places + 1
    return (whole << PLACES) + places + 1
