"""Two-layer networks on images: the squared error on new ones is largest where weights are about as many as n K.

Squared loss on one-hot labels, a tenth of the labels wrong, full-batch Adam with a cosine schedule.  With p = (d + 1) H
+ (H + 1) K weights the threshold p = n K is at H = 25 hidden neurons for n = 150 images of 7 x 7.  Judged, per
seed: the mean logarithm of the test error over widths around the threshold exceeds that of a much smaller and of a much
larger network.  The share of wrong answers falls throughout.  Without label noise, or without re-use of smaller
networks' weights as in the source, the peak is weak: this is one setting with a peak, not a law.
"""

from typing import NamedTuple

import jax
import numpy as np

from overparam.data import corrupted
from overparam.networks import MlpClassifier
from overparam.records import Plot, Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect
from overparam.studies._series import measured
from overparam.training import ClassTrainSpec, train_classifiers


class Sizes(NamedTuple):
    """Images, their side, share of wrong labels, widths, those around the threshold, steps, step size, seeds."""

    n: int
    side: int
    noise: float
    widths: tuple[int, ...]
    inner: tuple[int, ...]
    steps: int
    step: float
    seeds: int


_LARGE = Sizes(1_000, 14, 0.1, (4, 8, 16, 25, 32, 40, 49, 64, 80, 128, 256, 512), (40, 49, 64), 6_000, 5e-3, 10)
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(150, 7, 0.1, (4, 25, 50, 160), (25, 50), 3_000, 7.5e-3, 5),
    "laptop": _LARGE,
    "paper": _LARGE._replace(n=4_000, side=28),
}


def measure(setting: Setting, *, noise: float | None = None, weight_decay: float = 0.0) -> Finding:
    """Errors by width; another share of wrong labels, or a decay of the weights."""
    size = _SIZES[setting.size]
    splits = image_splits(setting.root, size.seeds, size.n, 1_000, side=size.side)
    n, dim, classes = splits.points.shape[1], splits.points.shape[2], splits.n_classes
    if n < size.n:
        return Finding(
            None,
            f"The setting needs {size.n} training images; {splits.name} has {n}.",
            instances=0,
            vacuous=f"{size.n} training images are missing: put MNIST in a folder and load that",
        )
    rng = np.random.default_rng([setting.root, 1])
    labels = corrupted(rng, splits.labels, size.noise if noise is None else noise, classes, wrong_only=True)
    how = ClassTrainSpec(
        epochs=size.steps,
        batch_size=None,
        optimizer="adam",
        step_size=size.step,
        schedule="cosine",
        weight_decay=weight_decay,
        loss="squared",
        record_every=size.steps,
    )
    runs = [
        train_classifiers(
            splits.points,
            labels,
            jax.random.key(setting.root),
            size.seeds,
            model=MlpClassifier((width,), classes),
            how=how,
            test_points=splits.test_points,
            test_labels=splits.test_labels,
            keep_correct=False,
        )
        for width in size.widths
    ]
    # the loss is a mean over classes; the sum is what the source draws
    squared = classes * np.stack([run.test_loss[:, -1] for run in runs], axis=-1)
    fitted = classes * np.stack([run.loss[:, -1] for run in runs], axis=-1)
    wrong = 1 - np.stack([run.test_accuracy[:, -1] for run in runs], axis=-1)
    logs = np.log(squared)
    inner = logs[:, [size.widths.index(width) for width in size.inner]].mean(axis=1)
    around = f"H = {size.inner[0]} to {size.inner[-1]}"
    judged = all_of(
        effect(inner - logs[:, 0], 0.0, f"ln test error at {around} over H = {size.widths[0]}"),
        effect(inner - logs[:, -1], 0.0, f"ln test error at {around} over H = {size.widths[-1]}"),
    )
    weights = [(dim + 1) * width + (width + 1) * classes for width in size.widths]
    threshold = (n - 1) * classes / (dim + 1 + classes)
    marks = ((threshold, "p = n K"),)
    rows = tuple(
        (width, p, float(squared[:, i].mean()), float(fitted[:, i].mean()), float(wrong[:, i].mean()))
        for i, (width, p) in enumerate(zip(size.widths, weights, strict=True))
    )
    return Finding(
        holds=judged.holds,
        words=f"{splits.name}; n = {n}, d = {dim}, {100 * (size.noise if noise is None else noise):g} % wrong labels, "
        f"{size.steps} steps, {size.seeds} seeds, threshold n K = {n * classes} weights: {judged.words}. Test error "
        f"{', '.join(f'{row[2]:.3g}' for row in rows)} and wrong answers {', '.join(f'{row[4]:.3g}' for row in rows)} "
        f"at H = {', '.join(map(str, size.widths))}. Other noise, losses and optimizers may show no peak.",
        instances=squared.size,
        links=judged.links,
        plots=(
            Plot(
                f"Two-layer networks on images, n = {n}",
                "hidden neurons H",
                "squared error",
                (
                    measured("test", size.widths, squared),
                    measured("training", size.widths, fitted),
                    measured("wrong answers, new images", size.widths, wrong, within=(0, 1)),
                ),
                log_x=True,
                log_y=True,
                marks=marks,
            ),
        ),
        tables=(
            Table(
                "Two-layer networks, means over seeds",
                ("H", "weights", "test error", "training error", "wrong answers"),
                rows,
            ),
        ),
    )


STUDY = Experiment(
    id="d-nn-mnist",
    claim="In this study's setting, two-layer ReLU networks trained with squared loss on images with a tenth of wrong "
    "labels, the squared error on new images is larger for widths around p = n K than for much smaller and much larger "
    "networks.  It is no law: with other noise, losses or optimizers the peak may be absent, and the share of wrong "
    "answers has none here.",
    refuted_by="a mean logarithm of the test error around the threshold that is below either end",
    cites=("belkin2019reconciling",),
    locator="Fig. 4 (Fig. 3 of the journal's version)",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
