"""How wide a network must be for gradient descent to memorize: about n/d neurons, neither n nor n d.

Two sentences are corrected here.  The information limit is n parameters up to a constant, that is n/d neurons in
dimension d and not n neurons.  And the theorems quoted for n d neurons ask, up to logarithms, for n/d neurons:
stochastic gradient descent on a network of two layers memorizes random labels of points of the sphere with n
parameters up to logarithms, and one step from orthogonal initial weights memorizes Gaussian points.  Their constants
and logarithms are hidden, so what is tested is the narrower sentence: random signs of uniform points of the sphere are
memorized by Adam, all samples in a step, with 2 n/d neurons.

At every size the study counts at which widths all points are right; m* is the least width of the grid from which on
every run succeeds.  The grid is the same for every n and d, a geometric one at the larger sizes, so that it has no
exponent of its own.  With several n, and several d, the exponents of m* in both are estimated, with 95 % intervals, and
left open where some m* lies beyond the grid; the claim then also fails if the lower end for n exceeds 1.3.
"""

from typing import NamedTuple

import numpy as np

from overparam.records import Link, Plot, Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import events, slope
from overparam.studies._series import rates
from overparam.studies.memorization._success import memorize

STEEPEST = 1.3


class Sizes(NamedTuple):
    """Pairs (n, d), widths, in groups that are trained together, seeds, steps."""

    cases: tuple[tuple[int, int], ...]
    groups: tuple[tuple[int, ...], ...]
    seeds: int
    steps: int


_LAPTOP = tuple((n, 20) for n in (200, 400, 800, 1400, 2000)) + tuple((800, d) for d in (10, 14, 28, 40))
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(((200, 20),), ((5, 10, 15, 20, 40),), 5, 2000),
    "laptop": Sizes(_LAPTOP, ((4, 6, 8, 11, 16, 23, 32), (45, 64, 90, 128, 180)), 10, 3000),
    "paper": Sizes(_LAPTOP, ((4, 6, 8, 11, 16, 23, 32), (45, 64, 90, 128, 180, 256)), 20, 10_000),
}


def measure(setting: Setting, *, share: float = 2.0) -> Finding:
    """Runs on a grid of widths; `share` n/d neurons are said to suffice."""
    size = _SIZES[setting.size]
    rows, series, least, sufficed = [], [], [], []
    for n, d in size.cases:
        rng = np.random.default_rng([setting.root, n, d])
        points = rng.normal(size=(size.seeds, n, d))
        points /= np.linalg.norm(points, axis=2, keepdims=True)
        labels, said = rng.integers(0, 2, (size.seeds, n)), max(1, round(share * n / d))
        grid = tuple(width for group in size.groups for width in group)
        done = {}
        for group in size.groups if said in grid else (*size.groups, (said,)):
            done |= dict(zip(group, memorize(setting.root, points, labels, group, size.steps)[0], strict=True))
        sufficed.append(done[said])
        least.append(least_width(grid, np.stack([done[width] for width in grid])))
        widths = tuple(sorted(done))
        fitted = np.stack([done[width] for width in widths])
        rows += [(n, d, m, m * d / n, int(done.sum()), size.seeds) for m, done in zip(widths, fitted, strict=True)]
        series.append(rates(f"n = {n}, d = {d}", np.array(widths) * d / n, fitted.T))
    judged = events(np.concatenate(sufficed), f"all points right with m = {share:g} n/d")
    links, told, holds = list(judged.links), [], judged.holds
    for name, place, other in (("n", 0, 1), ("d", 1, 0)):
        fixed = max({case[other] for case in size.cases}, key=lambda v: sum(case[other] == v for case in size.cases))
        used = [i for i, case in enumerate(size.cases) if case[other] == fixed]
        if len(used) < 5:
            continue
        found = exponent([size.cases[i][place] for i in used], [least[i] for i in used])
        if found is None:
            told.append(f"the exponent of m* in {name} is open, since some m* lies beyond the grid")
            holds = None if holds and name == "n" else holds
            continue
        at, low, high = found
        told.append(f"m* grows like {name} to the power {at:.2f} ({low:.2f} to {high:.2f})")
        if name == "n":
            links.append(Link("exponent of m* in n, lower end", STEEPEST, low))
            holds = False if low > STEEPEST else holds
    cases = "; ".join(f"n = {n}, d = {d}: {_spoken(m)}" for (n, d), m in zip(size.cases, least, strict=True))
    return Finding(
        holds=holds,
        words=f"Random signs of uniform points of the sphere, {size.seeds} data sets each, {size.steps} steps of Adam: "
        f"{judged.words}. Least width from which on all runs succeed: {cases}. "
        f"{'; '.join(told) + '. ' if told else 'One pair (n, d): no exponent is estimated at this size. '}"
        "A run that does not end right shows nothing about what the network can express.",
        instances=len(rows) * size.seeds,
        links=tuple(links),
        plots=(
            Plot(
                "Gradient descent memorizes random signs",
                "width in units of n/d",
                "rate of success",
                tuple(series),
                log_x=True,
                marks=((1.0, "m = n/d"), (share, f"{share:g} n/d")),
            ),
        ),
        tables=(Table("Runs with every point right", ("n", "d", "width", "width d/n", "right", "of"), tuple(rows)),),
    )


def least_width(widths: tuple[int, ...], fitted: np.ndarray) -> float:
    """The least width from which on every run succeeds; infinite if there is none.

    >>> least_width((1, 2, 3), np.array([[True], [False], [True]]))
    3.0
    """
    bad = [i for i, done in enumerate(fitted) if not done.all()]
    return float(widths[bad[-1] + 1]) if bad and bad[-1] + 1 < len(widths) else float(widths[0]) if not bad else np.inf


def exponent(sizes: list[int], least: list[float]) -> tuple[float, float, float] | None:
    """Of m* in a size, with its 95 % interval; none if some m* is unknown: what is left out would bias it.

    >>> exponent([1, 2, 4, 8, 16], [3.0, 6.0, 12.0, 24.0, np.inf]) is None
    True
    """
    if not np.isfinite(least).all():
        return None
    return slope(np.log(sizes), np.log(least))


def _spoken(width: float) -> str:
    return f"{width:g}" if np.isfinite(width) else "none on the grid"


STUDY = Experiment(
    id="s-gd-width",
    claim="On the data of this study, random signs of n uniform points of the sphere in dimension d, gradient descent "
    "with Adam memorizes with 2 n/d neurons in more than half of the runs. Neither n d neurons nor n are needed: the "
    "limit is n parameters up to a constant, and the theorems cited ask for n/d neurons up to logarithms.",
    refuted_by="failure at that width in more than half of the runs, or an exponent of the width in n above 1.3",
    cites=("daniely2019", "daniely2020", "du2019"),
    locator="abstracts",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
