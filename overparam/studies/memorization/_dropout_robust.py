"""Dropout keeps a network from relying on all of its nodes: trained with it, it stands the loss of more of them.

Hidden units of trained networks are zeroed at random, in shares from 0 to 90 %, and those left are scaled up as dropout
scales them.  For every seed, with its own images, the effect is the area under the curve of test accuracy against the
share zeroed, with dropout of one half in training minus without, which must be positive.  Both networks have nearly the
same accuracy with all units, which is reported, and the areas in units of it are compared too.  At ci size they have
128 units, 400 images and 25 epochs: 256 units on 1,000 images for 60 epochs take over ten seconds.
"""

from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from overparam.records import Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect
from overparam.studies._series import measured
from overparam.studies.memorization._mixed import Mixed
from overparam.training import ClassTrainSpec, train_classifiers

LEVELS = tuple(i / 10 for i in range(10))


class Sizes(NamedTuple):
    """Images, hidden units, epochs, masks at each level, seeds."""

    n: int
    width: int
    epochs: int
    masks: int
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(400, 128, 25, 10, 5),
    "laptop": Sizes(4000, 256, 100, 30, 10),
    "paper": Sizes(4000, 1024, 200, 30, 10),
}


def measure(setting: Setting, *, rates: tuple[float, float] = (0.0, 0.5)) -> Finding:
    """Areas under the curves; `rates` of dropout without and with it."""
    size = _SIZES[setting.size]
    splits = image_splits(setting.root, size.seeds, size.n)
    key = jax.random.key(setting.root)
    model = Mixed(tuple((size.width, rate) for rate in rates), splits.n_classes)
    where = np.tile(np.arange(size.seeds), 2)
    run = train_classifiers(
        splits.points[where], splits.labels[where], key, model.seeds(key, size.seeds).ravel(), model=model,
        how=ClassTrainSpec(epochs=size.epochs, record_every=size.epochs), keep_correct=False,
    )  # fmt: skip
    curves = np.stack(
        [
            _ablated(
                np.random.default_rng([setting.root, seed, 7]),  # the same masks for both networks of a seed
                [np.asarray(leaf)[place] for layer in run.params for leaf in layer],
                splits.test_points[seed], splits.test_labels[seed], size.masks,
            )
            for place, seed in enumerate(where)
        ]
    ).reshape(2, size.seeds, len(LEVELS))  # fmt: skip
    area = np.asarray(np.trapezoid(curves, LEVELS, axis=2)) / LEVELS[-1]
    relative, clean = area / curves[:, :, 0], curves[:, :, 0].mean(axis=1)
    judged = all_of(
        effect(area[1] - area[0], 0.0, "area with dropout minus without"),
        effect(relative[1] - relative[0], 0.0, "the same in units of the accuracy with all units"),
    )
    return Finding(
        holds=judged.holds,
        words=f"{size.n} training images ({splits.name}), {size.width} hidden units, {size.epochs} epochs, "
        f"{size.masks} masks at each of {len(LEVELS)} levels, {size.seeds} splits: {judged.words}. Mean areas "
        f"{area[0].mean():.3f} without and {area[1].mean():.3f} with dropout of {rates[1]:g}; test accuracy with all "
        f"units {clean[0]:.3f} and {clean[1]:.3f}.",
        instances=2 * size.seeds,
        links=judged.links,
        plots=(
            Plot(
                "Test accuracy with hidden units zeroed at random",
                "share of units zeroed",
                "test accuracy",
                (
                    measured("trained without dropout", LEVELS, curves[0], within=(0, 1)),
                    measured(f"trained with dropout {rates[1]:g}", LEVELS, curves[1], within=(0, 1)),
                ),
            ),
        ),
    )


def _ablated(rng: np.random.Generator, weights: list[NDArray], points: NDArray, labels: NDArray, masks: int) -> NDArray:
    """Mean test accuracy at each level."""
    first, bias, last, shift = weights
    hidden = np.maximum(points @ first.T + bias, 0)
    found = np.zeros(len(LEVELS))
    for place, level in enumerate(LEVELS):
        for _ in range(masks if level else 1):
            kept = (rng.random(hidden.shape[1]) >= level).astype(hidden.dtype) / np.float32(1 - level)
            answers = (hidden @ (last * kept).T + shift).argmax(axis=1)
            found[place] += np.mean(answers == labels) / (masks if level else 1)
    return found


STUDY = Experiment(
    id="s-dropout-robust",
    claim="On the images of this study, networks trained with dropout of one half keep more of their test accuracy "
    "when hidden units are zeroed at random: a larger area under accuracy against the share zeroed.",
    refuted_by="a larger area without dropout",
    cites=("srivastava2014dropout",),
    locator="the idea; own protocol",
    measure=measure,
    proved=False,
)
