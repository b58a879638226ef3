"""Exact points of rational cones: a linear program proposes, exact arithmetic decides.

A cone is given by equalities A z = 0 and inequalities B z >= 0, of which some are required to be positive.  A float
linear program makes as many inequalities positive as can be at once; those it cannot are equalities in disguise.  The
float point is rounded to a few bits and moved exactly onto all equalities, and every inequality is then checked.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import highspy
import numpy as np

from overparam.exact import solve

_BOUND = 1e6  # of a coordinate; a point that needs more is not worth its digits
_ZERO = 1e-5  # below this an inequality that could have been 1 counts as an equality
_BITS = (12, 24, 44)  # after the binary point, tried in turn

Matrix = list[list[Fraction]]
Terms = list[tuple[int, Fraction]]  # (variable, coefficient)


class Cone:
    """Points of { z : A z = 0, B z >= 0 } for one A and many subsets of the rows of B.

    Args:
        equalities: rows of A.
        inequalities: rows of B, each scaled so that values near 1 are natural.
        required: the rows of B that must be positive.
    """

    def __init__(self, equalities: Matrix, inequalities: Matrix, required: Sequence[int]) -> None:
        self._rows = [*equalities, *inequalities]
        self._sparse = [[(a, x) for a, x in enumerate(row) if x] for row in self._rows]
        self._first = len(equalities)
        self._required = set(required)
        self._highs = _model(np.array([[float(a) for a in row] for row in self._rows]), self._first)
        self._n, self._total = len(self._rows[0]), len(inequalities)

    def point(self, chosen: Sequence[int]) -> list[Fraction] | None:
        """A point that satisfies the chosen and the required inequalities, the required ones strictly, or None.

        None proves nothing: the float program may have missed a point.
        """
        rows = sorted({*chosen, *self._required})
        proposal = self._propose(rows)
        if proposal is None:
            return None
        point, tight = proposal
        ties = _Ties(self._n)
        held = [self._sparse[self._first + i] for i in tight if not ties.tie(self._sparse[self._first + i])]
        free = ties.free()
        equalities = [ties.row(terms, free) for terms in [*self._sparse[: self._first], *held]]
        for bits in _BITS:
            rounded = [Fraction(round(point[a] * 2**bits), 2**bits) for a in free]
            gap = [-sum((x * z for x, z in zip(row, rounded, strict=True) if x), Fraction(0)) for row in equalities]
            moves = solve(equalities, gap) if any(gap) else [Fraction(0)] * len(rounded)
            if moves is None:
                return None
            exact = ties.spread({a: z + t for a, z, t in zip(free, rounded, moves, strict=True)})
            if all(self._holds(i, exact) for i in rows):
                return exact
        return None

    def _holds(self, i: int, point: list[Fraction]) -> bool:
        value = self._value(self._first + i, point)
        return value > 0 or (value == 0 and i not in self._required)

    def _value(self, row: int, point: list[Fraction]) -> Fraction:
        return sum((x * point[a] for a, x in self._sparse[row]), Fraction(0))

    def _propose(self, rows: list[int]) -> tuple[list[float], list[int]] | None:
        """A float point, and the inequalities that it cannot make positive."""
        highs, n, total, first = self._highs, self._n, self._total, self._first
        on = np.zeros(total, bool)
        on[rows] = True
        infinite = highspy.kHighsInf
        lower = np.where(on, 0.0, -infinite)
        indices = np.arange(first, first + total, dtype=np.int32)
        highs.changeRowsBounds(total, indices, lower, np.full(total, infinite))
        least = np.array([1.0 if i in self._required else 0.0 for i in range(total)])
        slack = np.arange(n, n + total, dtype=np.int32)
        highs.changeColsBounds(total, slack, least, np.where(on, 1.0, 0.0))
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        values = np.array(highs.getSolution().col_value)
        tight = [i for i in rows if values[n + i] < _ZERO and i not in self._required]
        return values[:n].tolist(), tight


class _Ties:
    """Variables that equalities of one or two terms make 0 or a multiple of another variable.

    It keeps the linear systems small: most inequalities that are equalities in disguise are of this kind.
    """

    def __init__(self, n: int) -> None:
        self._of: list[tuple[int | None, Fraction]] = [(a, Fraction(1)) for a in range(n)]

    def tie(self, terms: Terms) -> bool:
        """Use the equality sum x z_a = 0, or say no: it has more than two terms."""
        reduced = self._reduced(terms)
        if len(reduced) > 2:
            return False
        if reduced:
            (gone, x), *other = reduced.items()
            kept, factor = (other[0][0], -other[0][1] / x) if other else (None, Fraction(0))
            self._of = [(kept, f * factor) if a == gone else (a, f) for a, f in self._of]
        return True

    def free(self) -> list[int]:
        """The variables in terms of which all others are known."""
        return [a for a, (b, _) in enumerate(self._of) if a == b]

    def row(self, terms: Terms, free: list[int]) -> list[Fraction]:
        """The equality in the free variables."""
        reduced = self._reduced(terms)
        return [reduced.get(a, Fraction(0)) for a in free]

    def spread(self, values: dict[int, Fraction]) -> list[Fraction]:
        """All variables, from the free ones."""
        return [Fraction(0) if b is None else f * values[b] for b, f in self._of]

    def _reduced(self, terms: Terms) -> dict[int, Fraction]:
        found: dict[int, Fraction] = {}
        for a, x in terms:
            b, factor = self._of[a]
            if b is not None:
                found[b] = found.get(b, Fraction(0)) + x * factor
        return {b: x for b, x in found.items() if x}


def _model(rows: np.ndarray, first: int) -> Any:
    """Maximize sum e_i subject to A z = 0 and B_i z >= e_i, e_i in [0, 1]; which rows of B count is set later.

    The first rows are those of A.
    """
    n, total = rows.shape[1], len(rows) - first
    matrix = np.zeros((first + total, n + total))
    matrix[:, :n] = rows
    matrix[first:, n:] = -np.eye(total)
    cost = np.concatenate([np.zeros(n), -np.ones(total)])
    lower = np.concatenate([np.full(n, -_BOUND), np.zeros(total)])
    upper = np.concatenate([np.full(n, _BOUND), np.ones(total)])
    return linear_program(matrix, cost, lower, upper, np.zeros(first + total))


def linear_program(
    matrix: np.ndarray, cost: np.ndarray, lower: np.ndarray, upper: np.ndarray, right: np.ndarray
) -> highspy.Highs:
    """Minimize cost . x subject to matrix @ x = right and lower <= x <= upper, by the simplex method, on one thread."""
    columns = matrix.T
    kept = columns != 0
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, lower, upper
    model.row_lower_ = model.row_upper_ = right
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(kept.sum(1))]).astype(np.int32)
    model.a_matrix_.index_ = np.nonzero(kept)[1].astype(np.int32)
    model.a_matrix_.value_ = columns[kept]
    highs = highspy.Highs()
    for option, value in (("output_flag", False), ("presolve", "off"), ("solver", "simplex"), ("threads", 1)):
        highs.setOptionValue(option, value)
    highs.passModel(model)
    return highs
