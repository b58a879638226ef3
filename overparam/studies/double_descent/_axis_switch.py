"""Double descent as a switch of axes: effective parameters on new inputs fall beyond p = n.

For least squares of least norm the raw number of parameters grows past n, yet predictions at new inputs use the
samples with smaller weights: n times the mean squared norm of the smoother's weights rises up to p = n and falls
beyond.
Measured on Gaussian inputs against the exact expectation, n p / (n - p - 1) and n^2 / (p - n - 1).  Deep double descent
is not touched by this, nor are trees and forests, on which the source shows the same switch.
"""

import itertools
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.generalization import effective_parameters, least_squares_effective_parameters
from overparam.records import Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import TOLERANCE, against, all_of, effect, means
from overparam.studies._series import formula, measured
from overparam.studies.double_descent._least_squares import chunks, fitted

NEW = 20  # inputs for which the weights are computed, a draw


class Sizes(NamedTuple):
    """n, draws, parameters p that are judged, and others that are drawn only."""

    n: int
    trials: int
    judged: tuple[int, ...]
    shown: tuple[int, ...]


_LARGE = Sizes(60, 4_000, (10, 20, 30, 40, 90, 120, 180, 300), (50, 70))
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(30, 1_500, (3, 6, 10, 15, 20, 42, 50, 60, 90, 120), (24, 36)),
    "laptop": _LARGE,
    "paper": _LARGE,
}


def measure(setting: Setting, *, inputs: Literal["new", "training"] = "new", ridge: float = 0.0) -> Finding:
    """Effective parameters by p.

    Counted on the training `inputs` they are min(n, p), whatever p is; a `ridge` lowers them.
    """
    size = _SIZES[setting.size]
    grid = tuple(sorted(size.judged + size.shown))
    trials = _counted(np.random.default_rng([setting.root]), size, grid, inputs, ridge)
    at = [grid.index(p) for p in size.judged]
    names = tuple(f"p = {p}" for p in size.judged)
    agrees = against(
        trials[:, at],
        least_squares_effective_parameters(size.n, np.asarray(size.judged)),
        TOLERANCE["exact"][setting.size],
        names=names,
    )
    beyond = [grid.index(p) for p in size.judged if p > size.n]
    below = [grid.index(p) for p in size.judged if p < size.n]
    # batches of draws, since the tails next to p = n are heavy
    batches = np.log(np.array([part.mean(axis=0) for part in np.array_split(trials, 20)]))
    rise = [
        effect(batches[:, b] - batches[:, a], 0.0, f"rise from p = {grid[a]} to {grid[b]}") for a, b in _pairs(below)
    ]
    fall = [
        effect(batches[:, a] - batches[:, b], 0.0, f"fall from p = {grid[a]} to {grid[b]}") for a, b in _pairs(beyond)
    ]
    judged = all_of(agrees, *rise, *fall)
    every = np.arange(1, max(grid) + 1)
    found = means(trials).mean
    return Finding(
        holds=judged.holds,
        words=f"n = {size.n}, Gaussian inputs, {NEW} new ones a draw: {agrees.words}. Beyond p = n the effective "
        f"parameters fall from {found[beyond[0]]:.3g} at p = {grid[beyond[0]]} to {found[beyond[-1]]:.3g} at p = "
        f"{grid[beyond[-1]]}, while p grows.",
        instances=size.trials * len(size.judged),
        links=judged.links,
        plots=(
            Plot(
                "Effective parameters on new inputs",
                "parameters p",
                "effective parameters",
                (
                    formula("new inputs", every, least_squares_effective_parameters(size.n, every)),
                    measured(f"{size.trials} draws", grid, trials, gap=size.n),
                    formula("training inputs, min(n, p)", every, np.minimum(every, size.n)),
                ),
                log_y=True,
                marks=((float(size.n), "p = n"),),
            ),
        ),
    )


def _pairs(at: list[int]) -> list[tuple[int, int]]:
    return list(itertools.pairwise(at))


def _counted(
    rng: np.random.Generator, size: Sizes, grid: tuple[int, ...], inputs: str, ridge: float
) -> NDArray[np.float64]:
    """(trials, grid)."""
    out = []
    for count in chunks(size.trials, size.n * max(grid) * 2):
        designs = rng.normal(size=(count, size.n, max(grid)))
        new = designs if inputs == "training" else rng.normal(size=(count, NEW, max(grid)))
        block = np.empty((count, len(grid)))
        for i, p in enumerate(grid):
            # columns of the pseudo-inverse are the coefficients fitted to unit targets
            inverse = fitted(designs[..., :p], np.broadcast_to(np.eye(size.n), (count, size.n, size.n)), ridge=ridge)
            block[:, i] = effective_parameters(new[..., :p] @ inverse)
        out.append(block)
    return np.concatenate(out)


STUDY = Experiment(
    id="d-axis-switch",
    claim="For least squares of least norm on n Gaussian samples the effective number of parameters on new inputs is "
    "n p / (n - p - 1) for p < n - 1, which increases, and n^2 / (p - n - 1) for p > n + 1, which decreases: past p "
    "= n the model is made smaller, not larger, by adding parameters.",
    refuted_by="effective parameters that increase beyond n, or a mean further from the formula than chance allows",
    cites=("curth2023uturn",),
    locator="effective parameters on test inputs; the expectation is the project's own",
    measure=measure,
    proved=True,
)
