"""Noise needs more capacity and more time than real data.

Images whose labels are kept, half drawn anew, or all drawn anew, and networks of several widths.  For every seed, with
its own images: the smallest width of the grid that reaches all labels within one budget of epochs must be larger for
noise than for real labels, and must not fall, by half an octave of the grid, from half of the labels drawn anew to all
(what no network of the grid reaches counts as the double of the largest); and the epochs that the widest needs must be
more for noise, by 95 % bounds of means of logarithms.  The third part of the claim, that these epochs grow faster with
the number of images for noise, is measured by the same networks on a third of the images.
"""

from typing import NamedTuple

import jax
import numpy as np

from overparam.data import corrupted
from overparam.records import Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect
from overparam.studies._series import measured
from overparam.studies.memorization._mixed import Mixed
from overparam.training import ClassTrainSpec, train_classifiers

SHARES = (0.0, 0.5, 1.0)


class Sizes(NamedTuple):
    """Images, widths, most epochs, seeds."""

    n: int
    widths: tuple[int, ...]
    epochs: int
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(150, (4, 8, 16, 32, 64), 100, 5),
    "laptop": Sizes(1000, (8, 16, 32, 64, 128, 256, 512), 300, 10),
    "paper": Sizes(4000, (16, 32, 64, 128, 256, 512, 1024, 2048, 4096), 300, 10),
}


def measure(setting: Setting, *, shares: tuple[float, ...] = SHARES) -> Finding:
    """Widths and epochs at three shares of noise; `shares` puts others in their place."""
    size = _SIZES[setting.size]
    splits = image_splits(setting.root, size.seeds, size.n, 1)
    rng = np.random.default_rng([setting.root, 9, 1, 1])
    labels = np.stack([corrupted(rng, splits.labels, share, splits.n_classes) for share in shares])
    few = np.arange(size.n) % (size.n // 3)  # a third of the images, each three times: an epoch has as many steps
    key = jax.random.key(setting.root)
    model = Mixed(tuple((width, 0.0) for width in size.widths), splits.n_classes)
    count = len(shares) * size.seeds
    points = np.tile(splits.points, (len(shares), 1, 1))
    own = labels.reshape(count, -1)
    drawn = model.seeds(key, 2 * count)
    run = train_classifiers(
        np.concatenate([np.tile(points, (len(size.widths), 1, 1)), points[:, few]]),
        np.concatenate([np.tile(own, (len(size.widths), 1)), own[:, few]]),
        key, np.concatenate([drawn[:, :count].ravel(), drawn[-1, count:]]), model=model,
        how=ClassTrainSpec(epochs=size.epochs), keep_correct=False,
    )  # fmt: skip
    epochs = run.epochs_to_fit().reshape(len(size.widths) + 1, len(shares), size.seeds)
    reached = np.isfinite(epochs[:-1])
    grid = np.log2([*size.widths, 2 * size.widths[-1]])
    least = grid[np.where(reached.any(axis=0), reached.argmax(axis=0), len(size.widths))]
    slower = np.log(epochs[-2])  # the widest network, all images
    steeper = slower - np.log(epochs[-1])
    judged = all_of(
        effect(least[-1] - least[0], 0.0, "log2 of the least width for noise over that for real labels"),
        effect(least[-1] - least[1], -0.5, "the same over that for half of it"),
        effect(slower[-1] - slower[0], 0.0, f"log of the epochs of m = {size.widths[-1]}, noise over real labels"),
        effect(steeper[-1] - steeper[0], 0.0, "log of their growth from a third of the images on, noise over real"),
    )
    named = tuple(f"{share:.0%} of labels drawn anew" for share in shares)
    return Finding(
        holds=judged.holds,
        words=f"{size.n} images ({splits.name}), {size.seeds} splits, widths {', '.join(map(str, size.widths))}, up to "
        f"{size.epochs} epochs: {judged.words}. Least widths, geometric means: "
        f"{', '.join(f'{2 ** row.mean():.3g} with {name}' for row, name in zip(least, named, strict=True))}.",
        instances=epochs.size,
        links=judged.links,
        plots=(
            Plot(
                f"Training accuracy after {size.epochs} epochs",
                "hidden units",
                "share of the labels that are right",
                tuple(
                    measured(name, size.widths, run.accuracy[:, -1].reshape(epochs.shape)[:-1, i].T, within=(0, 1))
                    for i, name in enumerate(named)
                ),
                log_x=True,
            ),
        ),
    )


STUDY = Experiment(
    id="a-capacity-noise",
    claim="On the images of this study the smallest width that fits all labels within the budget, and the epochs of a "
    "wide network, are larger for random labels than for true ones, and these epochs grow faster with the number of "
    "images.",
    refuted_by="a minimal width that does not increase with noise, or noise that is fitted sooner",
    cites=("arpit2017closer",),
    locator="the experiment on capacity and the share of noise",
    measure=measure,
    proved=False,
)
