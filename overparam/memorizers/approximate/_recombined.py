"""Greedy steps with a few neurons each that act as a derivative where the signal is small, and bounded where not.

A unit of the plane z = (a, b), a = s <u, x>, b = <v, x>, is F(a, b) = sum_l outer_l (relu(s_l) - s_l / 2), where s_l =
<mix_l, z>, and F(a, b) ~ sign(a) b for |b| << |a|.  A step draws u, takes v = X^T sign(X u) r / op for the residual r
and a scale s near the signal, and adds the multiple of F that lowers |r| most.  F is even in x, so a linear function
competes in every step; it costs nothing, since the linear halves of all units share two neurons at the end anyway.

Points in hard position, where that takes too long, get directions between neighbours, larger scales, and a joint fit of
all multiples, from the start again: at most n_samples steps.
"""

import dataclasses
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.exact import ExactNetwork
from overparam.memorizers._built import Built, Options
from overparam.memorizers.approximate._draws import Draws, Span, ridge
from overparam.memorizers.approximate._numbers import step_numbers
from overparam.memorizers.approximate._reach import too_hard
from overparam.memorizers.approximate._rows import Rows, zero_network

Floats = NDArray[np.float64]

_DRAWS = 8  # candidates a step
_SCALE = (
    3.0  # of a against b, in root mean square; 1 has smaller weights but stalls where n / dim and 1 / eps are large
)
_SCALES = (_SCALE, 2.0**5, 2.0**10, 2.0**15, 2.0**20, 2.0**28)  # in hard position
_SHARE = 0.5  # of the best gain, with which a smaller scale is preferred
_NOISE = 1e-6  # of the residual: a unit that is smaller is rounding, its v has nothing to catch
_PATIENCE = 8  # times (n / dim) ln(1 / eps) steps before the position counts as hard
_CLOSER = (0.98, 0.5, 2.0**-6, 2.0**-20)  # of what is allowed, asked of the floats while the exact check says no


class Unit(NamedTuple):
    """sum_l outer_l (relu(mix_l . (a, b)) - mix_l . (a, b) / 2)."""

    mix: Floats  # (neurons, 2)
    outer: Floats  # (neurons,)

    def __call__(self, a: Floats, b: Floats) -> Floats:
        """Values at arrays a, b of one shape; relu(s) - s / 2 = |s| / 2."""
        terms = [v * np.abs(p * a + q * b) for (p, q), v in zip(self.mix, self.outer, strict=True)]
        return np.sum(terms, axis=0) / 2


@dataclasses.dataclass
class _Steps:
    """The units chosen so far, and a linear function beside them."""

    linear: Floats  # (n_inputs,)
    u: list[Floats] = dataclasses.field(default_factory=list)  # times the scale
    v: list[Floats] = dataclasses.field(default_factory=list)
    multiples: list[float] = dataclasses.field(default_factory=list)

    def add(self, u: Floats, v: Floats, multiple: float = 0.0) -> None:
        """One unit more."""
        self.u.append(u)
        self.v.append(v)
        self.multiples.append(multiple)


def build_recombined(rows: Rows, options: Options, name: str, unit: Unit) -> Built:
    """The greedy network of these units, with its exact check."""
    if not any(rows.data.labels):
        return zero_network(rows)
    n, dim = rows.points.shape
    draws = Draws(rows.points, np.random.default_rng(options.seed))
    op = float(np.linalg.norm(rows.points, 2)) ** 2
    aim = float(rows.eps) * float(rows.labels @ rows.labels)
    steps = _Steps(np.zeros(dim))
    patience = 20 + int(_PATIENCE * max(n / dim, 1.0) * np.log(1 / float(rows.eps)))
    rest = rows.labels.copy()
    span: Span | None = None
    for share in _CLOSER:
        while span is None and patience > 0 and rest @ rest > share * aim:
            patience -= 1
            rest = _plain(rows.points, draws, rest, op, unit, steps)
        if rest @ rest > share * aim:
            if span is None:
                span, steps = Span(rows.labels), _Steps(np.zeros(dim))
                span.add(span.new(rows.points))
            while span.rest @ span.rest > share * aim and _hard(rows.points, draws, span, op, unit, steps):
                pass
            _refit(rows, steps, unit, share * aim)
        network = _network(rows, steps, unit)
        missed, rest = rows.errors(network)
        if missed <= rows.tolerance:
            notes = (*rows.notes, f"steps of {len(unit.outer)} neurons each, beside a linear part: {len(steps.u)}")
            if span is not None:
                notes += ("hard position: directions between neighbours, long weights and a joint fit were needed",)
            numbers = step_numbers(rows, network, len(steps.u), missed)
            return Built(network, notes, tolerance=rows.tolerance, numbers=numbers)
    raise too_hard(rows, name, rest)


def _candidates(
    points: Floats, directions: Floats, rest: Floats, op: float, scales: tuple[float, ...], unit: Unit
) -> tuple[Floats, Floats, Floats]:
    """Scaled directions u and directions v, (candidates, n_inputs), and values of the unit, (candidates, n_samples)."""
    a = directions @ points.T
    v = (np.sign(a) * rest) @ points / op
    b = v @ points.T
    sizes = np.sqrt(np.mean(b**2, axis=1) / np.mean(a**2, axis=1))
    u, a = ([x * (s * sizes)[:, None] for s in scales] for x in (directions, a))
    scaled, b = np.concatenate(a), np.concatenate([b] * len(scales))
    return np.concatenate(u), np.concatenate([v] * len(scales)), unit(scaled, b)


def _plain(points: Floats, draws: Draws, rest: Floats, op: float, unit: Unit, steps: _Steps) -> Floats:
    """One step: the best of some uniform directions, and its best multiple."""
    u, v, values = _candidates(points, draws.normal(_DRAWS), rest, op, (_SCALE,), unit)
    squares = np.sum(values**2, axis=1)
    along = values @ rest
    gains = np.where(squares > 0, along**2 / np.where(squares > 0, squares, 1), 0)
    k = int(np.argmax(gains)) if len(gains) else -1
    linear = points.T @ rest / op
    values_of_linear = points @ linear
    along_linear, square = float(values_of_linear @ rest), float(values_of_linear @ values_of_linear)
    if square > 0 and (k < 0 or along_linear**2 / square >= gains[k]):
        steps.linear += along_linear / square * linear
        return rest - along_linear / square * values_of_linear
    if k < 0 or not gains[k] > 0:
        return rest
    multiple = float(along[k] / squares[k])
    steps.add(u[k], v[k], multiple)
    return rest - multiple * values[k]


def _features(rows: Rows, steps: _Steps, unit: Unit) -> Floats:
    """Values of the chosen units, (n_samples, steps)."""
    u, v = (np.array(part).reshape(-1, rows.points.shape[1]) for part in (steps.u, steps.v))
    return unit(rows.points @ u.T, rows.points @ v.T)


def _hard(points: Floats, draws: Draws, span: Span, op: float, unit: Unit, steps: _Steps) -> bool:
    """One step with the unit that lowers the error most when all multiples are fitted again; False if none does."""
    directions = np.concatenate([draws.normal(_DRAWS), draws.separating(2 * _DRAWS, span.rest)])
    u, v, values = _candidates(points, directions, span.rest, op, _SCALES, unit)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    left = values / np.where(lengths > 0, lengths, 1)
    for _ in range(2):
        left = left - (left @ span.basis) @ span.basis.T
    sizes = np.linalg.norm(left, axis=1)
    fine = (sizes > 1e-9) & (lengths[:, 0] > _NOISE * np.linalg.norm(span.rest))
    gains = np.where(fine, (left @ span.rest) ** 2 / np.where(fine, sizes, 1) ** 2, 0)
    if not gains.max(initial=0) > 0:
        return False
    k = int(np.argmax(gains >= _SHARE * gains.max()))  # the first, so the smallest scale, that is nearly as good
    span.add(left[k][:, None] / sizes[k])
    steps.add(u[k], v[k])
    return True


def _refit(rows: Rows, steps: _Steps, unit: Unit, allowed: float) -> None:
    """All multiples and the linear function at once."""
    fitted = ridge(np.concatenate([_features(rows, steps, unit), rows.points], axis=1), rows.labels, allowed)
    steps.multiples = fitted[: len(steps.u)].tolist()
    steps.linear = fitted[len(steps.u) :]


def _network(rows: Rows, steps: _Steps, unit: Unit) -> ExactNetwork:
    """All neurons of all steps, then relu(t) - relu(-t) for the linear part t."""
    dim = rows.points.shape[1]
    u, v = (np.array(part).reshape(-1, 1, dim) for part in (steps.u, steps.v))
    weights = unit.mix[None, :, :1] * u + unit.mix[None, :, 1:] * v  # (steps, neurons, n_inputs)
    outer = np.array(steps.multiples)[:, None] * unit.outer[None, :]
    linear = steps.linear - np.sum(outer[:, :, None] * weights, axis=(0, 1)) / 2
    ends = np.stack([linear, -linear]) if linear.any() else np.zeros((0, dim))
    outers = np.concatenate([outer.reshape(-1), [1.0, -1.0][: len(ends)]])
    return rows.network(np.concatenate([weights.reshape(-1, dim), ends]), outers)
