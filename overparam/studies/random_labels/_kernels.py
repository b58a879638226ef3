"""Traditional learners that interpolate images: Gaussian kernels without a penalty, and the nearest neighbour."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from overparam.data import Images, load_images, paper_images
from overparam.studies._instances import Size

GAMMA = 0.02  # of exp(-gamma |x - x'|^2), pixels in [0, 1]: the published value


class Kernel(NamedTuple):
    """Values between training points, (n, n), and between test and training points, (n_test, n); float64."""

    gram: NDArray[np.float64]
    across: NDArray[np.float64]


class Fit(NamedTuple):
    """What interpolating one-hot labels with one kernel gave."""

    train_error: float
    test_error: float
    norm: float  # square root of tr alpha^T K alpha


class Split(NamedTuple):
    """Training and test images, pixels in rows, and classes."""

    points: NDArray[np.float64]
    labels: NDArray[np.int32]
    test_points: NDArray[np.float64]
    test_labels: NDArray[np.int32]


def images_of(size: Size) -> Images | None:
    """The packaged images, at size paper those of MNIST that a user supplies; None if there are none."""
    return paper_images("mnist") if size == "paper" else load_images("mnist5k")


def available(images: Images, n: int, n_test: int) -> int:
    """Training images of a split that asks for n: fewer where there are too few."""
    total = len(images.points)
    return min(n, total if len(images.test_points) else total * n // (n + n_test))


def varies(images: Images, n: int) -> bool:
    """Whether splits with n training images differ: not where the images come with a test set and all are used."""
    return not len(images.test_points) or n < len(images.points)


def split(images: Images, root: int, seed: int, n: int, n_test: int) -> Split:
    """Training images drawn by root and seed; test images, too, unless the images come with a test set, then that."""
    points = images.points.reshape(len(images.points), -1)
    order = np.random.default_rng([root, 47, seed]).permutation(len(points))
    n = available(images, n, n_test)
    train, rest = order[:n], order[n : n + n_test]
    if len(images.test_points):
        test = images.test_points.reshape(len(images.test_points), -1)
        return Split(points[train].astype(float), images.labels[train], test.astype(float), images.test_labels)
    return Split(points[train].astype(float), images.labels[train], points[rest].astype(float), images.labels[rest])


def squared_distances(points: NDArray, others: NDArray) -> NDArray[np.float64]:
    """Between the rows of (n, d) and of (m, d), (n, m); in float64, not below 0."""
    points, others = points.astype(np.float64), others.astype(np.float64)
    sums = np.sum(points**2, axis=1)[:, None] + np.sum(others**2, axis=1)
    return np.maximum(sums - 2 * points @ others.T, 0)


def nearest(points: NDArray, tests: NDArray) -> NDArray[np.intp]:
    """The row of the nearest point to each test point, the first one if several are."""
    return squared_distances(tests, points).argmin(axis=1)


def distances(at: Split) -> Kernel:
    """Squared Euclidean ones."""
    within = squared_distances(at.points, at.points)
    np.fill_diagonal(within, 0.0)
    return Kernel(within, squared_distances(at.test_points, at.points))


def gaussian(apart: Kernel, gamma: float) -> Kernel:
    """exp(-gamma |x - x'|^2) of squared distances."""
    return Kernel(np.exp(-gamma * apart.gram), np.exp(-gamma * apart.across))


def interpolate(kernel: Kernel, labels: NDArray, test_labels: NDArray, n_classes: int, *, ridge: float = 0.0) -> Fit:
    """Solves (K + ridge I) alpha = Y, Y one-hot; the class of an image is that of its largest output.

    Raises:
        LinAlgError: the matrix is not positive definite in float64.
    """
    wanted = np.eye(n_classes)[labels]
    alpha = cho_solve(cho_factor(kernel.gram + ridge * np.eye(len(kernel.gram))), wanted)
    fitted = kernel.gram @ alpha
    return Fit(
        float(np.mean(np.argmax(fitted, axis=1) != labels)),
        float(np.mean(np.argmax(kernel.across @ alpha, axis=1) != test_labels)),
        float(np.sqrt(np.sum(alpha * fitted))),
    )


def nearest_errors(apart: Kernel, labels: NDArray, test_labels: NDArray) -> tuple[float, float]:
    """Training and test error of the nearest training image, by squared distances."""
    own, new = (labels[np.argmin(one, axis=1)] for one in (apart.gram, apart.across))
    return float(np.mean(own != labels)), float(np.mean(new != test_labels))
