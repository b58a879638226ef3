"""Clusters, few dimensions, dead points: three ways in which data make a width suffice only far beyond n / d.

Clusters.  c clusters of angle a around their centres on the sphere have |X|^2 >= (n / c) cos^2(a), and their closest
pair, at angle t, bounds lambda_0 by sin^2(t / 2) + t cos(t) / (2 pi): the width 8 |X|^2 / lambda_0 ln(n / delta), which
makes the least eigenvalue of the finite kernel H at least lambda_0 / 2 with probability 1 - delta (matrix Chernoff),
grows like n / (c t).  On the other side, a pair that no neuron separates leaves H at most |x - x'|^2 / 2 <= t^2 / 2,
which is below lambda_0 / 2 once t^2 < lambda_0.
Few dimensions.  In the plane the rank of the Jacobian is below n although k d = 4 n, in dimension 5 it is n, for
practically all draws.
Dead points.  Of orthonormal points exactly those that are active on some neuron count in the rank.

Measured: each at its failure and at its success (docs/theory/training.md).
"""

import math
from typing import NamedTuple

import numpy as np

from overparam.ntk import first_layer_gram
from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.landscape._instances import clusters, dead_samples, low_dimension
from overparam.studies.landscape._low_dimension_rank import active, hidden_rank, on_grid
from overparam.studies.landscape._near_duplicates import pair_eigenvalue

DELTA = 0.01  # of all draws at the Chernoff width together


class Sizes(NamedTuple):
    """Clustered points, their dimension, clusters, draws; points in few dimensions; orthonormal points."""

    n: int
    d: int
    count: int
    draws: int
    plane: int
    orthonormal: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(16, 6, 4, 5, 120, 24),
    "laptop": Sizes(48, 8, 6, 20, 120, 60),
    "paper": Sizes(200, 20, 10, 100, 120, 120),
}
_ANGLE = 0.1


def measure(setting: Setting, *, angle: float = _ANGLE, neurons: float = 1.0) -> Finding:
    """The three parts; `angle` of the clusters, and `neurons` multiplies the width that the Chernoff bound asks for."""
    require_dtype("float64", what="clusters-low-dimension")
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, size.n])
    points = clusters(setting.root, size.n, size.d, count=size.count, angle=angle).points
    closest, limit = closest_angle(points), float(np.linalg.eigvalsh(first_layer_gram(points))[0])
    spread, even = np.linalg.norm(points, 2) ** 2, low_dimension(setting.root, size.n, size.d).points
    asked = chernoff_width(points, limit, size.draws)
    isotropic = chernoff_width(even, float(np.linalg.eigvalsh(first_layer_gram(even))[0]), size.draws)
    wide, _ = _least(rng, points, math.ceil(neurons * asked), size.draws)
    narrow, unsplit = _least(rng, points, max(1, round(0.3 * math.pi / closest)), size.draws)
    bounds = (
        limit <= pair_eigenvalue(closest) + 1e-13
        and spread >= size.n // size.count * math.cos(angle) ** 2 - 1e-12
        and all(low <= closest**2 / 2 + 1e-12 for low, apart in zip(narrow, unsplit, strict=True) if apart)
    )
    ranks = {d: _rank(setting.root, size.plane, d) for d in (2, 5)}
    dead = [_orthonormal(setting.root, size.orthonormal, k) for k in (2, math.ceil(math.log2(size.orthonormal / 1e-4)))]
    # theorems and their hypotheses, and events that chance must bring about: without them nothing is judged
    ready = bounds and all(rank == covered for rank, covered in dead)
    together = [low for low, apart in zip(narrow, unsplit, strict=True) if apart]
    ready &= bool(together) and dead[0][1] < size.orthonormal == dead[1][1]
    failing = all(low < limit / 2 for low in together) if closest**2 < limit else None
    decided = asked > 2 * isotropic and min(wide) >= limit / 2 and ranks[2] < size.plane == ranks[5]
    return Finding(
        holds=None if not ready or (decided and failing is None) else bool(decided and failing),
        words=f"n = {size.n}, d = {size.d}, {size.count} clusters of angle {angle:g}, closest pair at {closest:.3g}: "
        f"lambda_0 = {limit:.3g} of at most {pair_eigenvalue(closest):.3g}, |X|^2 = {spread:.3g}; Chernoff width "
        f"{asked:.3g}, for uniform points {isotropic:.3g}. Least eigenvalue of H, {size.draws} draws each: at least "
        f"{min(wide) / limit:.2f} lambda_0 at {neurons:g} times that width, at most {max(narrow) / limit:.2f} at "
        f"{0.3 * math.pi / closest:.0f} neurons, {sum(unsplit)} of which leave the pair together. Exact ranks at k d "
        f"= 4 n, n = {size.plane}: {ranks[2]} in the plane, {ranks[5]} in dimension 5. "
        f"{size.orthonormal} orthonormal points: rank {dead[0][0]} with 2 neurons, {dead[1][0]} with "
        f"{math.ceil(math.log2(size.orthonormal / 1e-4))}.",
        instances=2 * size.draws + 5,
        links=(
            Link("lambda_0 of clusters, against their closest pair", pair_eigenvalue(closest), limit),
            Link(
                "least eigenvalue at the Chernoff width, against lambda_0 / 2", limit / 2, float(min(wide)), "at least"
            ),
        ),
    )


def chernoff_width(points: np.ndarray, limit: float, draws: int) -> float:
    """8 |X|^2 / lambda_0 ln(n / delta), delta so small that all draws together fail with probability DELTA."""
    return 8 * np.linalg.norm(points, 2) ** 2 / limit * math.log(len(points) * draws / DELTA)


def closest_angle(points: np.ndarray) -> float:
    """Least angle between two unit rows, by 2 asin(|x - x'| / 2), which does not cancel."""
    i, j = np.triu_indices(len(points), 1)
    return float(2 * np.arcsin(np.min(np.linalg.norm(points[i] - points[j], axis=1)) / 2))


def _least(rng: np.random.Generator, points: np.ndarray, width: int, draws: int) -> tuple[list[float], list[bool]]:
    """Least eigenvalues of (1/k) (X X^T) o (S S^T), and whether the closest pair has one pattern."""
    i, j = np.triu_indices(len(points), 1)
    nearest = np.argmin(np.linalg.norm(points[i] - points[j], axis=1))
    least, together = [], []
    for _ in range(draws):
        on = (points @ rng.normal(size=(points.shape[1], width)) > 0).astype(float)
        least.append(float(np.linalg.eigvalsh(points @ points.T * (on @ on.T) / width)[0]))
        together.append(bool((on[i[nearest]] == on[j[nearest]]).all()))
    return least, together


def _rank(root: int, n: int, dim: int) -> int:
    rng = np.random.default_rng([root, n, dim])
    points, w = on_grid(rng, (n, dim)), on_grid(rng, (4 * n // dim, dim))
    return hidden_rank(points, active(points, w))


def _orthonormal(root: int, n: int, width: int) -> tuple[int, int]:
    """Rank of the hidden Jacobian, and the number of points active on some neuron."""
    points = dead_samples(n)
    on = points @ np.random.default_rng([root, width]).normal(size=(n, width)) > 0
    return hidden_rank(points, on), int(on.any(axis=1).sum())


STUDY = Experiment(
    id="clusters-low-dimension",
    claim="On the data of this study, clusters multiply the width of the matrix Chernoff bound, which then suffices, "
    "while fewer neurons than the inverse of the least angle, which leave a pair together, do not; the plane, and too "
    "few neurons to reach every point, leave the rank below n, and more dimensions or neurons do not.",
    refuted_by="a width that fails where success is predicted, or the reverse",
    cites=("tropp2015",),
    locator="Theorem 5.1.1",
    measure=measure,
    proved=False,
)
