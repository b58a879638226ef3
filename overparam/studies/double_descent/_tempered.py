"""Tempered overfitting: with variances i^-a, interpolating noise costs (a - 1) sigma^2, however large n is.

Measured: the least-norm interpolant of noise alone (sigma = 1), many more coordinates than samples.  A finite p makes
the tail shorter and the value larger, most for a near 1.  Also drawn: the deterministic equivalent at finite p, and the
fixed fraction that a ridge removes.
"""

from typing import NamedTuple

import numpy as np

from overparam.generalization import effective_ridge, equivalent_risk, tempered_variance
from overparam.records import Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import against
from overparam.studies._series import formula, measured
from overparam.studies.double_descent._spectra import excess


class Sizes(NamedTuple):
    """n, designs, targets of each, exponents with their number of coordinates, tolerance.

    For a = 1.5 and p = 150 n the equivalent is 7 % above its limit, for p = 1,000 n 1 %, so n is small beyond ci, too.
    """

    n: int
    trials: int
    draws: int
    spectra: tuple[tuple[float, int], ...]
    tolerance: float


_LARGE = Sizes(100, 60, 40, ((1.5, 100_000), (1.7, 40_000), (2.0, 20_000), (2.5, 20_000)), 0.03)
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(60, 100, 8, ((1.5, 6_000), (1.7, 3_000), (2.0, 3_000), (2.5, 2_000)), 0.12),
    "laptop": _LARGE,
    "paper": _LARGE,
}


def measure(setting: Setting, *, shift: float = 1.0, ridge: float = 0.0) -> Finding:
    """Excess by exponent; the formula is (a - `shift`) sigma^2, and a `ridge` on the fit breaks interpolation."""
    size = _SIZES[setting.size]
    exponents = np.array([exponent for exponent, _ in size.spectra])
    trials = np.column_stack(
        [
            excess(
                np.random.default_rng([setting.root, p, round(10 * exponent)]),
                np.arange(1.0, p + 1) ** -exponent,
                np.zeros(p),
                size.n,
                trials=size.trials,
                noise=1.0,
                draws=size.draws,
                ridges=(ridge,),
            )[:, 0]
            for exponent, p in size.spectra
        ]
    )
    judged = against(
        trials,
        tempered_variance(exponents, noise=1.0) + 1 - shift,
        size.tolerance,
        limit=True,
        names=tuple(f"a = {exponent:g}, p = {p}" for exponent, p in size.spectra),
    )
    every = np.linspace(1.05, 3, 60)
    finite = [
        float(equivalent_risk(np.arange(1.0, p + 1) ** -a, np.zeros(p), size.n, noise=1.0).excess)
        for a, p in ((a, 20 * size.n) for a in every)
    ]
    ridges = np.geomspace(1e-6, 1, 80)
    learned = effective_ridge(np.arange(1.0, 50 * size.n + 1) ** -2.0, size.n, ridges).df1 / size.n
    return Finding(
        holds=judged.holds,
        words=f"n = {size.n}, targets of noise only, {size.draws} of them a design: {judged.words}. A finite p adds to "
        f"these values, most where a is near 1.",
        instances=size.trials * len(size.spectra),
        links=judged.links,
        plots=(
            Plot(
                "Interpolating noise costs a fixed multiple of it",
                "exponent a of the variances i^-a",
                "excess risk / sigma^2",
                (
                    formula("a - 1", every, tempered_variance(every, noise=1.0)),
                    formula(f"deterministic equivalent, n = {size.n}, p = {20 * size.n}", every, finite),
                    measured(f"n = {size.n}", exponents, trials),
                ),
                marks=((1.0, "finite trace beyond"),),
            ),
            Plot(
                "A ridge removes any fraction of it, a = 2",
                "ridge",
                "excess risk / sigma^2",
                (
                    formula(
                        f"limit, at the equivalent's df1 for n = {size.n}",
                        ridges,
                        tempered_variance(2.0, noise=1.0, learned=np.minimum(learned, 1)),
                    ),
                ),
                log_x=True,
            ),
        ),
    )


STUDY = Experiment(
    id="d-tempered",
    claim="With variances i^-a, a > 1, and p/n -> infinity the noise costs the least-norm interpolant an excess of "
    "(a - 1) sigma^2 for every large n: overfitting is neither benign nor catastrophic.",
    refuted_by="a mean excess further from (a - 1) sigma^2 than the tolerance and chance allow",
    cites=("mallinar2022benign",),
    locator="the case of power-law spectra without ridge; derived from the deterministic equivalent",
    measure=measure,
    proved=True,
)
