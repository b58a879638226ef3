"""Four kinds of networks that every bound is evaluated on: true and random labels, narrow and wide.

Images of ten classes, one hidden ReLU layer, SGD as for the other studies of classifiers, a new split for each seed.
Random labels are drawn anew for training and test images, so that the error to be bounded is that of a guess.  The
margin level is the 10th percentile of the training margins, fixed beforehand.

Three questions are answered apart.  Valid: is the measured error above the bound more often than delta allows, by a
one-sided exact binomial test at level 1 % over the seeds of each kind?  Non-vacuous: is the bound below the error of a
guess?  In order: is the measure smaller for true labels than for random ones, in more than half of the seeds?
"""

import functools
from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray
from scipy import stats

from overparam.generalization import Capacity, capacity_table, spectral_complexity
from overparam.networks import Layer, MlpClassifier
from overparam.records import Link, Table
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import Judged, events
from overparam.training import ClassTrainSpec, train_classifiers

DELTA = 0.05
QUANTILE = 0.1
LABELS = ("true", "random")
WIDTHS = ("narrow", "wide")


class Sizes(NamedTuple):
    """Images of a split, epochs, hidden widths, seeds."""

    n: int
    epochs: int
    narrow: int
    wide: int
    seeds: int


SIZES: dict[Size, Sizes] = {
    "ci": Sizes(500, 80, 64, 256, 5),
    "laptop": Sizes(1000, 120, 64, 512, 10),
    "paper": Sizes(4000, 120, 256, 2048, 10),
}


class Net(NamedTuple):
    """One trained network, where it began, what it was trained on, and what came out."""

    layers: tuple[Layer, ...]
    initial: tuple[Layer, ...]
    points: NDArray
    labels: NDArray
    train_error: float
    test_error: float
    rows: tuple[Capacity, ...]  # of `capacity_table`, biases folded in

    def row(self, measure: str) -> Capacity:
        """The row of a measure."""
        return next(row for row in self.rows if row.measure == measure)


class Shared(NamedTuple):
    """All networks: (labels, width) -> one a seed."""

    nets: dict[tuple[str, str], tuple[Net, ...]]
    words: str


@functools.lru_cache(maxsize=4)
def shared_nets(size: Size, root: int, *, swapped: bool = False) -> Shared:
    """Train them, once a process for each size and root; `swapped` calls true labels random and the other way round."""
    at = SIZES[size]
    splits = image_splits(root, at.seeds, at.n)
    rng = np.random.default_rng([root, 5])
    random = [
        rng.integers(0, splits.n_classes, each.shape).astype(np.int32) for each in (splits.labels, splits.test_labels)
    ]
    how = ClassTrainSpec(epochs=at.epochs, record_every=at.epochs)
    radius = float(np.sqrt(splits.points.shape[2])) * 1.0001  # of a whitened image: its deviation is 1 or less
    nets = {}
    for width in WIDTHS:
        model = MlpClassifier((getattr(at, width),), splits.n_classes)
        for kind in LABELS:
            real = (kind == "true") != swapped
            labels, test = (splits.labels, splits.test_labels) if real else random
            history = train_classifiers(
                splits.points, labels, jax.random.key(root), at.seeds, model=model, how=how,
                test_points=splits.test_points, test_labels=test, keep_correct=False, chunk=at.seeds,
            )  # fmt: skip
            nets[kind, width] = tuple(
                _measured(
                    _of_seed(history.params, s), _of_seed(history.initial, s), splits.points[s], labels[s], radius,
                    1 - float(history.accuracy[s, -1]), 1 - float(history.test_accuracy[s, -1]),
                )
                for s in range(at.seeds)
            )  # fmt: skip
    words = (
        f"{splits.name}; {splits.points.shape[1]} images, {at.seeds} splits, one hidden ReLU layer of {at.narrow} or "
        f"{at.wide} units, {at.epochs} epochs"
    )
    return Shared(nets, words)


def ordered(shared: Shared, measure: str) -> tuple[Judged, ...]:
    """Whether the measure is smaller for true labels, narrow and wide."""
    pairs = (_values(shared, measure, width) for width in WIDTHS)
    return tuple(
        events(true < random, f"{measure} smaller for true labels, {width}")
        for width, (true, random) in zip(WIDTHS, pairs, strict=True)
    )


def valid(shared: Shared, measure: str, *, planted: float = 1.0) -> Judged:
    """Whether measured errors exceed the bound more often than delta allows; `planted` multiplies the bound."""
    links, words, holds = [], [], True
    for key, nets in shared.nets.items():
        bounds = np.array([planted * net.row(measure).bound for net in nets])
        errors = np.array([net.test_error for net in nets])
        exceeded = int((errors > bounds).sum())
        rare = float(stats.binom.sf(exceeded - 1, len(nets), DELTA)) if exceeded else 1.0
        holds = holds and rare >= 0.01
        name = f"{key[0]} labels, {key[1]}"
        links.append(Link(f"test error, {name}, worst seed", float(bounds.min()), float(errors.max())))
        words.append(f"{name}: test error {errors.mean():.3f}, bound {bounds.mean():.3g}")
    return Judged(holds, "; ".join(words), tuple(links))


def vacuous(shared: Shared, measure: str) -> str:
    """Why the bound says nothing on any of the networks; empty if it says something on one."""
    rows = [net.row(measure) for nets in shared.nets.values() for net in nets]
    least = min(rows, key=lambda row: row.bound)
    if not all(row.vacuous for row in rows):
        return ""
    return f"the least of {len(rows)} bounds on the error is {least.bound:.3g}, and a guess errs {least.trivial:.2g}"


def vacuity(shared: Shared) -> Table:
    """How vacuous each bound is on true and on random labels, and whether it orders them."""
    rows = []
    for measure in [row.measure for row in shared.nets["true", "narrow"][0].rows]:
        for width in WIDTHS:
            true, random = _values(shared, measure, width)
            nets = [shared.nets[kind, width] for kind in LABELS]
            bounds = [float(np.mean([net.row(measure).bound for net in each])) for each in nets]
            errors = [float(np.mean([net.test_error for net in each])) for each in nets]
            rows.append(
                (
                    measure, width, float(true.mean()), float(random.mean()), *bounds, *errors,
                    "yes" if all(e <= b for e, b in zip(errors, bounds, strict=True)) else "no",
                    "no" if min(bounds) >= 0.9 else "yes",
                    f"{int((true < random).sum())} of {len(true)}",
                )
            )  # fmt: skip
    return Table(
        "Each measure with unit constants, the bound on the error with all constants (means over seeds, biases folded "
        f"in, level the {QUANTILE:.0%} margin, delta {DELTA}), and three questions",
        (
            "measure", "width", "value, true", "value, random", "bound, true", "bound, random", "test error, true",
            "test error, random", "valid", "below a guess", "true < random",
        ),
        tuple(rows),
    )  # fmt: skip


def references(shared: Shared) -> Table:
    """The same networks beside the values that this project's theory gives for its own larger setting."""
    rows = []
    for (kind, width), nets in shared.nets.items():
        products = [np.prod([np.linalg.norm(layer.weights, 2) for layer in net.layers]) for net in nets]
        frobenius = [np.prod([np.linalg.norm(layer.weights) for layer in net.layers]) for net in nets]
        apart = [np.linalg.norm(_flat(net.layers) - _flat(net.initial)) for net in nets]
        complexity = [
            spectral_complexity([x.weights for x in net.layers], [x.weights for x in net.initial]) for net in nets
        ]
        means = (float(np.mean(each)) for each in (products, frobenius, apart, complexity))
        errors = (float(np.mean([getattr(net, name) for net in nets])) for name in ("train_error", "test_error"))
        rows.append((f"{kind}, {width}", *errors, *means))
    return Table(
        "The networks (weights without biases, means over seeds)",
        ("network", "training error", "test error", "prod spectral", "prod Frobenius", "|theta - theta_0|", "R_A"),
        tuple(rows),
    )


def _values(shared: Shared, measure: str, width: str) -> tuple[NDArray, NDArray]:
    true, random = (np.array([net.row(measure).value for net in shared.nets[kind, width]]) for kind in LABELS)
    return true, random


def _flat(layers: tuple[Layer, ...]) -> NDArray:
    return np.concatenate([leaf.ravel() for layer in layers for leaf in layer])


def _of_seed(params: tuple[Layer, ...], seed: int) -> tuple[Layer, ...]:
    return tuple(Layer(*(np.asarray(leaf, np.float64)[seed] for leaf in layer)) for layer in params)


def _measured(
    layers: tuple[Layer, ...],
    initial: tuple[Layer, ...],
    points: NDArray,
    labels: NDArray,
    radius: float,
    train_error: float,
    test_error: float,
) -> Net:
    rows = capacity_table(layers, initial, points, labels, quantile=QUANTILE, delta=DELTA, radius=radius)
    return Net(layers, initial, points, labels, train_error, test_error, rows)
