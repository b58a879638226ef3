"""Points in one orthant, or with a decaying spectrum, have smaller least eigenvalues than isotropic ones.

Orthant.  Unit vectors with positive coordinates are at angles below pi / 2, with mean cosine near 2 / pi instead of 0:
the limit kernel of a ReLU layer without biases is there, entry by entry, at least 1/4 of the Gram matrix, whose mean
direction gives it an eigenvalue of the order of n, and its condition number grows with n; random signs of the
coordinates reduce it.

Spectrum.  For x = S^(1/2) z with independent x, x', exactly

    E <x, x'>^2 / (E |x|^2)^2  =  tr(S^2) / tr(S)^2  =  1 / d_eff,

with d_eff = tr(S)^2 / tr(S^2) (docs/theory/training.md); for the squared cosines this is not an identity, since the
lengths are random too.  lambda_0, of the points divided by their lengths, does not depend on that number alone: the
many small directions still tell points apart, and here it lies between those of isotropic points in dimension d_eff and
in dimension d.

Measured: the largest eigenvalue against n / 4 times the mean cosine, exactly a lower bound, condition numbers on both
sides; squared inner products over independent pairs, whose mean must be within 6 standard errors; and lambda_0 at
dimension d, with the spectrum, and at the dimension d_eff rounded.
"""

import math
from typing import NamedTuple

import numpy as np

from overparam.ntk import first_layer_gram
from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.landscape._instances import anisotropic, low_dimension, orthant

ERRORS = 6.0  # standard errors; a normal variable is beyond them with probability 2e-9


class Sizes(NamedTuple):
    """Points, dimension, exponent of the spectrum, data sets, pairs of points."""

    n: int
    d: int
    exponent: float
    sets: int
    pairs: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(40, 30, 1.5, 3, 20_000),
    "laptop": Sizes(150, 60, 1.5, 10, 10**6),
    "paper": Sizes(1000, 200, 1.5, 20, 10**7),
}


def measure(setting: Setting, *, power: float = 2.0) -> Finding:
    """Both parts; `power` is that of the spectrum in the formula for d_eff, 2 by the identity."""
    require_dtype("float64", what="orthant-anisotropic")
    size = _SIZES[setting.size]
    spectrum = np.arange(1.0, size.d + 1) ** -size.exponent
    effective = spectrum.sum() ** 2 / (spectrum**power).sum()
    mean, error = _correlation(np.random.default_rng([setting.root, size.d]), spectrum, size.pairs)
    off = abs(mean * effective - 1) / (error * effective)
    ratios, conditions, least = [], [], []
    for seed in range(size.sets):
        positive, signed = orthant(1000 * setting.root + seed, size.n, size.d)
        spectra = [_spectrum(rows) for rows in (positive, signed)]
        cosines = positive @ positive.T
        ratios.append(float(spectra[0][-1] / (cosines.sum() / size.n / 4)))
        conditions.append([values[-1] / values[0] for values in spectra])
        bent = anisotropic(1000 * setting.root + seed, size.n, size.d, exponent=size.exponent).points
        low = low_dimension(1000 * setting.root + seed, size.n, max(2, round(effective))).points
        least.append([_spectrum(rows / np.linalg.norm(rows, axis=1, keepdims=True))[0] for rows in (signed, bent, low)])
    full, decayed, reduced = np.median(least, axis=0)
    worse = min(a / b for a, b in conditions)
    bounded = min(ratios) >= 1 - 1e-12  # a theorem: a violation throws doubt on floats
    return Finding(
        holds=bool(off <= ERRORS and worse > 2 and reduced <= decayed <= full) if bounded else None,
        words=f"n = {size.n}, d = {size.d}, {size.sets} sets. Orthant: largest eigenvalue at least {min(ratios):.3f} "
        f"of n / 4 times the mean cosine; condition number {worse:.3g} times that with random signs or more. Spectrum "
        f"i^-{size.exponent:g}: d_eff = {effective:.3g}, {size.pairs} pairs give {1 / mean:.4g}, {off:.2g} standard "
        f"errors off; median lambda_0 {decayed:.3g}, of isotropic points in dimension {max(2, round(effective))} "
        f"{reduced:.3g}, in dimension {size.d} {full:.3g}.",
        instances=3 * size.sets + size.pairs,
        links=(
            Link("largest eigenvalue, against n / 4 times the mean cosine", 1 - 1e-12, min(ratios), "at least"),
            Link("distance of the mean squared inner product from 1 / d_eff, in standard errors", ERRORS, float(off)),
        ),
    )


def _spectrum(points: np.ndarray) -> np.ndarray:
    return np.linalg.eigvalsh(first_layer_gram(points))


def _correlation(rng: np.random.Generator, spectrum: np.ndarray, pairs: int) -> tuple[float, float]:
    """Mean of <x, x'>^2 / (tr S)^2 over independent pairs, and its standard error."""
    values = []
    for start in range(0, pairs, 20_000):
        both = rng.normal(size=(2, min(20_000, pairs - start), len(spectrum)))
        values.append(((both[0] * spectrum * both[1]).sum(axis=1) / spectrum.sum()) ** 2)
    found = np.concatenate(values)
    return float(found.mean()), float(found.std() / math.sqrt(pairs))


STUDY = Experiment(
    id="orthant-anisotropic",
    claim="On the data of this study, points of one orthant have a limit kernel whose largest eigenvalue is at least "
    "n / 4 times their mean cosine, Gaussian points with a decaying spectrum have squared inner products with mean "
    "(E |x|^2)^2 / d_eff, d_eff = tr(S)^2 / tr(S^2), and divided by their lengths a median lambda_0 between those of "
    "isotropic points in dimension d_eff and in d.",
    refuted_by="a mean squared inner product off by 6 standard errors, condition numbers on the orthant less than "
    "twice those with random signs, or a lambda_0 outside these two",
    cites=(),
    locator="own, docs/theory/training.md",
    measure=measure,
    proved=False,
)
