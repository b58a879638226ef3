"""Linear systems over the rationals: any solution, affine interpolation, a hyperplane through given points."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import scipy.linalg
from flint import fmpz_mat, nmod_mat

from overparam.exact._affine import Form, clear_row, shortest
from overparam.exact._numbers import exponent_above

_PRIMES = (2**61 - 1, 2**62 - 57, 2**63 - 25)  # independence modulo a prime proves independence


def solve(
    matrix: Sequence[Sequence[Fraction | int]], right: Sequence[Fraction], *, preference: np.ndarray | None = None
) -> list[Fraction] | None:
    """One solution of `matrix @ t = right`, zero outside as many columns as the rank; None if there is none.

    The columns are those that a QR factorization with pivoting picks in floats, confirmed independent modulo a prime;
    the square system is solved exactly, and rows beyond the rank are checked exactly.

    Args:
        matrix: n rows of N numbers.  Entries that are integers keep the solution shortest.
        right: n fractions.
        preference: (n, N) floats to pivot on instead of the scaled matrix, if some columns had better move than others.
    """
    n, unknowns = len(matrix), len(matrix[0])
    cleared = [clear_row(row) for row in matrix]
    rows = [row for row, _ in cleared]
    common = math.lcm(*(y.denominator for y in right))
    scaled = [y.numerator * (common // y.denominator) * scale for y, (_, scale) in zip(right, cleared, strict=True)]
    order = _pivot_order(_floats(rows) if preference is None else preference)
    for prime in _PRIMES:
        columns = _independent(rows, order, prime)
        chosen = [[row[a] for a in columns] for row in rows]
        kept = list(range(n))
        if len(columns) < n:
            across = [list(column) for column in zip(*chosen, strict=True)]
            kept = _independent(across, _pivot_order(_floats(chosen).T), prime) if columns else []
        numerators, denominator = _solve_square([chosen[i] for i in kept], [scaled[i] for i in kept])
        rest = set(range(n)) - set(kept)
        if all(_dot(chosen[i], numerators) == scaled[i] * denominator for i in rest):
            solution = [Fraction(0)] * unknowns
            for a, t in zip(columns, numerators, strict=True):
                solution[a] = Fraction(t, denominator * common)
            return solution
        if fmpz_mat(rows).rank() == len(columns):  # the columns span all others, so no solution exists
            return None
    raise RuntimeError("a matrix lost rank modulo three large primes")  # probability below 1e-50


def interpolate_affine(points: Sequence[Sequence[Fraction]], labels: Sequence[Fraction]) -> Form | None:
    """An affine function with these labels at these points, or None if there is none."""
    solution = solve([(*point, Fraction(1)) for point in points], labels)
    return None if solution is None else tuple(solution)


def hyperplane_through(points: Sequence[Sequence[Fraction]], free: Sequence[int]) -> Form | None:
    """A nonzero form vanishing at s affinely independent points; None if they are dependent.

    Args:
        points: s <= dim points.
        free: dim + 1 - s integers, not all zero, prescribed for the coefficients that the points leave free; they pick
            one of the hyperplanes through fewer than dim points.
    Returns:
        The form as integers without common factor, over the power of two that brings the largest below 1.
    """
    rows = [clear_row((*point, Fraction(1)))[0] for point in points]
    size = len(rows[0])
    pivots = _independent(rows, _pivot_order(_floats(rows)), _PRIMES[0])
    if len(pivots) < len(rows):
        return None
    others = sorted(set(range(size)) - set(pivots))
    target = [-sum(row[a] * t for a, t in zip(others, free, strict=True)) for row in rows]
    numerators, denominator = _solve_square([[row[a] for a in pivots] for row in rows], target)
    form = [0] * size
    for a, t in zip(pivots, numerators, strict=True):
        form[a] = t
    for a, t in zip(others, free, strict=True):
        form[a] = t * denominator
    return shortest(form)


def _dot(row: list[int], column: list[int]) -> int:
    return sum(a * t for a, t in zip(row, column, strict=True))


def _solve_square(rows: list[list[int]], right: list[int]) -> tuple[list[int], int]:
    """Numerators and the positive common denominator of the solution of a regular integer system."""
    if not rows:
        return [], 1
    solution: Any = fmpz_mat(rows).solve(fmpz_mat([[y] for y in right]))
    numerators, denominator = solution.numer_denom()
    return [int(t) for t in numerators.entries()], int(denominator)


def _independent(rows: list[list[int]], order: list[int], prime: int) -> list[int]:
    """The first columns, in the order given, that are independent modulo the prime; at most as many as rows."""
    found: list[int] = []
    for count in (len(rows) + 8, len(order)):  # the front of the order almost always suffices
        front = order[:count]
        reduced, rank = nmod_mat([[row[a] % prime for a in front] for row in rows], prime).rref()
        echelon = reduced.tolist()
        found = [front[next(a for a, entry in enumerate(echelon[i]) if int(entry))] for i in range(rank)]
        if rank == len(rows) or len(front) == len(order):
            break
    return found


def _pivot_order(floats: np.ndarray) -> list[int]:
    """Columns from the most to the least independent, as far as floats can tell."""
    factors: Any = scipy.linalg.qr(floats, mode="r", pivoting=True)
    return [int(a) for a in factors[1]]


def _floats(rows: list[list[int]]) -> np.ndarray:
    """The integer matrix in floats, every row and then every column brought near 1 by powers of two."""
    exponents = [exponent_above(max(map(abs, row)) or 1, 1) for row in rows]
    floats = np.array([[x / (1 << e) for x in row] for row, e in zip(rows, exponents, strict=True)])
    largest = np.abs(floats).max(axis=0, initial=0.0)
    return floats / np.where(largest > 0, np.exp2(np.round(np.log2(np.where(largest > 0, largest, 1.0)))), 1.0)
