"""The training runs that the studies of random labels share: one network under one condition, on many seeds.

Conditions are those of zhang2017: a share of the labels replaced by uniform classes (which may be the old ones), one
permutation of the pixels for all images, another for each image, or Gaussian pixels.  What is random is drawn once for
a seed and kept; test labels are always true.  A seed has the same split, initial weights and orders of the samples
under every condition, so differences are paired.

Seeds are trained five at a time, and a block is trained once a process, whichever study asks for it.

At the ci size the network of `CI_NET` is trained for 99 epochs, not 150, and looked at every third: random labels are
fitted after some 45 epochs, 63 at most among thirty seeds, and a study has ten seconds.  Epochs to fit are then
multiples of 3, so studies that compare them look at every epoch.
"""

import dataclasses
import functools
import hashlib
from typing import Literal, NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, Float, Int

from overparam import data
from overparam.errors import InputError
from overparam.networks import Classifier, MlpClassifier
from overparam.records import Series
from overparam.studies._experiment import Finding, Setting
from overparam.studies._images import CI_NET, CI_TRAIN, image_splits
from overparam.studies._instances import Size
from overparam.studies._series import ranges
from overparam.studies.random_labels import _published
from overparam.training import ClassTrainSpec, first_epoch, train_classifiers

BLOCK = 5  # seeds that one program trains
SEEDS: dict[Size, int] = {"ci": 5, "laptop": 10, "paper": 5}  # of an effect
# of an accuracy at chance: with five, whose interval is 2.8 standard errors wide, it often does not fit into the band
CHANCE_SEEDS: dict[Size, int] = {"ci": 10, "laptop": 10, "paper": 5}
Inputs = Literal["true", "shuffled", "random", "gaussian"]
_TAGS: dict[Inputs, int] = {"true": 0, "shuffled": 1, "random": 2, "gaussian": 3}


class Task(NamedTuple):
    """One network, protocol and condition.

    Attributes:
        net: the network.
        how: the protocol.
        n, n_test: training and test images; of CIFAR-10, all.
        share: of the labels that are replaced.
        inputs: what is done to the pixels.
        cifar: whether the images are the user's CIFAR-10, cropped and whitened, instead of the packaged ones.
    """

    net: Classifier = CI_NET
    how: ClassTrainSpec = dataclasses.replace(CI_TRAIN, epochs=99, record_every=3)
    n: int = 400
    n_test: int = 1000
    share: float = 0.0
    inputs: Inputs = "true"
    cifar: bool = False

    def under(self, *, epochs: int | None = None, **changes: float | str) -> "Task":
        """The same with another protocol, weight decay and the like, or condition, `share` and `inputs`."""
        own = {name: value for name, value in changes.items() if name in ("share", "inputs", "n", "n_test", "net")}
        rest = {name: value for name, value in changes.items() if name not in own}
        if epochs is not None:
            rest["epochs"] = epochs
        return self._replace(how=dataclasses.replace(self.how, **rest), **own)


class Ran(NamedTuple):
    """Records of a task, seeds first.

    Attributes:
        epochs, accuracy, test_accuracy: as in `training.History`.
        labels: that were trained on.
        name: of the data.
        fingerprint: SHA-256 of everything that went into each block but the labels: network, protocol, images after
            preprocessing, initial weights.
    """

    epochs: Int[np.ndarray, " looks"]
    accuracy: Float[np.ndarray, "seeds looks"]
    test_accuracy: Float[np.ndarray, "seeds looks"]
    labels: Int[np.ndarray, "seeds n"]
    name: str
    fingerprint: tuple[str, ...]

    def fitted(self, level: float = 0.99) -> Bool[np.ndarray, " seeds"]:
        """Whether the training accuracy is at the end at least this."""
        return self.accuracy[:, -1] >= level

    def epochs_to_fit(self, level: float = 1.0) -> Float[np.ndarray, " seeds"]:
        """First epoch looked at with that training accuracy; inf where there is none."""
        return first_epoch(self.epochs, self.accuracy >= level)


class Entry(NamedTuple):
    """A network to be trained at one size: its name in tables, and the task with true labels."""

    name: str
    task: Task


def absent(setting: Setting) -> Finding | None:
    """At size `paper`, what to answer where the user's images are missing."""
    if setting.size != "paper" or _published.images() is not None:
        return None
    return Finding(True, "Nothing was trained.", 0, vacuous=_published.MISSING)


def percent(values: np.ndarray) -> float:
    """A mean, as tables print it."""
    return round(100 * float(np.mean(values)), 2)


def broken(task: Task, *, width: int | None = None, step_size: float | None = None) -> Task:
    """The task with a mechanism taken away: one hidden layer of this width, or this step size."""
    if width is not None:
        task = task._replace(net=MlpClassifier((width,), task.net.n_classes))
    return task if step_size is None else task.under(step_size=step_size)


def entries(size: Size, *, n: int = 4000, epochs: tuple[int, int] = (300, 100)) -> tuple[Entry, ...]:
    """The networks of one size: the ci net; two perceptrons on more images; the published ones on CIFAR-10.

    `epochs` are those of the two perceptrons: with one hidden layer 4,000 random labels are fitted after some 130
    epochs, 165 at most among five seeds, with three after 40.
    """
    if size == "ci":
        return (Entry("MLP 1x256", Task()),)
    if size == "laptop":
        shallow, deep = (dataclasses.replace(CI_TRAIN, epochs=most, record_every=5) for most in epochs)
        return (
            Entry("MLP 1x512", Task(MlpClassifier((512,)), shallow, n)),
            Entry("MLP 3x512", Task(MlpClassifier((512,) * 3), deep, n)),
        )
    return tuple(Entry(model.name, Task(model.net, model.how, 0, 0, cifar=True)) for model in _published.PAPER.models())


def trained(root: int, task: Task, n_seeds: int) -> Ran:
    """The records of seeds 0 to n_seeds - 1."""
    blocks = [_block(root, task, start, _published.key()) for start in range(0, n_seeds, BLOCK)]
    accuracy, test_accuracy, labels = (
        np.concatenate(leaves)[:n_seeds]
        for leaves in zip(*((block.accuracy, block.test_accuracy, block.labels) for block in blocks), strict=True)
    )
    prints = tuple(one for block in blocks for one in block.fingerprint)
    return Ran(blocks[0].epochs, accuracy, test_accuracy, labels, blocks[0].name, prints)


def curve(ran: Ran, label: str, *, test: bool = False) -> Series:
    """Mean accuracy against the epoch, and the range over the seeds."""
    values = ran.test_accuracy if test else ran.accuracy
    return ranges(label, ran.epochs, values)


def random_labels(root: int, seed: int, labels: np.ndarray, share: float, n_classes: int) -> np.ndarray:
    """The labels of one seed with a share replaced: the same draws whatever the share, so conditions are nested."""
    return data.corrupted(np.random.default_rng([root, seed, 10]), labels, share, n_classes)


@functools.lru_cache(maxsize=256)
def _block(root: int, task: Task, start: int, images: str) -> Ran:
    """Five seeds; `images` is what the user's images depend on, so that others are not mistaken for them."""
    seeds = range(start, start + BLOCK)
    if task.cifar:
        whole = _published.images()
        if whole is None:
            raise InputError(_published.MISSING)
        points, test_points = whole.points[None], whole.test_points[None]
        true, test_labels = np.stack([whole.labels] * BLOCK), np.stack([whole.test_labels] * BLOCK)
        n_classes, name = whole.n_classes, whole.name
    else:
        splits = image_splits(root, start + BLOCK, task.n, task.n_test)
        points, true, test_points, test_labels = (leaf[start:] for leaf in splits[:4])
        n_classes, name = splits.n_classes, splits.name
        if not isinstance(task.net, MlpClassifier):  # convolutions want images
            side = round(points.shape[-1] ** 0.5)
            points, test_points = (leaf.reshape(*leaf.shape[:2], side, side, 1) for leaf in (points, test_points))
    labels = np.stack(
        [random_labels(root, seed, own, task.share, n_classes) for seed, own in zip(seeds, true, strict=True)]
    )
    if task.inputs != "true":
        # pixels are redrawn once for all seeds where the seeds share the images
        pairs = zip(seeds, points, test_points, strict=False)
        points, test_points = map(
            np.stack, zip(*(_redrawn(root, s, x, t, task.inputs) for s, x, t in pairs), strict=True)
        )
    if task.cifar:
        points, test_points = points[0], test_points[0]
    found = train_classifiers(
        points, labels, jax.random.key(root), np.arange(start, start + BLOCK), model=task.net, how=task.how,
        test_points=test_points, test_labels=test_labels, keep_correct=False, chunk=BLOCK,
    )  # fmt: skip
    digest = hashlib.sha256(repr((task.net, task.how)).encode())
    for leaf in (points, test_points, *jax.tree.leaves(found.initial)):
        digest.update(np.asarray(leaf).tobytes())
    return Ran(found.epochs, found.accuracy, found.test_accuracy, labels, name, (digest.hexdigest(),))


def _redrawn(root: int, seed: int, points: np.ndarray, tests: np.ndarray, inputs: Inputs) -> tuple[np.ndarray, ...]:
    """Training and test images of one seed under one condition."""
    rng = np.random.default_rng([root, seed, 20, _TAGS[inputs]])
    both = np.concatenate([points, tests])
    changed = {
        "shuffled": data.shuffled_pixels,
        "random": data.random_pixels,
        "gaussian": data.gaussian_pixels,
    }[inputs](rng, both)
    return changed[: len(points)], changed[len(points) :]
