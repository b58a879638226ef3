"""How many neurons make the kernel of a drawn ReLU layer regular, and how regular, on data that are not isotropic.

k_rank is the least k for which the first k drawn neurons have a Jacobian of rank n; coupled and scaled, 2 k_rank
neurons are then enough for gradient descent (docs/theory/lazy.md).  It is computed exactly: weights and points are on a
grid, activations are decided in integers, ranks over the rationals, and more neurons never lower the rank.

How regular the kernel is decides the number of steps.  At infinite width l_min(H) >= c theta / sqrt(log n) for every
set of unit vectors, theta the least angle between two of their lines.  Open is whether as much is left at a width of

    k = C max(n / d_eff, log2 n, 1 / theta),    H(W) = (1 / k) (X X^T) o (S S^T),

far below the width |X|^2 / l_min(H) at which matrix concentration sets in.  Estimated here: the medians over draws of
points and weights of k_rank, and of

    rho = l_min(H(W)) sqrt(ln n) / theta    at C = 4,

for uniform points, a decaying spectrum, clusters, and the circle, each with an exact interval between order statistics,
all of them jointly of confidence 95 %.  A law whose median of rho is below 1/100 with that confidence
refutes that the bound of infinite width is there, up to a third of its constant, at this width.  That is about the
sizes measured; a smaller constant or a power of log n can always be meant.
"""

import math
from typing import NamedTuple

import numpy as np

from overparam.data import DataSpec
from overparam.records import Plot, Series, Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.frontier._laws import Law, separation
from overparam.studies.frontier._medians import median_interval
from overparam.studies.landscape._low_dimension_rank import active, hidden_rank

FACTOR = 4  # C
LEAST = 0.01  # of rho
_LEVEL = 0.95
_GRID = 20


class Sizes(NamedTuple):
    """Numbers of points, and draws of each law."""

    samples: tuple[int, ...]
    draws: int


class Medians(NamedTuple):
    """Of one law and number of points: sample medians of k_rank and rho, each beside the interval of the law's."""

    n: int
    d: int
    rank: tuple[float, float]
    rho: tuple[float, float]
    k: float
    ratio: float


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes((16, 32), 24),
    "laptop": Sizes((16, 32, 64), 30),
    "paper": Sizes((32, 64, 128, 256), 200),
}
_LAWS = {
    "uniform, d = 3": DataSpec(data="sphere", d=3),
    "spectrum 1/i, d = 20": DataSpec(data="anisotropic", d=20, exponent=1.0),
    "four clusters of angle 0.2, d = 6": DataSpec(data="clusters", d=6, clusters=4, angle=0.2),
    "circle": DataSpec(data="sphere", d=2),
}


def measure(setting: Setting, *, factor: float = FACTOR) -> Finding:
    """Medians with their intervals; `factor` is C."""
    samples, draws = _SIZES[setting.size]
    level = 1 - (1 - _LEVEL) / (2 * len(samples) * len(_LAWS))
    told, links = [], []
    seen: dict[str, list[Medians]] = {name: [] for name in _LAWS}
    for name, spec in _LAWS.items():
        medians = {}
        for n in samples:
            law = Law(DataSpec(**{**vars(spec), "n": n}))
            found = [
                _draw(law, np.random.default_rng([setting.root, n, i, *name.encode()]), factor) for i in range(draws)
            ]
            ranks, ratios, widths = (np.array(column) for column in zip(*found, strict=True))
            rank, rho = median_interval(ranks, level), median_interval(ratios, level)
            medians[n] = rho
            told.append(
                f"{name}, n = {n}: k_rank in [{rank[0]:g}, {rank[1]:g}] (n / d_eff = {n / law.effective:.3g}), rho in "
                f"[{rho[0]:.2g}, {rho[1]:.2g}] at a median of {np.median(widths):g} neurons"
            )
            seen[name].append(Medians(n, law.spec.d or 0, rank, rho, *map(float, np.median([ranks, ratios], axis=1))))
            links.append(Link(f"median of rho, {name}, n = {n}, upper limit", LEAST, rho[1], "at least"))
        first, last = samples[0], samples[-1]
        ends = [_ratio(medians[last][i], medians[first][1 - i], least=i == 0) / math.log(last / first) for i in (0, 1)]
        told.append(
            f"{name}: from n = {first} to {last} rho changes like n to a power in [{ends[0]:.2g}, {ends[1]:.2g}]"
        )
    return Finding(
        holds=all(link.holds for link in links),
        words=f"Medians over {draws} draws of points and weights, intervals jointly of confidence {_LEVEL:g}: "
        f"{'; '.join(told)}.",
        instances=draws * len(links),
        links=tuple(links),
        plots=_pictures(seen),
    )


def _pictures(seen: dict[str, list[Medians]]) -> tuple[Plot, Plot]:
    """k_rank against what counting asks of it, n / d, and rho against what refutes the claim."""
    ranks, ratios, counts = [], [], {}
    for name, found in seen.items():
        x = tuple(float(one.n) for one in found)
        ranks.append(_medians(name, x, [one.k for one in found], [one.rank for one in found]))
        ratios.append(_medians(name, x, [one.ratio for one in found], [one.rho for one in found]))
        d = found[0].d
        counts[d] = Series(f"n / d, d = {d}", x, tuple(one.n / d for one in found), kind="bound")
    samples = [float(one.n) for found in seen.values() for one in found]
    ends = (min(samples), max(samples))
    return (
        Plot("Medians of k_rank", "points n", "neurons drawn", (*ranks, *counts.values()), log_x=True,
             log_y=True),
        Plot("Medians of rho", "points n", "l_min(H(W)) sqrt(ln n) / theta",
             (*ratios, Series("refuted below", ends, (LEAST, LEAST), kind="bound")), log_x=True, log_y=True),
    )  # fmt: skip


def _medians(name: str, x: tuple[float, ...], y: list[float], ends: list[tuple[float, float]]) -> Series:
    low, high = zip(*ends, strict=True)
    return Series(
        name,
        x,
        tuple(y),
        tuple(low),
        tuple(high),
        joined=False,
        spread=f"exact {100 * _LEVEL:g} % interval of the median, for all points at once",
    )


def _draw(law: Law, rng: np.random.Generator, factor: float) -> tuple[int, float, int]:
    """k_rank, rho, and the width at which rho is taken."""
    points, _ = law(rng)
    points = points / np.linalg.norm(points, axis=1, keepdims=True)
    n, d = points.shape
    theta = separation(points)
    width = math.ceil(factor * max(n / min(law.effective, n), math.log2(n), 1 / theta))
    weights = np.rint(rng.normal(size=(max(width, 64 * n), d)) * 2**_GRID) * 2.0**-_GRID
    grid = np.rint(points * 2**_GRID) * 2.0**-_GRID
    on = active(grid, weights)
    pattern = on[:, :width].astype(float)
    spectrum = np.linalg.eigvalsh((points @ points.T) * (pattern @ pattern.T) / width)
    # what rounding leaves of a singular kernel has both signs
    least = float(spectrum[0]) if spectrum[0] > n * np.finfo(float).eps * spectrum[-1] else 0.0
    return rank_threshold(grid, on), least * math.sqrt(math.log(n)) / theta, width


def _ratio(above: float, below: float, *, least: bool) -> float:
    """The least, or largest, log(above / below) of limits that may be 0 or infinite: those bound nothing."""
    if 0 < above < math.inf and 0 < below < math.inf:
        return math.log(above / below)
    return -math.inf if least else math.inf


def rank_threshold(points: np.ndarray, on: np.ndarray) -> int:
    """The least k for which the first k columns of `on` have a Jacobian of rank n; one more than all if none has."""
    n, most = on.shape
    fails, works = math.ceil(n / points.shape[1]) - 1, most + 1  # by counting, and by definition
    while works - fails > 1:
        # doubling first: ranks of few neurons are cheap
        middle = min(2 * max(fails, 1), (fails + works) // 2) if works > most else (fails + works) // 2
        middle = max(middle, fails + 1)
        if hidden_rank(points, on[:, :middle]) == n:
            works = middle
        else:
            fails = middle
    return works


STUDY = Experiment(
    id="rank-threshold-frontier",
    claim="For the laws and sizes of this study the medians of k_rank and of rho = l_min(H(W)) sqrt(ln n) / theta, at "
    "4 max(n / d_eff, log2 n, 1 / theta) neurons, lie in the intervals printed, jointly with confidence 95 %; and no "
    "interval of rho lies below 1/100, a third of the constant that is proved for the kernel of infinite width.",
    refuted_by="a law whose median of rho is below 1/100 with the joint confidence of 95 %",
    cites=(),
    locator="own, docs/theory/training.md; open question",
    measure=measure,
    proved=False,
    word=Verdict.ESTIMATED,
)
