"""Gradient descent on a coupled ReLU network never switches a unit, and every loss on the way has a closed form.

Pairs of neurons with equal weights w_j and output weights +-c start at F = 0; the first layer is trained by full-batch
gradient descent on 1/2 ||F - y||^2, a sum.  With K = J J^T at the start, positive definite with eigenpairs (l_i, u_i),
if c is beyond an explicit number and 0 < step <= 1 / l_max, then for all t

    no activation pattern changes,  loss_t = 1/2 sum_i (1 - step l_i)^(2 t) <u_i, y>^2,  |w_t - w_0|^2 <= y^T K^-1 y,

and the limit interpolates: docs/theory/lazy.md has the proof, valid for every data set with K regular.  Here the exact
checker decides the hypotheses on each start, with the very step that is then taken in floats.  Outputs are rounded by
about u c ||w_0||_F ||x_i||, u = 2^-53; two such roundings change the loss by 1e-6 of itself where it is 1e-19 (c
||w_0||_F ||X||_F)^2: above that floor the two are compared.
"""

import pathlib
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.certificates import coupled_network
from overparam.data import Dataset, DataSpec, load
from overparam.errors import OverparamError
from overparam.exact import ExactLayer, float_of
from overparam.keys import Purpose, key_for
from overparam.networks import Layer
from overparam.ntk import Flow, GradientDescent, distances_at, losses_at, modes_of, network_gram
from overparam.precision import HIGHEST, require_dtype
from overparam.records import Plot, Series
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.training import follow
from overparam.widths import prove_lazy

DEVIATION = 1e-6  # of the loss, relative, above the floor
FLOOR = 1e-19  # times (c ||w_0||_F ||X||_F)^2
SHOWN, POINTS = 3, 24  # starts in the figure, and steps of each


class Cell(NamedTuple):
    """One start: n points of R^d, pairs of neurons, steps taken."""

    data: str
    n: int
    d: int
    labels: str
    pairs: int
    steps: int


_CELLS: dict[Size, tuple[Cell, ...]] = {
    "ci": (Cell("gaussian", 20, 5, "gaussian", 12, 4000), Cell("sphere", 12, 8, "signs", 16, 4000)),
    "laptop": (
        Cell("gaussian", 40, 5, "gaussian", 12, 30_000),
        Cell("gaussian", 40, 5, "signs", 20, 30_000),
        Cell("gaussian", 40, 5, "gaussian", 40, 30_000),
        Cell("clusters", 40, 6, "signs", 60, 30_000),
        Cell("anisotropic", 60, 10, "gaussian", 40, 30_000),
        Cell("sphere", 150, 20, "signs", 30, 30_000),
    ),
    "paper": (
        *(Cell("gaussian", 40, 5, "gaussian", pairs, 30_000) for pairs in (12, 20, 40)),
        Cell("clusters", 100, 10, "signs", 80, 100_000),
        Cell("anisotropic", 200, 20, "gaussian", 60, 100_000),
        Cell("sphere", 400, 40, "signs", 40, 100_000),
    ),
}


class Start(NamedTuple):
    """A coupled network: pairs of neurons with rows of `hidden`, and output weights +-scale."""

    hidden: np.ndarray  # (pairs, d)
    scale: float
    data: Dataset

    @property
    def layers(self) -> list[Layer]:
        """The network with all its 2 pairs neurons."""
        signs = np.repeat([self.scale, -self.scale], len(self.hidden))
        hidden = Layer(np.concatenate([self.hidden] * 2), np.zeros(len(signs)))
        return [hidden, Layer(signs[None], np.zeros(1))]


def finite_kernel(start: Start) -> Array:
    """K = J J^T of the first layer, (n, n)."""
    return network_gram(start.layers, start.data.points, free=[0], hidden_bias=False, output_bias=False)


class _Curve(NamedTuple):
    """The loss on the way, and what the formula says of it, where both are above the floor."""

    name: str
    steps: np.ndarray
    losses: np.ndarray
    formula: np.ndarray


class _Run(NamedTuple):
    deviation: float  # of the loss from the formula, the largest above the floor
    flips: float
    moved: float  # largest ||w_t - w_0|| over its bound
    condition: float
    fell: float  # last loss over the first


def measure(
    setting: Setting, *, step: float = 1.0, scale: float = 1.0, kernel: Callable[[Start], Array] = finite_kernel
) -> Finding:
    """Certify each start, train it, compare with the formula.

    Args:
        setting: see `Setting`.
        step: times the certified step is taken; the theorem allows at most 1.
        scale: times the certified output scale; the theorem asks for at least 1.
        kernel: of the formula; the theorem's is that of the start.
    """
    require_dtype("float64", what="the study of the exact lazy cell")
    cells = _CELLS[setting.size]
    runs, curves, refused = [], [], []
    for number, cell in enumerate(cells):
        data = load(DataSpec(data=cell.data, n=cell.n, d=cell.d, labels=cell.labels, seed=1000 * setting.root + number))
        key = key_for(jax.random.key(setting.root), Purpose.INIT, number)
        hidden = np.asarray(jax.random.normal(key, (cell.pairs, cell.d), "float64"))
        name = f"{cell.data}-n{cell.n}-d{cell.d}-pairs{cell.pairs}"
        try:
            start, certified_step = _certified(hidden, data, setting.folder / name, scale)
        except OverparamError as error:
            refused.append(f"{name}: {error}")
            continue
        run, curve = _trained(name, start, kernel(start), step * certified_step, cell.steps)
        runs.append(run)
        curves.append(curve)
    if not runs:
        return Finding(None, f"No start was certified: {refused[0]}.", len(cells))
    worst = _Run(*np.max(np.array(runs), axis=0).tolist())  # NaN if any is
    links = (
        Link("relative deviation of the loss from its closed form", DEVIATION, worst.deviation),
        Link("activations that changed", 0, worst.flips),
        Link("distance moved over its bound", 1 + 1e-9, worst.moved),
    )
    words = (
        f"{len(runs)} of {len(cells)} starts certified (n up to {max(cell.n for cell in cells)}, condition numbers of "
        f"K up to {worst.condition:.2g}), trained in float64 for up to {max(cell.steps for cell in cells):,} "
        f"steps; each loss ends at most at {worst.fell:.1g} of its first value. Other starts rest on the theorem."
    )
    if refused:
        words += f" Not certified: {'; '.join(refused[:2])}."
    as_proved = all(link.holds for link in links)
    holds = None if refused and as_proved else as_proved
    return Finding(holds, words, len(cells), links=links, certified=holds is True, plots=(_picture(curves),))


def _certified(hidden: np.ndarray, data: Dataset, folder: pathlib.Path, scale: float) -> tuple[Start, float]:
    """The start and its step, after the checker has accepted it."""
    first, outer = coupled_network((hidden, np.zeros(len(hidden))), data.points, data.labels, hidden_bias=False)
    outer = ExactLayer(tuple(tuple(v * Fraction(scale) for v in row) for row in outer.weights), outer.bias)
    made = prove_lazy((first, outer), data, folder, hidden_bias=False, output_bias=False)
    return Start(hidden, float_of(outer.weights[0][0]), data), float_of(made.numbers["step"])


def _picture(curves: list[_Curve]) -> Plot:
    """Losses of the first starts and their closed forms, over the first of each; dense in the logarithm of the step."""
    series = []
    for curve in curves[:SHOWN]:
        last = len(curve.steps) - 1
        chosen = sorted({round(last ** (i / POINTS)) for i in range(POINTS + 1)} & set(range(1, last + 1)))
        x = tuple(map(float, curve.steps[chosen]))
        for label, values, kind in (("trained", curve.losses, "measured"), ("closed form", curve.formula, "formula")):
            y = tuple(float(value) if np.isfinite(value) else None for value in values[chosen] / curve.losses[0])
            series.append(Series(f"{curve.name}, {label}", x, y, kind=kind))
    title = "The loss of gradient descent and its closed form"
    return Plot(title, "steps", "loss over its first value", tuple(series), log_x=True, log_y=True)


def _trained(name: str, start: Start, gram: Array, step: float, steps: int) -> tuple[_Run, _Curve]:
    points, labels = jnp.asarray(start.data.points), jnp.asarray(start.data.labels)
    pairs = jnp.stack([jnp.asarray(start.hidden)] * 2)
    scale = jnp.asarray(start.scale)
    every = max(steps // 200, 1)
    run = follow(_outputs, pairs, labels, points, scale, pairs, step_size=step, steps=steps, every=every, watch=_watch)
    outputs, flips, moved = run.seen
    losses = np.asarray(jnp.sum((outputs - labels[None, :]) ** 2, axis=1)) / 2
    modes = modes_of(gram)
    formula = np.asarray(losses_at(modes, -labels, run.steps, GradientDescent(step)))
    bound = float(distances_at(modes, -labels, np.inf, Flow()))
    with np.errstate(invalid="ignore"):  # a run that diverged ends in not-a-number, which no comparison below accepts
        deviations = np.abs(losses / formula - 1)
    floor = FLOOR * (start.scale * np.linalg.norm(start.hidden) * np.linalg.norm(start.data.points)) ** 2
    above = ~(formula <= floor)
    curve = _Curve(name, np.asarray(run.steps)[above], losses[above], np.asarray(formula)[above])
    found = _Run(
        deviation=float(np.max(deviations[above], initial=0.0)),
        flips=float(np.max(flips)),
        moved=float(np.max(moved)) / bound,
        condition=float(modes.values[-1] / modes.values[0]),
        fell=float(losses[-1] / losses[0]),
    )
    return found, curve


def _outputs(pairs: Array, points: Array, scale: Array, first: Array) -> Array:
    """Twins cancel bit for bit at the start: F = 0 exactly."""
    del first
    active = jnp.maximum(jnp.matmul(pairs, points.T, precision=HIGHEST), 0)  # (2, pairs, n)
    return scale * jnp.sum(active[0] - active[1], axis=0)


def _watch(pairs: Array, points: Array, scale: Array, first: Array) -> tuple[Array, Array, Array]:
    """Outputs, activations that differ from the start's, distance from the start."""
    sign = jnp.matmul(pairs, points.T, precision=HIGHEST) > 0
    before = jnp.matmul(first, points.T, precision=HIGHEST) > 0
    return _outputs(pairs, points, scale, first), jnp.sum(sign != before), jnp.linalg.norm(pairs - first)


STUDY = Experiment(
    id="exact-lazy-cell",
    claim="Gradient descent on the first layer of each coupled ReLU network in claims/exact-lazy-cell, with the scale "
    "and step given there, never changes an activation pattern and converges to a network that takes every label.",
    refuted_by="an activation that changes, or a loss that leaves its closed form by more than 1e-6 above the rounding "
    "floor, on a start whose hypotheses the checker accepted; it would be an error of a program, since this is proved "
    "in docs/theory/lazy.md",
    cites=("chizat2019",),
    locator="after the lazy regime there; the theorem is the project's own, docs/theory/lazy.md",
    measure=measure,
    proved=True,
)
