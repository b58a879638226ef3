"""Separation and norms, exactly: floats with an error bound choose the candidates, integers decide among them.

Points are scaled by a power of two into the unit cube first, so 1e300 does not overflow.  A computed squared distance
then differs from the true one by a relative (d + 3) roundings at most, plus what underflow can lose; every pair that
this leaves in doubt is recomputed in integers.
"""

import decimal
import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from overparam.data._dataset import grouped

WORK = 2 * 10**8  # entries of all pairs' differences; some seconds
EXACT_WORK = 5 * 10**5  # integer operations on candidates
_BLOCK = 2**21  # entries of a block of differences

Points = NDArray[np.float64]


def least_squared_distance(points: Points) -> tuple[Fraction, bool]:
    """The least squared distance between two rows.

    Args:
        points: (n, d), finite, n at least 2.

    Returns:
        the number, and whether it is exact; if not, it is an upper bound that some pair attains.
    """
    n, d = points.shape
    order, same = grouped(points)
    if same.any():
        return Fraction(0), True
    scaled = _in_unit_cube(points)
    if n * n * d > 2 * WORK:
        gaps = ((scaled[order[1:]] - scaled[order[:-1]]) ** 2).sum(axis=1)
        near = int(gaps.argmin())
        return _squared(points[order[near]], points[order[near + 1]]), False
    found = _smallest(_pair_blocks(scaled), d)
    if found is None:
        return _smallest_seen(points, scaled), False
    first, second = found
    return min(_squared(points[i], points[j]) for i, j in zip(first, second, strict=True)), True


def squared_norm_range(points: Points) -> tuple[tuple[Fraction, Fraction], bool]:
    """Least and largest squared norm of the rows of (n, d) points.

    Returns:
        the two numbers, and whether they are exact; if not, they are the squared norms of two rows, so the true range
        contains them.
    """
    d = points.shape[1]
    squares = (_in_unit_cube(points) ** 2).sum(axis=1)
    origin = np.zeros(d)
    slack, lost = _doubt(d)
    low = np.flatnonzero(squares <= squares.min() * (1 + slack) + lost)
    high = np.flatnonzero(squares >= squares.max() * (1 - slack) - lost)
    exact = (len(low) + len(high)) * d <= EXACT_WORK
    if not exact:
        low, high = low[:1], high[:1]
    least = min(_squared(points[i], origin) for i in low)
    return (least, max(_squared(points[i], origin) for i in high)), exact


def shown(value: Fraction, *, root: bool = False) -> str:
    """Six significant digits of a non-negative fraction, or of its square root, whatever its size.

    >>> shown(Fraction(2), root=True), shown(Fraction(10) ** 600)
    ('1.41421', '1e+600')
    """
    wide = decimal.Context(prec=30, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
    quotient = wide.divide(decimal.Decimal(value.numerator), decimal.Decimal(value.denominator))
    digits = wide.sqrt(quotient) if root else quotient
    brief = decimal.Context(prec=6, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN).plus(digits)
    plain = float(brief)
    if digits == 0 or 1e-290 < plain < 1e290:
        return f"{plain:.6g}"
    mantissa, exponent = f"{brief:e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent):+d}"


def _in_unit_cube(points: Points) -> Points:
    _, exponent = math.frexp(float(np.abs(points).max()))
    return np.ldexp(points, -exponent)


def _doubt(d: int) -> tuple[float, float]:
    """Relative and absolute slack, generous, between two computed squares of which either may be the smaller."""
    return 8 * (d + 4) * 2.0**-53, d * 2.0**-1060


def _pair_blocks(scaled: Points) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]]:
    """Every pair i < j once, with its computed squared distance, some rows i at a time."""
    n, d = scaled.shape
    start = 0
    while start < n - 1:
        stop = min(n - 1, start + max(1, _BLOCK // ((n - start) * d)))
        gaps = ((scaled[start:stop, None] - scaled[None, start:]) ** 2).sum(axis=2)
        i, j = np.nonzero(np.arange(start, stop)[:, None] < np.arange(start, n)[None])
        yield i + start, j + start, gaps[i, j]
        start = stop


def _smallest(
    blocks: Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]], d: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """The pairs that may attain the minimum, or None if they are too many to recompute."""
    slack, lost = _doubt(d)
    first, second, least = np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0)
    for i, j, gaps in blocks:
        first, second = np.concatenate([first, i]), np.concatenate([second, j])
        least = np.concatenate([least, gaps])
        near = least <= least.min() * (1 + slack) + lost
        first, second, least = first[near], second[near], least[near]
    return (first, second) if len(first) * d <= EXACT_WORK else None


def _smallest_seen(points: Points, scaled: Points) -> Fraction:
    best = min(((gaps.min(), i[gaps.argmin()], j[gaps.argmin()]) for i, j, gaps in _pair_blocks(scaled)))
    return _squared(points[best[1]], points[best[2]])


def _squared(a: Points, b: Points) -> Fraction:
    """Squared distance of two rows, in integers over one power of two."""
    ratios = [value.as_integer_ratio() for value in (*a.tolist(), *b.tolist())]
    common = max(denominator for _, denominator in ratios)
    whole = [numerator * (common // denominator) for numerator, denominator in ratios]
    d = len(a)
    return Fraction(sum((p - q) ** 2 for p, q in zip(whole[:d], whole[d:], strict=True)), common * common)
