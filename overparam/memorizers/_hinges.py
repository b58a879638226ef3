"""Hinges v relu(z - b) on a line that lift a function step by step from label to label, with short numbers.

Where the function so far misses the next rise by r, one more hinge repairs that if its knot lies in the gap before:
b = z_j - r / v is in [z_(j-1), z_j) for any v of the sign of r with |v| >= |r| / (z_j - z_(j-1)).  The least such |v|
puts the knot at the point z_(j-1); it is a difference of two quotients, and no two have a common denominator.  Rounded
up to five bits it is at most 1/16 larger, and on data that are floats all slopes are dyadic, and so are the knots but
for a factor below 32.
"""

from collections.abc import Sequence
from fractions import Fraction

from overparam.exact import exponent_above

_BITS = 5  # of a weight


def hinges(z: Sequence[Fraction], rises: Sequence[Fraction]) -> list[tuple[Fraction, Fraction]]:
    """Weights v_j and knots b_j in [z_(j-1), z_j), j = 1, 2, .., such that sum_j v_j relu(z - b_j) rises as asked.

    Args:
        z: places in ascending order, z_0 < z_1 < ..
        rises: by how much the sum, which is 0 at z_0, has to rise on each of the gaps.
    Returns:
        A pair (v_j, b_j) for each gap; v_j has at most five bits, and is 0 with b_j = z_(j-1) where none is needed.

    >>> [(str(v), str(b)) for v, b in hinges([Fraction(t) for t in (0, 3, 4)], [Fraction(1), Fraction(1, 4)])]
    [('11/32', '1/11'), ('-3/32', '3')]
    """
    total = sum(map(abs, rises), Fraction(0))
    # Below this a weight is rounded more coarsely, or bits might pile up where labels are nearly affine; all that these
    # weights add together turns the function by less than half its mean slope.
    mean = total / (z[-1] - z[0]) / (4 * len(z)) if total else Fraction(1)
    least = exponent_above(mean.numerator, mean.denominator)
    found, slope = [], Fraction(0)
    for j, rise in enumerate(rises):
        gap = z[j + 1] - z[j]
        r = rise - slope * gap
        if not r:
            found.append((Fraction(0), z[j]))
            continue
        size = short_above(abs(r) / gap, least)
        v = size if r > 0 else -size
        found.append((v, z[j + 1] - r / v))
        slope += v
    return found


def short_above(x: Fraction, least: int) -> Fraction:
    """A number of at most five bits, at least x > 0 and little more, a multiple of 2^least or a larger power of two.

    >>> [str(short_above(Fraction(x), -9)) for x in ("1/3", "31/1000", "1/1000")]
    ['11/32', '1/32', '1/512']
    """
    above, below = x.numerator, x.denominator
    unit = max(exponent_above(above, below) - _BITS, least)
    if unit >= 0:
        return Fraction(-(-above // (below << unit)) << unit)
    return Fraction(-(-(above << -unit) // below), 1 << -unit)
