"""Weak Gaussian features: the exact expected risk of least squares on p of D coordinates, for every n, p and D.

Measured: least squares of least norm on the first p coordinates of standard normal inputs, for a signal that is even
over the coordinates (every subset is as good as any) and for one with beta_j = 1/j (the best are taken first).  The
risk on new inputs is computed from the coefficients, without a test set.  It is compared away from p = n, where
averages over draws have no variance; the points between are drawn only.

The classical optimum: with beta_j = 1/j the risk at an inner p < n, the one where the formula is least, is below the
risk of the fewest features of the grid and below that of the most that leave the risk a variance, n - p >= 4; paired,
on the same draws.  With the coordinates in reversed order there is none.
"""

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.generalization import weak_features_risk
from overparam.records import Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import TOLERANCE, Judged, against, all_of, effect, means
from overparam.studies._series import formula, measured
from overparam.studies.double_descent._least_squares import chunks, fitted


class Sizes(NamedTuple):
    """n samples, D coordinates, noise, draws; numbers p of features that are judged, and others that are drawn."""

    n: int
    dim: int
    sigma: float
    trials: int
    judged: tuple[int, ...]
    shown: tuple[int, ...]


_LARGE = Sizes(40, 100, 0.2, 10_000, (5, 10, 15, 20, 25, 30, 50, 55, 60, 70, 80, 90, 100), (33, 36, 44, 47))
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(10, 40, 0.5, 3_000, (1, 2, 4, 17, 20, 25, 30, 35, 40), (5, 6, 14, 15)),
    "laptop": _LARGE,
    "paper": _LARGE,
}
_Planted = Literal["", "n/p", "no noise"]


def measure(setting: Setting, *, planted: _Planted = "", cutoff: float = 0.0, ordered: bool = True) -> Finding:
    """Risk by p; `planted` replaces the formula by a wrong one, `cutoff` drops small singular values of the design.

    Unless `ordered`, the best coordinates are taken last.
    """
    size = _SIZES[setting.size]
    grid = tuple(sorted(size.judged + size.shown))
    at = [grid.index(p) for p in size.judged]
    falling = 1 / np.arange(1, size.dim + 1)
    signals = {"even signal": np.full(size.dim, size.dim**-0.5), "signal 1/j": falling if ordered else falling[::-1]}
    best = Judged(None, "", ())
    judged_trials, values, names, plots, rows = [], [], [], [], []
    for index, (name, beta) in enumerate(signals.items()):
        trials = _risks(np.random.default_rng([setting.root, index]), size, beta, grid, cutoff)
        exact = _formula(size, beta, np.asarray(size.judged), planted)
        judged_trials.append(trials[:, at])
        values.append(exact)
        names += [f"{name}, p = {p}" for p in size.judged]
        found = means(trials[:, at])
        rows += [
            (name, p, float(m), float(h), float(v))
            for p, m, h, v in zip(size.judged, found.mean, found.half, exact, strict=True)
        ]
        every = np.arange(size.dim + 1)
        curve = formula(f"{name}", every, _formula(size, beta, every, planted))
        plots += [curve, measured(f"{size.trials} draws, {name}", grid, trials, gap=size.n)]
        if name == "signal 1/j":
            best = _optimum(size, grid, trials, _formula(size, beta, np.asarray(grid), planted))
    equal = against(
        np.hstack(judged_trials), np.concatenate(values), TOLERANCE["exact"][setting.size], names=tuple(names)
    )
    used = max(math.inf if link.observed is None else link.observed for link in equal.links)
    judged = all_of(equal, best)
    return Finding(
        holds=judged.holds,
        words=f"n = {size.n} samples, D = {size.dim} coordinates, noise {size.sigma}, |beta| = 1 or beta_j = 1/j, "
        f"{size.trials} draws at {len(size.judged)} numbers of features each (see the table): at most "
        f"{used:.2f} of the distance from the formula that chance allows. "
        f"Signal 1/j: {best.words}. Next to p = n averages have no variance; those points were drawn but not judged.",
        instances=2 * size.trials * len(size.judged),
        links=judged.links,
        plots=(
            Plot(
                "Risk of least squares on p weak features",
                "features p",
                "risk, noise included",
                tuple(plots),
                log_y=True,
                marks=((float(size.n), "p = n"),),
            ),
        ),
        tables=(Table("Risk on new inputs", ("signal", "p", "measured", "+-", "formula"), tuple(rows)),),
    )


def _optimum(size: Sizes, grid: tuple[int, ...], trials: NDArray, exact: NDArray) -> Judged:
    """Is an inner number of features below n better than few and than many?"""
    classical = [i for i, p in enumerate(grid) if p <= size.n - 4]  # 4: least n - p at which the risk has a variance
    few, *inner, many = classical
    best = min(inner, key=lambda i: exact[i])
    return all_of(
        *(
            effect(trials[:, other] - trials[:, best], 0.0, f"risk with {grid[other]} features above {grid[best]}")
            for other in (few, many)
        )
    )


def _risks(
    rng: np.random.Generator, size: Sizes, beta: NDArray, grid: tuple[int, ...], cutoff: float
) -> NDArray[np.float64]:
    """(trials, grid): sigma^2 + |beta - betahat|^2, which is the risk on new inputs N(0, I)."""
    out = []
    for count in chunks(size.trials, size.n * size.dim):
        designs = rng.normal(size=(count, size.n, size.dim))
        targets = designs @ beta + size.sigma * rng.normal(size=(count, size.n))
        block = np.empty((count, len(grid)))
        for i, p in enumerate(grid):
            found = fitted(designs[..., :p], targets[..., None], cutoff=cutoff)[..., 0]
            block[:, i] = size.sigma**2 + ((found - beta[:p]) ** 2).sum(axis=1) + (beta[p:] ** 2).sum()
        out.append(block)
    return np.concatenate(out)


def _formula(size: Sizes, beta: NDArray, p: NDArray, planted: _Planted) -> NDArray[np.float64]:
    """Of the theorem, or one of the errors that are easily made."""
    kept = np.concatenate([[0.0], np.cumsum(beta**2)])[p]
    noise = 0.0 if planted == "no noise" else size.sigma**2
    right = weak_features_risk(size.n, p, kept=kept, left_out=np.maximum(0, beta @ beta - kept), noise=noise).total
    if planted == "n/p":  # where the corollary for an even signal has n/D
        far = np.where(p > size.n + 1, p, np.inf)
        gap = far - size.n - 1
        wrong = beta @ beta - size.n / far * (2 - (size.dim - size.n - 1) / gap) + noise * (1 + size.n / gap)
        return np.where(p > size.n + 1, wrong, right)
    return right


STUDY = Experiment(
    id="d-bhx-gauss",
    claim="With x ~ N(0, I_D), y = <x, beta> + noise and least squares of least norm on p coordinates T chosen without "
    "the data, the expected risk is (|beta_out|^2 + sigma^2) (1 + p / (n - p - 1)) for p <= n - 2 and |beta_T|^2 "
    "(1 - n/p) + (|beta_out|^2 + sigma^2) (1 + n / (p - n - 1)) for p >= n + 2: it rises to infinity at p = n and "
    "falls again. With beta_j = 1/j it first falls, to an optimum between too few features and too many, below n.",
    refuted_by="a mean risk further from the formula than chance allows, at some number of features; a grid below n "
    "whose inner optimum is no better than one of its ends",
    cites=("belkin2020two",),
    locator="Theorem 1 and its corollary",
    measure=measure,
    proved=True,
)
