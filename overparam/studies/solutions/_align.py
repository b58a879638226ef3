"""Same function, different weights, measured fairly: refits compared after the symmetries are removed, with a null.

Every hidden unit is rescaled until its incoming and outgoing vectors are equally long, and the units of the second
network are permuted for the largest inner product (`generalization.aligned`).  The cosine of the weights after that is
read beside the NULL, the same cosine between the independent initial weights: a best matching makes unrelated weights
look alike, the more the wider the layer.  The barrier is how far the loss rises above the chord on the segment between
two networks.

Measured on pairs of networks refitted from other starts and orders of one training set, every pair with its own split
of the images and two networks of its own, so that effects of two pairs share no network: that a copy with its units
permuted and rescaled is recognized; that aligned weights of refits are no more alike than the null by .15 or more; and
that alignment lowers the barrier, of the test loss.
"""

import functools
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
from overparam.studies._series import pointwise
from overparam.training import ClassTrainSpec, train_classifiers

COPY = 1 - 1e-6  # least cosine of a network and its symmetric copy
EXCESS = 0.15  # of the aligned cosine over the null
FLOOR = 1e-3  # nats, added to barriers: one of a thousandth or less is none, and some are 0 after alignment
CATALOGUE = ("aligned, catalogue", "null, catalogue", "before, catalogue", "after, catalogue")
PUBLISHED = {64: (0.41, 0.32, 0.28, 0.011), 512: (0.43, 0.41, 0.11, 0.011)}
"""Of the catalogue, n = 1,000, 60 epochs: aligned cosine, null, barrier before and after."""


class Sizes(NamedTuple):
    """Hidden widths, training and test images, epochs, pairs of refits."""

    widths: tuple[int, ...]
    n: int
    n_test: int
    epochs: int
    pairs: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes((32, 128), 300, 300, 40, 6),
    "laptop": Sizes((32, 64, 128, 512, 2048), 1000, 1000, 60, 10),
    "paper": Sizes((32, 64, 128, 512, 2048), 1000, 1000, 60, 10),
}


class Pairs(NamedTuple):
    """(pairs,) cosines and barriers, each of its own two refits; and the cosines of symmetric copies, (2 pairs,)."""

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
    data = image_splits(setting.root, size.pairs, size.n, size.n_test)
    points, labels, test_points, test_labels = (
        np.repeat(part, 2, axis=0) for part in (data.points, data.labels, data.test_points, data.test_labels)
    )
    count = 2 * size.pairs
    found: dict[int, Pairs] = {}
    accuracies: dict[int, float] = {}
    for width in size.widths:
        history = train_classifiers(
            points, labels, jax.random.key(setting.root), count, model=MlpClassifier((width,), data.n_classes),
            test_points=test_points, test_labels=test_labels,
            how=ClassTrainSpec(epochs=size.epochs, record_every=size.epochs), keep_correct=False, chunk=count,
        )  # fmt: skip
        networks, starts = (
            [tuple(Layer(layer.weights[s], layer.bias[s]) for layer in tree) for s in range(count)]
            for tree in (history.params, history.initial)
        )
        if unchanged:
            networks = [networks[i - i % 2] for i in range(count)]
        rng = np.random.default_rng([setting.root, width])
        found[width] = _pairs(rng, networks, starts, (data.test_points, data.test_labels), matched=matched)
        accuracies[width] = float(history.test_accuracy[:, -1].mean())
    judged = all_of(*(one for width, pairs in found.items() for one in _judged(width, pairs)))
    return Finding(
        holds=judged.holds,
        words=f"{data.name}, n = {size.n}, {size.pairs} pairs of refits of {size.epochs} epochs, each with its split, "
        + ", ".join(f"test accuracy {value:.3f} (m = {width})" for width, value in accuracies.items())
        + f": {judged.words}. The null is the cosine that an equally good matching finds between unrelated weights.",
        instances=len(size.widths) * size.pairs,
        links=judged.links,
        plots=(_cosines(found), _barriers(found)),
        tables=(_table(found),),
    )


def _pairs(
    rng: np.random.Generator, networks: list[tuple[Layer, ...]], starts: list[tuple[Layer, ...]],
    tests: tuple[NDArray, NDArray], *, matched: bool,
) -> Pairs:  # fmt: skip
    rows = []
    for pair, sample in enumerate(zip(*tests, strict=True)):
        (one, other), (start, another) = (each[2 * pair : 2 * pair + 2] for each in (networks, starts))
        loss = functools.partial(_loss, sample)
        made = aligned(one, other)
        rows.append(
            (
                made.raw, made.aligned, aligned(start, another).aligned, barrier(loss, one, other),
                barrier(loss, made.first, made.second),
            )
        )  # fmt: skip
    copies = []
    for network in networks:
        other = copied(rng, network)
        both = aligned(network, other)
        copies.append(both.aligned if matched else _cosine(canonical(network), canonical(other)))
    raw, cosine, null, before, after = np.transpose(rows)
    return Pairs(raw, cosine, null, before, after, np.asarray(copies))


def _loss(sample: tuple[NDArray, NDArray], layers: tuple[Layer, ...]) -> float:
    return cross_entropy(layers, *sample)


def _judged(width: int, pairs: Pairs) -> tuple[Judged, ...]:
    least = float(pairs.copies.min())
    drop = np.log(pairs.before + FLOOR) - np.log(pairs.after + FLOOR)
    return (
        Judged(
            least >= COPY,
            f"m = {width}: symmetric copies have the cosine {least:.9f} at least",
            (Link(f"cosine of a network and its aligned symmetric copy, m = {width}", COPY, least, "at least"),),
        ),
        effect(pairs.aligned - pairs.null, EXCESS, f"aligned cosine above the null, m = {width}",
               kind="below"),
        effect(drop, 0.0, f"log of the barrier before over after alignment, m = {width}"),
    )  # fmt: skip


def _cosine(one: tuple[Layer, ...], other: tuple[Layer, ...]) -> float:
    a, b = (np.concatenate([np.ravel(part) for layer in network for part in layer]) for network in (one, other))
    return float(a @ b / math.sqrt((a @ a) * (b @ b)))


def _cosines(found: dict[int, Pairs]) -> Plot:
    def each(name: str) -> list[NDArray]:
        return [getattr(pairs, name) for pairs in found.values()]

    return Plot(
        "Weights of refits are about as alike as unrelated ones",
        "hidden units m",
        "cosine of all weights",
        (
            pointwise("as they are", tuple(found), each("raw")),
            pointwise("aligned", tuple(found), each("aligned")),
            pointwise("aligned independent starts (null)", tuple(found), each("null")),
        ),
        log_x=True,
    )


def _barriers(found: dict[int, Pairs]) -> Plot:
    return Plot(
        "Alignment lowers the barrier between refits",
        "hidden units m",
        "rise of the test loss above the chord",
        (
            pointwise("before", tuple(found), [pairs.before for pairs in found.values()]),
            pointwise("after alignment", tuple(found), [pairs.after for pairs in found.values()]),
        ),
        log_x=True,
    )


def _table(found: dict[int, Pairs]) -> Table:
    return Table(
        "Means over pairs; beside them the catalogue's, n = 1,000 and 60 epochs",
        ("m", "aligned", "null", "barrier before", "after", *CATALOGUE),
        tuple(
            (width, *(float(np.mean(values)) for values in (pairs.aligned, pairs.null, pairs.before, pairs.after)),
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
