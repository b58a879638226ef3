"""What a case of activation patterns allows: a float relaxation, exact cuts that close it, exact networks within it.

A case says of each neuron at each sample whether it is active, inactive or open (1, 0, -1), an (n_samples, width)
array.  Points and labels are exact; the linear programs see them standardized, which changes no answer.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import highspy
import numpy as np
import scipy.linalg

from overparam.certificates._polyhedron import Cone, linear_program
from overparam.exact import ExactData, ExactNetwork, power_of_two_above

OPEN, INACTIVE, ACTIVE = -1, 0, 1

_INFINITY = highspy.kHighsInf


class Relaxed(NamedTuple):
    """The optimum of a case's relaxation.

    `gap` is the least sum of label errors; `open_by` (n_samples, width) says how far each open entry is from being
    either active or inactive; `values` (n_samples, width) are the pre-activations.
    """

    gap: float
    open_by: np.ndarray
    values: np.ndarray


class Cut(NamedTuple):
    """An exact certificate, see docs/certificates.md: `outer` (n_samples), `inner` one row of n_samples a neuron.

    `active` and `inactive` (n_samples, width) say where each neuron may be so in the cases that the cut closes.
    """

    outer: list[Fraction]
    inner: list[list[Fraction]]
    active: np.ndarray
    inactive: np.ndarray

    def closes(self, case: np.ndarray) -> bool:
        """Whether no network of this case interpolates."""
        return bool(np.all(self.active | (case == INACTIVE)) and np.all(self.inactive | (case == ACTIVE)))


class Patterns:
    """The cases of networks with given signs on one data set.

    Args:
        data: exact points and labels.
        signs: +1 or -1 for each neuron.
        hidden_bias: whether hidden biases may differ from 0.
        output_bias: whether the output bias may.
    """

    def __init__(self, data: ExactData, signs: np.ndarray, *, hidden_bias: bool, output_bias: bool) -> None:
        self._data, self._signs = data, signs
        self._hidden_bias, self._output_bias = hidden_bias, output_bias
        columns = list(zip(*data.points, strict=True))
        self._centre = [_middle(column) if hidden_bias else Fraction(0) for column in columns]
        self._factors = [_inverse_size(column, m) for column, m in zip(columns, self._centre, strict=True)]
        self._columns = [
            [(x - m) * f for x in column] for column, m, f in zip(columns, self._centre, self._factors, strict=True)
        ] + ([[Fraction(1)] * data.n_samples] if hidden_bias else [])
        self._label_centre = _middle(data.labels) if output_bias else Fraction(0)
        self._label_scale = 1 / _inverse_size(data.labels, self._label_centre)
        self._labels = [(y - self._label_centre) / self._label_scale for y in data.labels]
        self._relaxation = self._make_relaxation()
        self._cone = self._make_cone()
        self._upper: np.ndarray | None = None

    def relax(self, case: np.ndarray) -> Relaxed:
        """Least sum of label errors when open neurons pass on anything above their argument and above 0."""
        n, k = case.shape
        upper = np.full(2 * n * k, _INFINITY)
        upper[: n * k][(case.T == INACTIVE).ravel()] = 0.0
        upper[n * k :][(case.T == ACTIVE).ravel()] = 0.0
        changed = np.arange(2 * n * k) if self._upper is None else np.nonzero(upper != self._upper)[0]
        self._upper = upper
        zeros = np.zeros(len(changed))
        self._relaxation.changeColsBounds(len(changed), (1 + changed).astype(np.int32), zeros, upper[changed])
        self._relaxation.run()
        if self._relaxation.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"the relaxation ended with {self._relaxation.getModelStatus()}")
        solution = np.array(self._relaxation.getSolution().col_value)
        above, below = (part.reshape(k, n).T for part in np.split(solution[1 : 1 + 2 * n * k], 2))
        open_by = np.where(case == OPEN, np.minimum(above, below), 0.0)
        return Relaxed(float(self._relaxation.getInfo().objective_function_value), open_by, above - below)

    def cut(self, case: np.ndarray) -> Cut | None:
        """An exact certificate that no network of this case interpolates, or None if none was found."""
        n, k = case.shape
        chosen = [1 + 2 * (j * n + i) for i, j in np.argwhere(case != INACTIVE).tolist()]
        chosen += [2 + 2 * (j * n + i) for i, j in np.argwhere(case != ACTIVE).tolist()]
        point = self._cone.point(chosen)
        if point is None:
            return None
        outer, inner = point[:n], [point[n * (j + 1) : n * (j + 2)] for j in range(k)]
        active = np.array(
            [[g <= s * v for g, v in zip(row, outer, strict=True)]
             for row, s in zip(inner, self._signs.tolist(), strict=True)]
        ).reshape(k, n).astype(bool).T  # fmt: skip
        inactive = np.array([[g >= 0 for g in row] for row in inner]).reshape(k, n).astype(bool).T
        return Cut(outer, inner, active, inactive)

    def network(self, case: np.ndarray) -> ExactNetwork | None:
        """An exact network whose patterns are those of a case without open entries, or None if none was found."""
        n, k = case.shape
        size = len(self._columns)
        unknowns = k * size + 2  # the affine functions, the output bias, a common positive scale of everything
        coordinates = list(zip(*self._columns, strict=True))
        equalities, inequalities = [], []
        for i in range(n):
            row = [Fraction(0)] * unknowns
            row[-2], row[-1] = Fraction(int(self._output_bias)), -self._labels[i]
            for j in range(k):
                side = [Fraction(0)] * unknowns
                sign = 1 if case[i, j] == ACTIVE else -1
                side[j * size : (j + 1) * size] = [sign * x for x in coordinates[i]]
                inequalities.append(side)
                if case[i, j] == ACTIVE:
                    row[j * size : (j + 1) * size] = [int(self._signs[j]) * x for x in coordinates[i]]
            equalities.append(row)
        inequalities.append([Fraction(0)] * (unknowns - 1) + [Fraction(1)])
        point = Cone(equalities, inequalities, [n * k]).point(range(n * k))
        return None if point is None else self._destandardized(point)

    def _make_relaxation(self) -> highspy.Highs:
        """Variables: output bias; above and below (l = above - below, both >= 0) of each neuron; errors up and down."""
        n, k = self._data.n_samples, len(self._signs)
        columns = np.array([[float(x) for x in column] for column in self._columns])
        dependencies = scipy.linalg.null_space(columns)  # l takes values in the span of the columns
        m = dependencies.shape[1]
        first = 1 + 2 * n * k
        matrix = np.zeros((n + k * m, first + 2 * n))
        matrix[:n, 0] = self._output_bias
        matrix[:n, first:] = np.hstack([np.eye(n), -np.eye(n)])
        for j, sign in enumerate(self._signs):
            above, below = 1 + j * n, 1 + (k + j) * n
            matrix[:n, above : above + n] = sign * np.eye(n)
            rows = slice(n + j * m, n + (j + 1) * m)
            matrix[rows, above : above + n] = dependencies.T
            matrix[rows, below : below + n] = -dependencies.T
        cost = np.concatenate([np.zeros(first), np.ones(2 * n)])
        lower = np.zeros(first + 2 * n)
        lower[0] = -_INFINITY
        right = np.concatenate([[float(y) for y in self._labels], np.zeros(k * m)])
        return linear_program(matrix, cost, lower, np.full(first + 2 * n, _INFINITY), right)

    def _make_cone(self) -> Cone:
        """Variables: the outer row, then the inner row of each neuron; see docs/certificates.md."""
        n, k = self._data.n_samples, len(self._signs)

        def row(*entries: tuple[int, Fraction | int]) -> list[Fraction]:
            found = [Fraction(0)] * (n * (k + 1))
            for place, value in entries:
                found[place] = Fraction(value)
            return found

        equalities = [row(*((i, 1) for i in range(n)))] if self._output_bias else []
        equalities += [
            row(*((n * (j + 1) + i, x) for i, x in enumerate(column))) for j in range(k) for column in self._columns
        ]
        inequalities = [row(*((i, -y) for i, y in enumerate(self._labels)))]
        for j, sign in enumerate(self._signs.tolist()):
            for i in range(n):
                inequalities += [row((i, sign), (n * (j + 1) + i, -1)), row((n * (j + 1) + i, 1))]
        return Cone(equalities, inequalities, [0])

    def _destandardized(self, point: list[Fraction]) -> ExactNetwork:
        """The network on the data as given, from the scaled affine functions on standardized data."""
        scale = self._label_scale / point[-1]
        u, b = [], []
        size = len(self._columns)
        for j in range(len(self._signs)):
            row = [w * scale * f for w, f in zip(point[j * size :], self._factors, strict=False)]
            bias = point[(j + 1) * size - 1] * scale if self._hidden_bias else Fraction(0)
            u.append(tuple(row))
            b.append(bias - sum(w * m for w, m in zip(row, self._centre, strict=True)))
        v = tuple(Fraction(int(s)) for s in self._signs)
        c = point[-2] * scale + self._label_centre if self._output_bias else Fraction(0)
        return ExactNetwork("relu", tuple(u), tuple(b), v, c, self._data.dim)


def _middle(numbers: Sequence[Fraction]) -> Fraction:
    """A short number near the middle of the range."""
    low, high = min(numbers), max(numbers)
    if low == high:
        return low
    unit = power_of_two_above(high - low) / 16
    return round((low + high) / 2 / unit) * unit


def _inverse_size(numbers: Sequence[Fraction], centre: Fraction) -> Fraction:
    """A power of two that brings the largest distance from the centre between 1/2 and 1."""
    largest = max(abs(x - centre) for x in numbers)
    return 1 / power_of_two_above(largest) if largest else Fraction(1)
