"""Benign overfitting: a few large eigenvalues and a long flat tail, in which noise is fitted at almost no cost.

Measured: the excess risk that noise alone costs the least-norm interpolant (targets are noise, sigma = 1), for k0
eigenvalues 1 and p - k0 equal to 1/p, beside k0/n + n/p, the terms of the theorem up to its unnamed constants: the
ratio must stay within a factor 4 and the risk fall towards k0/n as p grows.  Control: variances i^-2, with which the
excess does not vanish as n grows.
"""

from typing import NamedTuple

import numpy as np

from overparam.generalization import benign_terms, equivalent_risk
from overparam.records import Link, Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import against, all_of, effect, means
from overparam.studies._series import bound, formula, measured
from overparam.studies.double_descent._spectra import excess

BAND = 4.0  # the factor of the catalogue: constants of the theorem are not named
FLOOR = 0.5  # of the control's limit, (a - 1) sigma^2 = 1: far from 0 at every n


class Sizes(NamedTuple):
    """n, large eigenvalues, sizes p, designs, noise vectors of each; samples of the control, coordinates for each."""

    n: int
    large: int
    sizes: tuple[int, ...]
    trials: int
    draws: int
    control: tuple[int, ...]
    ratio: int


_LARGE = Sizes(400, 20, (800, 1_600, 3_200, 6_400, 12_800, 25_600), 20, 40, (50, 100, 200, 400, 800), 20)
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(100, 10, (200, 400, 800, 1_600, 3_200, 6_400), 20, 4, (50, 100, 200, 400, 800), 3),
    "laptop": _LARGE,
    "paper": _LARGE,
}


def measure(setting: Setting, *, tail: float = 0.0, exponent: float = 2.0) -> Finding:
    """Variance by p and the control by n.

    `tail` gives the tail eigenvalues i^-tail / p instead of equal ones; `exponent` is that of the control.
    """
    size = _SIZES[setting.size]
    spiked = np.column_stack(
        [
            excess(
                np.random.default_rng([setting.root, p]),
                _spiked(size.large, p, tail),
                np.zeros(p),
                size.n,
                trials=size.trials,
                noise=1.0,
                draws=size.draws,
            )[:, 0]
            for p in size.sizes
        ]
    )
    sizes = np.asarray(size.sizes)
    predicted = size.large / size.n + size.n / sizes
    found = means(spiked)
    ratio = found.mean / predicted
    power = np.column_stack(
        [
            excess(
                np.random.default_rng([setting.root, 1, n]),
                np.arange(1.0, size.ratio * n + 1) ** -exponent,
                np.zeros(size.ratio * n),
                n,
                trials=max(5, size.trials // 4),
                noise=1.0,
                draws=size.draws,
            )[:, 0]
            for n in size.control
        ]
    )
    falls = [
        effect(np.log(spiked[:, i]) - np.log(spiked[:, i + 1]), 0.0, f"fall of ln risk from p = {a} to {b}")
        for i, (a, b) in enumerate(zip(size.sizes[:3], size.sizes[1:4], strict=True))
    ]
    stays = [effect(power[:, i], FLOOR, f"control, n = {n}") for i, n in enumerate(size.control)]
    band = (
        Link("measured variance over k0/n + n/p, largest", BAND, float(ratio.max())),
        Link("measured variance over k0/n + n/p, least", 1 / BAND, float(ratio.min()), "at least"),
    )
    rules = [*falls, *stays]
    if setting.size != "ci":
        wanted = [
            equivalent_risk(_spiked(size.large, p, tail), np.zeros(p), size.n, noise=1.0).excess for p in size.sizes
        ]
        names = tuple(f"deterministic equivalent, p = {p}" for p in size.sizes)
        rules.append(against(spiked, np.asarray(wanted), 0.05, limit=True, names=names))
    judged = all_of(*rules)
    terms = benign_terms(_spiked(size.large, size.sizes[-1], tail), size.n)
    every = np.unique(np.geomspace(size.n * 1.2, size.sizes[-1] * 2, 30).astype(int))
    samples = np.unique(np.geomspace(20, size.control[-1] * 2, 15).astype(int))
    tempered = [_power_law(n, size.ratio * n, exponent) for n in samples.tolist()]
    return Finding(
        holds=judged.holds if all(link.holds for link in band) else False,
        words=f"n = {size.n}, {size.large} eigenvalues 1 and p - {size.large} equal to 1/p, targets of noise "
        f"only: excess over sigma^2 {', '.join(f'{m:.3g}' for m in found.mean)} at p = "
        f"{', '.join(map(str, size.sizes))}, that is {ratio.min():.3g} to {ratio.max():.3g} times k0/n + n/p; "
        f"k* = {float(terms.split):g} at the largest p. "
        f"Control with variances i^-{exponent:g}: {', '.join(f'{m:.3g}' for m in means(power).mean)} at n = "
        f"{', '.join(map(str, size.control))}, p = {size.ratio} n. Constants of the theorem are not named, so the "
        f"ratios, not the bound, were tested.",
        instances=spiked.size + power.size,
        links=(*band, *judged.links),
        plots=(
            Plot(
                "Noise hides in a long flat tail",
                "parameters p",
                "excess risk / sigma^2",
                (
                    formula("k0/n + n/p", every, size.large / size.n + size.n / every),
                    formula("deterministic equivalent", every, [_spiked_risk(size, p, tail) for p in every.tolist()]),
                    measured(f"spiked, n = {size.n}", size.sizes, spiked),
                    bound("k0/n", every, np.full(len(every), size.large / size.n)),
                ),
                log_x=True,
                log_y=True,
            ),
            Plot(
                "Control: a power law keeps its excess",
                "samples n",
                "excess risk / sigma^2",
                (
                    formula("deterministic equivalent", samples, tempered),
                    measured(f"variances i^-{exponent:g}, p = {size.ratio} n", size.control, power),
                ),
                log_x=True,
            ),
        ),
    )


def _spiked(large: int, p: int, tail: float) -> np.ndarray:
    return np.concatenate([np.ones(large), np.arange(1.0, p - large + 1) ** -tail / p])


def _spiked_risk(size: Sizes, p: int, tail: float) -> float:
    return float(equivalent_risk(_spiked(size.large, p, tail), np.zeros(p), size.n, noise=1.0).excess)


def _power_law(n: int, p: int, exponent: float) -> float:
    return float(equivalent_risk(np.arange(1.0, p + 1) ** -exponent, np.zeros(p), n, noise=1.0).excess)


STUDY = Experiment(
    id="d-benign",
    claim="With k0 eigenvalues 1 and p - k0 equal to 1/p the noise costs the least-norm interpolant an excess of order "
    "sigma^2 (k0/n + n/p), which falls to that of regression on k0 parameters as p grows; with variances i^-2 it stays "
    "of order sigma^2 for every n.",
    refuted_by="a ratio outside [1/4, 4], a variance that does not fall with p, or a control that vanishes",
    cites=("bartlett2020benign", "tsigler2023benign"),
    locator="Theorem 4 and its examples",
    measure=measure,
    proved=True,
)
