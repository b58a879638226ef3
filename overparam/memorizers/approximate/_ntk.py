"""Bubeck et al. 2020: about 2 (op / lambda) ln(1 / eps) ReLU neurons without biases, in pairs that act as derivatives.

A pair (1 / t) [relu(<u + t v, x>) - relu(<u, x>)] is 1[<u, x> > 0] <v, x> at every point where the step t does not
change the sign: one neuron's tangent features, exactly, dim free numbers for two neurons.  Greedily: the residual r
picks among random u the pattern D = diag(1[<u, x_i> > 0]) whose features D X catch most of it.  On average over u,
|X^T D r|^2 = r^T H r >= lambda |r|^2, so that some u lowers |r|^2 by lambda / op of it (docs/theory/weights.md).  After
each choice all v are fitted again together, which loses nothing of that and needs fewer steps.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from overparam.exact import ExactData, ExactNetwork
from overparam.memorizers._built import Built, Options
from overparam.memorizers.approximate._draws import Draws, Span, ridge
from overparam.memorizers.approximate._numbers import step_numbers, tangent_kernel
from overparam.memorizers.approximate._reach import out_of_reach, too_hard
from overparam.memorizers.approximate._rows import Rows, prepare, zero_network

Floats = NDArray[np.float64]

_DRAWS = 16  # candidates a step, half of them uniform
_TRIED = 4  # of these, by how much they gain after all v are fitted again
_KERNEL = 4096  # samples up to which the average that the proof speaks of is computed
_ROUNDS = 8  # more draws while none catches the average
_CLOSER = (0.98, 0.5, 2.0**-6, 2.0**-20)  # of what is allowed, asked of the floats while the exact check says no


def build_ntk(data: ExactData, options: Options) -> Built:
    """Without biases; refuses labels that no such network comes near."""
    rows = prepare(data, options, biased=False)
    if refused := out_of_reach("ntk", data, rows.tolerance):
        raise refused
    return _build(rows, options, "ntk")


def build_ntk_bias(data: ExactData, options: Options) -> Built:
    """With hidden biases: the same for the rows (x, 1); any distinct points."""
    return _build(prepare(data, options, biased=True), options, "ntk-bias")


def _build(rows: Rows, options: Options, name: str) -> Built:
    if not any(rows.data.labels):
        return zero_network(rows)
    draws = Draws(rows.points, np.random.default_rng(options.seed))
    kernel = tangent_kernel(rows.points) if len(rows.points) <= _KERNEL else None
    dim, span, chosen = rows.points.shape[1], Span(rows.labels), []
    aim = float(rows.eps) * float(rows.labels @ rows.labels)
    for share in _CLOSER:
        while span.rest @ span.rest > share * aim:
            step = _step(rows.points, draws, span, kernel)
            if step is None:
                break
            chosen.append(step)
        for exactly in (False, True):
            network = _network(rows, np.array(chosen).reshape(-1, dim), share * aim, exactly=exactly)
            missed, left = rows.errors(network)
            if missed <= rows.tolerance:
                notes = (*rows.notes, f"steps of two neurons each: {len(chosen)}")
                numbers = step_numbers(rows, network, len(chosen), missed)
                return Built(network, notes, tolerance=rows.tolerance, numbers=numbers)
    raise too_hard(rows, name, left)


def _step(points: Floats, draws: Draws, span: Span, kernel: Floats | None) -> Floats | None:
    """The direction whose features catch most of the rest; None if no drawn one adds anything.

    The average of |X^T D r|^2 over uniform u is r^T H r, so draws go on until one catches that much, as some u does.
    """
    average = 0.0 if kernel is None else float(span.rest @ kernel @ span.rest) * (1 - 1e-9)
    best: tuple[float, Floats] | None = None
    for _ in range(_ROUNDS):
        drawn = np.concatenate([draws.normal(_DRAWS // 2), draws.separating(_DRAWS // 2, span.rest)])
        patterns = (drawn @ points.T > 0).astype(float)
        caught = np.sum(((patterns * span.rest) @ points) ** 2, axis=1)
        for k in np.argsort(-caught, kind="stable")[:_TRIED]:
            columns = span.new(patterns[k][:, None] * points)
            gain = span.gain(columns)
            if columns.shape[1] and gain > 0 and (best is None or gain > best[0]):
                best, new = (gain, drawn[k]), columns
        if best is not None and len(caught) and caught.max() >= average:
            break
    if best is None:
        return None
    span.add(new)
    return best[1]


def _network(rows: Rows, u: Floats, allowed: float, *, exactly: bool) -> ExactNetwork:
    """The pairs as neurons; `exactly` keeps u + t v as a fraction, where rounding it would spoil the difference."""
    points = rows.points
    pre = u @ points.T  # (steps, n_samples)
    features = ((pre > 0)[:, :, None] * points[None]).transpose(1, 0, 2).reshape(len(points), -1)
    v = ridge(features, rows.labels, allowed).reshape(u.shape)
    slopes = np.abs(v @ points.T)
    ratios = np.where(slopes > 0, np.abs(pre) / np.where(slopes > 0, slopes, 1), np.inf).min(axis=1)
    kept = np.isfinite(ratios) & (ratios > 0)
    u, v, ratios = u[kept], v[kept], ratios[kept]
    steps = 2.0 ** np.floor(np.log2(ratios) - 1)  # half of what changes a sign, or less
    if not exactly:
        pairs = np.stack([u + steps[:, None] * v, u], axis=1).reshape(-1, points.shape[1])
        return rows.network(pairs, np.stack([1 / steps, -1 / steps], axis=1).reshape(-1))
    weights, outer = [], []
    for start, move, step in zip(u.tolist(), v.tolist(), steps.tolist(), strict=True):
        before = [Fraction(a) for a in start]
        weights += [[a + Fraction(step) * Fraction(b) for a, b in zip(before, move, strict=True)], before]
        outer += [1 / Fraction(step), -1 / Fraction(step)]
    return rows.exact_network(weights, outer)
