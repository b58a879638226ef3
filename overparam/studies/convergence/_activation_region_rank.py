"""Most activation regions of a two-layer ReLU network with k d above n have a Jacobian of rank n, so no bad minimum.

Statement (karhadkar2024mild): generic points x_1, .., x_n in R^d, hidden layer without biases, nonzero output weights
(as its abstract has it, proofs not read).  In a region with activation matrix A (k x n, zeros and ones) the first-layer
Jacobian has the rows (A_ri x_i)_r; where its rank is n, J^T r = 0 forces r = 0, so every differentiable critical point
of the region is a global minimum.  If k d >= (1 + const) n and k >= const ln(n / epsilon), all but a share epsilon of
all binary matrices A have rank n; and all but a share epsilon of the volume of parameters, if the points are
anticoncentrated.  Constants are hidden.

Two exact limits are known. Rank n needs k d >= n; and a point on which no neuron is active gives a zero row, so that
of uniformly random matrices a share (1 - 2^-k)^n at most has rank n.

Measured: by exact ranks modulo a prime (full rank is then proved), for nested draws of neurons, at which width the
rank becomes n. By count: A uniform. By volume: A = 1{W X^T > 0} with Gaussian W. Constants are fixed in advance: at k
= ceil(1.5 n / d) + ceil(log2(n / epsilon)) the share must not be significantly below 1 - 2 epsilon, the 2 covering
what the first and the second condition miss. As a control, in the plane the patterns of a volume-random W are arcs,
at most 2 n of them, anticoncentration fails, and even at k d = 4 n nearly no region has rank n, though by count
nearly all.
"""

import math
from typing import Any

import numpy as np

from overparam.exact import leading_columns
from overparam.studies._experiment import Experiment, Finding, Link, Setting, Width
from overparam.studies._instances import Size
from overparam.widths import clopper_pearson

EPSILON, _LEVEL = 0.05, 0.998
_MARGIN = 1.5  # over the counting threshold
_GRID = 20
_SIZES: dict[Size, dict[str, Any]] = {
    "ci": {"shapes": ((24, 6), (30, 15)), "plane": 20, "draws": 40},
    "laptop": {"shapes": ((60, 6), (60, 12), (96, 24)), "plane": 60, "draws": 100},
    "paper": {"shapes": ((200, 10), (400, 40), (600, 100)), "plane": 200, "draws": 400},
}


def measure(setting: Setting, *, shared: bool = False) -> Finding:
    """Shares of full rank by count and by volume; with `shared`, all neurons have one pattern, and the rank is d."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 16])
    told, tests, locations, covers, width, control = [], [], [], [], None, False
    for n, dim in (*size["shapes"], (size["plane"], 2)):
        wanted = math.ceil(_MARGIN * n / dim) + math.ceil(math.log2(n / EPSILON))
        most = max(wanted, math.ceil(4 * n / dim))
        points = np.rint(np.ldexp(rng.normal(size=(n, dim)), _GRID)).astype(np.int64)
        found = {law: [] for law in ("count", "volume")}
        for _ in range(size["draws"]):
            uniform = rng.integers(0, 2, size=(n, most))
            halfspaces = (points @ np.rint(np.ldexp(rng.normal(size=(dim, most)), _GRID)).astype(np.int64) > 0) * 1
            for law, pattern in zip(found, (uniform, halfspaces), strict=True):
                found[law].append(rank_width(points, pattern[:, :1].repeat(most, axis=1) if shared else pattern))
        if dim == 2:
            plane = {law: _share(widths, most) for law, widths in found.items()}
            control = plane["volume"][2] < 0.5 < plane["count"][1]
            told.append(f"in the plane, n = {n}, k = {most}: share {plane['count'][0]:.2f} by count and "
                        f"{plane['volume'][0]:.2f} by volume")  # fmt: skip
            continue
        for law, widths in found.items():
            share, _, upper = _share(widths, wanted)
            tests.append(upper >= 1 - 2 * EPSILON)
            width = Width(wanted, most, f"hidden ones set to {_MARGIN} and 1 / ln 2, last data set")
            locations.append(float(np.median(widths)) * dim / n)
            told.append(f"n = {n}, d = {dim}, by {law}: share {share:.2f} at k = {wanted}, median width "
                        f"{float(np.median(widths)):g} for n / d = {n / dim:g}")  # fmt: skip
            if law == "count":
                at = math.ceil(n / dim)
                covers.append(_share(widths, at)[1] / (1 - 2.0**-at) ** n)
    links = (
        Link("median width of rank n over n / d, least of all", 1.0, min(locations), "at least"),
        Link("lower limit of the share by count at k = ceil(n / d), over (1 - 2^-k)^n", 1.0, max(covers)),
    )
    words = (
        f"{size['draws']} draws each, level {_LEVEL}, epsilon = {EPSILON}: {'; '.join(told)}. The median width of "
        f"rank n is at most {max(locations):.2g} n / d, where the constant is set to {_MARGIN} and a logarithm. Not "
        "tested: critical points on the boundaries of regions, which regions descent visits, and the paper's results "
        "for d = 1."
    )
    holds = all(tests) and control and links[0].holds and links[1].holds
    instances = size["draws"] * 2 * (len(size["shapes"]) + 1)
    return Finding(holds, words, instances, links, width)


def rank_width(points: np.ndarray, pattern: np.ndarray) -> float:
    """Least k for which the first k neurons give rank n; inf if all do not.

    Args:
        points: (n_samples, dim), integers.
        pattern: (n_samples, width), 0 or 1.
    """
    (n, dim), width = points.shape, pattern.shape[1]
    tried = min(width, -(-n // dim) + 2)
    while True:
        rows = (pattern[:, :tried, None] * points[:, None, :]).reshape(n, -1)
        columns = leading_columns(rows.tolist())
        if len(columns) == n:
            return columns[-1] // dim + 1
        if tried == width:
            return math.inf
        tried = min(2 * tried, width)


def _share(widths: list[float], at: int) -> tuple[float, float, float]:
    """Of draws of rank n at that width, with the limits of its interval."""
    full = sum(width <= at for width in widths)
    return full / len(widths), *clopper_pearson(full, len(widths), level=_LEVEL)


STUDY = Experiment(
    id="activation-region-rank",
    claim="For Gaussian points in dimension d >= 6, in the draws of this study, at k = ceil(1.5 n / d) + "
    "ceil(log2(n / epsilon)) neurons the share of first-layer Jacobians of rank n is not significantly below 0.9, for "
    "uniformly drawn activation matrices and for regions weighted by Gaussian volume; in the plane, with k d >= 4 n, "
    "it is significantly above 1/2 for the first and significantly below 1/2 for the second.",
    refuted_by="a share of rank n significantly below 0.9 at that width, rank n with k d < n or with a point that no "
    "neuron sees, or shares in the plane that are not on these sides of 1/2",
    cites=("karhadkar2024mild",),
    locator="theorems on the number and the volume of regions, hidden constants fixed here",
    measure=measure,
    proved=False,
)
