"""Square roots and logarithms of rational numbers, rounded to a given side."""

import math
from fractions import Fraction

from proofs_check.theorems._counts import PLACES, log2_above

LN2_ABOVE = Fraction(6931471805599453095, 10**19)  # ln 2 = 0.69314718055994530941..
PI_ABOVE = Fraction(355, 113)  # pi = 3.1415926535.., 355/113 = 3.1415929..

_BITS = 64  # of a root, after its leading one


def sqrt_below(number: Fraction | int) -> Fraction:
    """At most the root of a number >= 0, and short of it by less than 2^-62 of it."""
    number = Fraction(number)
    if not number:
        return Fraction(0)
    shift = max(0, _BITS - (number.numerator.bit_length() - number.denominator.bit_length()) // 2)
    return Fraction(math.isqrt((number.numerator << 2 * shift) // number.denominator), 1 << shift)


def sqrt_above(number: Fraction | int) -> Fraction:
    """At least the root of a number >= 0, and above it by less than 2^-62 of it."""
    root = sqrt_below(number)
    return root if root * root == number else root * (1 + Fraction(1, 2**62))  # what is cut off is below 2^-63 of it


def ln_above(number: Fraction | int) -> Fraction:
    """At least the natural logarithm of a number >= 1."""
    return LN2_ABOVE * Fraction(log2_above(number), 1 << PLACES)
