"""Exact repair: from a float ReLU network that nearly interpolates to a rational one that does, without error.

With the output weights v and the activation pattern S frozen, x_i -> c + sum_j v_j S_ij (<u_j, x_i> + b_j) is linear in
(u, b, c): n_samples equations, width (dim + 1) + 1 unknowns.  As many columns as equations are solved exactly for the
correction and all other weights are kept.  If every pre-activation keeps its sign, or becomes zero, the result
interpolates; a pre-activation that would cross zero is put at zero by one more equation.  In any case the result is
evaluated exactly before it is returned.
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np

from overparam.errors import InputError, RepairError
from overparam.exact import Cloud, ExactData, ExactNetwork, exact_data, float_of, forward, merge_duplicates, solve
from overparam.networks import Params

_ROUNDS = 6  # of corrections, each putting at zero what the one before moved across


def repair(params: Params, points: Any, labels: Any) -> ExactNetwork:
    """A rational network near `params` that takes exactly these labels at these points.

    Args:
        params: one float network, u (width, dim), b (width,), v (width,), c (); width 0 is the constant.
        points: (n_samples, dim), a few hundred at most: the weights get about n_samples times 60 bits.
        labels: (n_samples,).
    Raises:
        RepairError: no correction was found, with the reason; nothing is thereby shown impossible.
        InputError: shapes do not fit, or equal points carry different labels.
    """
    data = merge_duplicates(exact_data(points, labels))
    start = _exact_start(params, data)
    outputs, signs = forward(start, data.points)
    if outputs == list(data.labels):
        return start
    pattern = signs > 0
    at_zero: list[tuple[int, int]] = []
    for _ in range(_ROUNDS):
        candidate = _solve_in_cell(start, data, pattern, at_zero)
        if candidate is None:
            break
        outputs, signs = forward(candidate, data.points)
        if outputs == list(data.labels):
            return candidate
        crossed = np.where(pattern, signs < 0, signs > 0)
        at_zero += [(int(j), int(i)) for j, i in np.argwhere(crossed)]
    if not at_zero:
        raise RepairError(
            f"with its activation pattern and output weights frozen, no choice of the {_unknowns(start)} other weights "
            f"takes these {data.n_samples} labels: the equations depend on each other; try more neurons or another seed"
        )
    raise RepairError(
        f"the exact correction moves {len(at_zero)} of {pattern.size} pre-activations across zero, and putting them at "
        "zero did not help; train to a smaller residual, or start again from another seed"
    )


def is_interpolating(network: ExactNetwork, points: Any, labels: Any) -> bool:
    """Whether the network's exact output is the label at every point."""
    data = exact_data(points, labels)
    return forward(network, data.points).outputs == list(data.labels)


def movement(params: Params, network: ExactNetwork) -> float:
    """The largest absolute difference between a float weight and its exact counterpart."""
    start = ExactNetwork.from_arrays(*params)
    pairs = zip(start.numbers(), network.numbers(), strict=True)
    return float_of(max(abs(before - after) for before, after in pairs))


def _exact_start(params: Params, data: ExactData) -> ExactNetwork:
    arrays = [np.asarray(array) for array in params]
    if not all(np.isfinite(array).all() for array in arrays):
        raise RepairError("the network has NaN or infinite weights, so there is nothing to start from")
    start = ExactNetwork.from_arrays(*arrays)
    if start.dim != data.dim:
        raise InputError(f"the network takes {start.dim} inputs, but the points have {data.dim} coordinates")
    return start


def _unknowns(start: ExactNetwork) -> int:
    return sum(map(bool, start.v)) * (start.dim + 1) + 1


def _solve_in_cell(
    start: ExactNetwork, data: ExactData, pattern: np.ndarray, at_zero: list[tuple[int, int]]
) -> ExactNetwork | None:
    """The network with the same v whose linear outputs under `pattern` are the labels, if there is one.

    Column (j, a) of the system is v_j S_ij x_ia.  Dividing it by v_j and by the common measure of coordinate a leaves
    small integers, on which the solution's length depends; the unknowns are multiplied back afterwards.  (Rounding the
    kept weights to 24 bits as well shortens the file by 3 % only and moves the weights a million times further.)  A
    pair (j, i) in `at_zero` adds the equation that neuron j vanishes at point i.
    """
    units = [_common_measure([point[a] for point in data.points]) for a in range(data.dim)] + [Fraction(1)]
    lattice = [[int(x / unit) for x, unit in zip((*point, Fraction(1)), units, strict=True)] for point in data.points]
    live = [j for j in range(start.width) if start.v[j]]
    blank = [0] * len(units)
    active = [([j for j in live if pattern[j, i]], i, 1) for i in range(data.n_samples)]
    active += [([j], i, 0) for j, i in at_zero]
    matrix = [[x for j in live for x in (lattice[i] if j in on else blank)] + [constant] for on, i, constant in active]
    linear = forward(start, data.points, pattern=pattern).outputs
    right = [y - f for y, f in zip(data.labels, linear, strict=True)]
    right += [-start.v[j] * Cloud([data.points[i]]).values(start.forms[j])[0] for j, i in at_zero]
    solution = solve(matrix, right, preference=_preference(start, data, live, active))
    if solution is None:
        return None
    forms = [list(form) for form in start.forms]
    for position, j in enumerate(live):
        for a, unit in enumerate(units):
            if step := solution[position * len(units) + a]:
                forms[j][a] += step / (start.v[j] * unit)
    neurons = [(v, tuple(form)) for v, form in zip(start.v, forms, strict=True)]
    return ExactNetwork.from_forms("relu", neurons, start.c + solution[-1], start.dim)


def _common_measure(column: list[Fraction]) -> Fraction:
    """The largest number of which every entry is an integer multiple; 1 for a column of zeros."""
    scale = math.lcm(*(x.denominator for x in column))
    return Fraction(math.gcd(*(x.numerator * (scale // x.denominator) for x in column)) or scale, scale)


def _preference(
    start: ExactNetwork, data: ExactData, live: list[int], active: list[tuple[list[int], int, int]]
) -> np.ndarray | None:
    """The system's columns in floats, scaled so that choosing the longest moves pre-activations least.

    One unit of column (j, a) is a move of neuron j by its own largest pre-activation, over coordinate a's largest
    entry, so the choice depends neither on the units of the data nor on how a neuron's scale is split between u and v.
    """
    u, b, v, c = start.to_arrays()
    points = np.array([[float_of(x) for x in point] for point in data.points])
    with np.errstate(all="ignore"):
        reach = np.abs(u @ points.T + b[:, None]).max(axis=1, initial=0.0)
        largest = np.abs(points).max(axis=0)
        features = np.column_stack([points / np.where(largest > 0, largest, 1.0), np.ones(len(points))])
        weight = np.abs(v) * reach
        unit = max(weight.max(initial=0.0), abs(float(c)), *(abs(float_of(y)) for y in data.labels)) or 1.0
        rows = features[[i for _, i, _ in active]]
        blocks = [rows * np.array([[weight[j] / unit if j in on else 0.0] for on, _, _ in active]) for j in live]
        columns = np.column_stack([*blocks, np.array([float(constant) for _, _, constant in active])])
    return columns if np.isfinite(columns).all() else None
