"""Data sets on which training, or a width theorem, is known to fail: one deterministic generator each.

Where `overparam.data` has the law, that is used; the same seed then gives the same points as on the command line.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.data import Dataset, DataSpec, from_arrays, load


class Line(NamedTuple):
    """Points of the line with a coordinate 1 for the bias, (n_samples, 2), and labels."""

    points: NDArray[np.float64]
    labels: NDArray[np.float64]


def three_points(*, symmetric: bool = False) -> Line:
    """Three points, as (x, 1) not negatively correlated, with positive labels, the middle one below the affine fit.

    The first kind, positively correlated, is that of the source's experiment; `symmetric`, whose outer two are
    orthogonal: inputs -1, 0, 1 with labels in [1, 1 + h], (0, h]
    and [1, 1 + h] for h = 0.1 < 1/6, as the source's theorem asks for.
    """
    if symmetric:
        return with_bias([-1.0, 0.0, 1.0], [1.1, 0.1, 1.05])
    return with_bias([-0.75, -0.5, 0.125], [1.1, 0.1, 0.8])


def noisy_line(seed: int, n_samples: int, dim: int, *, noise: float) -> Dataset:
    """Gaussian points with labels <b, x> + noise, b the first unit vector."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n_samples, dim))
    return from_arrays(points, points[:, 0] + noise * rng.normal(size=n_samples), name="noisy-line")


def two_sides() -> Line:
    """Three points on either side of 0 with a gap between, labels that alternate: no kink at 0 helps."""
    return with_bias([-2.0, -1.5, -1.0, 1.0, 1.5, 2.0], [1.0, -1.0, 1.0, -1.0, 1.0, -1.0])


def close_pair(seed: int, n_samples: int, dim: int, angle: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Uniform points of the unit sphere, the last two at this angle from each other with labels 1 and -1."""
    rng = np.random.default_rng([seed, n_samples, dim])
    points = _units(rng.normal(size=(n_samples, dim)))
    across = points[-1] - (points[-1] @ points[-2]) * points[-2]
    points[-1] = math.cos(angle) * points[-2] + math.sin(angle) * across / np.linalg.norm(across)
    labels = rng.choice([-1.0, 1.0], size=n_samples)
    labels[-2:] = 1.0, -1.0
    return points, labels


def clusters(seed: int, n_samples: int, dim: int, *, count: int, angle: float) -> Dataset:
    """Points at this angle from one of `count` random centres of the unit sphere."""
    return load(DataSpec(data="clusters", n=n_samples, d=dim, clusters=count, angle=angle, labels="signs", seed=seed))


def low_dimension(seed: int, n_samples: int, dim: int) -> Dataset:
    """Uniform points of a sphere of low dimension: few activation patterns."""
    return load(DataSpec(data="sphere", n=n_samples, d=dim, labels="signs", seed=seed))


def dead_samples(n_samples: int) -> NDArray[np.float64]:
    """Orthonormal points: each is inactive on k random neurons with probability 2^-k, independently."""
    return np.eye(n_samples)


def planted_triples(seed: int, triples: int, dim: int, *, spread: float) -> Dataset:
    """Triples x - h, x, x + h, collinear exactly, |h| about `spread`, with labels -1, 1, -1 that are not affine.

    Coordinates are multiples of 2^-20.
    """
    rng = np.random.default_rng([seed, triples, dim])
    middle = np.rint(rng.normal(size=(triples, dim)) * 2.0**20)
    half = np.rint(spread * _units(rng.normal(size=(triples, dim))) * 2.0**20)
    points = np.stack([middle - half, middle, middle + half], axis=1).reshape(-1, dim) * 2.0**-20
    return from_arrays(points, np.tile([-1.0, 1.0, -1.0], triples), name="planted-triples")


def orthant(seed: int, n_samples: int, dim: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors with positive coordinates, and the same ones with independent random signs."""
    rng = np.random.default_rng([seed, n_samples, dim])
    normal = rng.normal(size=(n_samples, dim))
    return _units(np.abs(normal)), _units(normal)


def anisotropic(seed: int, n_samples: int, dim: int, *, exponent: float) -> Dataset:
    """Gaussian points whose coordinate i has variance i^-exponent."""
    return load(DataSpec(data="anisotropic", n=n_samples, d=dim, exponent=exponent, labels="signs", seed=seed))


def with_bias(inputs: list[float], labels: list[float]) -> Line:
    """Points (x, 1)."""
    x = np.asarray(inputs)
    return Line(np.stack([x, np.ones_like(x)], axis=1), np.asarray(labels))


def _units(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
