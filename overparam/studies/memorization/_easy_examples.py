"""Real data have easy and hard examples: which ones are learned in the first epoch is no matter of chance.

One data set is trained on from R independent initial weights, each with an order of the samples of its own, for one
epoch; q_i is the share of the runs that then classify training example i correctly.  If all examples were equally hard,
the counts R q_i would be draws of one binomial law, and D = Var(q_i) / (qbar (1 - qbar) / R) would be 1.  Real images
are far more dispersed than that, and than the same images with random labels, which are not binomial either: images
that look alike are learned together, by the label that happens to be the commonest among them.  Gaussian inputs with
random labels, which have no such clusters, come nearest to 1.

The claim holds if, over data sets, the bounds of the means of log D on real data and of the difference of log D between
real and random labels say D >= 4 and more than with random labels; it fails if they say D <= 2 or fewer.
"""

from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from overparam.data import corrupted, gaussian_pixels
from overparam.records import Plot, Series
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import CI_NET, image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, between, effect
from overparam.training import ClassTrainSpec, train_classifiers


class Sizes(NamedTuple):
    """Samples of a data set, runs on each, data sets."""

    n: int
    runs: int
    sets: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(300, 30, 5),
    "laptop": Sizes(1000, 100, 10),
    "paper": Sizes(4000, 100, 10),
}
ONE_EPOCH = ClassTrainSpec(epochs=1)
_BINS = np.linspace(0, 1, 11)


def measure(setting: Setting, *, noise: bool = False) -> Finding:
    """Dispersion on three kinds of data; `noise` puts noise in the place of the real data."""
    size = _SIZES[setting.size]
    splits = image_splits(setting.root, size.sets, size.n, 1)
    q = {kind: np.empty((size.sets, size.n)) for kind in ("real", "random labels", "random inputs and labels")}
    for one, (points, labels) in enumerate(zip(splits.points, splits.labels, strict=True)):
        rng = np.random.default_rng([setting.root, one, 1])
        drawn, gaussian = corrupted(rng, labels, 1.0, splits.n_classes), gaussian_pixels(rng, points)
        given = ((points, labels), (points, drawn), (gaussian, drawn))
        if noise:
            given = ((gaussian, corrupted(rng, labels, 1.0, splits.n_classes)), *given[1:])
        for number, (kind, (x, y)) in enumerate(zip(q, given, strict=True)):
            root = jax.random.fold_in(jax.random.key(setting.root), 3 * one + number)
            run = train_classifiers(x, y, root, size.runs, model=CI_NET, how=ONE_EPOCH)
            q[kind][one] = np.asarray(run.correct)[:, -1].mean(axis=0)
    spread = {kind: np.log(dispersion(found, size.runs)) for kind, found in q.items()}
    real, labels, inputs = spread.values()
    name = "log of the dispersion on real data"
    judged = all_of(
        between(effect(real, np.log(4), name), effect(real, np.log(2), name)),
        effect(real - labels, 0.0, "log of that over the dispersion with random labels"),
    )
    easy = {kind: float((found >= 0.9).mean()) for kind, found in q.items()}
    return Finding(
        holds=judged.holds,
        words=f"{size.sets} data sets of {size.n} from {splits.name}, {size.runs} runs of one epoch on each: "
        f"{judged.words}. Dispersions against one binomial law: real {_ends(real)}, random labels {_ends(labels)}, "
        f"Gaussian inputs too {_ends(inputs)}. Right in nine runs of ten: {easy['real']:.1%} of real examples, "
        f"{easy['random labels']:.1%} with random labels.",
        instances=3 * size.sets * size.runs,
        links=judged.links,
        plots=(_plot(q),),
    )


def dispersion(q: NDArray, runs: int) -> NDArray:
    """Variance of the shares (..., n) over that of a binomial law with their mean, of `runs` draws.

    >>> float(dispersion(np.array([0.0, 1.0]), 4))
    4.0
    """
    mean = q.mean(axis=-1)
    return q.var(axis=-1) / (mean * (1 - mean) / runs)


def _ends(logs: NDArray) -> str:
    return f"{np.exp(logs.min()):.2g} to {np.exp(logs.max()):.2g}"


def _plot(q: dict[str, NDArray]) -> Plot:
    middle = tuple(((_BINS[1:] + _BINS[:-1]) / 2).tolist())
    series = tuple(
        Series(kind, middle, tuple((np.histogram(found, _BINS)[0] / found.size).tolist())) for kind, found in q.items()
    )
    title = "Easy and hard examples after one epoch"
    return Plot(title, "share of runs that have an example right", "share of examples", series)


STUDY = Experiment(
    id="a-easy-examples",
    claim="Which training images are right after one epoch is far from chance: over independent runs the counts are "
    "dispersed at least four times as much as if all images were equally hard, and more than with random labels.",
    refuted_by="a dispersion of at most twice the binomial one on real data, or not above that with random labels",
    cites=("arpit2017closer",),
    locator="the experiment on easy examples",
    measure=measure,
    proved=False,
)
