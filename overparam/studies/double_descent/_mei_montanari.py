"""Random-features regression: the exact limit of its risk, with a peak where features and samples are as many.

Measured: ReLU features of inputs on the sphere, linear targets with noise, least norm, for many numbers N of features;
the means are compared away from |N - n| < n/5, and medians are drawn next to the peak, where means are useless.  At
larger sizes also tanh features, and a finite ridge, for which the same formula holds with another chi.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.generalization import Activation, activation_constants, random_features_risk
from overparam.records import Link, Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import TOLERANCE, against, all_of
from overparam.studies._series import formula, measured, medians
from overparam.studies.double_descent._features import Phi, excess

NOISE = 0.2
RIDGE = 0.01
Planted = Literal["", "no noise", "zeta", "swapped"]


class Sizes(NamedTuple):
    """d, n, numbers of features that are judged and that are drawn only, draws, new inputs; activations, with ridge."""

    dim: int
    n: int
    judged: tuple[int, ...]
    shown: tuple[int, ...]
    trials: int
    n_test: int
    phis: tuple[Phi, ...]
    ridged: bool


_LARGE = Sizes(
    300,
    900,
    (60, 150, 300, 450, 600, 1_200, 1_500, 2_100, 2_700, 4_500),
    (750, 840, 900, 960, 1_050),
    90,
    1_000,
    ("relu", "tanh"),
    True,
)
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(100, 300, (50, 100, 150, 200, 400, 500, 700, 900), (250, 300, 350), 80, 400, ("relu",), False),
    "laptop": _LARGE,
    "paper": _LARGE,
}


def measure(setting: Setting, *, planted: Planted = "", ridge: float = 0.0) -> Finding:
    """Excess by N.

    `planted` drops the noise from the formula, takes E phi^2 - mu_0^2 for mu_*^2, or swaps psi1 and psi2; a `ridge` is
    given to the fits only.
    """
    size = _SIZES[setting.size]
    grid = tuple(sorted(size.judged + size.shown))
    at = [grid.index(width) for width in size.judged]
    every = np.unique(np.concatenate([np.geomspace(0.1, 2 * max(grid) / size.dim, 300), size.n / size.dim * _NEAR]))
    rules, plots, count = [], [], 0
    for index, phi in enumerate(size.phis):
        for penalty in (0.0, RIDGE) if size.ridged else (0.0,):
            rng = np.random.default_rng([setting.root, index, round(penalty > 0)])
            trials = np.array(
                [
                    excess(
                        rng,
                        dim=size.dim,
                        cells=tuple((size.n, width) for width in grid),
                        noise=NOISE,
                        n_test=size.n_test,
                        phi=phi,
                        ridge=penalty + ridge,
                    )
                    for _ in range(size.trials)
                ]
            )
            name = f"{phi}{f', ridge {penalty:g}' if penalty else ''}"
            wanted = _formula(np.asarray(size.judged) / size.dim, size.n / size.dim, phi, penalty, planted)
            names = tuple(f"{name}, N = {width}" for width in size.judged)
            tolerance = TOLERANCE["limit"][setting.size]
            rules.append(against(trials[:, at], wanted, tolerance, limit=True, names=names))
            count += trials.size
            plots.append(
                Plot(
                    f"Random features, {name}: d = {size.dim}, n = {size.n}",
                    "features N",
                    "excess risk",
                    (
                        formula("limit", every * size.dim, _formula(every, size.n / size.dim, phi, penalty, planted)),
                        measured(f"mean of {size.trials} draws", size.judged, trials[:, at], gap=size.n),
                        medians(f"{size.trials} draws", grid, trials),
                    ),
                    log_x=True,
                    log_y=True,
                    marks=((float(size.n), "N = n"),),
                )
            )
    judged = all_of(*rules)
    few = _formula(np.linspace(0.01, 0.99, 99) * size.n / size.dim, size.n / size.dim, "relu", 0.0, planted)
    many = float(_formula(np.array([1e6]), size.n / size.dim, "relu", 0.0, planted)[0])
    wide = Link("limit for N -> infinity, against the least with N < n", float(few.min()), many)
    return Finding(
        holds=judged.holds if wide.holds else False,
        words=f"d = {size.dim}, n = {size.n}, inputs and weights on the sphere, linear target of norm 1, noise tau^2 = "
        f"{NOISE}: {judged.words}. Numbers of features within n/5 of n were drawn but not judged. For ReLU the limit "
        f"is {many:.3g} at N = infinity and at least {few.min():.3g} for N < n.",
        instances=count,
        links=(wide, *judged.links),
        plots=tuple(plots),
    )


_NEAR = np.concatenate([1 - np.geomspace(0.2, 0.01, 30), 1 + np.geomspace(0.01, 0.2, 30)])


def _formula(psi1: NDArray, psi2: float, phi: Phi, ridge: float, planted: Planted) -> NDArray[np.float64]:
    constants = activation_constants(phi)
    if planted == "zeta":
        constants = Activation(constants.mu_0, constants.mu_1, constants.mu_star_squared + constants.mu_1**2)
    first, second = (psi2, psi1) if planted == "swapped" else (psi1, psi2)
    noise = 0.0 if planted == "no noise" else NOISE
    return random_features_risk(first, second, constants, ridge=ridge, noise=noise).excess


STUDY = Experiment(
    id="d-mei-montanari",
    claim="As N/d -> psi1 and n/d -> psi2 the excess risk of regression on N random features of n inputs on the sphere "
    "tends to the closed form of Mei and Montanari in psi1, psi2 and zeta^2 = mu_1^2 / mu_*^2, infinite at N = n "
    "without ridge, and lower for N -> infinity than for any N < n in this study's setting.",
    refuted_by="a mean excess further from the limit than 10 % (5 % beyond size ci) and chance allow, away from N = n",
    cites=("mei2022generalization",),
    locator="Theorem 2; Theorem 3 without ridge",
    measure=measure,
    proved=True,
)
