"""The test error of trained networks may peak where they just interpolate; it need not, it depends on the setting.

The sentence of the literature has a peak of the test error at the smallest width that reaches zero training error.
Networks 40-m-1 on Friedman's problem with noise, trained to the end with the squared loss, have one: for every seed,
with its own data, the test error at the width where parameters are as many as samples is above that of the narrowest
and that of the widest network, in logarithms, by 95 % bounds of the means over seeds.  Classifiers of small pooled
images with a fifth of their labels wrong, trained with the cross-entropy, show none at the three widths compared: the
error falls from the first to the second and on to the third.  A peak between those widths is not excluded.

Published for residual networks on 50,000 colour images with 15 or 20 % of wrong labels; that takes days on an
accelerator and is not run here.
"""

from typing import NamedTuple

import jax
import numpy as np

from overparam.data import corrupted
from overparam.records import Plot, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect
from overparam.studies._series import geometric
from overparam.studies.memorization._mixed import Mixed
from overparam.studies.memorization._regression import interpolating_width, width_sweep
from overparam.training import ClassTrainSpec, train_classifiers

NOISE = 4.0  # of the regression targets; the function's standard deviation is 4.9
WRONG = 0.2  # share of wrong labels


class Sizes(NamedTuple):
    """Regression: n samples, widths, the one where p = n, steps.  Classification: images, their side, widths, steps.

    Seeds of both.
    """

    n: int
    widths: tuple[int, ...]
    peak: int
    steps: int
    images: int
    side: int
    classes: tuple[int, int, int]
    class_steps: int
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(200, (2, 4, 8, 16, 256), 4, 2000, 300, 7, (2, 24, 64), 800, 5),
    "laptop": Sizes(1000, (3, 6, 11, 24, 48, 128, 1024), 24, 4000, 500, 14, (2, 24, 256), 4000, 10),
    "paper": Sizes(1000, (3, 6, 11, 24, 48, 128, 1024), 24, 4000, 500, 14, (2, 24, 256), 4000, 10),
}


def measure(setting: Setting, *, peak: int | None = None) -> Finding:
    """Error at the peak against the ends; `peak` is a width where the peak is said to be."""
    size = _SIZES[setting.size]
    middle = size.widths.index(peak or size.peak)
    found = np.log(width_sweep(setting.root, size.widths, size.n, NOISE, size.seeds, size.steps).last)
    falls, name = _classified(setting, size)
    narrow, wide = (f"test error at m = {size.widths[middle]} over that at m = {size.widths[end]}" for end in (0, -1))
    judged = all_of(
        effect(found[:, middle] - found[:, 0], 0.0, f"log of the {narrow}, regression"),
        effect(found[:, middle] - found[:, -1], 0.0, f"log of the {wide}, regression"),
        *(
            effect(
                np.log(falls[:, 1 + end] / falls[:, end]),
                0.0,
                f"log of the test error at m = {size.classes[1 + end]} over that at {size.classes[end]}, images",
                kind="below",
            )
            for end in range(2)
        ),
    )
    return Finding(
        holds=judged.holds,
        words=f"Networks 40-m-1 on {size.n} samples of Friedman's problem with noise {NOISE:g}, squared loss, and "
        f"classifiers of {size.images} images of {size.side} x {size.side} ({name}), {WRONG:.0%} of labels wrong, "
        f"cross-entropy; {size.seeds} data sets each: {judged.words}. So the peak near p = n is there in the first "
        "setting, and in the second the error falls over the three widths compared, which excludes no peak between; "
        "that says nothing of other data, losses and optimizers, nor of the published networks.",
        instances=size.seeds * (len(size.widths) + len(size.classes)),
        links=judged.links,
        plots=(
            Plot(
                f"Model-wise double descent, noise {NOISE:g}",
                "hidden units",
                "excess error / variance of the targets",
                (geometric("regression, trained to the end", size.widths, np.exp(found)),),
                log_x=True,
                log_y=True,
                marks=((interpolating_width(size.n), "p = n"),),
            ),
            Plot(
                f"The error falls over three widths: images with {WRONG:.0%} of wrong labels",
                "hidden units",
                "test error",
                (geometric("classification, cross-entropy", size.classes, falls, within=(0, 1)),),
                log_x=True,
            ),
        ),
    )


def _classified(setting: Setting, size: Sizes) -> tuple[np.ndarray, str]:
    """Test errors (seeds, widths) of classifiers trained on labels of which some are wrong; and what the images are."""
    splits = image_splits(setting.root, size.seeds, size.images, side=size.side)
    rng = np.random.default_rng([setting.root, 3])
    labels = corrupted(rng, splits.labels, WRONG, splits.n_classes, wrong_only=True)
    model = Mixed(tuple((width, 0.0) for width in size.classes), splits.n_classes)
    root = jax.random.key(setting.root)
    seeds = model.seeds(root, size.seeds)
    where = np.tile(np.arange(size.seeds), len(size.classes))
    run = train_classifiers(
        splits.points[where], labels[where], root, seeds.ravel(), model=model,
        how=ClassTrainSpec(
            epochs=size.class_steps, record_every=size.class_steps, batch_size=None, optimizer="adam",
            step_size=5e-3, schedule="cosine",
        ),
        test_points=splits.test_points[where], test_labels=splits.test_labels[where], keep_correct=False,
    )  # fmt: skip
    return 1 - run.test_accuracy[:, -1].reshape(len(size.classes), size.seeds).T.astype(float), splits.name


STUDY = Experiment(
    id="d-modelwise",
    claim="In the regression problem of this study the test error of networks trained to the end is larger near the "
    "width where parameters are as many as samples than at the narrowest and at the widest network; with its images, a "
    "fifth of whose labels are wrong, and the cross-entropy it falls from the first of three widths to the second and "
    "to the third. That every setting has such a peak is not claimed.",
    refuted_by="a test error near p = n that is below the one of the narrowest or of the widest regression network, or "
    "one of images that rises with the width",
    cites=("nakkiran2020deep",),
    locator="the experiments on model-wise double descent",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
