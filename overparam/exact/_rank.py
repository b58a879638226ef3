"""Independence modulo a prime, which proves independence over the rationals."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import nmod_mat

from overparam.exact._affine import clear_row
from overparam.exact._solve import _PRIMES


def leading_columns(matrix: Sequence[Sequence[Fraction | int]]) -> list[int]:
    """The columns that are independent of all columns before them, modulo one large prime.

    They are independent over the rationals too, so that as many as there are rows prove full row rank.  Fewer prove
    nothing, though a rational matrix loses rank modulo a prime near 2^61 only if all its minors of that size are
    multiples of it.

    Args:
        matrix: n rows of N numbers.
    """
    prime = _PRIMES[0]
    rows = [[x % prime for x in clear_row(row)[0]] for row in matrix]
    reduced, rank = nmod_mat(rows, prime).rref()
    found: list[int] = []
    columns: Any = len(rows[0])
    for i in range(rank):
        start = found[-1] + 1 if found else 0
        found.append(next(a for a in range(start, columns) if int(reduced[i, a])))
    return found
