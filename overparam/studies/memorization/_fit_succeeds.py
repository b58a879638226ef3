"""Training with far more parameters than samples succeeds, and long training drives the loss to zero.

Networks 40-m-1 with p >= 10 n parameters on Friedman's problem with noise, all samples in a step, Adam with steps of
1e-3, from ten independent initial weights: a run succeeds if the training error falls below 1e-6 of the targets'
variance.  The claim holds if the rate of success is above one half, by its 95 % bound, and fails if that can be said of
failing even 1e-3.
"""

from typing import NamedTuple

import jax
import numpy as np

from overparam.data import friedman40
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import between, events
from overparam.studies.memorization._regression import parameters
from overparam.training import ModelSpec, TrainSpec, train

RUNS = 10


class Sizes(NamedTuple):
    """n samples, hidden units, largest number of steps."""

    n: int
    width: int
    steps: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(100, 256, 3000),
    "laptop": Sizes(2000, 1024, 6000),
    "paper": Sizes(13_000, 48_880, 20_000),
}


def measure(setting: Setting, *, repeats: bool = False, width: int | None = None) -> Finding:
    """Ten runs on one data set; `repeats` gives every other sample the inputs of its neighbour and keeps its target."""
    size = _SIZES[setting.size]
    units = width or size.width
    points, targets = friedman40(np.random.default_rng([setting.root, size.n]), size.n, 1.0)
    if repeats:
        points[1::2] = points[::2]
    labels = (targets - targets.mean()) / targets.std()
    points = (points - points.mean(0)) / points.std(0)
    run = train(
        points, labels, jax.random.key(setting.root), RUNS, model=ModelSpec("mlp", width=units),
        how=TrainSpec(
            "adam", step_size=1e-3, step_unit="absolute", loss="squared-mean", tolerance=1e-3, max_steps=size.steps
        ),
        keep_params=False,
    )  # fmt: skip
    errors = np.asarray(run.residual_norm, float) ** 2 / size.n
    within = (
        events(errors <= level, f"training error at most {level:g} of the variance, of {RUNS} starts")
        for level in (1e-6, 1e-3)
    )
    judged = between(*within)
    p = parameters(units)
    return Finding(
        holds=judged.holds,
        words=f"Friedman's problem with noise 1, n = {size.n}, network 40-{units}-1 with p = {p} = {p / size.n:.4g} n "
        f"parameters: {judged.words}, after {run.n_steps.min()} to {run.n_steps.max()} steps, where training ended; "
        f"largest training error {errors.max():.2g} of the variance.",
        instances=RUNS,
        links=judged.links,
    )


STUDY = Experiment(
    id="s-fit-succeeds",
    claim="On the data of this study, with ten times as many parameters as samples or more and distinct inputs, "
    "training all weights with Adam brings the training error below a millionth of the targets' variance, from more "
    "than half of the random starts.",
    refuted_by="at most one start of ten whose training error falls below a thousandth of the variance",
    cites=(),
    locator="own, theory of generalization, s-fit-succeeds",
    measure=measure,
    proved=False,
)
