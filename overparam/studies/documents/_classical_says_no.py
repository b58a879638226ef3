"""What classical theory says of a network that generalizes with more weights than samples: nothing, rather than no.

A bound on the error by VC dimension is an upper bound.  For the networks of this study the one evaluated exceeds 1
whatever the training error, so it promises nothing, and an upper bound that promises nothing predicts no failure
either.  That classical theory says that such a model should never learn is therefore too strong.  Other bounds and
other networks are not looked at.

Measured: networks trained on images to tell the smaller from the larger half of the classes, two outputs whose
difference is one network d-m-1; their test error against half of that of guessing, and the bound, training error plus
gap with probability 95 %, from an upper bound on the VC dimension of that family, with the number of samples from which
the bound is below 1/2.
"""

from typing import NamedTuple

import jax
import numpy as np

from overparam.generalization import samples_needed, vc_dimension_bound, vc_gap_bound
from overparam.networks import MlpClassifier
from overparam.records import Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import effect
from overparam.training import ClassTrainSpec, train_classifiers

HALF = 0.25  # half of the error of guessing: far below it


class Sizes(NamedTuple):
    """Training and test images, hidden units, epochs, seeds."""

    n: int
    n_test: int
    width: int
    epochs: int
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(500, 1000, 256, 40, 5),
    "laptop": Sizes(4000, 1000, 1024, 60, 10),
    "paper": Sizes(4000, 1000, 1024, 60, 10),
}


def measure(setting: Setting, *, random_labels: bool = False, samples: int | None = None) -> Finding:
    """Test errors and bounds; `random_labels` in training, `samples` in place of the training images in the bound."""
    size = _SIZES[setting.size]
    data = image_splits(setting.root, size.seeds, size.n, size.n_test)
    labels, test_labels = (2 * part // data.n_classes for part in (data.labels, data.test_labels))
    if random_labels:
        rng = np.random.default_rng([setting.root, 53])
        labels = rng.integers(2, size=labels.shape).astype(labels.dtype)
    ran = train_classifiers(
        data.points,
        labels,
        jax.random.key(setting.root),
        size.seeds,
        model=MlpClassifier((size.width,), n_classes=2),
        how=ClassTrainSpec(epochs=size.epochs, batch_size=50, step_size=0.01, record_every=size.epochs),
        test_points=data.test_points,
        test_labels=test_labels,
        keep_correct=False,
    )
    train, test = 1 - ran.accuracy[:, -1], 1 - ran.test_accuracy[:, -1]
    n, dim = labels.shape[1], data.points.shape[2]
    sizes = (dim, size.width, 1)
    dimension, weights = vc_dimension_bound(sizes), size.width * (dim + 2) + 1
    gap = vc_gap_bound(dimension, samples or n)  # no random number in it: above 1, so is the bound of every network
    bounds, judged = train + gap, effect(test, HALF, "test error", kind="below")
    needed = samples_needed(dimension, 0.5)
    return Finding(
        holds=judged.holds if gap >= 1 and weights > n else False,
        words=f"{data.name}; {n} training images, smaller against larger half of {data.n_classes} classes, networks "
        f"{dim}-{size.width}-1 with {weights} weights, training error {train.mean():.3g}: {judged.words}. Their VC "
        f"dimension is at most {dimension:.2g}; the bound on the error is the training error plus {gap:.3g}, which "
        f"would be below 1/2 from {needed:.2g} samples on. It predicts neither success nor failure.",
        instances=size.seeds,
        links=(
            *judged.links,
            Link("error bound by VC dimension, less the training error", 1.0, float(gap), "at least"),
        ),
        tables=(
            Table(
                "What the bound says, and what was measured",
                ("seed", "training error", "test error", "bound on the error"),
                tuple((i, *map(float, row)) for i, row in enumerate(zip(train, test, bounds, strict=True))),
            ),
        ),
    )


STUDY = Experiment(
    id="s-classical-says-no",
    claim="The bound by VC dimension on the error of the networks of this study, with one hidden layer and more "
    "weights than samples, is above 1, so it promises nothing and forbids nothing, while they err less than half as "
    "often as guessing: this bound does not say that they should not learn, it does not explain why they do.",
    refuted_by="a VC bound below 1, or networks of this study that err half as often as guessing or more",
    cites=("bartlett2019", "zhang2017"),
    locator="Theorem 7 of bartlett2019; uniform convergence",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
