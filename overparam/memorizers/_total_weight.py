"""How small the total weight of any network of one hidden ReLU layer can be on one data set: a lower bound, exact.

W = sum_j |v_j| sqrt(|u_j|^2 + b_j^2), networks without output bias and of any width.  For any multipliers l,

    sum_i l_i f(x_i) <= W S(l),   S(l) = sup over |w| <= 1 of |sum_i l_i relu(<w, z_i>)|,   z_i = (x_i, 1),

so squared errors of sum at most eps |y|^2 need W >= (<l, y> - sqrt(eps) |l| |y|) / S(l); a point that is repeated m
times counts m times in |y|^2, and l_i^2 / m in |l|^2.  On a cell of the arrangement
of the hyperplanes <w, z_i> = 0 the sum is linear, <w, g>, and at most |g + m| for any m in the cone of the cell's
inward normals; the least such norm is the supremum.  Where the cells are too many, spectra bound it.  The multipliers
are proposed by linear programs in floats, the best of which reach the least total weight.  docs/theory/weights.md has
the proofs.
"""

import dataclasses
import math
import operator
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from overparam.errors import InputError
from overparam.exact import exact_data, float_of, fraction_of, merge_duplicates, power_of_two_above, root_above
from overparam.memorizers._cells import cells_of, how_many_subsets
from overparam.memorizers._multipliers import best_multiplier, gathered, inward, nonnegative_push

_SUBSETS = 500  # of points, gone through for the cells
_BITS = 24  # of a multiplier
_PUSH = 24  # binary places of a combination of normals, beside a multiplier of _BITS bits
_ROOT = 40  # bits of a root

Rows = Sequence[Sequence[Fraction]]


@dataclasses.dataclass(frozen=True)
class WeightFloor:
    """A lower bound on the total weight, with what proves it.

    Attributes:
        value: every network of one hidden ReLU layer without output bias that fits has at least this total weight; 0
            where nothing was proved.
        multiplier: l, one integer a distinct point.
        supremum: at least S(l).
        method: how S(l) was bounded.
    """

    value: Fraction
    multiplier: tuple[int, ...]
    supremum: Fraction
    method: Literal["cells", "spectra"]


def total_weight_floor(
    points: Any,
    labels: Any,
    *,
    eps: float | Fraction = 0,
    hidden_bias: bool = True,
    multiplier: Sequence[int] | None = None,
) -> WeightFloor:
    """A lower bound on the total weight of all networks that fit these data, in exact arithmetic.

    Args:
        points: (n_samples, dim) finite floats, integers or fractions; taken exactly.
        labels: (n_samples,) of the same.
        eps: the squared errors may sum to eps times the sum of the squared labels, both over all samples, repeated ones
            too; 0 for exact fits.
        hidden_bias: whether the networks have hidden biases, which W then counts.
        multiplier: l; by default the best found by ascent, where the cells can be gone through, or the labels.
    Raises:
        InputError: unusable data, eps not in [0, 1), or not one multiplier for each distinct point.

    >>> float(total_weight_floor([[1, 0], [0, 1]], [1, -1], hidden_bias=False).value)
    2.0
    """
    given = exact_data(points, labels)
    data = merge_duplicates(given)
    often = Counter(given.points)
    times = [often[x] for x in data.points]
    share = fraction_of(eps)
    if not 0 <= share < 1:
        raise InputError(f"eps must be at least 0 and below 1; got {eps}")
    rows = [(*x, Fraction(1)) if hidden_bias else x for x in data.points]
    if multiplier is not None and (
        isinstance(multiplier, str)
        or len(multiplier) != data.n_samples
        or not all(isinstance(l, (int, np.integer)) for l in multiplier)
    ):
        raise InputError(f"multiplier needs one integer for each of the {data.n_samples} distinct points")
    cells = cells_of(rows) if how_many_subsets(rows) <= _SUBSETS else None
    tried = [tuple(map(int, multiplier))] if multiplier is not None else _proposed(rows, data.labels, share, cells)
    return max((_floor(rows, data.labels, times, share, l, cells) for l in tried), key=lambda floor: floor.value)


def _floor(
    rows: Rows,
    labels: Sequence[Fraction],
    times: Sequence[int],
    eps: Fraction,
    l: tuple[int, ...],
    cells: list[int] | None,
) -> WeightFloor:
    """The bound that one multiplier proves."""
    supremum = _over_cells(rows, l, cells) if cells is not None else _by_spectra(rows, l)
    along = sum((a * y for a, y in zip(l, labels, strict=True)), Fraction(0))
    length = sum((Fraction(a * a, m) for a, m in zip(l, times, strict=True)), Fraction(0))
    lost = root_above(eps * length * sum((m * y * y for y, m in zip(labels, times, strict=True)), Fraction(0)))
    value = max(Fraction(0), along - lost) / supremum if supremum else Fraction(0)
    return WeightFloor(value, l, supremum, "cells" if cells is not None else "spectra")


def _over_cells(rows: Rows, l: tuple[int, ...], cells: list[int]) -> Fraction:
    """At least S(l), and hardly more: the largest over the cells A of |sum_{i in A} l_i z_i| within the cell."""
    scale = math.lcm(*(x.denominator for row in rows for x in row))
    whole = [[x.numerator * (scale // x.denominator) for x in row] for row in rows]
    size = max([1, *(abs(t) for row in whole for t in row)])
    floats, multipliers = np.array([[t / size for t in row] for row in whole]), np.array(l, float)
    sums = {cell: _sum(whole, [a if cell >> i & 1 else 0 for i, a in enumerate(l)]) for cell in cells}
    norms = {cell: sum(t * t for t in g) for cell, g in sums.items()}
    most = 0  # times 4^_PUSH
    for cell in sorted(cells, key=norms.__getitem__, reverse=True):
        if norms[cell] * 4**_PUSH <= most:
            break
        for sign in (1, -1):
            pushed = sign * gathered(floats, multipliers, cell)
            push = np.floor(nonnegative_push(inward(floats, cell), pushed) * 2.0**_PUSH).tolist()
            factors = [int(m) if cell >> i & 1 else -int(m) for i, m in enumerate(push)]  # m >= 0: any is allowed
            ends = zip(sums[cell], _sum(whole, factors), strict=True)
            most = max(most, sum((sign * g * 2**_PUSH + t) ** 2 for g, t in ends))
    return root_above(Fraction(most, scale * scale * 4**_PUSH))


def _sum(rows: list[list[int]], factors: list[int]) -> list[int]:
    """The combination of the rows."""
    return [sum(map(operator.mul, factors, column)) for column in zip(*rows, strict=True)]


def _by_spectra(rows: Rows, l: tuple[int, ...]) -> Fraction:
    """At least S(l), since relu(t) = (t + |t|) / 2.

    sum_i l_i |t_i| lies between the sums over negative and over positive l_i, and by Cauchy and Schwarz the sum over
    positive ones is at most the root of (sum l_i) (sum l_i t_i^2), whose last factor is at most an eigenvalue.
    """
    linear = [sum((a * row[k] for a, row in zip(l, rows, strict=True)), Fraction(0)) for k in range(len(rows[0]))]
    ends = []
    for sign in (1, -1):
        part = [(sign * a, row) for a, row in zip(l, rows, strict=True) if sign * a > 0]
        ends.append(root_above(sum(a for a, _ in part) * _largest_eigenvalue(part)) if part else Fraction(0))
    return (root_above(sum((t * t for t in linear), Fraction(0))) + max(ends)) / 2


def _largest_eigenvalue(part: list[tuple[int, Sequence[Fraction]]]) -> Fraction:
    """At least the largest eigenvalue of sum a z z^T: a float, raised until elimination proves t - M definite."""
    dim, scale = len(part[0][1]), math.lcm(*(x.denominator for _, row in part for x in row))
    whole = [(a, [x.numerator * (scale // x.denominator) for x in row]) for a, row in part]
    columns = list(zip(*(row for _, row in whole), strict=True))
    scaled = list(zip(*([a * x for x in row] for a, row in whole), strict=True))
    square = scale * scale
    matrix = [
        [Fraction(sum(map(operator.mul, scaled[i], columns[j])), square) for j in range(i + 1)] for i in range(dim)
    ]
    trace = sum((matrix[i][i] for i in range(dim)), Fraction(0))
    unit = power_of_two_above(trace) / 2**_ROOT if trace else Fraction(1)
    near = [[round(x / unit) for x in row] for row in matrix]  # off by at most unit / 2 an entry
    full = np.array([[float(near[max(i, j)][min(i, j)]) for j in range(dim)] for i in range(dim)])
    most = math.ceil(float(np.linalg.eigvalsh(full)[-1])) + dim
    room = 1
    while most + room < trace / unit:
        shifted = [[(most + room) * (i == j) - near[i][j] for j in range(i + 1)] for i in range(dim)]
        if _definite(shifted):
            return (most + room + Fraction(dim, 2)) * unit
        room *= 4
    return trace


def _definite(lower: list[list[int]]) -> bool:
    """Whether a symmetric integer matrix, given by its lower triangle, is positive definite: its leading minors."""
    before = 1
    for k in range(len(lower)):
        pivot = lower[k][k]
        if pivot <= 0:
            return False
        for i in range(k + 1, len(lower)):
            factor = lower[i][k]
            for j in range(k + 1, i + 1):
                lower[i][j] = (pivot * lower[i][j] - factor * lower[j][k]) // before
        before = pivot
    return True


def _proposed(rows: Rows, labels: Sequence[Fraction], eps: Fraction, cells: list[int] | None) -> list[tuple[int, ...]]:
    """The labels, the labels less their linear part, and what linear programs find; rounded to integers."""
    size = power_of_two_above(max(map(abs, labels))) if any(labels) else Fraction(1)
    y = np.array([float_of(t / size) for t in labels])
    reach = power_of_two_above(max([Fraction(1, 2**1000), *(abs(t) for row in rows for t in row)]))
    x = np.array([[float_of(t / reach) for t in row] for row in rows])
    starts = [y, y - x @ np.linalg.lstsq(x, y, rcond=None)[0]]
    if cells is not None and y.any():
        starts.append(best_multiplier(x, y, math.sqrt(float_of(eps)), cells))
    found = []
    for start in starts:
        largest = np.abs(start).max()
        if largest > 0 and np.isfinite(largest):
            found.append(tuple(int(t) for t in np.rint(start / largest * 2**_BITS)))
    return found or [(0,) * len(rows)]
