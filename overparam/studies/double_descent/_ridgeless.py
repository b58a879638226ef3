"""The asymptotic risk of ridgeless regression on isotropic inputs, and where it is least.

Measured: least squares of least norm on standard normal inputs at n samples and p = gamma n parameters, several noise
vectors a design.  The curve itself is searched on a grid: beyond gamma = 1 it has a local minimum if and only if the
signal-to-noise ratio exceeds 1, and no value there is below the values near gamma = 0.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.generalization import best_overparametrized, ridgeless_risk
from overparam.records import Link, Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import against
from overparam.studies._series import formula, measured
from overparam.studies.double_descent._least_squares import fitted

TOLERANCE = 0.05
RATIOS = (2.0, 5.0, 9.0)  # of signal to noise, for the place of the minimum
ARGMIN = 0.01  # how far the grid's minimum may be from the formula's, relative
DRAWS = 8  # noise vectors a design


class Sizes(NamedTuple):
    """n samples, designs, ratios gamma that are judged, and others that are drawn only."""

    n: int
    trials: int
    judged: tuple[float, ...]
    shown: tuple[float, ...]


_LARGE = Sizes(1_000, 40, (0.3, 0.5, 0.6, 0.75, 1.5, 2.0, 3.0, 4.0), (0.1, 0.9, 1.1))
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(200, 50, (0.3, 0.5, 0.6, 1.5, 2.0, 3.0, 4.0), (0.1, 0.75, 0.9, 1.1, 1.25)),
    "laptop": _LARGE,
    "paper": _LARGE,
}


def measure(
    setting: Setting, *, planted: Literal["", "with noise", "wrong minimum"] = "", cutoff: float = 0.0
) -> Finding:
    """Excess by gamma, |beta| = 1, sigma^2 = 1/4; `planted` adds sigma^2 to it, or looks for the minimum at SNR."""
    size, signal, noise = _SIZES[setting.size], 1.0, 0.25
    grid = tuple(sorted(size.judged + size.shown))
    trials = _excess(np.random.default_rng([setting.root]), size, grid, noise, cutoff)
    extra = noise if planted == "with noise" else 0.0
    values = ridgeless_risk(np.asarray(size.judged), signal=signal, noise=noise).excess + extra
    judged = against(
        trials[:, [grid.index(gamma) for gamma in size.judged]],
        values,
        TOLERANCE,
        limit=True,
        names=tuple(f"gamma = {gamma:g}" for gamma in size.judged),
    )
    places, rows = [], []
    beyond = np.geomspace(1.001, 100, 20_001)
    for ratio in RATIOS:
        gamma, least = (float(v) for v in best_overparametrized(signal=ratio, noise=1.0))
        if planted == "wrong minimum":
            gamma = ratio / (ratio - 1)
        curve = ridgeless_risk(beyond, signal=ratio, noise=1.0).excess
        place, value = float(beyond[curve.argmin()]), float(curve.min())
        places += [
            Link(f"place of the minimum at SNR {ratio:g}, relative distance", ARGMIN, abs(place / gamma - 1)),
            Link(
                f"its value, relative distance from 2 r sigma - sigma^2, SNR {ratio:g}", ARGMIN, abs(value / least - 1)
            ),
        ]
        rows.append((ratio, place, gamma, value, least))
    falling = ridgeless_risk(beyond, signal=1.0, noise=1.0).excess
    small = float(ridgeless_risk(1e-3, signal=1.0, noise=noise).excess)
    places += [
        Link("largest increase beyond gamma = 1 at SNR 1", 0.0, float(np.diff(falling).max())),
        Link(
            "excess at gamma = 0.001, against the least beyond 1",
            float(ridgeless_risk(beyond, signal=1.0, noise=noise).excess.min()),
            small,
        ),
    ]
    agrees = all(link.holds for link in places)
    every = np.unique(np.concatenate([np.geomspace(0.05, 0.99, 120), np.geomspace(1.01, 8, 160)]))
    curves = tuple(
        formula(f"SNR {ratio:g}", every, ridgeless_risk(every, signal=ratio, noise=1.0).excess / ratio)
        for ratio in (1.0, *RATIOS)
    )
    return Finding(
        holds=judged.holds if agrees else False,
        words=f"n = {size.n}, |beta| = 1, sigma^2 = {noise}, {DRAWS} noise vectors a design, {judged.words}. Beyond "
        f"gamma = 1 the curve is least at gamma = {', '.join(f'{row[1]:.4g}' for row in rows)} for SNR "
        f"{', '.join(f'{ratio:g}' for ratio in RATIOS)}, falls throughout at SNR 1, and stays above its values near 0 "
        f"({small:.2g} at gamma = 0.001).",
        instances=size.trials * len(size.judged),
        links=(*judged.links, *places),
        plots=(
            Plot(
                "Excess risk of ridgeless regression",
                "gamma = p/n",
                "excess risk / |beta|^2",
                (
                    *curves,
                    formula("SNR 4", every, ridgeless_risk(every, signal=1.0, noise=noise).excess),
                    measured(f"n = {size.n}, SNR 4", grid, trials, gap=1.0),
                ),
                log_x=True,
                log_y=True,
                marks=((1.0, "p = n"),),
            ),
        ),
        tables=(
            Table("Minimum beyond gamma = 1", ("SNR", "gamma", "its formula", "excess", "its formula"), tuple(rows)),
        ),
    )


def _excess(
    rng: np.random.Generator, size: Sizes, grid: tuple[float, ...], noise: float, cutoff: float
) -> NDArray[np.float64]:
    """(designs, grid): |beta - betahat|^2, the mean over noise vectors."""
    columns = [round(gamma * size.n) for gamma in grid]
    out = np.empty((size.trials, len(grid)))
    for trial in range(size.trials):
        design = rng.normal(size=(size.n, max(columns)))
        errors = noise**0.5 * rng.normal(size=(size.n, DRAWS))
        for i, p in enumerate(columns):
            beta = np.full((p, 1), p**-0.5)
            found = fitted(design[:, :p], design[:, :p] @ beta + errors, cutoff=cutoff)
            out[trial, i] = ((found - beta) ** 2).sum(axis=0).mean()
    return out


STUDY = Experiment(
    id="d-ridgeless",
    claim="With isotropic inputs and p/n -> gamma the excess risk of least squares of least norm tends to sigma^2 "
    "gamma / (1 - gamma) for gamma < 1 and r^2 (1 - 1/gamma) + sigma^2 / (gamma - 1) for gamma > 1; beyond 1 it has a "
    "local minimum, 2 r sigma - sigma^2 at gamma = sqrt(SNR) / (sqrt(SNR) - 1), if and only if SNR > 1, and its global "
    "minimum is below gamma = 1.",
    refuted_by="a mean excess more than 5 % and what chance allows from the limit, or another place of the minimum",
    cites=("hastie2022surprises",),
    locator="Theorem 1",
    measure=measure,
    proved=True,
)
