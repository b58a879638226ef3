"""Ridge regression on isotropic inputs: its asymptotic risk, the best ridge, and a peak that disappears.

Measured: fits at fixed n for several ridges, and along gamma = p/n at the best ridge.  Of the formula: the curve of the
best ridge rises along gamma without a peak at gamma = 1, which at fixed p says that more samples never hurt, and stays
below the ridgeless one.  Exact monotonicity in n at finite sizes, which the source proves for Gaussian inputs, is not
tested: its steps are smaller than what draws can tell.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.generalization import (
    marchenko_pastur_stieltjes,
    optimal_ridge,
    optimal_ridge_excess,
    ridge_risk,
    ridgeless_risk,
)
from overparam.records import Link, Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import against
from overparam.studies._series import formula, measured
from overparam.studies.double_descent._least_squares import fitted

TOLERANCE = 0.05
SIGNAL, NOISE = 1.0, 0.25
DRAWS = 16  # noise vectors a design


class Sizes(NamedTuple):
    """n samples, p parameters at the ridges compared, designs, ratios gamma along the curve of the best ridge."""

    n: int
    p: int
    ridges: tuple[float, ...]
    trials: int
    gammas: tuple[float, ...]


_LARGE = Sizes(500, 750, (0.05, 0.375, 2.0), 60, (0.2, 0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0, 4.0))
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(100, 150, (0.05, 0.375, 2.0), 100, (0.2, 0.5, 0.8, 1.0, 1.25, 2.0, 3.0)),
    "laptop": _LARGE,
    "paper": _LARGE,
}


def measure(setting: Setting, *, planted: Literal["", "unscaled", "no noise"] = "", best: float = 1.0) -> Finding:
    """Excess by ridge and gamma.

    `planted` takes the ridge of X'X instead of X'X/n, or drops sigma^2 from the formula; `best` multiplies the best
    ridge.
    """
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root])
    factor = {"unscaled": 1 / size.n}.get(planted, 1.0)
    noise = 0.0 if planted == "no noise" else NOISE
    ratio = size.p / size.n
    gammas = np.asarray(size.gammas)
    tuned = best * optimal_ridge(gammas, signal=SIGNAL, noise=NOISE)
    pairs = [*((size.p, ridge) for ridge in size.ridges)]
    pairs += [(round(gamma * size.n), float(ridge)) for gamma, ridge in zip(gammas, tuned, strict=True)]
    trials = _excess(rng, size, [(p, factor * ridge) for p, ridge in pairs])
    wanted = ridge_risk([p / size.n for p, _ in pairs], [r for _, r in pairs], signal=SIGNAL, noise=noise).excess
    judged = against(
        trials,
        wanted,
        TOLERANCE,
        limit=True,
        names=tuple(f"gamma = {p / size.n:g}, ridge {ridge:.3g}" for p, ridge in pairs),
    )
    every = np.unique(np.concatenate([np.geomspace(0.05, 0.995, 150), np.geomspace(1.005, 8, 150)]))
    curve = ridge_risk(
        every, best * optimal_ridge(every, signal=SIGNAL, noise=NOISE), signal=SIGNAL, noise=NOISE
    ).excess
    closed = NOISE * every * marchenko_pastur_stieltjes(every, NOISE * every / SIGNAL)
    unridged = ridgeless_risk(every, signal=SIGNAL, noise=NOISE).excess
    checks = (
        Link("largest decrease of the best ridge's excess along gamma", 0.0, float(np.max(-np.diff(curve)))),
        Link("its largest excess over the ridgeless one", 1.0, float(np.max(curve / unridged))),
        Link("distance from sigma^2 gamma m(-ridge), relative", 1e-8, float(np.max(np.abs(curve / closed - 1)))),
        Link("least slope in the ridge's logarithm away from the best", 0.0, _valley(ratio, best), "at least"),
    )
    ridges = np.geomspace(1e-3, 30, 200)
    return Finding(
        holds=judged.holds if all(check.holds for check in checks) else False,
        words=f"n = {size.n}, |beta| = 1, sigma^2 = {NOISE}, {DRAWS} noise vectors a design, {judged.words}. At the "
        f"best ridge sigma^2 gamma / |beta|^2 the formula rises along gamma from {curve[0]:.3g} to {curve[-1]:.3g} "
        f"without a peak, while without ridge it reaches {unridged.max():.3g}.",
        instances=size.trials * len(pairs),
        links=(*judged.links, *checks),
        plots=(
            Plot(
                "The best ridge removes the peak",
                "gamma = p/n",
                "excess risk",
                (
                    formula("ridgeless", every, unridged),
                    formula("ridge 0.05", every, ridge_risk(every, 0.05, signal=SIGNAL, noise=NOISE).excess),
                    formula("best ridge", every, optimal_ridge_excess(every, signal=SIGNAL, noise=NOISE)),
                    measured(f"best ridge, n = {size.n}", gammas, trials[:, len(size.ridges) :]),
                ),
                log_x=True,
                log_y=True,
                marks=((1.0, "p = n"),),
            ),
            Plot(
                f"Excess risk by ridge, gamma = {ratio:g}",
                "ridge",
                "excess risk",
                (
                    formula("expectation", ridges, ridge_risk(ratio, ridges, signal=SIGNAL, noise=NOISE).excess),
                    measured(f"n = {size.n}", size.ridges, trials[:, : len(size.ridges)]),
                ),
                log_x=True,
                marks=((float(NOISE * ratio / SIGNAL), "best"),),
            ),
        ),
    )


def _valley(gamma: float, best: float) -> float:
    """Least increase of the excess per step away from the place where it should be least."""
    steps = np.geomspace(1, 100, 100)
    at = best * optimal_ridge(gamma, signal=SIGNAL, noise=NOISE)
    up = ridge_risk(gamma, at * steps, signal=SIGNAL, noise=NOISE).excess
    down = ridge_risk(gamma, at / steps, signal=SIGNAL, noise=NOISE).excess
    return float(min(np.diff(up).min(), np.diff(down).min()))


def _excess(rng: np.random.Generator, size: Sizes, pairs: list[tuple[int, float]]) -> NDArray[np.float64]:
    """(designs, pairs): |beta - betahat|^2, the mean over noise vectors."""
    out = np.empty((size.trials, len(pairs)))
    for trial in range(size.trials):
        design = rng.normal(size=(size.n, max(p for p, _ in pairs)))
        errors = NOISE**0.5 * rng.normal(size=(size.n, DRAWS))
        for i, (p, ridge) in enumerate(pairs):
            beta = np.full((p, 1), (SIGNAL / p) ** 0.5)
            found = fitted(design[:, :p], design[:, :p] @ beta + errors, ridge=ridge)
            out[trial, i] = ((found - beta) ** 2).sum(axis=0).mean()
    return out


STUDY = Experiment(
    id="d-ridge",
    claim="With isotropic inputs and p/n -> gamma the excess risk of ridge regression tends to r^2 ridge^2 m'(-ridge) "
    "+ sigma^2 gamma (m(-ridge) - ridge m'(-ridge)), m the Stieltjes transform of the Marchenko-Pastur law; the best "
    "ridge is sigma^2 gamma / r^2, and its excess sigma^2 gamma m(-ridge) increases with gamma, without a peak at p = "
    "n and never above the ridgeless one.",
    refuted_by="a mean excess more than 5 % and what chance allows from the limit, or a curve of the best ridge that "
    "decreases somewhere",
    cites=("hastie2022surprises", "dobriban2018high", "nakkiran2021optimal"),
    locator="the corollary on ridge regression; the theorem on optimal ridge",
    measure=measure,
    proved=True,
)
