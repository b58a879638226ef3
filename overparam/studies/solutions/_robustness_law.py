"""Smooth interpolation of noise needs about n d parameters: a law that every interpolator obeys, with its constants.

For a class with p parameters of diameter W in which outputs are J-Lipschitz in the weights, points of a c-isoperimetric
law, and labels |y| <= 1 of conditional variance sigma^2: with probability 1 - delta every f whose training error is
sigma^2 - eps has Lip f >= eps / (2^9 sqrt c) sqrt(n d / (p log(60 W J / eps) + log(4 / delta))).  The data alone give
Lip f >= 2 / |x_i - x_j| for points of opposite labels.  Bumps of radius half the least distance interpolate with
Lip f = 2 / that distance, with d + 1 numbers for each of n points.

Measured on the unit sphere with random signs: the largest gradient of min-norm random ReLU features over p, at the
training points, at random points, and exactly on all affine pieces of the segment between the closest points of
opposite labels, where it has to reach the data's bound.  That is a lower estimate of Lip f.  At p slightly above n it
is heavy-tailed, and with a frozen first layer it tends to the kernel's value, not to 0.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.records import Link, Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import effect
from overparam.studies._series import bound, pointwise
from overparam.studies.approximation._arc_cosine import units
from overparam.studies.approximation._grids import budget_slope

DELTA = 0.01
FITTED = 1e-8  # largest residual of an interpolant
PUBLISHED = (57, 20, 17, 13, 10.7, 9.8)  # one draw of the catalogue at d = 20, n = 200


class Sizes(NamedTuple):
    """n points of the sphere of R^d, features p (the first one near n, not judged), fresh points, draws."""

    n: int
    d: int
    features: tuple[int, ...]
    fresh: int
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(200, 20, (210, 300, 400, 800, 2000, 6000), 300, 5),
    "laptop": Sizes(400, 40, (420, 600, 800, 1600, 4000, 12_000, 40_000), 5000, 10),
    "paper": Sizes(400, 40, (420, 600, 800, 1600, 4000, 12_000, 40_000), 5000, 10),
}


class Found(NamedTuple):
    """Of one interpolant: largest gradient, largest residual, norm of the weights, J, gradient on the segment."""

    gradient: float
    residual: float
    norm: float
    lipschitz: float
    segment: float


def law(size: tuple[int, int, int], *, eps: float, diameter: float, lipschitz: float) -> float:
    """The lower bound on Lip f for (n, d, p), c = 1."""
    n, d, p = size
    return eps / 2**9 * math.sqrt(n * d / (p * math.log(60 * diameter * lipschitz / eps) + math.log(4 / DELTA)))


def interpolant(w: NDArray, points: NDArray, labels: NDArray, fresh: NDArray, pair: tuple[int, int]) -> Found:
    """The min-norm combination of relu(<w_r, x>) through the data."""
    values = np.maximum(points @ w.T, 0)
    weights = values.T @ np.linalg.solve(values @ values.T, labels)
    residual = float(np.max(np.abs(values @ weights - labels)))
    slopes = weights[:, None] * w
    seen = np.concatenate([points, fresh])
    gradients = (seen @ w.T > 0) @ slopes
    segment = _along(w, slopes, points[pair[0]], points[pair[1]])
    largest = max(float(np.linalg.norm(gradients, axis=1).max()), segment)
    # on the ball |features(x)| <= |w|_2, so f_w is that Lipschitz in its weights
    return Found(largest, residual, float(np.linalg.norm(weights)), float(np.linalg.norm(w, 2)), segment)


def _along(w: NDArray, slopes: NDArray, start: NDArray, end: NDArray) -> float:
    """Largest gradient on all affine pieces of a segment: one term changes at every root."""
    left, right = w @ start, w @ end
    turning = np.flatnonzero(left * right < 0)
    order = turning[np.argsort(left[turning] / (left[turning] - right[turning]))]
    first = slopes[left > 0].sum(axis=0)
    steps = np.where((right[order] > 0)[:, None], slopes[order], -slopes[order])
    return float(np.linalg.norm(np.concatenate([first[None], first + np.cumsum(steps, axis=0)]), axis=1).max())


def bumps(points: NDArray, labels: NDArray, at: NDArray) -> NDArray:
    """Values of sum_i y_i relu(1 - |x - x_i| / r), r half the least distance of two points."""
    radius = _distances(points, points)[~np.eye(len(points), dtype=bool)].min() / 2
    return np.maximum(1 - _distances(at, points) / radius, 0) @ labels


def measure(setting: Setting, *, random: bool = True, shrunk: float = 1.0) -> Finding:
    """Gradients over p; labels by a hyperplane if not `random`; `shrunk` multiplies the interpolant's weights."""
    size = _SIZES[setting.size]
    gradients, law_share, data_share, residuals, laws, rows = [], 0.0, 0.0, [], [], []
    bump_slope, bump_miss = 0.0, 0.0
    for seed in range(size.seeds):
        rng = np.random.default_rng([setting.root, seed])
        points, fresh = units(rng, size.n, size.d), units(rng, size.fresh, size.d)
        labels = rng.choice([-1.0, 1.0], size=size.n) if random else np.where(points[:, 0] > 0, 1.0, -1.0)
        apart = _distances(points, points)
        opposite = np.where(labels[:, None] != labels, apart, np.inf)
        i, j = np.unravel_index(np.argmin(opposite), opposite.shape)
        needed = 2 / opposite[i, j]
        row, lower = [], []
        for p in size.features:
            found = interpolant(units(rng, p, size.d), points, labels, fresh, (int(i), int(j)))
            row.append(shrunk * found.gradient)
            lower.append(law((size.n, size.d, p), eps=1.0, diameter=2 * found.norm, lipschitz=found.lipschitz))
            residuals.append(found.residual)
            data_share = max(data_share, needed / (shrunk * found.segment))
        gradients.append(row)
        laws.append(lower)
        rows.append(needed)
        law_share = max(law_share, float(np.max(np.asarray(lower) / row)))
        least = apart[~np.eye(size.n, dtype=bool)].min()
        steepest, miss = _bump(rng, points, labels, fresh)
        bump_slope, bump_miss = max(bump_slope, steepest * least / 2), max(bump_miss, miss)
    curves = np.asarray(gradients)
    judged_p = np.asarray(size.features[1:], float)
    falling = effect([budget_slope(judged_p, row[1:]) for row in curves], 0.0,
                     "slope of log gradient over log p", kind="below")  # fmt: skip
    obeyed = law_share <= 1 and data_share <= 1 + 1e-9 and bump_slope <= 1 + 1e-9 and bump_miss == 0
    means = curves.mean(axis=0)
    return Finding(
        # inequalities of theorems: floats against them leave the claim open
        holds=falling.holds if obeyed and max(residuals) <= FITTED else None,
        words=f"n = {size.n} points of the sphere, d = {size.d}, random signs, {size.seeds} draws: largest gradients "
        + ", ".join(f"{mean:.3g} (p = {p})" for mean, p in zip(means, size.features, strict=True))
        + f"; the law asks for {1 / law_share:.2g} times less, the data for {np.mean(rows):.3g}, reached "
        f"on the segment by a factor {1 / data_share:.3g} at least; {falling.words}. Bumps interpolate with a slope of "
        f"{bump_slope:.3g} times 2 / the least distance. The law's constant makes it a check of validity only.",
        instances=curves.size + size.seeds,
        links=(
            Link("the law's bound, relative to the largest gradient", 1.0, law_share),
            Link("the data's bound, relative to the gradient on the segment", 1.0 + 1e-9, data_share),
            *falling.links,
            Link("slope of the bumps, relative to 2 / least distance", 1.0 + 1e-9, bump_slope),
        ),
        vacuous="" if random else "the labels are a function of the points: without noise the law asks for nothing",
        plots=(
            Plot(
                "How steep interpolation of random signs is",
                "parameters p",
                "largest gradient",
                (
                    pointwise("min-norm random features", size.features, np.transpose(curves)),
                    bound("the data's bound", size.features, [float(np.mean(rows))] * len(size.features)),
                    bound("law of robustness, c = 1", size.features, np.mean(laws, axis=0)),
                    bound("sqrt(n d / p) / 20", size.features,
                          [math.sqrt(size.n * size.d / p) / 20 for p in size.features]),
                ),
                log_x=True,
                log_y=True,
                marks=((float(size.n), "p = n"), (float(size.n * size.d), "p = n d")),
            ),
        ),
        tables=(
            Table(
                "Largest gradient, mean over draws",
                ("p", "measured", "law", "one draw of the catalogue"),
                tuple(
                    (p, float(means[a]), float(np.mean(laws, axis=0)[a]),
                     PUBLISHED[a] if size.d == 20 and size.n == 200 else None)
                    for a, p in enumerate(size.features)
                ),
            ),
        ),
    )  # fmt: skip


def _bump(rng: np.random.Generator, points: NDArray, labels: NDArray, fresh: NDArray) -> tuple[float, float]:
    """Steepest difference quotient of the bumps between points and others near them, and their largest residual."""
    miss = float(np.max(np.abs(bumps(points, labels, points) - labels)))
    near = points + rng.normal(size=points.shape) * rng.uniform(0, 0.3, size=(len(points), 1)) / points.shape[1] ** 0.5
    steepest = 0.0
    for one, other in ((points, near), (near, fresh[rng.integers(len(fresh), size=len(near))])):
        change = np.abs(bumps(points, labels, one) - bumps(points, labels, other))
        steepest = max(steepest, float(np.max(change / np.linalg.norm(one - other, axis=1))))
    return steepest, miss


def _distances(one: NDArray, other: NDArray) -> NDArray:
    """Euclidean, without the cancellation of squares: 0 for equal rows."""
    return np.sqrt(np.stack([np.sum((row - other) ** 2, axis=1) for row in one]))


STUDY = Experiment(
    id="g-robustness-law",
    claim="The interpolants of random signs in this study, min-norm combinations of p random ReLU features, obey the "
    "law of robustness and the data's own bound on the Lipschitz constant, and their gradients fall as p grows beyond "
    "1.5 n.",
    refuted_by="an interpolant below either bound, or gradients that grow with p",
    cites=("bubeck2021universal", "bubeck2021law", "wu2023law"),
    locator="Theorems 1 and 3",
    measure=measure,
    proved=False,
)
