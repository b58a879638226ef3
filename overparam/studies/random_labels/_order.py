"""Which condition is fitted first, and why shuffled pixels cost a perceptron nothing and a convolution something.

Exact: if the pixels of all images are permuted, and the columns of the first layer's initial weights likewise, then
every step of training permutes the gradient likewise, so that the trajectory is the same up to the permutation.  The
initial law does not see permutations, so in distribution shuffled pixels are true pixels; not so for convolutions.
Tested in float64 on a small perceptron: the weights after 20 epochs, un-permuted, differ by rounding alone.  Floats
cannot refute it: a larger difference leaves the claim open.

Measured: epochs until every training image is classified as its label says, paired by seed.  Claimed: true labels,
shuffled pixels, random pixels and Gaussian pixels are all fitted sooner than random labels.  (The labels of the last
two are those of the images they came from, noise by now.)  Of a convolutional network, at the larger sizes, how much
later shuffled pixels are fitted than true ones is told and not judged.  The order of all conditions is printed; that of
the published curves is for Inception.
"""

import dataclasses

import jax
import numpy as np

from overparam.networks import MlpClassifier, zhang2017
from overparam.records import Link, Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import CI_TRAIN, image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import Judged, all_of, effect
from overparam.studies.random_labels._runs import SEEDS, Inputs, Task, absent, curve, entries, trained
from overparam.training import ClassTrainSpec, train_classifiers

ROUNDING = 1e-12  # of weights of size one after some 100 steps in float64
_SIZES: dict[Size, tuple[int | None, int | None]] = {  # epochs allowed for true labels and for random ones
    "ci": (36, 80),
    "laptop": (100, None),
    "paper": (None, None),
}
_PLACES = {  # of the published curves, where two conditions share theirs
    "true labels": "1",
    "shuffled pixels": "2",
    "Gaussian pixels": "3 to 4",
    "random pixels": "3 to 4",
    "random labels": "5",
}


def measure(setting: Setting, *, permuted: bool = True, share: float = 1.0, slower: float = 1.0) -> Finding:
    """Equivariance, with the first layer `permuted` like the pixels, and epochs to fit under five conditions.

    `slower` divides the step size on random labels.
    """
    if missing := absent(setting):
        return missing
    n_seeds = SEEDS[setting.size]
    gap = _equivariance(setting.root, permuted=permuted)
    exact = Link("difference of the un-permuted weights from those on true pixels", ROUNDING, gap)
    few, many = _SIZES[setting.size]
    conditions: tuple[tuple[str, Inputs, float, int | None], ...] = (
        ("true labels", "true", 0.0, few),
        ("shuffled pixels", "shuffled", 0.0, few),
        ("Gaussian pixels", "gaussian", 0.0, few),
        ("random pixels", "random", 0.0, few),
        ("random labels", "true", share, many),
    )
    name, task = entries(setting.size)[0]
    task = task.under(record_every=1) if setting.size == "paper" else task.under(record_every=1, n_test=10)
    logs, rows, curves = {}, [], []
    for told, inputs, mixed, epochs in conditions:
        step = task.how.step_size / (slower if told == "random labels" else 1.0)
        ran = trained(setting.root, task.under(inputs=inputs, share=mixed, epochs=epochs, step_size=step), n_seeds)
        logs[told] = np.log(ran.epochs_to_fit(1.0 if setting.size != "paper" else 0.99))
        middle = float(np.exp(logs[told].mean())) if np.isfinite(logs[told]).all() else None
        rows.append((told, middle, _PLACES[told]))
        curves.append(curve(ran, told))
    judged = [
        _later(logs["random labels"], logs[told], f"log epochs of random labels over those of {told}")
        for told in _PLACES
        if told != "random labels"
    ]
    found, beside = all_of(*judged), "No convolutional network is trained at this size"
    if setting.size != "ci":
        conv, two = _convolution(setting, logs)
        later = _later(two[1], two[0], f"{conv}, log epochs of shuffled pixels over those of true ones")
        beside = f"Told and not judged: {later.words}"
    return Finding(
        holds=found.holds if exact.holds or found.holds is False else None,
        words=f"{name} on {ran.name}, {n_seeds} seeds: {found.words}. With permuted pixels and a permuted first layer "
        f"a small perceptron ends {gap:.1g} from where it ends on true pixels, in float64. {beside}.",
        instances=n_seeds * len(conditions) + 1,
        links=(exact, *found.links),
        plots=(Plot(f"Training accuracy, {name}", "epoch", "training accuracy", tuple(curves)),),
        tables=(
            Table(
                "Epochs to fit (geometric means), beside the order in which the published curves of Inception arrive",
                ("condition", "epochs", "place, published"),
                tuple(rows),
            ),
        ),
    )


def _later(slow: np.ndarray, fast: np.ndarray, name: str) -> Judged:
    """More epochs; runs that did not fit leave the answer open."""
    with np.errstate(invalid="ignore"):
        return effect(slow - fast, 0.0, name)


def _convolution(setting: Setting, logs: dict[str, np.ndarray]) -> tuple[str, list[np.ndarray]]:
    """Logarithms of the epochs of a convolutional network on true and on shuffled pixels."""
    if setting.size == "paper":
        return entries("paper")[0].name, [logs["true labels"], logs["shuffled pixels"]]
    how = dataclasses.replace(CI_TRAIN, epochs=60)
    task = Task(zhang2017("alexnet"), how, n=500, n_test=10)
    runs = [trained(setting.root, task.under(inputs=inputs), SEEDS[setting.size]) for inputs in ("true", "shuffled")]
    return "small AlexNet", [np.log(ran.epochs_to_fit()) for ran in runs]


def _equivariance(root: int, *, permuted: bool) -> float:
    """Largest difference of weights after 20 epochs."""
    splits = image_splits(root, 1, 60, 10, side=7)
    points, labels = splits.points[0].astype(np.float64), splits.labels[0]
    order = np.random.default_rng([root, 40]).permutation(points.shape[1])
    shuffled = points[:, order]
    net, how = MlpClassifier((32,), splits.n_classes), ClassTrainSpec(epochs=20, batch_size=20, dtype="float64")
    options = {"model": net, "how": how, "chunk": 1, "keep_correct": False}
    key = jax.random.key(root)
    plain = train_classifiers(points, labels, key, 1, **options)
    first, last = plain.initial
    start = (first._replace(weights=first.weights[..., order]) if permuted else first, last)
    other = train_classifiers(shuffled, labels, key, 1, **options, initial=start)
    gaps = [np.abs(plain.params[0].weights[..., order] - other.params[0].weights).max()]
    gaps += [np.abs(one - two).max() for one, two in zip(plain.params[1], other.params[1], strict=True)]
    return float(max(gaps))


STUDY = Experiment(
    id="z-order",
    claim="A perceptron whose first layer is permuted like the pixels trains on shuffled pixels exactly as on true "
    "ones, up to that permutation; and true labels, shuffled pixels, random pixels and Gaussian pixels are fitted in "
    "fewer epochs than random labels.",
    refuted_by="a mean log ratio of epochs below zero; trajectories that differ by more than rounding leave it open",
    cites=("zhang2017",),
    locator="section 2, Fig. 1a; the equivariance is own",
    measure=measure,
    proved=False,
)
