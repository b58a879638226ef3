"""In the plane the rank of a two-layer ReLU Jacobian is a matter of collecting patterns, not of counting parameters.

Neurons with the same activation pattern share a column space, and n lines through the origin of R^2 leave at most 2 n
patterns, one an arc of the circle of directions.  In any dimension two bounds follow from equal rows and equal columns
of the pattern matrix S (n x k): a class C of points on which the same neurons are active spans rows S_i (x) x_i of rank
at most min(d, |C|), and likewise for neurons,

    rank J_w  <=  sum over classes of points of min(d, |C|),
    rank J_w  <=  sum over distinct patterns of min(d, active points).

So a triple of points of the plane that no neuron separates costs a rank, however large k d is.  When all arcs have a
neuron the rank is n: patterns on both sides of a point's line differ in that point alone (docs/theory/training.md).

Measured by ranks over the rationals of random draws with k d = 4 n, on both sides: in the plane, where draws fall short
of n (at n = 60 all but 2 % of them, at n = 120 practically all), with one neuron an arc, and in dimension 10.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from overparam.exact import exact_rank, fraction_of
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size

_GRID = 20  # coordinates are multiples of 2^-20


class Sizes(NamedTuple):
    """Points and draws."""

    n: int
    draws: int


_SIZES: dict[Size, Sizes] = {"ci": Sizes(120, 3), "laptop": Sizes(120, 20), "paper": Sizes(240, 40)}
_HIGH = 10  # the dimension on the success side


def measure(setting: Setting, *, dim: int = 2) -> Finding:
    """Exact ranks at k d = 4 n; `dim` other than 2 breaks the bound by 2 n patterns."""
    n, draws = _SIZES[setting.size]
    ranks, bounds, by_patterns, patterns = [], [], [], []
    for seed in range(draws):
        rng = np.random.default_rng([setting.root, seed])
        points, w = on_grid(rng, (n, dim)), on_grid(rng, (4 * n // dim, dim))
        on = active(points, w)
        ranks.append(hidden_rank(points, on))
        bounds.append(class_bound(on, dim))
        by_patterns.append(class_bound(on.T, dim, sizes=on.sum(axis=0)))
        patterns.append(len(np.unique(on, axis=1).T))
    rng = np.random.default_rng([setting.root, draws])
    points = on_grid(rng, (n, 2))
    arcs = active(points, arc_directions(points))
    complete = hidden_rank(points, arcs)
    high, w = on_grid(rng, (n, _HIGH)), on_grid(rng, (4 * n // _HIGH, _HIGH))
    success = hidden_rank(high, active(high, w))
    tight = sum(a == b for a, b in zip(ranks, bounds, strict=True))
    proved = max(patterns) <= 2 * n and all(r <= min(b, c) for r, b, c in zip(ranks, bounds, by_patterns, strict=True))
    return Finding(
        holds=bool(max(ranks) < n == success) if proved and complete == n else None,
        words=f"n = {n} points of the plane, {4 * n // dim} neurons, k d = 4 n: exact ranks {min(ranks)} to "
        f"{max(ranks)} in {draws} draws, {min(patterns)} to {max(patterns)} of at most {2 * n} patterns; the bound by "
        f"classes of points is attained in {tight} of them. One neuron an arc, {arcs.shape[1]} in all: exact rank "
        f"{complete}. In dimension {_HIGH}, k d = {4 * n // _HIGH * _HIGH}: exact rank {success}.",
        instances=draws + 2,
        links=(
            Link("patterns of a draw, against 2 n", 2.0 * n, float(max(patterns))),
            Link("rank, against classes of points", float(bounds[0]), float(ranks[0])),
            Link("rank, against distinct patterns", float(by_patterns[0]), float(ranks[0])),
        ),
    )


def on_grid(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Standard normal numbers rounded to the grid; a float product of two coordinates is then nearly exact."""
    return np.rint(rng.normal(size=shape) * 2**_GRID) * 2.0**-_GRID


def active(points: np.ndarray, w: np.ndarray) -> np.ndarray:
    """(n_samples, width) bool, decided exactly: integers below 2^46 are summed in 64 bits."""
    rows, neurons = (np.rint(a * 2**_GRID).astype(np.int64) for a in (points, w))
    return rows @ neurons.T > 0


def hidden_rank(points: np.ndarray, on: np.ndarray) -> int:
    """Rank over the rationals of the rows S_i (x) x_i; a column a pattern suffices."""
    different = np.unique(on, axis=1)
    zero = [Fraction(0)] * points.shape[1]
    rows = [[fraction_of(t) for t in row] for row in points]
    return exact_rank(
        [[t for s in pattern for t in (row if s else zero)] for row, pattern in zip(rows, different, strict=True)]
    )


def class_bound(on: np.ndarray, dim: int, *, sizes: np.ndarray | None = None) -> int:
    """Sum over classes of equal rows of min(dim, size); the size is the class's number of rows if not given."""
    _, first, counts = np.unique(on, axis=0, return_index=True, return_counts=True)
    return int(np.minimum(dim, counts if sizes is None else sizes[first]).sum())


def arc_directions(points: np.ndarray) -> np.ndarray:
    """One direction inside each arc between the lines orthogonal to the points, on the grid times 2^10."""
    normals = np.sort(
        np.concatenate([np.arctan2(points[:, 0], -points[:, 1]), np.arctan2(-points[:, 0], points[:, 1])])
    )
    middles = (normals + np.append(normals[1:], normals[0] + 2 * np.pi)) / 2
    return np.rint(np.stack([np.cos(middles), np.sin(middles)], axis=1) * 2 ** (_GRID + 10)) * 2.0**-_GRID


STUDY = Experiment(
    id="low-dimension-rank",
    claim="For n points of the plane a two-layer ReLU network without biases has at most 2 n activation patterns of "
    "nonzero neurons, and its Jacobian's rank is at most the sum of min(2, size) over classes of points that no neuron "
    "separates; in every draw of this study with k d = 4 n it is less than n, while one neuron an arc gives rank n.",
    refuted_by="a draw of full rank in the plane, or one below full rank in dimension 10",
    cites=(),
    locator="own, docs/theory/training.md",
    measure=measure,
    proved=False,
)
