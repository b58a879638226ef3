"""Many classes and one random label each: a stand-in for a million random labels of ImageNet.

Published: an Inception V3 without regularizers classifies 95.20 % of the 1,281,167 training images as their random
labels say, among 1,000 classes.  Nothing here reads ImageNet, so the size `paper` says that nothing was tested.  The
smaller sizes ask the same of a perceptron: 100 classes of a Gaussian mixture, labels drawn at random, 95 % or more
after training that was not tuned for it: step size, momentum and batches are those of the other studies.  So the
sentence about a million labels is not decided here, only the narrower one about so many as were fitted.
"""

import dataclasses
from typing import NamedTuple

import jax
import numpy as np

from overparam import data
from overparam.networks import MlpClassifier
from overparam.records import Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import CI_TRAIN
from overparam.studies._instances import Size
from overparam.studies._rules import effect
from overparam.studies.random_labels._runs import BLOCK, SEEDS, percent
from overparam.training import train_classifiers

LEVEL = 0.95
CLASSES = 100
MISSING = "the published run needs ImageNet and an Inception V3, and no loader here reads ImageNet"


class Sizes(NamedTuple):
    """Points, their dimension, distance of the class means from 0, neurons, epochs."""

    n: int
    d: int
    separation: float
    width: int
    epochs: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(2000, 64, 3.0, 256, 30),
    "laptop": Sizes(20_000, 64, 3.0, 2048, 100),
}


def measure(setting: Setting, *, width: int | None = None, step_size: float | None = None) -> Finding:
    """Training accuracies on random labels."""
    if setting.size not in _SIZES:
        return Finding(True, "Nothing was trained.", 0, vacuous=MISSING)
    size, n_seeds = _SIZES[setting.size], SEEDS[setting.size]
    draws = [np.random.default_rng([setting.root, seed, 60]) for seed in range(n_seeds)]
    points = np.stack([data.mixture(rng, size.n, size.d, CLASSES, size.separation)[0] for rng in draws])
    labels = np.stack([rng.integers(0, CLASSES, size.n) for rng in draws])
    found = train_classifiers(
        points, labels, jax.random.key(setting.root), n_seeds,
        model=MlpClassifier((width or size.width,), CLASSES),
        how=dataclasses.replace(
            CI_TRAIN, epochs=size.epochs, record_every=5,
            step_size=CI_TRAIN.step_size if step_size is None else step_size,
        ),
        keep_correct=False, chunk=BLOCK,
    )  # fmt: skip
    reached = found.accuracy[:, -1]
    judged = effect(reached, LEVEL, "training accuracy on random labels")
    return Finding(
        holds=judged.holds,
        words=f"{size.n} points of a mixture of {CLASSES} Gaussian classes in {size.d} dimensions, labels drawn at "
        f"random, {width or size.width} neurons, {size.epochs} epochs: {judged.words}. This stands in for ImageNet, "
        f"which is {1_281_167 / size.n:.0f} times larger, and shows nothing of it.",
        instances=n_seeds,
        links=judged.links,
        tables=(
            Table(
                "Training accuracy on random labels, %",
                ("setting", "measured", "published"),
                (
                    (f"{size.n} points, {CLASSES} classes", percent(reached), None),
                    ("ImageNet, 1,281,167 images, 1,000 classes, Inception V3", None, 95.20),
                ),
            ),
        ),
    )


STUDY = Experiment(
    id="z-imagenet",
    claim="On 2,000 samples of 100 classes with a random label each (20,000 at the laptop size) an unregularized "
    "perceptron classifies more than 95 % of the training samples as their labels say.  That it can be done with a "
    "million is a published result, which is not tested here.",
    refuted_by="a training accuracy that stalls below 95 %",
    cites=("zhang2017",),
    locator="section 2 and Table 2",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
