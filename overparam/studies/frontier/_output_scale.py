"""The least width of gradient descent as a function of the output scale alpha, from rich to lazy.

f = alpha g, g a coupled ReLU network that starts at 0.  Training f on y is training g on y / alpha with the same number
c in steps of c * 2 / (largest eigenvalue of the initial kernel), so that alpha is the size of the labels alone.  As it
grows, weights move less and each trial ends like its linear limit, which depends on the initial kernel only and cannot
fit to every tolerance before the width 2 k_rank; as it falls, neurons align with the data before they fit it, and some
data sets are then not fitted at any width.

Estimated: w*(alpha), the least width from which a run fits within the budget with probability at least 1/2, for labels
and points drawn with each trial, jointly with confidence 95 %; at alpha = infinity by the linear limit with the same
budget.  What the theory says, and what could therefore come out wrong, is that the interval at the largest alpha meets
that of the limit, and that trials from the same data and weights, at a width in between, end alike: more than a tenth
that do not is too many.
"""

import math
from typing import NamedTuple

import numpy as np

from overparam.data import DataSpec
from overparam.records import Plot, Series, Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.frontier._coupled import Protocol, Trials
from overparam.studies.frontier._estimates import apart, estimated, pictured, spoken
from overparam.studies.frontier._laws import Law
from overparam.widths import Cell, CellThreshold


class Sizes(NamedTuple):
    """Uniform points of the sphere, output scales, most pairs, trials of each stage, trials compared one by one."""

    n: int
    d: int
    scales: tuple[float, ...]
    most: int
    explore: int
    confirm: int
    compared: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(10, 5, (2.0**-2, 2.0**2, 2.0**8), 20, 40, 96, 32),
    "laptop": Sizes(16, 5, (2.0**-4, 2.0**-2, 1.0, 2.0**2, 2.0**4, 2.0**10), 40, 40, 80, 64),
    "paper": Sizes(64, 10, tuple(2.0**j for j in range(-8, 13, 2)), 256, 64, 150, 256),
}


def measure(setting: Setting, *, power: float = 1.0) -> Finding:
    """Thresholds over alpha; labels are divided by alpha to the `power`, by the equivalence 1."""
    size = _SIZES[setting.size]
    law = Law(DataSpec(data="sphere", n=size.n, d=size.d))
    protocol = Protocol(most=size.most)
    runs = [Trials(setting.root, law, protocol, scale=alpha**power) for alpha in size.scales]
    runs.append(Trials(setting.root, law, protocol, linear=True))
    grid = estimated(
        [
            Cell({"alpha": alpha}, range(1, size.most + 1), run)
            for alpha, run in zip([*size.scales, 1.0], runs, strict=True)
        ],
        explore=size.explore,
        confirm=size.confirm,
    )
    largest, limit = grid.cells[-2], grid.cells[-1]
    middle = min(size.most, max(2, math.ceil(np.mean([limit.threshold.low, limit.high or size.most]))))
    both = [run(middle, "compare", 0, size.compared) for run in runs[-2:]]
    alike = int(np.sum(both[0] == both[1]))
    unlike = Link(
        "trials that end unlike the linear limit, largest alpha", 0.1 * size.compared, float(size.compared - alike)
    )
    settled = None not in (largest.low, largest.high, limit.low, limit.high)
    names = [*(f"alpha = {alpha:g}" for alpha in size.scales), "linear limit"]
    return Finding(
        holds=False if apart(largest, limit) or not unlike.holds else True if settled else None,
        words=f"n = {size.n} uniform points, d = {size.d}, Gaussian labels, {protocol.words}. Least width w* in "
        "neurons, two for a pair: "
        f"{'; '.join(f'{name}: {spoken(cell)}' for name, cell in zip(names, grid.cells, strict=True))}. At "
        f"{2 * middle} neurons {alike} of {size.compared} trials end alike at alpha = {size.scales[-1]:g} and in the "
        f"limit. {grid.sentence}",
        instances=grid.trials + 2 * size.compared,
        links=(unlike,),
        plots=(
            Plot(
                "Thresholds against the output scale",
                "output scale alpha",
                "hidden neurons",
                (
                    pictured("w*(alpha)", size.scales, grid.cells[:-1]),
                    *_level(limit, (size.scales[0], size.scales[-1])),
                ),
                log_x=True,
                log_y=True,
            ),
        ),
    )


def _level(limit: CellThreshold, ends: tuple[float, float]) -> tuple[Series, ...]:
    """What alpha = infinity has, across the figure: the ends of its interval that were confirmed."""
    found = ((word, end) for word, end in (("lower", limit.low), ("upper", limit.high)) if end is not None)
    return tuple(Series(f"linear limit, {word} end", ends, (2.0 * end,) * 2) for word, end in found)


STUDY = Experiment(
    id="output-scale-frontier",
    claim="For the law, budget and scales of this study, w*(alpha), the least width from which gradient descent on a "
    "coupled ReLU network of output scale alpha fits within the budget with probability at least 1/2, lies in the "
    "intervals printed, jointly with confidence 95 % if that probability does not fall with the width; and the "
    "interval at the largest alpha meets that of the linear limit, trial by trial.",
    refuted_by="an interval at the largest alpha that is apart from the linear limit's, or more than a tenth of trials "
    "that end otherwise",
    cites=("chizat2019",),
    locator="own, docs/theory/lazy.md; open question",
    measure=measure,
    proved=False,
    word=Verdict.ESTIMATED,
)
