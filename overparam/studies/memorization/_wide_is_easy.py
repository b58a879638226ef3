"""A network should be large enough to reach zero training loss without effort: wider ones need fewer epochs.

Random labels of images, stochastic gradient descent with one step size, standard parametrization (weights of variance
2 / inputs in front of the ReLU and 1 / width behind it, no factors), widths from far too few neurons to many.  For
every seed, with its own images, the effect is the difference of the logarithms of the epochs until all labels are
right between the widest network and the second narrowest, which must be negative; the narrowest must not get there.
At another parametrization or step size the epochs would be others.  At ci size there are 200 images and at most 512
units: 300 images and 1,024 units take half a minute on one core.
"""

from typing import NamedTuple

import jax
import numpy as np

from overparam.data import corrupted
from overparam.records import Plot, Series, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect, events
from overparam.studies._series import RANGE
from overparam.studies.memorization._mixed import Mixed
from overparam.training import ClassTrainSpec, train_classifiers


class Sizes(NamedTuple):
    """Images; widths that are trained together, with the most epochs; seeds."""

    n: int
    groups: tuple[tuple[tuple[int, ...], int], ...]
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(200, (((16, 64), 120), ((512,), 60)), 5),
    "laptop": Sizes(2000, (((8, 16, 32, 64), 400), ((128, 256), 300), ((1024,), 100), ((4096,), 60)), 10),
    "paper": Sizes(4000, (((8, 16, 32, 64), 400), ((128, 256), 300), ((1024,), 100), ((4096,), 60)), 10),
}


def measure(setting: Setting, *, groups: tuple[tuple[tuple[int, ...], int], ...] = ()) -> Finding:
    """Epochs at every width; `groups` puts other widths and budgets in their place."""
    size = _SIZES[setting.size]
    groups = groups or size.groups
    tried, budgets = zip(*((width, most) for widths, most in groups for width in widths), strict=True)
    splits = image_splits(setting.root, size.seeds, size.n, 1)
    labels = corrupted(np.random.default_rng([setting.root, 4, 1, 1]), splits.labels, 1.0, splits.n_classes)
    key, found = jax.random.key(setting.root), []
    for widths, most in groups:
        model = Mixed(tuple((width, 0.0) for width in widths), splits.n_classes)
        where = np.tile(np.arange(size.seeds), len(widths))
        run = train_classifiers(
            splits.points[where], labels[where], key, model.seeds(key, size.seeds).ravel(), model=model,
            how=ClassTrainSpec(epochs=most), keep_correct=False,
        )  # fmt: skip
        found.append(run.epochs_to_fit().reshape(len(widths), size.seeds).T)
    epochs = np.concatenate(found, axis=1)
    least = next((i for i in range(1, len(tried)) if np.isfinite(epochs[:, i]).all()), 1)
    judged = all_of(
        effect(
            np.log(epochs[:, -1]) - np.log(epochs[:, least]),
            0.0,
            f"log of the epochs at m = {tried[-1]} over those at m = {tried[least]}",
            kind="below",
        ),
        events(np.isinf(epochs[:, 0]), f"m = {tried[0]} does not get there in {budgets[0]} epochs"),
    )
    middle, low, high = (np.quantile(epochs, q, axis=0, method="nearest") for q in (0.5, 0, 1))
    centre, least_of, most_of = finite = [
        tuple(float(v) if np.isfinite(v) else None for v in values) for values in (middle, low, high)
    ]
    return Finding(
        holds=judged.holds,
        words=f"{size.n} images with random labels ({splits.name}), {size.seeds} splits: {judged.words}. All widths "
        "with one step size; epochs count passes over the data, of which a wide network's cost more.",
        instances=epochs.size,
        links=judged.links,
        plots=(
            Plot(
                "Epochs to fit random labels",
                "hidden units",
                "epochs until all are right",
                (Series("median over the seeds", tuple(map(float, tried)), centre, least_of, most_of, spread=RANGE),),
                log_x=True,
                log_y=True,
            ),
        ),
        tables=(
            Table(
                "Epochs until all labels are right; empty where a run did not get there",
                ("width", "budget", "median", "least", "most"),
                tuple((m, most, *ends) for m, most, *ends in zip(tried, budgets, *finite, strict=True)),
            ),
        ),
    )


STUDY = Experiment(
    id="s-wide-is-easy",
    claim="On the random labels of this study the widest network needs fewer epochs to have all of them right than the "
    "narrowest one that gets there, and the narrowest of all does not get there within its budget.",
    refuted_by="a wide network that needs more epochs than a narrow one, or the narrowest that gets there",
    cites=(),
    locator="own, theory of generalization, s-wide-is-easy",
    measure=measure,
    proved=False,
)
