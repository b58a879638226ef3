"""Does the least width of gradient descent on clusters grow like the inverse angle, or go by n / d?

Four clusters on the sphere of R^d, each point at the angle theta from its centre; labels are standard normal, so that
neighbours are to be told apart.  The least eigenvalue of the limit kernel is of the order of theta, and the width of
matrix concentration of the order of n / (c theta) for c clusters; counting parameters asks for n / d whatever theta.
A law w* = ceil(a (1/theta)^b) has b = 1 by the first and b = 0 by the second.

Estimated, jointly with confidence 95 %: w* for each angle, the least width from which a coupled network of output scale
16 fits within the budget with probability at least 1/2, and the same for the linear limit of large output scales; from
the largest angle to the smallest the exponent of 1 / theta, without a model; and whether one power law goes through
all angles.  Budgets are in intrinsic time, so that a small angle, which slows training down, is given the steps for
it.  In the linear limit an exponent outside [0, 1] refutes that w* lies between the two laws.  At a fixed output scale
nothing is claimed of it: networks leave the linear limit as theta falls.  With theta = 0.1 among the angles (n = 16, up
to 96 pairs) no power law went through the intervals of scale 16: the last one began at 136 neurons, an exponent of
at least 1.09.
"""

import math
from typing import NamedTuple

from overparam.data import DataSpec
from overparam.records import Plot, Series, Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.frontier._coupled import Protocol, Trials
from overparam.studies.frontier._estimates import estimated, pictured, spoken
from overparam.studies.frontier._laws import Law
from overparam.widths import Cell, CellThreshold, ThresholdGrid, exponent_between, power_law, rounded, width_grid

SCALE, COUNT = 16.0, 4
NAME = "(1/theta)"


class Sizes(NamedTuple):
    """Points, dimension, angles of trained networks and of the limit, most pairs, trials of each stage."""

    n: int
    d: int
    trained: tuple[float, ...]
    limit: tuple[float, ...]
    most: int
    explore: int
    confirm: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(12, 6, (0.8, 0.2), (0.8, 0.05), 48, 40, 150),
    "laptop": Sizes(16, 6, (0.8, 0.4, 0.2), (0.8, 0.4, 0.2, 0.1), 64, 40, 150),
    "paper": Sizes(64, 10, (0.8, 0.4, 0.2, 0.1), (0.8, 0.4, 0.2, 0.1, 0.05), 512, 64, 200),
}


def measure(setting: Setting, *, power: float = 1.0) -> Finding:
    """Thresholds over the angle; the exponent is that of (1 / theta)^power."""
    size = _SIZES[setting.size]
    protocol = Protocol(most=size.most)
    cells: list[Cell] = []
    for linear, angles in ((False, size.trained), (True, size.limit)):
        for angle in angles:
            law = Law(DataSpec(data="clusters", n=size.n, d=size.d, clusters=COUNT, angle=angle, labels="gaussian"))
            run = Trials(setting.root, law, protocol, scale=SCALE, linear=linear)
            most = 8 * size.most if linear else size.most  # spectra are cheap
            cells.append(Cell({NAME: angle**-power}, width_grid(1, most), run))
    uniform = Law(DataSpec(data="sphere", n=size.n, d=size.d))
    cells.append(Cell({NAME: 1.0}, width_grid(1, size.most), Trials(setting.root, uniform, protocol, scale=SCALE)))
    grid = estimated(cells, explore=size.explore, confirm=size.confirm)
    trained, limit = grid.cells[: len(size.trained)], grid.cells[len(size.trained) : -1]
    low, high = exponent_between(limit[0], limit[-1], NAME)
    return Finding(
        holds=False if low > 1 or high < 0 else True if math.isfinite(low) and math.isfinite(high) else None,
        words=f"n = {size.n}, d = {size.d}, {COUNT} clusters, {protocol.words}. Least width w* in neurons, two for a "
        f"pair, at output scale {SCALE:g}: {_told(size.trained, trained, grid)} In the linear limit: "
        f"{_told(size.limit, limit, grid)} For uniform points at that scale: {spoken(grid.cells[-1])}. {grid.sentence}",
        instances=grid.trials,
        links=(
            Link("exponent of 1 / theta in the linear limit, least possible", 1.0, low),
            Link("exponent of 1 / theta in the linear limit, largest possible", 0.0, high, "at least"),
        ),
        plots=(
            Plot(
                "Thresholds against the inverse angle",
                "1 / theta",
                "hidden neurons",
                (
                    _curve(f"output scale {SCALE:g}", size.trained, trained),
                    _curve("linear limit", size.limit, limit),
                ),
                log_x=True,
                log_y=True,
            ),
        ),
    )


def _curve(label: str, angles: tuple[float, ...], cells: tuple[CellThreshold, ...]) -> Series:
    """Intervals over 1 / theta, the exponent from the first angle to the last in the label."""
    exponent = rounded(exponent_between(cells[0], cells[-1], NAME))
    return pictured(f"{label}, exponent in {exponent}", [1 / angle for angle in angles], cells)


def _told(angles: tuple[float, ...], cells: tuple[CellThreshold, ...], grid: ThresholdGrid) -> str:
    """Intervals, exponents from the first angle to the last, and the power laws through all."""
    listed = ", ".join(f"theta = {angle:g}: {spoken(cell)}" for angle, cell in zip(angles, cells, strict=True))
    low, high = exponent_between(cells[0], cells[-1], NAME)
    law = power_law(ThresholdGrid(grid.q, grid.level, cells))
    return f"{listed}; exponent of 1 / theta in {rounded((low, high))}. Of pairs: {law.sentence}"


STUDY = Experiment(
    id="clusters-frontier",
    claim="For the laws and budgets of this study the least width from which gradient descent on a coupled ReLU "
    "network fits with probability at least 1/2 lies in the intervals printed, jointly with confidence 95 % if that "
    "probability does not fall with the width; and in the linear limit of large output scales the exponent of "
    "1 / theta, from the largest angle to the smallest, is not outside [0, 1], 0 being that of n / d and 1 that of "
    "n / (c theta).",
    refuted_by="an interval of that exponent below 0 or above 1",
    cites=("tropp2015",),
    locator="own, docs/theory/training.md; open question",
    measure=measure,
    proved=False,
    word=Verdict.ESTIMATED,
)
