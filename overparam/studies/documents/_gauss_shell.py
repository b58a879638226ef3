"""Gaussian vectors lie in a shell of constant width around the sphere of radius sqrt(d).

|x| has the chi law with d degrees of freedom: E |x| = sqrt(2) Gamma((d + 1)/2) / Gamma(d/2), and the variance
d - (E |x|)^2 rises to 1/2.  The width is the standard deviation of |x|, below 0.71 in every dimension; that of |x|^2,
sqrt(2 d), grows.

Measured: means of |x| and of (|x| - E |x|)^2 over independent draws, against the two formulas, by the rule for exact
expectations.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.records import Plot, Series
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import TOLERANCE, against, all_of, means

CHUNK = 2**22  # numbers held at a time


class Sizes(NamedTuple):
    """Dimensions, draws of each, and from which dimension |x| is drawn by the chi-squared law of |x|^2."""

    dims: tuple[int, ...]
    draws: int
    direct: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes((10, 100, 1000), 40_000, 1000),
    "laptop": Sizes((1, 3, 10, 100, 1000, 10_000, 100_000), 200_000, 1000),
    "paper": Sizes((1, 3, 10, 100, 1000, 10_000, 100_000), 200_000, 1000),
}


def chi_mean(d: int) -> float:
    """E |x| for x ~ N(0, I_d).

    >>> round(chi_mean(2), 12) == round(math.sqrt(math.pi / 2), 12)
    True
    """
    return math.sqrt(2) * math.exp(math.lgamma((d + 1) / 2) - math.lgamma(d / 2))


def measure(setting: Setting, *, spread: float = 1.0, heavy: bool = False) -> Finding:
    """Means against formulas; `spread` multiplies the formula of the variance, `heavy` draws Student's t_5 instead."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 6])
    lengths = np.stack([_lengths(rng, d, size, heavy=heavy) for d in size.dims], axis=1)
    mean = np.array([chi_mean(d) for d in size.dims])
    variance = np.array([d - chi_mean(d) ** 2 for d in size.dims])
    tolerance, names = TOLERANCE["exact"][setting.size], tuple(f"d = {d}" for d in size.dims)
    squares = (lengths - mean) ** 2
    judged = all_of(
        against(lengths, mean, tolerance, names=tuple(f"E |x|, {name}" for name in names)),
        against(squares, spread * variance, tolerance, names=tuple(f"Var |x|, {name}" for name in names)),
    )
    found, dims = means(squares), tuple(map(float, size.dims))
    curve = tuple(2.0**k for k in range(int(math.log2(size.dims[-1])) + 1))
    return Finding(
        holds=judged.holds,
        words=f"{judged.words}. The standard deviation of |x| is at most {math.sqrt(found.mean.max()):.3g}, while "
        f"|x| grows like sqrt(d).",
        instances=lengths.size,
        links=judged.links,
        plots=(
            Plot(
                "How thick the shell of Gaussian vectors is",
                "dimension d",
                "standard deviation of the length",
                (
                    Series(
                        "measured",
                        dims,
                        tuple(np.sqrt(found.mean).tolist()),
                        tuple(np.sqrt(np.maximum(found.mean - found.half, 0)).tolist()),
                        tuple(np.sqrt(found.mean + found.half).tolist()),
                        spread="roots of the ends of the 99 % interval of the mean square, for all points at once",
                    ),
                    Series(
                        "formula", curve, tuple(math.sqrt(d - chi_mean(int(d)) ** 2) for d in curve), kind="formula"
                    ),
                    Series("limit, sqrt(1/2)", (curve[0], curve[-1]), (math.sqrt(0.5),) * 2, kind="bound"),
                ),
                log_x=True,
            ),
        ),
    )


def _lengths(rng: np.random.Generator, d: int, size: Sizes, *, heavy: bool) -> NDArray:
    """|x| of all draws, (draws,)."""
    if d > size.direct:
        return np.sqrt(rng.chisquare(d, size=size.draws))
    parts, step = [], max(1, CHUNK // d)
    for start in range(0, size.draws, step):
        shape = (min(step, size.draws - start), d)
        x = rng.standard_t(5, size=shape) if heavy else rng.normal(size=shape)
        parts.append(np.sqrt(np.einsum("ij,ij->i", x, x)))
    return np.concatenate(parts)


STUDY = Experiment(
    id="s-gauss-shell",
    claim="For x ~ N(0, I_d) the length has mean sqrt(2) Gamma((d + 1)/2) / Gamma(d/2) and variance d minus its "
    "square, at most 1/2: Gaussian inputs lie in a shell of constant width at radius about sqrt(d).",
    refuted_by="a mean or a variance of the length beyond the simultaneous 99 % interval around the formula",
    cites=(),
    locator="own, the chi distribution",
    measure=measure,
    proved=True,
)
