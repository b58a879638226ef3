"""Float64 arrays with a bound on how far each entry is from the number it stands for.

Sums and products round by at most u = 2^-53 relative to what was added, inner products of length m by m u relative to
the sum of absolute values (barring underflow), and so do the radii themselves, which is what the last factor covers.
These bounds decide which witness is tried; whether it proves anything is decided by the checker.
"""

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.errors import InputError
from overparam.exact import float_of

UNIT = 2.0**-53
_COVER = 1 + 2.0**-20  # for the rounding of radii
_QUIETLY = np.errstate(all="ignore")  # what overflows is infinite or NaN, and refused where a decision is made
_ELEMENTARY = 2.0**-48  # error of an elementary function, relative to 1 + |argument|: generous for any library


class Bounded(NamedTuple):
    """Numbers within `radius` of `mid`, entrywise."""

    mid: NDArray[np.float64]
    radius: NDArray[np.float64]

    @property
    def most(self) -> NDArray[np.float64]:
        """Bounds on the absolute values."""
        return (np.abs(self.mid) + self.radius) * _COVER

    @property
    def T(self) -> "Bounded":
        """The transposed matrix."""
        return Bounded(self.mid.T, self.radius.T)


def exactly(values: NDArray[np.float64]) -> Bounded:
    """Floats that are the numbers themselves."""
    return Bounded(values, np.zeros_like(values))


def rounded(rows: Iterable[Iterable[Fraction]]) -> Bounded:
    """A matrix of fractions, each rounded to nearest; the radius is zero where nothing was rounded.

    Raises:
        InputError: a number is beyond the range of floats.
    """
    fractions = [list(row) for row in rows]
    mid = np.array([[float_of(x) for x in row] for row in fractions])
    if not np.isfinite(mid).all():
        raise InputError("a number is beyond the range of floats, in which witnesses are sought; rescale the numbers")
    off = [[Fraction(m) != x for m, x in zip(a, b, strict=True)] for a, b in zip(mid.tolist(), fractions, strict=True)]
    return Bounded(mid, np.where(off, UNIT * _COVER * np.abs(mid), 0.0))


@_QUIETLY
def matmul(a: Bounded, b: Bounded) -> Bounded:
    """The matrix product."""
    size, other = np.abs(a.mid), np.abs(b.mid)
    radius = (a.mid.shape[1] + 2) * UNIT * (size @ other)
    if a.radius.any():
        radius += a.radius @ (other + b.radius)
    if b.radius.any():
        radius += size @ b.radius
    return Bounded(a.mid @ b.mid, radius * _COVER)


@_QUIETLY
def times(a: Bounded, b: Bounded) -> Bounded:
    """Entry by entry."""
    mid = a.mid * b.mid
    radius = np.abs(a.mid) * b.radius + a.radius * b.most + 2 * UNIT * np.abs(mid)
    return Bounded(mid, radius * _COVER)


@_QUIETLY
def plus(a: Bounded, b: Bounded | float) -> Bounded:
    """Entry by entry, shapes broadcast; a float is exact."""
    other, spread = (b.mid, b.radius) if isinstance(b, Bounded) else (b, 0.0)
    mid = a.mid + other
    return Bounded(mid, (a.radius + spread + 2 * UNIT * np.abs(mid)) * _COVER)


@_QUIETLY
def mapped(a: Bounded, function: Callable[[NDArray[np.float64]], NDArray[np.float64]], lipschitz: float) -> Bounded:
    """A function of bounded slope, entry by entry."""
    return Bounded(function(a.mid), (lipschitz * a.radius + _ELEMENTARY * (1 + np.abs(a.mid))) * _COVER)


@_QUIETLY
def symmetrized(a: Bounded) -> Bounded:
    """The same symmetric matrix, its mid symmetric too."""
    half = (a.mid + a.mid.T) / 2
    return Bounded(half, np.maximum(a.radius, a.radius.T) + np.abs(a.mid - half))


@_QUIETLY
def norm_above(a: Bounded) -> float:
    """An upper bound on the Euclidean norm of all entries."""
    return float(np.linalg.norm(a.most)) * (1 + (a.mid.size + 4) * UNIT) * _COVER


def dyadic_below(value: float, bits: int) -> Fraction:
    """A number of at most `bits` bits times a power of two, at most `value` > 0, relatively within 2^(2 - bits).

    >>> dyadic_below(0.7, 2)
    Fraction(1, 2)
    """
    exact = Fraction(value)
    unit = _unit(exact, bits)
    return (exact // unit) * unit


def dyadic_above(value: Fraction | float, bits: int) -> Fraction:
    """Likewise, at least `value` > 0.

    >>> dyadic_above(0.7, 2)
    Fraction(3, 4)
    """
    if not isinstance(value, Fraction) and not math.isfinite(value):
        raise InputError("a number left the range of floats; rescale points, labels or weights by a power of two")
    exact = Fraction(value)
    unit = _unit(exact, bits)
    return -(-exact // unit) * unit


def _unit(value: Fraction, bits: int) -> Fraction:
    return Fraction(2) ** (value.numerator.bit_length() - value.denominator.bit_length() - bits + 1)
