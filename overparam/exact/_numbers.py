"""Floats as the fractions they are, powers of two as cheap bounds, and the one spelling of a number in a file."""

import math
import numbers
from fractions import Fraction
from typing import Any

from overparam.errors import InputError

MAX_BITS = 2**20  # of one integer in a file, and the largest absolute exponent


def fraction_of(value: Any) -> Fraction:
    """The exact value of a Python or NumPy real number.

    Raises:
        InputError: `value` is NaN, infinite, or not a real number.

    >>> fraction_of(0.1)
    Fraction(3602879701896397, 36028797018963968)
    """
    if isinstance(value, Fraction):
        return value
    if getattr(value, "ndim", 0):
        raise InputError(f"a number must be real, got an array of shape {value.shape}")
    plain = value.item() if hasattr(value, "item") else value  # a NumPy scalar becomes the Python number it holds
    if isinstance(plain, float) and not math.isfinite(plain):
        raise InputError(f"a number must be finite, got {plain}")
    if not isinstance(plain, (float, numbers.Rational)):
        raise InputError(f"a number must be real, got {plain!r} of type {type(plain).__name__}")
    return Fraction(plain)


def float_of(value: Fraction) -> float:
    """The nearest float64; infinite beyond its range."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def is_float(value: Fraction) -> bool:
    """Whether a float64 is exactly this number.

    >>> [is_float(Fraction(x)) for x in ("0.5", "0.1", "9007199254740993")]
    [True, False, False]
    """
    nearest = float_of(value)
    return math.isfinite(nearest) and nearest.as_integer_ratio() == (value.numerator, value.denominator)


def exponent_above(numerator: int, denominator: int) -> int:
    """The least integer e with numerator <= 2**e * denominator, both positive.

    >>> [exponent_above(*ratio) for ratio in ((3, 1), (4, 1), (1, 3))]
    [2, 2, -1]
    """
    e = numerator.bit_length() - denominator.bit_length()
    fits = numerator <= denominator << e if e >= 0 else numerator << -e <= denominator
    return e if fits else e + 1


def power_of_two_above(value: Fraction) -> Fraction:
    """The least power of two that is at least `value` > 0; its reciprocal use bounds from below."""
    return Fraction(2) ** exponent_above(value.numerator, value.denominator)


def root_above(square: Fraction | int) -> Fraction:
    """At least the square root of a number >= 0, relatively within 2^-60; the root itself where it is that short.

    >>> root_above(Fraction(9, 4)), root_above(2) ** 2 > 2
    (Fraction(3, 2), True)
    """
    above, below = square.as_integer_ratio()
    shift = max(64 - (above.bit_length() - below.bit_length()) // 2, 0)
    root = math.isqrt((above << 2 * shift) // below)
    met = root * root * below == above << 2 * shift
    return Fraction(root + (not met), 1 << shift)


def spell(value: Fraction) -> str:
    """The one spelling of a rational number in the project's files.

    `m*2^e` for dyadic numbers, m an odd integer (zero is `0*2^0`); else `p/q` in lowest terms; m, p, q hexadecimal.

    Raises:
        InputError: an integer or exponent would pass 2**20 bits, which the file format refuses.

    >>> [spell(Fraction(x)) for x in ("-3/4", "26", "-10/11", "0")]
    ['-3*2^-2', 'd*2^1', '-a/b', '0*2^0']
    """
    p, q = value.numerator, value.denominator
    if q & (q - 1):  # not a power of two
        if max(p.bit_length(), q.bit_length()) > MAX_BITS:
            raise InputError(f"a fraction of {p.bit_length()} and {q.bit_length()} bits is too long for a file")
        return f"{p:x}/{q:x}"
    if p == 0:
        return "0*2^0"
    twos = (p & -p).bit_length() - 1
    exponent = twos - (q.bit_length() - 1)
    if abs(exponent) > MAX_BITS or p.bit_length() - twos > MAX_BITS:
        raise InputError(f"a number of {p.bit_length() - twos} bits times 2^{exponent} is too long for a file")
    return f"{p >> twos:x}*2^{exponent}"


def number_spelled(text: str) -> Fraction:
    """The number that a spelling of this project's own files stands for; files of others are the checker's to read.

    >>> [str(number_spelled(text)) for text in ("-3*2^-2", "d*2^1", "-a/b", "0*2^0")]
    ['-3/4', '26', '-10/11', '0']
    """
    if "/" in text:
        above, below = text.split("/")
        return Fraction(int(above, 16), int(below, 16))
    odd, exponent = text.split("*2^")
    return int(odd, 16) * Fraction(2) ** int(exponent)
