"""Compositional functions: the matching deep model needs about (d - 1) / eps^2 numbers, a generic one 1 / eps^d.

A binary tree of d - 1 constituents of two variables is approximated constituent by constituent, each on a grid of k^2
points: the sup error falls like k^-1 for Lipschitz constituents and k^-2 for smooth ones, whatever d, if no level
amplifies the errors of those below it: |h_a| + |h_b| <= 1 for kinked h.  With steeper ones the error is multiplied at
every level, and the slope over a range of k worsens with d.  A function of d variables on a grid of k^d points has
the slope -1 / d in its budget if it is merely Lipschitz.

Measured: sup errors at random points against the budget, over random constituents and targets.  That an approximation
exists says nothing about whether training finds it.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.records import Link, Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import Judged, all_of, effect
from overparam.studies._series import pointwise
from overparam.studies.approximation._grids import (
    Function,
    budget_slope,
    generic,
    grid_errors,
    kinked,
    smooth,
    steep,
    tree_errors,
)

DIMS = (2, 4, 8)
SLOPES = {"kinked": -0.4, "smooth": -0.9}
LOST = 0.15  # of the slope, from 2 variables to 8
GRIDS = {1: (9, 17, 33, 65, 129), 2: (4, 8, 16, 32, 64), 4: (3, 4, 5, 7, 9, 11, 13)}  # points a side


class Sizes(NamedTuple):
    """Grid points a side of the constituents, points at which errors are looked at, random trees, random functions.

    In one dimension the slopes of single functions spread by .2, so that these are more.
    """

    sides: tuple[int, ...]
    points: int
    seeds: int
    generic: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes((4, 8, 16, 32, 64, 128), 4000, 6, 30),
    "laptop": Sizes((4, 8, 16, 32, 64, 128, 256), 100_000, 10, 30),
    "paper": Sizes((4, 8, 16, 32, 64, 128, 256), 100_000, 10, 30),
}


def tree_curves(setting: Setting, kind: str, make: Callable[[np.random.Generator], Function]) -> dict[int, NDArray]:
    """(seeds, sides) sup errors of trees in each dimension."""
    size, out = _SIZES[setting.size], {}
    for d in DIMS:
        rows = []
        for seed in range(size.seeds):
            rng = np.random.default_rng([setting.root, seed, len(kind)])
            constituent = make(rng)
            rows.append(tree_errors(constituent, rng.uniform(size=(size.points, d)), size.sides))
        out[d] = np.asarray(rows)
    return out


def tree_slopes(setting: Setting, curves: dict[int, NDArray]) -> dict[int, NDArray]:
    """(seeds,) slopes of log error over the log of (d - 1) k^2."""
    sides = np.asarray(_SIZES[setting.size].sides, float)
    return {d: np.array([budget_slope((d - 1) * sides**2, row) for row in rows]) for d, rows in curves.items()}


def generic_curves(setting: Setting) -> dict[int, NDArray]:
    """(seeds, sides) sup errors of Lipschitz functions of d variables on whole grids."""
    size, out = _SIZES[setting.size], {}
    for d, sides in GRIDS.items():
        rows = []
        for seed in range(size.generic):
            rng = np.random.default_rng([setting.root, seed, d, 1])
            rows.append(grid_errors(generic(rng, d), rng.uniform(size=(size.points, d)), sides))
        out[d] = np.asarray(rows)
    return out


def generic_slopes(curves: dict[int, NDArray]) -> dict[int, NDArray]:
    """(seeds,) slopes of log error over the log of k^d."""
    return {
        d: np.array([budget_slope(np.asarray(GRIDS[d], float) ** d, row) for row in rows]) for d, rows in curves.items()
    }


def no_worse(kind: str, slopes: dict[int, NDArray]) -> Judged:
    """The tree's slope at most LOST worse with 8 variables than with 2."""
    return effect(slopes[DIMS[-1]] - slopes[DIMS[0]], LOST, f"slope lost from d = 2 to 8, {kind}", kind="below")


def measure(setting: Setting, *, amplifying: bool = False) -> Finding:
    """Slopes over the budget; `amplifying` takes constituents whose slopes multiply errors."""
    size = _SIZES[setting.size]
    judged, trees, series = [], 0, []
    for kind, make in (("kinked", steep if amplifying else kinked), ("smooth", smooth)):
        curves = tree_curves(setting, kind, make)
        slopes = tree_slopes(setting, curves)
        judged += [
            effect(found, SLOPES[kind], f"slope of trees, {kind}, d = {d}", kind="below") for d, found in slopes.items()
        ]
        judged.append(no_worse(kind, slopes))
        for d, rows in curves.items():
            budgets = (d - 1) * np.asarray(size.sides) ** 2
            series.append(pointwise(f"tree, {kind}, d = {d}", budgets, np.transpose(rows)))
            trees += len(rows)
    whole = generic_curves(setting)
    found = generic_slopes(whole)
    for d, slopes in found.items():
        judged += [
            effect(slopes, -1 / d - LOST, f"slope of whole grids, d = {d}"),
            effect(slopes, -1 / d + LOST, "and from above", kind="below"),
        ]
        series.append(pointwise(f"whole grid, d = {d}", np.asarray(GRIDS[d]) ** d, np.transpose(whole[d])))
    result = all_of(*judged)
    return Finding(
        holds=result.holds,
        words=f"Sup errors at {size.points} random points over budgets (d - 1) k^2, k = {size.sides[0]} to "
        f"{size.sides[-1]}, and k^d: {result.words}. These are upper bounds by construction: they do not show that "
        "training a dense network finds the tree.",
        instances=trees + sum(map(len, whole.values())),
        links=(*result.links, *_amplified(setting, amplifying)),
        plots=(
            Plot(
                "Trees of constituents escape the curse of dimensionality, whole grids do not",
                "budget",
                "sup error",
                tuple(series),
                log_x=True,
                log_y=True,
            ),
        ),
    )


def _amplified(setting: Setting, amplifying: bool) -> tuple[Link, ...]:
    """What the hypothesis |h_a| + |h_b| <= 1 is for; not judged."""
    if amplifying:
        return ()
    slopes = tree_slopes(setting, tree_curves(setting, "steep", steep))
    lost = float(np.mean(slopes[DIMS[-1]] - slopes[DIMS[0]]))
    return (Link("slope lost from d = 2 to 8 by constituents that multiply errors by 6", LOST, lost, "at least"),)


STUDY = Experiment(
    id="l-poggio",
    claim="A binary tree of d - 1 constituents, each on a grid of k^2 points, has a sup error that falls at least like "
    "the budget's power -.4 for kinked constituents with |h_a| + |h_b| <= 1, and -.9 for smooth ones, for d = 2, 4, 8 "
    "alike; a Lipschitz function on a whole grid has the power -1 / d.",
    refuted_by="a slope of the tree that deteriorates with d by .15, or is above -.4 (kinked) or -.9 (smooth)",
    cites=("poggio2017why",),
    locator="Theorems 1 to 4",
    measure=measure,
    proved=False,
)
