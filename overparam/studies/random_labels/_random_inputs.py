"""Networks of depth two fit random labels of random inputs, and noise is fitted sooner than images.

Measured: (a) Gaussian points with random binary labels; (b) the images of the size with each image's pixels in an order
of its own, and (c) with Gaussian pixels, with the labels that the images had, which are noise then.  Test sets are made
alike, so that test accuracy must be chance; for Gaussian inputs it is binomial, for images it varies more.
"""

from typing import NamedTuple

import jax
import numpy as np

from overparam.networks import MlpClassifier
from overparam.records import Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, chance, events
from overparam.studies.random_labels._runs import BLOCK, SEEDS, absent, entries, percent, trained
from overparam.training import ClassTrainSpec, train_classifiers


class Sizes(NamedTuple):
    """Gaussian points, their dimension, test points, neurons, epochs; epochs for images, those of the task if None."""

    n: int
    d: int
    n_test: int
    width: int
    epochs: int
    image_epochs: int | None


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(200, 20, 1000, 512, 150, 42),
    "laptop": Sizes(5000, 200, 1000, 1024, 300, None),
    "paper": Sizes(5000, 200, 1000, 1024, 300, None),
}


def measure(setting: Setting, *, width: int | None = None, wave: bool = False) -> Finding:
    """Fits and test accuracies; with `wave` the labels of (a) are those of a half-space, so that there is a signal."""
    if missing := absent(setting):
        return missing
    n_seeds = SEEDS[setting.size]
    size = _SIZES[setting.size]
    draws = [np.random.default_rng([setting.root, seed, 30]) for seed in range(n_seeds)]
    points = np.stack([rng.normal(size=(size.n + size.n_test, size.d)) for rng in draws]).astype(np.float32)
    labels = np.stack([rng.integers(0, 2, size.n + size.n_test) for rng in draws])
    if wave:
        labels = (points[:, :, 0] > 0).astype(int)
    found = train_classifiers(
        points[:, : size.n], labels[:, : size.n], jax.random.key(setting.root), n_seeds,
        model=MlpClassifier((width or size.width,), 2),
        how=ClassTrainSpec(epochs=size.epochs, record_every=10, step_size=0.01),
        test_points=points[:, size.n :], test_labels=labels[:, size.n :], keep_correct=False, chunk=BLOCK,
    )  # fmt: skip
    judged = [
        events(found.accuracy[:, -1] == 1, f"all {size.n} binary labels of Gaussian points in {size.d} dimensions"),
        chance(found.test_accuracy[:, -1], 2),
    ]
    rows = [("Gaussian points, 2 classes", percent(found.accuracy[:, -1]), percent(found.test_accuracy[:, -1]))]
    for name, task in entries(setting.size):
        for inputs, told in (("random", "pixels in an order of each image's own"), ("gaussian", "Gaussian pixels")):
            ran = trained(setting.root, task.under(inputs=inputs, epochs=size.image_epochs), n_seeds)
            test = ran.test_accuracy[:, -1]
            judged += [
                events(ran.fitted(), f"{name}, {told}: 99 % of the labels"),
                chance(test, task.net.n_classes),
            ]
            rows.append((f"{name}, {told}", percent(ran.accuracy[:, -1]), percent(test)))
    whole = all_of(*judged)
    return Finding(
        holds=whole.holds,
        words=f"Networks of {width or size.width} neurons on Gaussian points, and those of this size on {ran.name}: "
        f"{whole.words}.",
        instances=n_seeds * len(rows),
        links=whole.links,
        tables=(Table("Accuracy in %", ("inputs", "train", "test"), tuple(rows)),),
    )


STUDY = Experiment(
    id="z-random-inputs",
    claim="Networks of depth two fit random labels of random inputs: Gaussian points with binary labels, images whose "
    "pixels are in an order of each image's own, and Gaussian pixels; test accuracy is then chance.",
    refuted_by="a condition that no seed fits, or a mean test accuracy whose interval lies outside 1/K +- 0.05",
    cites=("zhang2017",),
    locator="section 2, Fig. 1a",
    measure=measure,
    proved=False,
)
