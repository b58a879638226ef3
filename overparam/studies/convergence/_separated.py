"""Unit vectors whose lines are a prescribed angle apart, in shapes that are hard in different ways.

The projective separation of points is the least angle between two of the lines that they span, so that antipodal points
count as parallel.
"""

import math

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
FAMILIES = ("close pairs", "clusters", "circle", "2-planes", "grid")


def separated(family: str, n_samples: int, dim: int, angle: float, rng: np.random.Generator) -> Points:
    """Rows of unit norm up to rounding, (n_samples, dim), neighbours about `angle` apart; `least_angle` says exactly.

    Families:
        close pairs: random points, each with a companion at the angle in a random direction.
        clusters: three random centres, around each a regular simplex of side `angle`, so at most dim - 1 points each.
        circle: an arc of one circle in steps of the angle, so n_samples * angle must stay below pi.
        2-planes: three such arcs in random planes.
        grid: a square grid of mesh tan(angle) in the plane at distance 1, projected to the sphere.
    """
    if family == "close pairs":
        first = _units(rng, -(-n_samples // 2), dim)
        return np.concatenate([first, _turned(first, angle, rng)])[:n_samples]
    if family == "clusters":
        lean = math.acos(math.sqrt(math.cos(angle)))
        frames = [_frame(rng, dim) for _ in range(3)]
        members = [(frames[i % 3][0], frames[i % 3][1 + i // 3]) for i in range(n_samples)]
        return np.array([math.cos(lean) * centre + math.sin(lean) * edge for centre, edge in members])
    if family in ("circle", "2-planes"):
        planes = [np.eye(dim)[:2]] if family == "circle" else [_frame(rng, dim)[:2] for _ in range(3)]
        turns = angle * (np.arange(n_samples) // len(planes))
        return np.array(
            [math.cos(t) * planes[i % len(planes)][0] + math.sin(t) * planes[i % len(planes)][1]
             for i, t in enumerate(turns)]
        )  # fmt: skip
    if family == "grid":
        side = math.isqrt(n_samples - 1) + 1
        places = math.tan(angle) * (np.stack(np.divmod(np.arange(n_samples), side), axis=1) - (side - 1) / 2)
        rows = np.concatenate([np.ones((n_samples, 1)), places, np.zeros((n_samples, dim - 3))], axis=1)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
    raise ValueError(f"no family is called {family!r}; there are {', '.join(FAMILIES)}")


def least_angle(points: Points) -> float:
    """Projective separation of rows of any norm, accurate for small angles too; pi / 2 for a single row."""
    units = points / np.linalg.norm(points, axis=1, keepdims=True)
    apart = np.linalg.norm(units[:, None] - units[None], axis=2)
    along = np.linalg.norm(units[:, None] + units[None], axis=2)
    angles = 2 * np.arctan2(np.minimum(apart, along), np.maximum(apart, along))
    return float(np.min(angles + math.pi * np.eye(len(points)), initial=math.pi / 2))


def _units(rng: np.random.Generator, count: int, dim: int) -> Points:
    rows = rng.normal(size=(count, dim))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _turned(rows: Points, angle: float, rng: np.random.Generator) -> Points:
    """Each row turned by the angle in a random direction."""
    across = rng.normal(size=rows.shape)
    for _ in range(2):  # the second pass removes what rounding left
        across -= np.sum(across * rows, axis=1, keepdims=True) * rows
        across /= np.linalg.norm(across, axis=1, keepdims=True)
    return math.cos(angle) * rows + math.sin(angle) * across


def _frame(rng: np.random.Generator, dim: int) -> Points:
    """A random orthonormal basis, as rows."""
    return np.linalg.qr(rng.normal(size=(dim, dim)))[0].T
