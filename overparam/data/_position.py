"""Affine general position: every min(n, d + 1) of the points (x, 1) are linearly independent.

A float is an integer times a power of two, so the points have images modulo an odd prime, and a minor that is nonzero
there is nonzero: a proof, in vectorized integer arithmetic.  A minor that is zero there is recomputed exactly.
"""

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from overparam.data._dataset import Dataset
from overparam.data._finding import Finding
from overparam.data._minors import PRIMES, residues, row_rank, vanishing
from overparam.data._predicates import distinct_points

MAX_SUBSETS = 10**7
_RANK_WORK = 10**9  # entry updates of one elimination modulo a prime; some seconds
_EXACT_SIZE = 64  # larger determinants are not recomputed exactly
_PATIENCE = 500  # zeros modulo one prime that turned out nonzero, before the next prime
_TRIES = 256
_SHOWN = 12  # rows named in a finding
_NAME = "affine general position"


def affine_general_position(dataset: Dataset) -> Finding:
    """Whether no d + 1 points lie on one hyperplane (for n <= d: whether all points are affinely independent).

    Decided exactly when there are at most 10^7 subsets of d + 1 points; beyond that a search with fixed seed over
    coordinate hyperplanes and random subsets may refute it, and otherwise it is undecided.
    """
    points = dataset.points
    n, d = points.shape
    size = min(n, d + 1)
    distinct = distinct_points(dataset)
    if size == 1:
        return Finding(_NAME, "holds", "exact", "a single point")
    if distinct.status == "fails":
        return Finding(_NAME, "fails", "exact", distinct.detail)
    if size == 2:
        return Finding(_NAME, "holds", "exact", f"any two of the {n} points differ, which is all it asks here")
    if (level := _coordinate_hyperplane(points, size)) is not None:
        return _fails(*level)
    count = math.comb(n, size)
    if count > MAX_SUBSETS or n * (d + 1) * size > _RANK_WORK:
        return _search(points, size, count)
    for prime in PRIMES:
        for unconfirmed, (subset, alone) in enumerate(vanishing(residues(points, prime), prime)):
            verdict = _dependent(points, subset)
            if verdict:
                return _fails(_minimal(points, subset))
            if verdict is None or not alone or unconfirmed > _PATIENCE:
                break  # this prime says too little: try the next
        else:
            what = f"all {count} subsets of {size} points" if count > 1 else f"the {n} points together"
            return Finding(_NAME, "holds", "exact", f"{what} are affinely independent")
    return Finding(
        _NAME, "undecided", "one-sided", "some subsets are dependent modulo three primes, but not shown to be"
    )


def _fails(subset: Sequence[int], why: str = "") -> Finding:
    rows = ", ".join(map(str, subset[:_SHOWN])) + (f" and {len(subset) - _SHOWN} more" if len(subset) > _SHOWN else "")
    return Finding(_NAME, "fails", "exact", f"rows {rows} are affinely dependent{why}")


def _coordinate_hyperplane(points: np.ndarray, size: int) -> tuple[list[int], str] | None:
    """`size` rows that agree in one coordinate, which happens in real data and needs no determinant.

    They are dependent if size is d + 1, but fewer points than d + 1 may well share a coordinate.
    """
    if size <= points.shape[1]:
        return None
    for k, column in enumerate(points.T + 0.0):  # adding 0.0 turns -0.0 into 0.0
        values, counts = np.unique(column, return_counts=True)
        most = counts.argmax()
        if counts[most] >= size:
            rows = np.flatnonzero(column == values[most])[:size]
            return rows.tolist(), f": coordinate {k} is {values[most].item()!r} in all of them"
    return None


def _search(points: np.ndarray, size: int, count: int) -> Finding:
    """Random subsets, with a fixed seed: can refute, never confirm."""
    rng, prime = np.random.default_rng(0), PRIMES[0]
    tries = 0 if size > _EXACT_SIZE else _TRIES
    for _ in range(tries):
        subset = sorted(rng.choice(len(points), size, replace=False, shuffle=False).tolist())
        if row_rank(residues(points[subset], prime), prime) < size and _dependent(points, subset):
            return _fails(_minimal(points, subset))
    few = f"the {tries} random ones tried are independent" if tries else "each is too large to test"
    exponent = math.floor(math.log10(count))
    held = "the subset" if count == 1 else f"{count} subsets" if exponent < 15 else f"about 10^{exponent} subsets"
    return Finding(_NAME, "undecided", "one-sided", f"{held} of {size} points: too much to decide; {few}")


def _minimal(points: np.ndarray, subset: Sequence[int]) -> list[int]:
    """Dependent rows of which none can be left out, found among these; larger subsets are returned as they are."""
    kept = list(subset)
    if len(kept) > _SHOWN:
        return kept
    for row in subset:
        fewer = [i for i in kept if i != row]
        if _dependent(points, fewer):
            kept = fewer
    return kept


def _dependent(points: np.ndarray, subset: Sequence[int]) -> bool | None:
    """Whether these points are affinely dependent, in integers; None if that would take too long."""
    if len(subset) > _EXACT_SIZE or len(subset) ** 2 * points.shape[1] > _EXACT_SIZE**3:
        return None
    rows = [[Fraction(1), *map(Fraction, row)] for row in points[list(subset)].tolist()]
    columns = list(zip(*rows, strict=True))
    scales = [math.lcm(*(entry.denominator for entry in column)) for column in columns]
    return _rank([[int(e * s) for e, s in zip(row, scales, strict=True)] for row in rows]) < len(rows)


def _rank(rows: list[list[int]]) -> int:
    """Rank of an integer matrix by Bareiss elimination, in which every division is exact."""
    rank, before = 0, 1
    while rank < len(rows):
        places = itertools.product(range(rank, len(rows)), range(rank, len(rows[0])))
        pivot = next(((i, j) for i, j in places if rows[i][j]), None)
        if pivot is None:
            break
        i, j = pivot
        rows[rank], rows[i] = rows[i], rows[rank]
        for row in rows:
            row[rank], row[j] = row[j], row[rank]
        top = rows[rank]
        for row in rows[rank + 1 :]:
            for k in range(len(row) - 1, rank, -1):
                row[k] = (row[k] * top[rank] - row[rank] * top[k]) // before
            row[rank] = 0
        before = top[rank]
        rank += 1
    return rank
