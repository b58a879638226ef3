"""Batch normalization changes the test accuracy by a few points only.

Measured: test accuracy at the end with and without it, each at the better of two step sizes, chosen by the mean over
the seeds, paired by seed.  At the ci and laptop sizes a perceptron; there the claim is a difference of at most 5
points, and a loss of more than 10 without it counts against the claim.  Published are 85.75 against 82.00 without
weight decay and 86.03 against 83.00 with it, for Inception.
"""

import numpy as np

from overparam.networks import MlpClassifier
from overparam.records import Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import Judged, all_of, effect
from overparam.studies.random_labels import _published
from overparam.studies.random_labels._runs import SEEDS, Task, absent, entries, percent, trained

MOST, FAILS = 0.05, 0.1
_STEPS: dict[Size, tuple[float, ...]] = {"ci": (0.01, 0.03), "laptop": (0.003, 0.01, 0.03), "paper": (0.03, 0.1)}


def measure(setting: Setting, *, plain_steps: tuple[float, ...] | None = None) -> Finding:
    """Both networks; `plain_steps` are the step sizes of the one without normalization, by the protocol the same."""
    if missing := absent(setting):
        return missing
    n_seeds = SEEDS[setting.size]
    judged, rows = [], []
    for name, tasks in _pairs(setting.size):
        best, chosen = [], []
        for task, steps in zip(tasks, (_STEPS[setting.size], plain_steps or _STEPS[setting.size]), strict=True):
            runs = {step: trained(setting.root, task.under(step_size=step), n_seeds) for step in steps}
            step = max(runs, key=lambda step: runs[step].test_accuracy[:, -1].mean())
            chosen.append(step)
            best.append(runs[step])
        ends = [ran.test_accuracy[:, -1] for ran in best]
        judged.append(_close(ends[0] - ends[1], name))
        for told, ran, step in zip(("with", "without"), best, chosen, strict=True):
            rows.append((name, told, step, percent(ran.accuracy[:, -1]), percent(ran.test_accuracy[:, -1])))
    for known, told in (("inception", "with"), ("inception-no-bn", "without")):
        rows.append(("Inception, CIFAR-10, published", told, 0.1, *_published.TRUE[known, False]))
    found = all_of(*judged)
    return Finding(
        holds=found.holds,
        words=f"On {best[0].name}, {best[0].labels.shape[1]} images, {n_seeds} seeds: {found.words}.",
        instances=2 * n_seeds * len(judged),
        links=found.links,
        tables=(
            Table(
                "Accuracy in % (published: Table 1, without weight decay)",
                ("network", "batch normalization", "step size", "train", "test"),
                tuple(rows),
            ),
        ),
    )


def _pairs(size: Size) -> list[tuple[str, tuple[Task, Task]]]:
    """Networks with and without normalization."""
    chosen = entries(size, n=2000, epochs=(100, 100))
    if size == "paper":
        found = dict(chosen)
        return [("inception", (found["inception"], found["inception-no-bn"]))]
    pairs = []
    for name, task in chosen:
        widths = task.net.widths if isinstance(task.net, MlpClassifier) else ()
        normed = MlpClassifier(widths, task.net.n_classes, batch_norm=True)
        short = task.under(epochs=60, n_test=1000) if size == "ci" else task
        pairs.append((name, (short._replace(net=normed), short)))
    return pairs


def _close(gains: np.ndarray, name: str) -> Judged:
    """At most 5 points either way; more than 10 points lost without it count against the claim."""
    told = f"{name}: accuracy with minus without batch normalization"
    above = effect(gains, -MOST, told)
    below, limit = (effect(gains, most, told, kind="below") for most in (MOST, FAILS))
    found = all_of(above, below)
    return found if found.holds else found._replace(holds=False if limit.holds is False else None)


STUDY = Experiment(
    id="z-batchnorm",
    claim="With and without batch normalization, each at the better of the step sizes tried, test accuracy differs by "
    "at most 5 points.",
    refuted_by="a loss of more than 10 points without it",
    cites=("zhang2017",),
    locator="section 3, Table 1 and Fig. 2b",
    measure=measure,
    proved=False,
)
