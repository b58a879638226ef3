"""Random ReLU features of separated data have full rank at a width that knows only the separation, not the dimension.

Statement (becchetti2026, a preprint): if all angles between the n points lie in [theta, pi - theta] and R has k
standard normal columns, then P(rank relu(X R) = n) >= 1 - delta for every

    k >= (8 pi / theta) max(n, 4 ln(1 / delta)).

No general position, any dimension.  Its engine is an escape lemma: whatever the proper subspace V, a feature relu(X g)
is outside with probability at least theta / (4 pi); a Chernoff bound for n escapes in k trials then gives the width.

Measured: the rank exactly.  Points and Gaussians are rounded to multiples of 2^-20, so that all features are integers,
and one elimination modulo a prime gives the least k at which the first k features of a draw have rank n: full rank
modulo a prime is a proof, less is overwhelming evidence.  The escape lemma is tested where it is tightest known: for
x, x', x + x' with theta from one to the next the functional relu(<x, g>) + relu(<x', g>) - relu(<x + x', g>) vanishes
unless g separates x from x', a wedge of probability 2 theta / pi, eight times the lemma's bound.  The same three points
need k >= ln(1 / delta) / -ln(1 - 2 theta / pi), so the order 1 / theta is right.
"""

import math

import numpy as np
from numpy.typing import NDArray

from overparam.exact import leading_columns
from overparam.studies._experiment import Experiment, Finding, Link, Setting, Width
from overparam.studies._instances import Size
from overparam.studies.convergence._separated import FAMILIES, least_angle, separated
from overparam.widths import clopper_pearson

DELTA, _LEVEL = 0.01, 0.998
_GRID = 20  # bits after the point; products of a point and a Gaussian then stay below 2^53 for any dimension below 100
_SIZES: dict[Size, dict[str, int]] = {
    "ci": {"n_samples": 12, "dim": 5, "draws": 20, "halvings": 2},
    "laptop": {"n_samples": 24, "dim": 9, "draws": 20, "halvings": 3},
    "paper": {"n_samples": 100, "dim": 40, "draws": 50, "halvings": 4},
}
Integers = NDArray[np.int64]


def measure(setting: Setting, *, activation: str = "relu") -> Finding:
    """Thresholds of rank n over draws; `activation` may be "identity", whose features have rank d at most."""
    size = _SIZES[setting.size]
    n, dim, draws = size["n_samples"], size["dim"], size["draws"]
    rng = np.random.default_rng([setting.root, n, dim])
    failed, trials, told, shares, escaped, asked = 0, 0, [], [], [], 0
    for family in (*FAMILIES, "triples"):
        for j in range(size["halvings"]):
            points = on_grid(_points(family, n, dim, min(0.2, 3 / n) * 2.0**-j, rng))
            theta = least_angle(points.astype(np.float64))
            width = math.ceil(8 * math.pi / theta * max(n, 4 * math.log(1 / DELTA)))
            thresholds = []
            for _ in range(draws):
                features = features_of(points, rng.normal(size=(dim, width)), activation)
                thresholds.append(threshold_of(features))
                if family == "triples":
                    escaped.append(np.mean(features[0] + features[2] != features[1]) / (theta / (4 * math.pi)))
            failed, trials = failed + sum(found > width for found in thresholds), trials + draws
            asked = max(asked, width)
            shares.append(width / float(np.median(thresholds)))
            if j == size["halvings"] - 1:
                told.append(f"{family} {float(np.median(thresholds)):g} of {width}")
    lower, upper = clopper_pearson(failed, trials, level=_LEVEL)
    links = (
        Link("width asked over the median threshold, least of all data", 1.0, min(shares), "at least"),
        Link("escape frequency at a triple over theta / (4 pi)", 1.0, float(np.min(escaped)), "at least"),
    )
    words = (
        f"n = {n} (triples: {n - n % 3}), d = {dim}, {draws} draws for each of {trials // draws} data sets: rank n "
        f"was missed at the width asked for in {failed} of {trials} (frequency between {lower:.2g} and {upper:.2g} "
        f"at level {_LEVEL}, delta = {DELTA}). Median of the least width of rank n, of that asked for, at the "
        f"smallest angle: {', '.join(told)}."
    )
    return Finding(lower <= DELTA, words, trials, links, Width(asked, asked))


def on_grid(points: np.ndarray) -> Integers:
    """Multiples of 2^-20 as integers."""
    return np.rint(np.ldexp(points, _GRID)).astype(np.int64)


def features_of(points: Integers, directions: np.ndarray, activation: str = "relu") -> Integers:
    """Features (n_samples, width) of directions (dim, width) that are rounded to the grid; no integer overflows."""
    pre = points @ on_grid(directions)
    return np.maximum(pre, 0) if activation == "relu" else pre


def threshold_of(features: Integers) -> float:
    """How many of the first columns are needed for rank n, modulo a prime; inf if all are not enough."""
    n, width = features.shape
    tried = min(2 * n, width)
    while True:
        columns = leading_columns(features[:, :tried].tolist())
        if len(columns) == n:
            return columns[-1] + 1
        if tried == width:
            return math.inf
        tried = min(4 * tried, width)


def _points(family: str, n_samples: int, dim: int, angle: float, rng: np.random.Generator) -> np.ndarray:
    """A family of `separated`, or random pairs each with its sum between them; for homogeneous features norms are free.

    The two of a pair are 2 angle apart.  On the grid of 2^-20 the sum is exact.
    """
    if family != "triples":
        return separated(family, n_samples, dim, angle, rng)
    ends = separated("close pairs", 2 * (n_samples // 3), dim, 2 * angle, rng)
    first, last = np.split(np.ldexp(np.rint(np.ldexp(ends, _GRID)), -_GRID), 2)
    return np.stack([first, first + last, last], axis=1).reshape(-1, dim)


STUDY = Experiment(
    id="rank-lifting",
    claim="For points with all angles in [theta, pi - theta], k >= (8 pi / theta) max(n, 4 ln(1/delta)) random ReLU "
    "features have rank n with probability at least 1 - delta; on the data sets of this study they miss it with a "
    f"frequency not significantly above delta = {DELTA}.",
    refuted_by="an exact rank below n at that width with a frequency significantly above delta",
    cites=("becchetti2026",),
    locator="main theorem for ReLU features",
    measure=measure,
    proved=False,
)
