"""Traditional learners that interpolate: the nearest neighbour, and kernel regression without a penalty."""

import numpy as np
import scipy.linalg
from jaxtyping import Float, Int


def nearest(points: Float[np.ndarray, "n d"], tests: Float[np.ndarray, "n_test d"]) -> Int[np.ndarray, " n_test"]:
    """The row of the nearest point to each test point, the first one if several are."""
    return squared_distances(tests, points).argmin(axis=1)


def squared_distances(a: Float[np.ndarray, "n d"], b: Float[np.ndarray, "m d"]) -> Float[np.ndarray, "n m"]:
    """In float64, never below 0."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    return np.maximum((a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2 * a @ b.T, 0)


def kernel_interpolant(
    points: Float[np.ndarray, "n d"],
    marks: Float[np.ndarray, "n classes"],
    tests: Float[np.ndarray, "n_test d"],
    *,
    sharpness: float = 0.02,
) -> tuple[Float[np.ndarray, "n classes"], Float[np.ndarray, "n_test classes"]]:
    """Outputs on both sets of the interpolant of least norm for k(x, x') = exp(-sharpness ||x - x'||^2)."""
    gram = np.exp(-sharpness * squared_distances(points, points))
    weights = scipy.linalg.solve(gram, marks, assume_a="pos")
    return gram @ weights, np.exp(-sharpness * squared_distances(tests, points)) @ weights
