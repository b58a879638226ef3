"""Risks of random-features models with infinitely many samples, in closed form: x ~ N(0, I_d), features of unit w_i.

The best combination of relu(<w_i, x>) has risk E f^2 - k' K^-1 k, K_ij = kappa(<w_i, w_j>) and k_i = E f relu(<w_i,
x>); kappa(c) = (sqrt(1 - c^2) + (pi - arccos c) c) / (2 pi) is E relu(s) relu(t) for standard normal s, t of
correlation c.  The tangent model of those neurons has the features 1(<w_i, x> > 0) x, and blocks instead of numbers.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

LEVELS = (1 / (2 * np.pi), 1 / 4, 1 / (4 * np.pi))  # parts of E relu(z)^2 = 1/2 of degree 0, 1, 2; odd ones end here
REST = 0.5 - sum(LEVELS)  # of degree 4 and more
_JITTER = 1e-12  # times the largest entry: far below the smallest risk quoted


class Target(NamedTuple):
    """One target with E f^2 = `power`, given by its products with the features at unit rows w (n_features, dim)."""

    name: str
    power: float
    neuron: NDArray | None = None  # f = relu(<w*, x>), w* of norm 1
    linear: NDArray | None = None  # f = <b, x>, |b| = 1
    quadratic: NDArray | None = None  # f = x'Ax - tr A, symmetric, 2 |A|_F^2 = 1


def kappa(correlation: NDArray) -> NDArray:
    """E relu(s) relu(t).

    >>> kappa(np.array([1.0])).tolist()
    [0.5]
    """
    c = np.clip(correlation, -1, 1)
    return (np.sqrt(1 - c**2) + (np.pi - np.arccos(c)) * c) / (2 * np.pi)


def half_space(correlation: NDArray) -> NDArray:
    """P(s > 0, t > 0), the kernel of another feature."""
    return (np.pi - np.arccos(np.clip(correlation, -1, 1))) / (2 * np.pi)


def units(rng: np.random.Generator, count: int, dim: int) -> NDArray:
    """(count, dim), uniform on the unit sphere."""
    rows = rng.normal(size=(count, dim))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def targets(rng: np.random.Generator, dim: int) -> tuple[Target, Target, Target]:
    """A ReLU neuron, a linear and a quadratic target in random directions."""
    matrix = rng.normal(size=(dim, dim))
    matrix = (matrix + matrix.T) / 2
    matrix -= np.trace(matrix) / dim * np.eye(dim)
    matrix /= np.sqrt(2) * np.linalg.norm(matrix)
    neuron, direction = units(rng, 2, dim)
    return (
        Target("neuron", 0.5, neuron=neuron),
        Target("linear", 1.0, linear=direction),
        Target("quadratic", 1.0, quadratic=matrix),
    )


def feature_risks(w: NDArray, wanted: Sequence[Target], *, kernel: Callable[[NDArray], NDArray] = kappa) -> NDArray:
    """Risks of the best combinations of relu(<w_i, x>).

    Args:
        w: (n_features, dim), unit rows.
        wanted: targets.
        kernel: of the features; another one makes the formula wrong.
    """
    return _risks(kernel(w @ w.T), np.stack([feature_products(w, target) for target in wanted], axis=1), wanted)


def tangent_risks(w: NDArray, wanted: Sequence[Target]) -> NDArray:
    """Risks of the best combinations of 1(<w_i, x> > 0) x_j: w.shape[0] * w.shape[1] features."""
    count, dim = w.shape
    c = np.clip(w @ w.T, -1, 1)
    angle = np.pi - np.arccos(c)
    sine = np.sqrt(1 - c**2)
    # in the plane of w_i and w_j: (a + sin a, a - sin a) / (2 pi) along the bisector and across it, a = pi - angle
    bent = np.divide(1, 2 * np.pi * sine, out=np.zeros_like(c), where=sine > 1e-8)
    crossed = np.einsum("ip,jq->ijpq", w, w)
    own = np.einsum("ip,iq->ipq", w, w)
    blocks = crossed + crossed.swapaxes(2, 3) - c[:, :, None, None] * (own[:, None] + own[None, :])
    blocks *= bent[:, :, None, None]
    blocks += (angle / (2 * np.pi))[:, :, None, None] * np.eye(dim)
    kernel = blocks.swapaxes(1, 2).reshape(count * dim, count * dim)
    columns = np.stack([tangent_products(w, target).ravel() for target in wanted], axis=1)
    return _risks(kernel, columns, wanted)


def feature_products(w: NDArray, target: Target) -> NDArray:
    """E f relu(<w_i, x>), (n_features,)."""
    if target.neuron is not None:
        return kappa(w @ target.neuron)
    if target.linear is not None:
        return w @ target.linear / 2
    matrix = target.quadratic
    if matrix is None:
        raise ValueError("a target is a neuron, linear or quadratic")
    return np.einsum("ij,jk,ik->i", w, matrix, w) / np.sqrt(2 * np.pi)


def tangent_products(w: NDArray, target: Target) -> NDArray:
    """E f 1(<w_i, x> > 0) x, (n_features, dim): the gradient of `feature_products` in w, extended homogeneously."""
    if target.linear is not None:
        return np.tile(target.linear / 2, (len(w), 1))
    if target.quadratic is not None:
        bent = w @ target.quadratic
        return (2 * bent - np.sum(bent * w, axis=1)[:, None] * w) / np.sqrt(2 * np.pi)
    other = target.neuron
    if other is None:
        raise ValueError("a target is a neuron, linear or quadratic")
    c = np.clip(w @ other, -1, 1)
    return ((np.pi - np.arccos(c))[:, None] * other + np.sqrt(1 - c**2)[:, None] * w) / (2 * np.pi)


def _risks(kernel: NDArray, products: NDArray, wanted: Sequence[Target]) -> NDArray:
    kernel[np.diag_indices_from(kernel)] += _JITTER * kernel.max()
    root = linalg.cholesky(kernel, lower=True, overwrite_a=True, check_finite=False)
    half = linalg.solve_triangular(root, products, lower=True, check_finite=False)
    return np.asarray([target.power for target in wanted]) - np.sum(half**2, axis=0)
