"""Networks learn simple patterns before they memorize: true labels are fitted long before wrong ones.

A network is trained on images of which 40 % have a uniformly drawn label; larger sizes have other shares too.  At the
epoch of best accuracy on one half of the validation images it is looked at how many of the examples with true labels
are right, and how many of those with wrong labels are already fitted to these; examples whose drawn label is the true
one count as true.  For every seed, with its own split: the difference must exceed 30 points, and by the end accuracy on
the other half must have fallen by 3 points (the maximum over epochs would be biased upwards on the half that chose it),
by 95 % bounds of the means; and 99 % of all labels must be fitted in the end on more than half of the seeds.
"""

from typing import NamedTuple

import jax
import numpy as np

from overparam.data import corrupted
from overparam.networks import MlpClassifier
from overparam.records import Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect, events
from overparam.studies._series import measured
from overparam.training import ClassTrainSpec, train_classifiers


class Sizes(NamedTuple):
    """Samples, validation images, hidden units, epochs, shares of labels drawn anew, seeds."""

    n: int
    n_held: int
    width: int
    epochs: int
    shares: tuple[float, ...]
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(600, 500, 256, 60, (0.4,), 5),
    "laptop": Sizes(4000, 1000, 512, 150, (0.2, 0.4, 0.6, 0.8), 10),
    "paper": Sizes(4000, 1000, 4096, 150, (0.2, 0.4, 0.6, 0.8), 10),
}


def measure(setting: Setting, *, all_random: bool = False) -> Finding:
    """Which labels are fitted first; `all_random` draws every label anew and calls any 40 % of them corrupted."""
    size = _SIZES[setting.size]
    splits = image_splits(setting.root, size.seeds, size.n, size.n_held)
    judged, plots, told = [], [], []
    for number, share in enumerate(size.shares):
        rng = np.random.default_rng([setting.root, number, 2])
        labels = corrupted(rng, splits.labels, share, splits.n_classes)
        wrong = labels != splits.labels
        if all_random:
            labels = corrupted(rng, splits.labels, 1.0, splits.n_classes)
        run = train_classifiers(
            splits.points, labels, jax.random.fold_in(jax.random.key(setting.root), number), size.seeds,
            model=MlpClassifier((size.width,), splits.n_classes), how=ClassTrainSpec(epochs=size.epochs),
            test_points=splits.test_points, test_labels=splits.test_labels,
        )  # fmt: skip
        right = np.asarray(run.correct, float)
        clean = _mean_over(right, ~wrong)
        fitted = _mean_over(right, wrong)
        held = np.asarray(run.test_correct, float)
        choosing, measuring = held[:, :, ::2].mean(axis=2), held[:, :, 1::2].mean(axis=2)
        best = choosing.argmax(axis=1)
        rows = np.arange(size.seeds)
        ahead = clean[rows, best] - fitted[rows, best]
        drop = measuring[rows, best] - measuring[:, -1]
        judged += [
            effect(ahead, 0.3, f"true labels right minus wrong ones fitted, {share:.0%} drawn"),
            effect(drop, 0.03, "fall of the accuracy on other validation images to the end"),
            events(run.accuracy[:, -1] >= 0.99, "99 % of all labels fitted in the end"),
        ]
        told.append(f"best at epochs {run.epochs[best].min()} to {run.epochs[best].max()}")
        kinds = (
            ("true labels", clean),
            ("wrong labels, fitted", fitted),
            ("validation images on which the epoch is chosen", choosing),
            ("other validation images", measuring),
        )
        plots.append(
            Plot(
                f"What is learned when, {share:.0%} of the labels drawn anew",
                "epoch",
                "accuracy",
                tuple(measured(label, run.epochs, values, within=(0, 1)) for label, values in kinds),
            )
        )
    found = all_of(*judged)
    return Finding(
        holds=found.holds,
        words=f"{size.seeds} splits of {size.n} from {splits.name}, {size.width} hidden units, {size.epochs} epochs: "
        f"{found.words}; {'; '.join(told)}.",
        instances=size.seeds * len(size.shares),
        links=found.links,
        plots=tuple(plots),
    )


def _mean_over(right: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Share (seeds, looks) of the examples of a group (seeds, n) that are right (seeds, looks, n)."""
    return (right * group[:, None, :]).sum(axis=2) / group.sum(axis=1)[:, None]


STUDY = Experiment(
    id="a-simple-first",
    claim="On the images of this study with 40 % of the labels drawn anew (in larger runs also with 20, 60 and 80 %), "
    "where validation accuracy is best the network has on average 30 points more of the true labels right than of the "
    "wrong ones fitted; in the end it has 99 % of all labels right on more than half of the seeds, and on average "
    "accuracy on other validation images has fallen by 3 points.",
    refuted_by="wrong labels that are fitted as early as true ones, or no fall of the validation accuracy",
    cites=("arpit2017closer",),
    locator="the experiment on simple patterns first",
    measure=measure,
    proved=False,
)
