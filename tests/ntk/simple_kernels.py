"""Kernels that are quick to compile, for tests of what is done with kernels."""

import dataclasses

import jax.numpy as jnp
import numpy as np

from overparam.ntk import Kernel, Kernels


@dataclasses.dataclass(frozen=True)
class Laplace(Kernel):
    """exp(-|x - x'|_1) and twice that: positive definite, each entry the same operations in every block."""

    @property
    def words(self):
        return "Laplace"

    def __call__(self, points, others=None, *, dtype="float64"):
        left = jnp.asarray(points, dtype)
        right = left if others is None else jnp.asarray(others, dtype)
        gram = jnp.exp(-jnp.sum(jnp.abs(left[:, None] - right[None]), axis=2))
        return Kernels(gram, 2 * gram)

    def diagonal(self, points, *, dtype="float64"):
        ones = jnp.ones(len(points), dtype) * (1 + 0 * jnp.sum(jnp.asarray(points, dtype), axis=1))
        return Kernels(ones, 2 * ones)


def relu_gram(points):
    """The first-layer kernel in NumPy: <x, x'> (pi - angle) / (2 pi), angles by differences of unit rows."""
    lengths = np.linalg.norm(points, axis=1)
    units = points / np.where(lengths, lengths, 1)[:, None]
    apart = np.linalg.norm(units[:, None] - units[None], axis=2)
    along = np.linalg.norm(units[:, None] + units[None], axis=2)
    return points @ points.T * np.arctan2(along, apart) / np.pi


def unit_points(n, d, seed=0):
    points = np.random.default_rng(seed).normal(size=(n, d))
    return points / np.linalg.norm(points, axis=1)[:, None]
