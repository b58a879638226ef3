"""Exact numbers and their one spelling in files.

Dyadic rationals are `m*2^e`, m odd in lowercase hexadecimal, e in decimal, zero is `0*2^0`; every other rational is
`p/q` in lowest terms, both in lowercase hexadecimal.  Two spellings are equal exactly if the numbers are.
"""

import re
from collections.abc import Iterable
from fractions import Fraction
from math import gcd

from proofs_check.answers import Malformed
from proofs_check.budget import Budget, division_cost, gcd_cost

LONGEST = 2**20  # bits of m, p and q; also the largest size of an exponent

_DIGITS = LONGEST // 4
_CLEARING = "clearing denominators"
_TEXT = 2 * _DIGITS + 2  # the longest spelling: sign, p, stroke, q
_DYADIC = re.compile(r"(-?)([1-9a-f][0-9a-f]*)\*2\^(0|-?[1-9][0-9]{0,6})")
_RATIO = re.compile(r"(-?)([1-9a-f][0-9a-f]*)/([1-9a-f][0-9a-f]*)")


def quoted(text: str) -> str:
    """A foreign string made fit for a message: ASCII, at most about 60 characters."""
    return ascii(text) if len(text) <= 60 else f"{text[:50]!a}... ({len(text)} characters)"


def parse(text: str, budget: Budget | None = None) -> Fraction:
    """The number that `text` spells.

    Raises:
        Malformed: `text` is not the one spelling of a rational number of at most 2^20 bits.
        OverBudget: reading it would cost more than is left in `budget`.
    """
    if len(text) > _TEXT:
        raise Malformed(f"the number {quoted(text)} is longer than 2^20 bits allow")
    if text == "0*2^0":
        return Fraction(0)
    budget = budget or Budget()
    if match := _DYADIC.fullmatch(text):
        sign, digits, exponent_text = match.groups()
        exponent = int(exponent_text)
        if len(digits) > _DIGITS or abs(exponent) > LONGEST:
            raise Malformed(f"the number {quoted(text)} has more than 2^20 bits or an exponent beyond 2^20")
        if int(digits[-1], 16) % 2 == 0:
            raise Malformed(f"the number {quoted(text)} is not in its one spelling: the factor before * must be odd")
        budget.hold(4 * len(digits) + abs(exponent), "reading the numbers")
        budget.spend(gcd_cost(4 * len(digits), max(-exponent, 0)), "reading the numbers")
        factor = int(sign + digits, 16)
        return Fraction(factor << exponent) if exponent >= 0 else Fraction(factor, 1 << -exponent)
    if match := _RATIO.fullmatch(text):
        sign, above, below = match.groups()
        if max(len(above), len(below)) > _DIGITS:
            raise Malformed(f"the number {quoted(text)} has more than 2^20 bits")
        budget.hold(4 * (len(above) + len(below)), "reading the numbers")
        budget.spend(gcd_cost(4 * len(above), 4 * len(below)), "reading the numbers")
        numerator, denominator = int(sign + above, 16), int(below, 16)
        if denominator & (denominator - 1) == 0:
            raise Malformed(f"the number {quoted(text)} has a power of two below the stroke: it is spelled m*2^e")
        number = Fraction(numerator, denominator)
        if number.denominator != denominator:
            raise Malformed(f"the number {quoted(text)} is not in lowest terms")
        return number
    raise Malformed(
        f"{quoted(text)} spells no number: write m*2^e (m odd, lowercase hexadecimal, no leading zeros; e decimal; "
        "zero is 0*2^0) or p/q in lowest terms"
    )


def spell(number: Fraction) -> str:
    """The one spelling of a number.

    Raises:
        ValueError: the number is too long for a file.
    """
    above, below = number.numerator, number.denominator
    if above == 0:
        return "0*2^0"
    if below & (below - 1):
        text, parts = f"{above:x}/{below:x}", (above, below)
        exponent = 0
    else:
        twos = (above & -above).bit_length() - 1
        exponent = twos - (below.bit_length() - 1)
        text, parts = f"{above >> twos:x}*2^{exponent}", (above >> twos,)
    if abs(exponent) > LONGEST or any(part.bit_length() > LONGEST for part in parts):
        raise ValueError(f"the number {quoted(text)} is longer than the 2^20 bits that a file may hold")
    return text


def in_words(number: Fraction) -> str:
    """A number as a sentence shows it: decimal while short, else its spelling, and of a very long one the beginning."""
    if max(abs(number.numerator), number.denominator).bit_length() <= 200:
        return str(number)
    try:
        spelling = spell(number)
    except ValueError:  # longer than any file holds: a sum or a product
        return "a number of more than 2^20 bits"
    if len(spelling) <= 200:
        return f"the number spelled {spelling} (hexadecimal; see docs/certificates.md)"
    return f"the number whose spelling of {len(spelling)} characters begins {spelling[:40]}"


def common_multiple(denominators: Iterable[int], budget: Budget) -> int:
    """The least common multiple of positive integers, 1 for none."""
    multiple, before = 1, 0
    # The largest first: it is often a multiple of the others.  Sorted rather than put into a set, because integers can
    # be chosen to collide in Python's hashing.
    for denominator in sorted(denominators, reverse=True):
        if denominator == before:
            continue
        before = denominator
        bits, other_bits = multiple.bit_length(), denominator.bit_length()
        budget.spend(division_cost(bits, other_bits), _CLEARING)
        if multiple % denominator:
            budget.spend(2 * gcd_cost(bits, other_bits), _CLEARING)
            budget.hold(bits + other_bits, _CLEARING)
            multiple *= denominator // gcd(multiple, denominator)
    return multiple


def cleared(numbers: Iterable[Fraction], budget: Budget) -> tuple[list[int], int]:
    """Integers and one positive scale: the numbers are the integers divided by the scale."""
    numbers = tuple(numbers)
    scale = common_multiple([x.denominator for x in numbers], budget)
    factors = (budget.quotient(scale, x.denominator, _CLEARING) for x in numbers)
    return [budget.product(x.numerator, f, _CLEARING) for x, f in zip(numbers, factors, strict=True)], scale
