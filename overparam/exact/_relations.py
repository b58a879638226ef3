"""Ranks over the rationals, and relations between the rows of a matrix that a right side does not keep."""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from flint import fmpz_mat

from overparam.exact._rank import leading_columns
from overparam.exact._solve import solve


def exact_rank(matrix: Sequence[Sequence[Fraction]]) -> int:
    """The rank over the rationals.

    >>> exact_rank([[Fraction(1, 2), Fraction(1)], [Fraction(1), Fraction(2)]])
    1
    """
    columns = leading_columns(matrix)  # independent, but perhaps not all that are
    if len(columns) == min(len(matrix), len(matrix[0])):
        return len(columns)
    return int(fmpz_mat(_columns(matrix)).rank())


def row_relation(matrix: Sequence[Sequence[Fraction]], right: Sequence[Fraction]) -> list[int] | None:
    """Integers l without common factor, l^T matrix = 0 and <l, right> != 0; None if `matrix @ t = right` is solvable.

    Args:
        matrix: n rows of N numbers.
        right: n numbers.
    """
    whole = _columns(matrix)
    chosen = leading_columns(matrix)
    if (found := _one_more_row([whole[a] for a in chosen], right)) is None:
        return None
    if any(sum(a * l for a, l in zip(column, found, strict=True)) for column in whole):
        return _annihilator(whole, right)  # a rank was lost modulo the prime
    return found


def _one_more_row(columns: list[list[int]], right: Sequence[Fraction]) -> list[int] | None:
    """A relation between as many rows as there are columns, independent ones, and one row more."""
    n = len(right)
    rows = [[Fraction(column[i]) for column in columns] for i in range(n)]
    kept = leading_columns(columns) if columns else []
    fit = solve([rows[i] for i in kept], [right[i] for i in kept]) if kept else []
    if fit is None:
        raise RuntimeError("rows that are independent modulo a prime have a solution")
    for i in range(n):
        if sum((a * t for a, t in zip(rows[i], fit, strict=True)), Fraction(0)) == right[i]:
            continue
        shares = solve([[rows[k][a] for k in kept] for a in range(len(columns))], rows[i]) if kept else []
        if shares is None:
            raise RuntimeError("columns that are independent modulo a prime have a solution")
        scale = lcm(*(t.denominator for t in shares))
        found = [0] * n
        for k, t in zip(kept, shares, strict=True):
            found[k] = t.numerator * (scale // t.denominator)
        found[i] -= scale
        divisor = gcd(*found)
        return [-l // divisor for l in found]
    return None


def _annihilator(columns: list[list[int]], right: Sequence[Fraction]) -> list[int] | None:
    """Of a basis of the vectors orthogonal to these columns, the shortest that is not orthogonal to the right side."""
    n = len(right)
    basis: Any
    if columns:
        basis, nullity = fmpz_mat(columns).nullspace()
        vectors = [[int(basis[i, j]) for i in range(n)] for j in range(int(nullity))]
    else:
        vectors = [[int(i == j) for i in range(n)] for j in range(n)]
    scale = lcm(*(y.denominator for y in right))
    labels = [y.numerator * (scale // y.denominator) for y in right]
    kept = [[l // gcd(*vector) for l in vector] for vector in vectors if any(vector)]
    kept = [vector for vector in kept if sum(l * y for l, y in zip(vector, labels, strict=True))]
    return min(kept, key=lambda vector: max(map(abs, vector)), default=None)


def _columns(matrix: Sequence[Sequence[Fraction]]) -> list[list[int]]:
    """Columns as integers, each times a number of its own."""
    found = []
    for column in zip(*matrix, strict=True):
        scale = lcm(*(x.denominator for x in column))
        found.append([x.numerator * (scale // x.denominator) for x in column])
    return found
