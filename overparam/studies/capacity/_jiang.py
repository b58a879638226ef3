"""Which measures of a trained network rank networks by how well they generalize?

Networks over a grid of hyperparameters: width, step size, weight decay, and at larger sizes batch size; one hidden
ReLU layer or more on images, several seeds.  Each measure is correlated with the gap of test and training error over
the grid, by Kendall's tau of each seed, and by the granulated one: the mean over hyperparameters of tau restricted to
pairs that differ in that one alone.

At the smallest size the correlations are reported, with intervals over seeds, and nothing is judged: eight networks
are too few.  From the next one on a sentence is: flatness, 1 / s^2 for the largest noise
s on the weights that costs a tenth of the accuracy, is said to rank better than the product of spectral norms; that is
refuted if the difference of their tau is negative with 95 % confidence over the seeds.  Averages over a grid hide where
a measure fails, and they depend on when training stops: here after a fixed number of epochs, and the losses are told.
"""

import itertools
from collections.abc import Mapping
from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray
from scipy import stats

from overparam.data import load_images, whitened
from overparam.generalization import jiang2020
from overparam.networks import Layer, MlpClassifier
from overparam.records import Plot, Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import effect
from overparam.studies._series import pointwise
from overparam.training import ClassTrainSpec, train_classifiers

FLAT, SPECTRAL = "flatness", "log product of spectral norms"


class Sizes(NamedTuple):
    """Images, seeds, epochs, draws of noise, and the values of each hyperparameter."""

    n: int
    seeds: int
    epochs: int
    draws: int
    grid: Mapping[str, tuple[float, ...]]


_GRID = {
    "width": (16, 64, 256),
    "step_size": (0.01, 0.03, 0.1),
    "weight_decay": (0.0, 1e-3, 1e-2),
    "batch_size": (10, 30, 100),
}
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(300, 5, 40, 4, {"width": (16, 64), "step_size": (0.01, 0.05), "weight_decay": (0.0, 0.01)}),
    "laptop": Sizes(600, 10, 150, 8, _GRID),
    "paper": Sizes(600, 10, 150, 8, _GRID),  # the published one, of convolutional networks, needs days of a GPU
}


class Ranked(NamedTuple):
    """Over the grid, in its order: gaps (networks, seeds), measures name -> (networks, seeds), losses."""

    gaps: NDArray
    measures: dict[str, NDArray]
    losses: NDArray


def measure(setting: Setting, *, judge: bool = False, reversed_norms: bool = False) -> Finding:
    """Correlations over the grid; `judge` applies the rule at every size, `reversed_norms` takes the inverse norms."""
    size = _SIZES[setting.size]
    cells = [dict(zip(size.grid, values, strict=True)) for values in itertools.product(*size.grid.values())]
    ranked, name = _trained(setting.root, size, cells)
    if reversed_norms:
        ranked.measures[SPECTRAL] = -ranked.measures[SPECTRAL]
    taus = {
        one: np.array([_tau(values[:, s], ranked.gaps[:, s]) for s in range(size.seeds)])
        for one, values in ranked.measures.items()
    }
    granulated = {
        one: np.mean([_granulated(values[:, s], ranked.gaps[:, s], cells) for s in range(size.seeds)], axis=0)
        for one, values in ranked.measures.items()
    }
    judged = effect(taus[FLAT] - taus[SPECTRAL], 0.0, "tau of flatness less tau of the spectral norms")
    judging = judge or setting.size != "ci"  # at the smallest size the correlations are only reported
    order = sorted(taus, key=lambda one: -float(taus[one].mean()))
    rows = tuple(
        (one, float(taus[one].mean()), _half(taus[one]), *granulated[one].tolist(), float(granulated[one].mean()))
        for one in order
    )
    return Finding(
        holds=judged.holds is not False if judging else True,
        words=f"{name}; {len(cells)} networks on a grid of {', '.join(size.grid)}, {size.seeds} seeds, n = {size.n}, "
        f"{size.epochs} epochs, final losses {ranked.losses.min():.2g} to {ranked.losses.max():.2g}, gaps "
        f"{ranked.gaps.min():.3f} to {ranked.gaps.max():.3f}. Best: {order[0]}, tau {_told(taus[order[0]])}; worst: "
        f"{order[-1]}, tau {_told(taus[order[-1]])}. {judged.words[0].upper()}{judged.words[1:]}. Intervals "
        "are over seeds of this grid, not over grids.",
        instances=ranked.gaps.size,
        links=judged.links if judging else (),
        tables=(
            Table(
                "Kendall's tau of each measure with the generalization gap (mean, half of its 95 % interval), tau "
                "within each hyperparameter, and the granulated tau",
                ("measure", "tau", "+-", *size.grid, "granulated"),
                rows,
            ),
        ),
        plots=(
            Plot(
                "Kendall's tau with the generalization gap",
                "measure, in the order of the table",
                "tau",
                (pointwise("mean over seeds", range(1, len(order) + 1), [taus[one] for one in order], joined=False),),
            ),
        ),
    )


def _trained(root: int, size: Sizes, cells: list[dict[str, float]]) -> tuple[Ranked, str]:
    images = load_images("digits")
    points = whitened(images.points).reshape(len(images.points), -1)
    orders = np.stack([np.random.default_rng([root, s]).permutation(len(points)) for s in range(size.seeds)])
    train, test = orders[:, : size.n], orders[:, size.n : size.n + 600]
    gaps, measures, losses = [], [], []
    for cell in cells:
        how = ClassTrainSpec(
            epochs=size.epochs, record_every=size.epochs, batch_size=int(cell.get("batch_size", 30)),
            step_size=cell["step_size"], weight_decay=cell["weight_decay"],
        )  # fmt: skip
        history = train_classifiers(
            points[train], images.labels[train], jax.random.key(root), size.seeds,
            model=MlpClassifier((int(cell["width"]),), images.n_classes), how=how,
            test_points=points[test], test_labels=images.labels[test], keep_correct=False, chunk=size.seeds,
        )  # fmt: skip
        gaps.append(history.accuracy[:, -1] - history.test_accuracy[:, -1])
        losses.append(history.loss[:, -1])
        for s in range(size.seeds):
            layers, initial = (
                tuple(Layer(one.weights[s], one.bias[s]) for one in params)
                for params in (history.params, history.initial)
            )
            rng = np.random.default_rng([root, s, 8])
            measures.append(
                jiang2020(layers, initial, points[train[s]], images.labels[train[s]], rng, draws=size.draws)
            )
    shape = (len(cells), size.seeds)
    by_name = {one: np.array([each[one] for each in measures]).reshape(shape) for one in measures[0]}
    return Ranked(np.array(gaps, float), by_name, np.array(losses, float)), "; ".join((images.name, *images.notes))


def _tau(values: NDArray, gaps: NDArray) -> float:
    """Kendall's tau-b; 0 where one side does not vary at all."""
    tau = float(stats.kendalltau(values, gaps)[0])
    return tau if np.isfinite(tau) else 0.0


def _granulated(values: NDArray, gaps: NDArray, cells: list[dict[str, float]]) -> NDArray:
    """For each hyperparameter, the mean sign of agreement over pairs that differ in it alone."""
    out = []
    for name in cells[0]:
        agreed = [
            np.sign(values[i] - values[j]) * np.sign(gaps[i] - gaps[j])
            for i, j in itertools.combinations(range(len(cells)), 2)
            if all((cells[i][key] != cells[j][key]) == (key == name) for key in cells[0])
        ]
        out.append(float(np.mean(agreed)))
    return np.array(out)


def _told(taus: NDArray) -> str:
    return f"{taus.mean():.2f} +- {_half(taus):.2f}"


def _half(values: NDArray) -> float:
    return float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5)


STUDY = Experiment(
    id="b-jiang",
    claim="Kendall's tau of sixteen measures of trained networks with their generalization gap, over the grid of this "
    "study, is as printed; and over the grid of the larger sizes flatness does not rank worse than the product of "
    "spectral norms.",
    refuted_by="at size laptop or paper, a tau of flatness below that of the product of spectral norms, with 95 % "
    "confidence over the seeds",
    cites=("jiang2020fantastic", "dziugaite2020search"),
    locator="jiang2020fantastic, Section 2 and the appendix of measures",
    measure=measure,
    proved=False,
    word=Verdict.ESTIMATED,
)
