"""The cells into which the hyperplanes <w, z_i> = 0 cut the space of w, each by the points on its positive side."""

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

from overparam.exact import clear_row, leading_columns

Rows = Sequence[Sequence[Fraction]]


def how_many_subsets(rows: Rows) -> int:
    """About how many subsets of points `cells_of` goes through."""
    rank = len(leading_columns(rows))  # modulo a prime, which is enough for an estimate
    return math.comb(len(rows), max(rank - 1, 0))


def cells_of(rows: Rows) -> list[int]:
    """The sets {i : <w, z_i> > 0} of all w with no <w, z_i> = 0 but at z_i = 0, as bit masks.

    In coordinates in which the points span the space, every cell has an extreme ray, which lies on r - 1 independent
    hyperplanes; the cells at a ray have its signs on the other points, and those of a cell of the points where it is 0.
    """
    return sorted(_cells(_whole(rows), [i for i, row in enumerate(rows) if any(row)]))


def _whole(rows: Rows) -> list[list[int]]:
    return [clear_row(row)[0] for row in rows]


def _cells(rows: list[list[int]], which: list[int]) -> set[int]:
    columns = _independent_columns([rows[i] for i in which])
    r = len(columns)
    if r == 0:
        return {0}
    short = {i: [rows[i][c] for c in columns] for i in which}
    if r == 1:
        mask = sum(1 << i for i in which if short[i][0] > 0)
        return {mask, sum(1 << i for i in which) ^ mask}
    found: set[int] = set()
    flats: set[int] = set()
    for subset in itertools.combinations(which, r - 1):
        taken = sum(1 << i for i in subset)
        if any(taken & flat == taken for flat in flats):
            continue  # spans a flat whose ray has been taken, or less
        ray = _normal([short[i] for i in subset])
        if ray is None:
            continue
        values = {i: sum(a * b for a, b in zip(ray, short[i], strict=True)) for i in which}
        on = [i for i in which if values[i] == 0]
        flats.add(sum(1 << i for i in on))
        positive, negative = (sum(1 << i for i in which if sign * values[i] > 0) for sign in (1, -1))
        for cell in _cells(rows, on):
            found |= {positive | cell, negative | cell}
    return found


def _independent_columns(rows: list[list[int]]) -> list[int]:
    """Columns that are a basis of the column space, by exact elimination."""
    pivots: list[int] = []
    remaining = [list(map(Fraction, row)) for row in rows]
    for column in range(len(rows[0]) if rows else 0):
        lead = next((row for row in remaining if row[column]), None)
        if lead is None:
            continue
        pivots.append(column)
        remaining.remove(lead)
        for k, row in enumerate(remaining):
            if row[column]:
                factor = row[column] / lead[column]
                remaining[k] = [a - factor * b for a, b in zip(row, lead, strict=True)]
    return pivots


def _normal(rows: list[list[int]]) -> list[int] | None:
    """A vector orthogonal to r - 1 rows of length r, or None if they are dependent."""
    r = len(rows[0])
    pivots: list[int] = []
    reduced: list[list[Fraction]] = []
    for row in rows:
        left = list(map(Fraction, row))
        for pivot, other in zip(pivots, reduced, strict=True):
            if left[pivot]:
                factor = left[pivot]
                left = [a - factor * b for a, b in zip(left, other, strict=True)]
        lead = next((k for k, a in enumerate(left) if a), None)
        if lead is None:
            return None
        left = [a / left[lead] for a in left]
        reduced = [[a - other[lead] * b for a, b in zip(other, left, strict=True)] for other in reduced]
        pivots.append(lead)
        reduced.append(left)
    free = next(k for k in range(r) if k not in pivots)
    normal = [Fraction(0)] * r
    normal[free] = Fraction(1)
    for pivot, row in zip(pivots, reduced, strict=True):
        normal[pivot] = -row[free]
    return clear_row(normal)[0]
