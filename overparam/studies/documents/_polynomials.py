"""Polynomials through given points, over the rationals: what the studies of exact polynomial fits share."""

from collections.abc import Sequence
from fractions import Fraction

POINTS = (Fraction(-1), Fraction(-3, 10), Fraction(2, 5), Fraction(1))  # the four points of the example


def on_grid(n: int) -> tuple[Fraction, ...]:
    """Distinct points of [-1, 1), ever closer to the left end; the example's four for n = 4.

    >>> on_grid(2)
    (Fraction(-1, 1), Fraction(-5, 8))
    """
    return POINTS if n == len(POINTS) else tuple(Fraction(i * i + 2 * i, 2 * n * n) - 1 for i in range(n))


def vandermonde(points: Sequence[Fraction], degree: int) -> list[list[Fraction]]:
    """1, x, .., x^degree at each point, a row a point."""
    return [[x**k for k in range(degree + 1)] for x in points]


def product(roots: Sequence[Fraction]) -> list[Fraction]:
    """Coefficients of prod_i (x - r_i), the constant first.

    >>> product([Fraction(1), Fraction(2)])
    [Fraction(2, 1), Fraction(-3, 1), Fraction(1, 1)]
    """
    found = [Fraction(1)]
    for root in roots:
        shifted, scaled = [Fraction(0), *found], [*(-root * a for a in found), Fraction(0)]
        found = [a + b for a, b in zip(shifted, scaled, strict=True)]
    return found


def values_of(matrix: Sequence[Sequence[Fraction]], coefficients: Sequence[Fraction]) -> list[Fraction]:
    """The polynomial at the points of its Vandermonde matrix."""
    return [sum((a * c for a, c in zip(row, coefficients, strict=True)), Fraction(0)) for row in matrix]
