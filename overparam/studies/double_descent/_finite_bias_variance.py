"""Exact bias and variance of least squares of least norm on isotropic Gaussian inputs, measured apart.

Bias with the noise off, variance with the signal off; with p <= n the bias is an identity, 0, and only rounding is
left of it.  At larger sizes also for uniform and Rademacher entries, for which the values are limits: they are printed
and not judged.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.generalization import least_squares_risk
from overparam.records import Link, Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import TOLERANCE, against, all_of, means
from overparam.studies._series import formula, measured
from overparam.studies.double_descent._least_squares import chunks, fitted

ROUNDING = 1e-16  # largest squared error of an unbiased fit, |beta| = 1: (1e-8)^2, the rule for identities in float64


class Sizes(NamedTuple):
    """n samples, draws, parameters p that are judged, and others that are drawn only."""

    n: int
    trials: int
    judged: tuple[int, ...]
    shown: tuple[int, ...]
    laws: tuple[str, ...]


_LARGE = Sizes(60, 10_000, (10, 20, 30, 40, 90, 120, 180, 240), (50, 70), ("gauss", "uniform", "rademacher"))
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(30, 3_000, (5, 10, 15, 20, 45, 60, 90, 120), (24, 36), ("gauss",)),
    "laptop": _LARGE,
    "paper": _LARGE,
}
_LAWS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], NDArray]] = {
    "gauss": lambda rng, shape: rng.normal(size=shape),
    "uniform": lambda rng, shape: rng.uniform(-(3**0.5), 3**0.5, size=shape),
    "rademacher": lambda rng, shape: rng.choice([-1.0, 1.0], size=shape),
}


def measure(
    setting: Setting, *, planted: Literal["", "no -1"] = "", cutoff: float = 0.0, scale: float = 1.0
) -> Finding:
    """Both parts by p.

    `planted` leaves out the -1 of n - p - 1, `cutoff` drops small singular values, `scale` multiplies every other
    column of the inputs, which are then no longer isotropic.
    """
    size = _SIZES[setting.size]
    grid = tuple(sorted(size.judged + size.shown))
    at, beyond = [grid.index(p) for p in size.judged], [p for p in size.judged if p > size.n]
    found = {
        law: _errors(np.random.default_rng([setting.root, i]), size, law, grid, cutoff, scale)
        for i, law in enumerate(size.laws)
    }
    bias, variance = found["gauss"]
    exact = _formula(size.n, np.asarray(size.judged), planted)
    over = [grid.index(p) for p in beyond]
    tolerance = TOLERANCE["exact"][setting.size]
    judged = all_of(
        against(variance[:, at], exact[1], tolerance, names=tuple(f"variance, p = {p}" for p in size.judged)),
        against(
            bias[:, over],
            [exact[0][size.judged.index(p)] for p in beyond],
            tolerance,
            names=tuple(f"bias, p = {p}" for p in beyond),
        ),
    )
    unbiased = Link("squared error without noise, p < n", ROUNDING, float(bias[:, [p < size.n for p in grid]].max()))
    every = np.arange(1, max(grid) + 1)
    curves = _formula(size.n, every, planted)
    rows = [
        (law, p, *(float(means(part[:, [i]]).mean[0]) for part in parts), float(exact[0][k]), float(exact[1][k]))
        for law, parts in found.items()
        for k, (p, i) in enumerate(zip(size.judged, at, strict=True))
    ]
    return Finding(
        holds=False if not unbiased.holds and not cutoff else judged.holds,
        words=f"n = {size.n}, N(0, I_p) inputs, |beta| = sigma = 1: {judged.words}. Without noise and with p < n the "
        f"squared error is at most {unbiased.observed:.1e}.",
        instances=size.trials * len(size.judged) * len(size.laws),
        links=(unbiased, *judged.links),
        plots=(
            Plot(
                "Bias and variance of least squares of least norm",
                "parameters p",
                "excess risk",
                (
                    formula("bias", every, np.where(curves[0] > 0, curves[0], np.nan)),
                    measured("bias, noise off", beyond, bias[:, over]),
                    formula("variance", every, curves[1]),
                    measured("variance, signal off", grid, variance, gap=size.n),
                    formula("sum", every, curves[0] + curves[1]),
                ),
                log_y=True,
                marks=((float(size.n), "p = n"),),
            ),
        ),
        tables=(
            Table("Bias and variance", ("entries", "p", "bias", "variance", "its formula", "its formula"), tuple(rows)),
        ),
    )


def _errors(
    rng: np.random.Generator, size: Sizes, law: str, grid: tuple[int, ...], cutoff: float, scale: float
) -> tuple[NDArray, NDArray]:
    """(trials, grid) each: |beta - betahat|^2 with y = X beta, |beta| = 1, and with y = noise, sigma = 1."""
    bias, variance = [], []
    for count in chunks(size.trials, size.n * max(grid)):
        designs = _LAWS[law](rng, (count, size.n, max(grid)))
        designs[..., ::2] *= scale
        noise = rng.normal(size=(count, size.n))
        parts = np.empty((2, count, len(grid)))
        for i, p in enumerate(grid):
            beta = np.full(p, p**-0.5)
            used = designs[..., :p]
            both = fitted(used, np.stack([used @ beta, noise], axis=-1), cutoff=cutoff)
            parts[0, :, i] = ((both[..., 0] - beta) ** 2).sum(axis=1)
            parts[1, :, i] = (both[..., 1] ** 2).sum(axis=1)
        bias.append(parts[0])
        variance.append(parts[1])
    return np.concatenate(bias), np.concatenate(variance)


def _formula(n: int, p: NDArray, planted: str) -> NDArray[np.float64]:
    """(2, p)."""
    parts = least_squares_risk(n, p, signal=1.0, noise=1.0)
    variance = parts.variance
    if planted:
        variance = np.minimum(p, n) / np.where(p == n, np.nan, np.abs(n - p))
    return np.array([parts.bias, variance])


STUDY = Experiment(
    id="d-finite-bias-variance",
    claim="Least squares of least norm on n samples x ~ N(0, I_p) has bias 0 and variance sigma^2 p / (n - p - 1) for "
    "p < n - 1, and bias |beta|^2 (1 - n/p) and variance sigma^2 n / (p - n - 1) for p > n + 1, in expectation and "
    "exactly.",
    refuted_by="a mean bias or variance further from the formula than chance allows, or a bias without noise at p < n",
    cites=("hastie2022surprises",),
    locator="finite-sample form of Theorem 1, by the mean of an inverse Wishart matrix",
    measure=measure,
    proved=True,
)
