"""Drawn data with classes or a smooth target, of the kinds that experiments on generalization use."""

import numpy as np
from numpy.typing import NDArray

from overparam.errors import InputError


def mixture(
    rng: np.random.Generator, n: int, d: int, n_classes: int, separation: float
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Points of Gaussian classes N(mu_k, I) whose means are uniform on the sphere of radius `separation`.

    Drawn in the order means, labels, noise; classes are as equal in size as n allows, their rows in random order.

    Returns:
        points (n, d) and labels (n,), 0 .. n_classes - 1.
    Raises:
        InputError: n, d or n_classes below 1.

    >>> points, labels = mixture(np.random.default_rng(0), 10, 3, 2, 4.0)
    >>> points.shape, np.bincount(labels).tolist()
    ((10, 3), [5, 5])
    """
    if min(n, d, n_classes) < 1:
        raise InputError(f"a mixture needs at least 1 point, dimension and class, not {n}, {d} and {n_classes}")
    means = rng.normal(size=(n_classes, d))
    means *= separation / np.linalg.norm(means, axis=1, keepdims=True)
    labels = rng.permutation(np.arange(n) % n_classes).astype(np.int32)
    return means[labels] + rng.normal(size=(n, d)), labels


def friedman40(rng: np.random.Generator, n: int, noise: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Forty uniform features, five of which matter: 10 sin(pi x1 x2) + 20 (x3 - 1/2)^2 + 10 x4 + 5 x5 + noise N(0, 1).

    Returns:
        points (n, 40) in [0, 1) and targets (n,).
    Raises:
        InputError: n below 1.
    """
    if n < 1:
        raise InputError(f"friedman40 needs at least 1 point, not {n}")
    points = rng.random((n, 40))
    a, b, c, d, e = points[:, :5].T
    targets = 10 * np.sin(np.pi * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e
    return points, targets + noise * rng.normal(size=n)
