"""Random directions for the first layer, each a candidate of which the greedy steps keep the best."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NEAR = 4  # a separated pair is a point and one of so many nearest others
_CLEAR = 2.0**-40  # a hyperplane passes no point closer, in units of the point's length


class Draws:
    """Directions u with no point on the hyperplane <u, z> = 0, in doubt or in truth."""

    def __init__(self, points: Floats, rng: np.random.Generator) -> None:
        """points: (n_samples, n_inputs), no zero row."""
        self.points = points
        self.rng = rng
        self.units = points / np.linalg.norm(points, axis=1, keepdims=True)

    def normal(self, count: int) -> Floats:
        """Unit vectors of uniform direction, (at most count, n_inputs)."""
        return self._clear(self.rng.normal(size=(count, self.points.shape[1])))

    def separating(self, count: int, residual: Floats) -> Floats:
        """Directions that also bisect a near pair of points, drawn where the residual is large; at most count.

        Between neighbours at a small angle a uniform direction passes with a chance of that angle over pi; a bisecting
        one is uniform but for <u, a + b> = 0, a and b the unit vectors of the pair.
        """
        n = len(self.units)
        total = residual @ residual
        if n < 2 or not total > 0:
            return self.normal(count)
        first = self.rng.choice(n, size=count, p=residual**2 / total)
        cosines = self.units[first] @ self.units.T
        cosines[np.arange(count), first] = -np.inf
        near = np.argsort(-cosines, axis=1, kind="stable")[:, : min(_NEAR, n - 1)]
        second = near[np.arange(count), self.rng.integers(near.shape[1], size=count)]
        middle = self.units[first] + self.units[second]
        square = np.sum(middle**2, axis=1, keepdims=True)
        drawn = self.rng.normal(size=(count, self.points.shape[1]))
        along = np.sum(drawn * middle, axis=1, keepdims=True) / np.where(square > 0, square, 1)  # opposite: any u
        return self._clear(drawn - along * middle)

    def _clear(self, drawn: Floats) -> Floats:
        lengths = np.linalg.norm(drawn, axis=1, keepdims=True)
        drawn = drawn[lengths[:, 0] > 0] / lengths[lengths[:, 0] > 0]
        return drawn[(np.abs(drawn @ self.units.T) > _CLEAR).all(axis=1)]


class Span:
    """Orthonormal columns that span the features chosen so far, and what of the labels lies outside."""

    def __init__(self, labels: Floats) -> None:
        self.basis = np.zeros((len(labels), 0))
        self.rest = labels.copy()

    def new(self, features: Floats) -> Floats:
        """An orthonormal basis, (n_samples, r), of what these columns, (n_samples, m), add; r may be 0."""
        sizes = np.linalg.norm(features, axis=0)
        left = features / np.where(sizes > 0, sizes, 1)
        for _ in range(2):  # once is not enough in floats
            left = left - self.basis @ (self.basis.T @ left)
        u, s, _ = np.linalg.svd(left, full_matrices=False)
        return u[:, s > 1e-9]  # less is rounding, or would ask for weights 10^9 times longer

    def gain(self, columns: Floats) -> float:
        """By how much the sum of squared errors falls with these new orthonormal columns."""
        along = columns.T @ self.rest
        return float(along @ along)

    def add(self, columns: Floats) -> None:
        """Add new orthonormal columns."""
        self.basis = np.concatenate([self.basis, columns], axis=1)
        self.rest = self.rest - columns @ (columns.T @ self.rest)


def ridge(features: Floats, labels: Floats, allowed: float) -> Floats:
    """The coefficients of about the least length whose squared errors sum to at most `allowed`, if any do.

    Args:
        features: (n_samples, m).
        labels: (n_samples,).
        allowed: above the least sum of squares, or the least-squares coefficients come back.
    """
    sizes = np.linalg.norm(features, axis=0)
    sizes = np.where(sizes > 0, sizes, 1)
    u, s, v = np.linalg.svd(features / sizes, full_matrices=False)
    kept = s > (s[0] if len(s) else 0) * 1e-13
    u, s, v = u[:, kept], s[kept], v[kept]
    along = u.T @ labels
    outside = labels - u @ along
    floor = float(outside @ outside)

    def coefficients(t: float) -> Floats:
        return v.T @ (s / (s**2 + t) * along) if t else v.T @ (along / s)

    def missed(t: float) -> float:
        return floor + float(np.sum((t / (s**2 + t) * along) ** 2))

    low, high = -60.0, 20.0  # of log2 t
    if not missed(2.0**low) <= allowed:
        return coefficients(0.0) / sizes
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if missed(2.0**middle) <= allowed else (low, middle)
    return coefficients(2.0**low) / sizes
