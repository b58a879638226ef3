"""Splits of real images for the studies that train classifiers, a fresh one for every seed, and their common network.

The images are the 5,000 of MNIST that a package ships, averaged to 14 x 14 and whitened one by one; where that package
is missing, what `data.load_images` puts in their place, and the name says so.
"""

import functools
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int32

from overparam import data
from overparam.errors import InputError
from overparam.networks import MlpClassifier
from overparam.training import ClassTrainSpec

CI_NET = MlpClassifier((256,))
CI_TRAIN = ClassTrainSpec(epochs=150, batch_size=50, step_size=0.01, momentum=0.9)
POOL = "seeds and roots draw from this one pool of images, on which intervals are conditional"


class Splits(NamedTuple):
    """Training and test sets, seeds first.

    Attributes:
        points, test_points: one image a row, preprocessed.
        labels, test_labels: the true classes.
        n_classes: of all images, 0 .. n_classes - 1.
        name: the data and what was done to them, what they stand in for, if they do, and that they are one `POOL`.
    """

    points: Float32[np.ndarray, "seeds n d"]
    labels: Int32[np.ndarray, "seeds n"]
    test_points: Float32[np.ndarray, "seeds n_test d"]
    test_labels: Int32[np.ndarray, "seeds n_test"]
    n_classes: int
    name: str


@functools.lru_cache(maxsize=8)
def image_splits(root: int, n_seeds: int, n: int, n_test: int = 1000, *, side: int = 14, whiten: bool = True) -> Splits:
    """A new split for every seed: `n` training and `n_test` test images, drawn without replacement.

    Seed s of a root has the same order of the images whatever `n`, `n_test` and the other seeds, so that smaller
    training sets are parts of larger ones.  Where fewer images are there, the sets are smaller, and the name says so.

    Args:
        root: root seed.
        n_seeds: splits, those of the seeds 0 to n_seeds - 1.
        n: training images of a split.
        n_test: test images of a split.
        side: images are averaged over blocks to side x side; smaller ones stay as they are.
        whiten: whether each image is brought to mean 0 and deviation 1.
    Returns:
        `Splits`, read-only arrays.
    Raises:
        InputError: no images asked for.
    """
    if min(n_seeds, n, n_test) < 1:
        raise InputError(f"a split needs seeds, training and test images, got {n_seeds}, {n} and {n_test}")
    images, points = _prepared(side, whiten=whiten)
    name = "; ".join((images.name, *images.notes))
    total = len(points)
    if n + n_test > total:
        n_test = max(1, n_test * total // (n + n_test))
        n, asked = total - n_test, n
        name += f"; only {n} training images and {n_test} test images, not {asked}, since there are {total}"
    name += f"; {POOL}"
    # test images from the end of the order, so that they stay the same as the training set grows; four words for a
    # stream of its own, since NumPy takes [root, seed] and [root, seed, 0] for one
    orders = np.stack([np.random.default_rng([root, seed, 1, 77]).permutation(total) for seed in range(n_seeds)])
    train, test = orders[:, :n], orders[:, total - n_test :]
    splits = (points[train], images.labels[train], points[test], images.labels[test])
    for leaf in splits:
        leaf.flags.writeable = False
    return Splits(*splits, images.n_classes, name)


@functools.lru_cache(maxsize=4)
def _prepared(side: int, *, whiten: bool) -> tuple[data.Images, Float32[np.ndarray, "total d"]]:
    images = data.load_images("mnist5k")
    points = data.pooled(images.points, side)
    points = data.whitened(points) if whiten else points
    return images, points.reshape(len(points), -1)
