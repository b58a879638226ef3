"""Same function, different weights, measured fairly: refits compared after the symmetries are removed, with a null.

Every hidden unit is rescaled until its incoming and outgoing vectors are equally long, and the units of the second
network are permuted for the largest inner product (`generalization.aligned`).  The cosine of the weights after that is
read beside the NULL, the same cosine between the independent initial weights: a best matching makes unrelated weights
look alike, the more the wider the layer.  The barrier is how far the loss rises above the chord on the segment between
two networks.

Measured on pairs of networks refitted from other starts and orders of one training set, one value a network, the mean
over its pairs (the networks of a pair are shared, so these values are not quite independent): that a copy with its
units permuted and rescaled is recognized; that aligned weights of refits are no more alike than the null by .15 or
more; and that alignment lowers the barrier, of the test loss.
"""

import itertools
import math
from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from overparam.generalization import aligned, barrier, canonical, permuted
from overparam.networks import Layer, MlpClassifier
from overparam.records import Link, Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import Judged, all_of, effect
from overparam.studies.approximation._curves import across
from overparam.training import ClassTrainSpec, train_classifiers

COPY = 1 - 1e-6  # least cosine of a network and its symmetric copy
EXCESS = 0.15  # of the aligned cosine over the null
CATALOGUE = ("aligned, catalogue", "null, catalogue", "before, catalogue", "after, catalogue")
PUBLISHED = {64: (0.41, 0.32, 0.28, 0.011), 512: (0.43, 0.41, 0.11, 0.011)}
"""Of the catalogue, n = 1,000, 60 epochs: aligned cosine, null, barrier before and after."""


class Sizes(NamedTuple):
    """Hidden widths, training and test images, epochs, refits."""

    widths: tuple[int, ...]
    n: int
    n_test: int
    epochs: int
    refits: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes((32, 128), 300, 300, 40, 5),
    "laptop": Sizes((32, 64, 128, 512, 2048), 1000, 1000, 60, 10),
    "paper": Sizes((32, 64, 128, 512, 2048), 1000, 1000, 60, 10),
}


class Pairs(NamedTuple):
    """Symmetric (refits, refits) matrices over pairs, NaN on the diagonal; and the cosines of symmetric copies."""

    raw: NDArray
    aligned: NDArray
    null: NDArray
    before: NDArray
    after: NDArray
    copies: NDArray


def cross_entropy(layers: tuple[Layer, ...], points: NDArray, labels: NDArray) -> float:
    """Mean over the samples, in the dtype of the points."""
    values = points
    for i, (weights, bias) in enumerate(layers):
        values = values @ weights.T.astype(values.dtype) + bias.astype(values.dtype)
        if i < len(layers) - 1:
            values = np.maximum(values, 0)
    top = values.max(axis=1, keepdims=True)
    logs = np.log(np.exp(values - top).sum(axis=1)) + top[:, 0]
    return float(np.mean(logs - values[np.arange(len(labels)), labels]))


def copied(rng: np.random.Generator, network: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The same function: hidden units of the one layer permuted and rescaled."""
    into, out = network
    scale = np.exp(rng.normal(size=len(into.bias)))
    rescaled = (Layer(into.weights * scale[:, None], into.bias * scale), Layer(out.weights / scale[None, :], out.bias))
    return permuted(rescaled, [rng.permutation(len(into.bias))])


def measure(setting: Setting, *, unchanged: bool = False, matched: bool = True) -> Finding:
    """Refits compared; `unchanged` lets all end at one network, without `matched` copies are not aligned."""
    size = _SIZES[setting.size]
    data = image_splits(setting.root, 1, size.n, size.n_test)
    points, labels = data.points[0], data.labels[0]
    found: dict[int, Pairs] = {}
    accuracies: dict[int, float] = {}
    for width in size.widths:
        history = train_classifiers(
            points, labels, jax.random.key(setting.root), size.refits,
            model=MlpClassifier((width,), data.n_classes), test_points=data.test_points[0],
            test_labels=data.test_labels[0], how=ClassTrainSpec(epochs=size.epochs, record_every=size.epochs),
            keep_correct=False, chunk=size.refits,
        )  # fmt: skip
        networks, starts = (
            [tuple(Layer(layer.weights[s], layer.bias[s]) for layer in tree) for s in range(size.refits)]
            for tree in (history.params, history.initial)
        )
        if unchanged:
            networks = networks[:1] * size.refits
        rng = np.random.default_rng([setting.root, width])
        tests = data.test_points[0], data.test_labels[0]
        found[width] = _pairs(rng, networks, starts, tests, matched=matched)
        accuracies[width] = float(history.test_accuracy[:, -1].mean())
    judged = all_of(*(one for width, pairs in found.items() for one in _judged(width, pairs)))
    return Finding(
        holds=judged.holds,
        words=f"{data.name}, n = {size.n}, {size.refits} refits of {size.epochs} epochs, "
        + ", ".join(f"test accuracy {value:.3f} (m = {width})" for width, value in accuracies.items())
        + f": {judged.words}. The null is the cosine that an equally good matching finds between unrelated weights.",
        instances=len(size.widths) * size.refits * (size.refits - 1) // 2,
        links=judged.links,
        plots=(_cosines(found), _barriers(found)),
        tables=(_table(found),),
    )


def _pairs(
    rng: np.random.Generator, networks: list[tuple[Layer, ...]], starts: list[tuple[Layer, ...]],
    tests: tuple[NDArray, NDArray], *, matched: bool,
) -> Pairs:  # fmt: skip
    def loss(layers: tuple[Layer, ...]) -> float:
        return cross_entropy(layers, *tests)

    count = len(networks)
    raw, cosine, null, before, after = np.full((5, count, count), np.nan)
    for i, j in itertools.combinations(range(count), 2):
        made, start = aligned(networks[i], networks[j]), aligned(starts[i], starts[j])
        values = (
            made.raw, made.aligned, start.aligned, barrier(loss, networks[i], networks[j]),
            barrier(loss, made.first, made.second),
        )  # fmt: skip
        for matrix, value in zip((raw, cosine, null, before, after), values, strict=True):
            matrix[i, j] = matrix[j, i] = value
    copies = []
    for network in networks:
        other = copied(rng, network)
        both = aligned(network, other)
        copies.append(both.aligned if matched else _cosine(canonical(network), canonical(other)))
    return Pairs(raw, cosine, null, before, after, np.asarray(copies))


def _judged(width: int, pairs: Pairs) -> tuple[Judged, ...]:
    least = float(pairs.copies.min())
    drop = np.log(np.nanmean(pairs.before, axis=1) + 1e-6) - np.log(np.nanmean(pairs.after, axis=1) + 1e-6)
    return (
        Judged(
            least >= COPY,
            f"m = {width}: symmetric copies have the cosine {least:.9f} at least",
            (Link(f"cosine of a network and its aligned symmetric copy, m = {width}", COPY, least, "at least"),),
        ),
        effect(np.nanmean(pairs.aligned - pairs.null, axis=1), EXCESS, f"aligned cosine above the null, m = {width}",
               kind="below"),
        effect(drop, 0.0, f"log of the barrier before over after alignment, m = {width}"),
    )  # fmt: skip


def _cosine(one: tuple[Layer, ...], other: tuple[Layer, ...]) -> float:
    a, b = (np.concatenate([np.ravel(part) for layer in network for part in layer]) for network in (one, other))
    return float(a @ b / math.sqrt((a @ a) * (b @ b)))


def _cosines(found: dict[int, Pairs]) -> Plot:
    def each(name: str) -> list[NDArray]:
        return [np.nanmean(getattr(pairs, name), axis=1) for pairs in found.values()]

    return Plot(
        "Weights of refits are about as alike as unrelated ones",
        "hidden units m",
        "cosine of all weights",
        (
            across("as they are", tuple(found), each("raw")),
            across("aligned", tuple(found), each("aligned")),
            across("aligned independent starts (null)", tuple(found), each("null")),
        ),
        log_x=True,
    )


def _barriers(found: dict[int, Pairs]) -> Plot:
    return Plot(
        "Alignment lowers the barrier between refits",
        "hidden units m",
        "rise of the test loss above the chord",
        (
            across("before", tuple(found), [np.nanmean(pairs.before, axis=1) for pairs in found.values()]),
            across("after alignment", tuple(found), [np.nanmean(pairs.after, axis=1) for pairs in found.values()]),
        ),
        log_x=True,
    )


def _table(found: dict[int, Pairs]) -> Table:
    return Table(
        "Means over pairs; beside them the catalogue's, n = 1,000 and 60 epochs",
        ("m", "aligned", "null", "barrier before", "after", *CATALOGUE),
        tuple(
            (width, *(float(np.nanmean(matrix)) for matrix in (pairs.aligned, pairs.null, pairs.before, pairs.after)),
             *PUBLISHED.get(width, (None,) * 4))
            for width, pairs in found.items()
        ),
    )  # fmt: skip


STUDY = Experiment(
    id="g-align",
    claim="A network whose units were permuted and rescaled is recognized by the alignment of this study; the aligned "
    "weights of refits exceed the cosine of aligned independent starts by less than .15 on the mean over pairs; and "
    "alignment lowers the loss barrier between refits.",
    refuted_by="a symmetric copy of cosine below 1 - 10^-6, refits more alike than the null by .15, or a barrier that "
    "alignment raises",
    cites=("ainsworth2023git", "entezari2022role"),
    locator="the idea; the protocol is the project's own",
    measure=measure,
    proved=False,
)
