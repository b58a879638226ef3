"""Sign vectors counted exactly: Cover's number, and the search for a least width.

All of it in integers.  docs/theory/counting.md has the proofs.
"""

import math
from collections.abc import Iterator
from fractions import Fraction

# 1 + 1 + 1/2! + .. + 1/20! and more than the rest of the series: 1/21! + 1/22! + .. < 1/(20 * 20!)
E_ABOVE = sum((Fraction(1, math.factorial(i)) for i in range(21)), Fraction(1, 20 * math.factorial(20)))


def dichotomies(n_samples: int, dim: int) -> int:
    """Cover's number 2 sum_{i < dim} binom(n - 1, i).

    The most sign vectors without zeros that a linear space of dimension `dim` has on n points none of which it sends
    to 0; attained in general position.  It is 2^n for dim >= n.
    """
    if dim >= n_samples:
        return 2**n_samples
    return 2 * next(total for i, total in enumerate(partial_sums(n_samples - 1)) if i == dim - 1) if dim else 0


def partial_sums(n: int) -> Iterator[int]:
    """binom(n, 0), binom(n, 0) + binom(n, 1), .., without end: from 2^n on the sums stay."""
    term = total = 1
    for i in range(n):
        yield total
        term = term * (n - i) // (i + 1)
        total += term
    while True:
        yield total


def product_reaches(a: int, b: int, exponent: int) -> bool:
    """Whether a b >= 2^exponent, for positive a and b; multiplied only where their lengths leave it open."""
    bits = a.bit_length() + b.bit_length()  # 2^(bits - 2) <= a b < 2^bits
    if bits <= exponent:
        return False
    return bits >= exponent + 2 or a * b >> exponent > 0
