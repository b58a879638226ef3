"""Points with a known geometry, each drawn by one generator in a documented order.

Sums that decide a point run over columns one at a time, so that the bits do not depend on a linear algebra library.
Directions such as "uniform on the sphere" are uniform up to rounding; what holds exactly is said in the notes.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from overparam.data._ranges import moment_shift
from overparam.data._spec import DEFAULT_D, DEFAULT_N, DataSpec

Points = NDArray[np.float64]
Drawn = tuple[Points, NDArray[np.float64] | None, tuple[str, ...]]
_SPREAD = 0.01
GRID = 20  # `collinear` rounds to multiples of 2**-GRID


def generate(spec: DataSpec, rng: np.random.Generator) -> Drawn:
    """Points (n, d) of a validated `spec`'s generator, labels of their own (n,) if it has any, and notes."""
    make = _GENERATORS[spec.data]
    return make(spec, rng, spec.n or DEFAULT_N, spec.d or DEFAULT_D)


def _gaussian(spec: DataSpec, rng: np.random.Generator, n: int, d: int) -> Drawn:
    return rng.normal(size=(n, d)), None, (f"points: numpy.random.default_rng({spec.seed}).normal(size=({n}, {d}))",)


def _sphere(spec: DataSpec, rng: np.random.Generator, n: int, d: int) -> Drawn:
    return _unit(rng.normal(size=(n, d))), None, ("points: uniform on the unit sphere, norms 1 up to rounding",)


def _clusters(spec: DataSpec, rng: np.random.Generator, n: int, d: int) -> Drawn:
    """Row i lies at the given angle from centre i mod c: cos(angle) centre + sin(angle) tangent."""
    angle = 0.1 if spec.angle is None else spec.angle
    c = min(4, n) if spec.clusters is None else spec.clusters
    centres = _unit(rng.normal(size=(c, d)))
    member = np.arange(n) % c
    own_centre = centres[member]
    tangent = rng.normal(size=(n, d))
    for _ in range(2):  # the second pass removes what rounding left of the centre's direction
        tangent = _unit(tangent - _dots(tangent, own_centre)[:, None] * own_centre)
    points = math.cos(angle) * own_centre + math.sin(angle) * tangent
    note = f"points: {c} clusters on the unit sphere, each point {angle!r} radians from its centre, up to rounding"
    return points, np.where(member % 2 == 0, 1.0, -1.0), (note, "row i belongs to cluster i mod " + str(c))


def _line(spec: DataSpec, rng: np.random.Generator, n: int, d: int) -> Drawn:
    """Points t direction + spread noise, drawn in the order direction, t, noise."""
    spread = _SPREAD if spec.spread is None else spec.spread
    direction = _unit(rng.normal(size=(1, d)))
    along = rng.normal(size=(n, 1))
    points = along * direction + spread * rng.normal(size=(n, d))
    return points, None, (f"points: normal along a random line, plus normal noise of deviation {spread!r}",)


def _plane(spec: DataSpec, rng: np.random.Generator, n: int, d: int) -> Drawn:
    """Coefficients times an orthonormal basis, plus spread noise; drawn in the order basis, coefficients, noise."""
    spread = _SPREAD if spec.spread is None else spec.spread
    rank = min(2, d) if spec.rank is None else spec.rank
    basis = _orthonormal(rng.normal(size=(rank, d)))
    coefficients = rng.normal(size=(n, rank))
    points = np.zeros((n, d))
    for k in range(rank):
        points += coefficients[:, k : k + 1] * basis[k]
    points += spread * rng.normal(size=(n, d))
    return points, None, (f"points: normal in a random {rank}-plane, plus normal noise of deviation {spread!r}",)


def _moment(spec: DataSpec, rng: np.random.Generator, n: int, d: int) -> Drawn:
    """(t, t^2, .., t^d) for t = (i - n // 2) / 2^b, i = 0..n-1, 2^b >= n // 2 the least power: all without rounding.

    Distinct t put the points in affine general position, whatever n and d.
    """
    half, shift = n // 2, moment_shift(n)
    t = np.ldexp(np.arange(n) - float(half), -shift)
    points = np.empty((n, d))
    points[:, 0] = t
    for k in range(1, d):
        points[:, k] = points[:, k - 1] * t
    note = f"points: (t, t^2, .., t^{d}) without rounding, t = (i - {half}) / 2^{shift} for row i"
    return (
        points,
        np.where(np.arange(n) % 2 == 0, 1.0, -1.0),
        (note, "distinct points of the moment curve: in general position"),
    )


def _anisotropic(spec: DataSpec, rng: np.random.Generator, n: int, d: int) -> Drawn:
    s = 1.0 if spec.exponent is None else spec.exponent
    scale = np.array([float(i) ** (-s / 2) for i in range(1, d + 1)])
    trace, squares = math.fsum(scale**2), math.fsum(scale**4)
    note = f"points: normal, coordinate i has variance i^(-{s!r}); effective dimension {trace**2 / squares:.4g} of {d}"
    return rng.normal(size=(n, d)) * scale, None, (note,)


def _collinear(spec: DataSpec, rng: np.random.Generator, n: int, d: int) -> Drawn:
    """Standard normal rows rounded to a dyadic grid; then row 3j + 1 becomes the midpoint of rows 3j and 3j + 2.

    On the grid a midpoint is a multiple of half the mesh, far below 53 bits: the triples are collinear exactly.
    """
    triples = n // 3 if spec.triples is None else spec.triples
    points = np.ldexp(np.rint(np.ldexp(rng.normal(size=(n, d)), GRID)), -GRID)
    first = 3 * np.arange(triples)
    points[first + 1] = (points[first] + points[first + 2]) / 2
    own = np.full(n, -1.0)
    own[first + 1] = 1.0
    note = (
        f"points: normal, rounded to multiples of 2^-{GRID}; {triples} rows 3j + 1 are exact midpoints of 3j and 3j + 2"
    )
    return points, own, (note,)


def _dots(a: Points, b: Points) -> NDArray[np.float64]:
    total = np.zeros(len(a))
    for k in range(a.shape[1]):
        total += a[:, k] * b[:, k]
    return total


def _unit(rows: Points) -> Points:
    return rows / np.sqrt(_dots(rows, rows))[:, None]


def _orthonormal(rows: Points) -> Points:
    """Gram-Schmidt, twice over, which is orthogonal to rounding."""
    basis: list[Points] = []
    for row in rows:
        left = row[None]
        for earlier in basis * 2:
            left = left - _dots(left, earlier)[:, None] * earlier
        basis.append(_unit(left))
    return np.concatenate(basis)


_GENERATORS: dict[str, Callable[[DataSpec, np.random.Generator, int, int], Drawn]] = {
    "gaussian": _gaussian,
    "sphere": _sphere,
    "clusters": _clusters,
    "line": _line,
    "plane": _plane,
    "moment": _moment,
    "anisotropic": _anisotropic,
    "collinear": _collinear,
}
