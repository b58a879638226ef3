"""Rational bounds on the power series of the first-layer ReLU kernel, h(c) = c (pi - arccos c) / (2 pi).

h(c) = c / 4 + sum over m >= 0 of h_(2m+2) c^(2m+2), h_(2m+2) = C(2m, m) / (4^m (2m + 1) 2 pi), and h(1) = 1/2.  The
tail sums T(q) = sum over p >= q of h_p are what lower bounds need.  As C(2m, m) / 4^m >= 1 / sqrt(pi (m + 1/2)), and a
sum of decreasing terms is at least its integral,

    T(2 M + 2) >= 1 / (2 sqrt(pi^3 (M + 1/2))).
"""

import functools
from fractions import Fraction

from overparam.exact import root_above

PI_BELOW, PI_ABOVE = (
    Fraction(3141592653589793238462643383279, 10**30),
    Fraction(3141592653589793238462643383280, 10**30),
)
EXACT = 64  # orders up to it get their tail from the series itself
ORDERS = (1, *range(2, 34, 2), *(q for k in range(5, 80) for q in (3 * 2 ** (k - 1), 2 ** (k + 1))))


@functools.cache
def tail_below(order: int) -> Fraction:
    """A rational number at most T(order), for order 1 or an even one.

    >>> tail_below(1), tail_below(2)
    (Fraction(1, 2), Fraction(1, 4))
    """
    if order == 1:
        return Fraction(1, 2)
    terms = order // 2 - 1  # M
    if order <= EXACT:
        total, term = Fraction(0), Fraction(1)  # C(2m, m) / 4^m
        for m in range(terms):
            total += term / (2 * m + 1)
            term *= Fraction(2 * m + 1, 2 * m + 2)
        return Fraction(1, 4) - total / (2 * PI_BELOW)
    return 1 / (2 * root_above(PI_ABOVE**3 * (terms + Fraction(1, 2))))


def combined(values: dict[int, Fraction]) -> Fraction:
    """A lower bound on the sum over q of h_q v_q, from lower bounds on a nondecreasing v >= 0 at some orders.

    Between two orders v is at least what it is at the first of them: sum over k of (v_k - v_(k-1)) T_k.
    """
    total, before = Fraction(0), Fraction(0)
    for order in sorted(values):
        gain = max(values[order] - before, Fraction(0))
        total += gain * tail_below(order)
        before += gain
    return total
