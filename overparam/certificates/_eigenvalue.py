"""Witnesses that the least eigenvalue of a symmetric matrix is at least q, and at most q'."""

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np

from overparam.certificates._bounds import UNIT, Bounded, dyadic_above, dyadic_below
from overparam.certificates._factor import Factor, Spectrum, factor_above, spectrum_of
from overparam.certificates._files import spell_integers

SHARE = 2.0**-10  # of the least eigenvalue that is given up by default, so that the factor stays short


@dataclasses.dataclass(frozen=True)
class EigenvalueWitness:
    """The least eigenvalue is at least `at_least`, by the factor, and at most `at_most`, by the vector."""

    at_least: Fraction | None
    at_most: Fraction | None
    factor: Factor | None
    vector: tuple[int, ...] | None

    def content(self) -> dict[str, Any]:
        """What the witness file says."""
        return {
            "factor": None if self.factor is None else self.factor.content(),
            "vector": None if self.vector is None else spell_integers(self.vector),
        }


def eigenvalue_witness(
    matrix: Bounded, *, at_least: Fraction | None = None, lower: bool = True, upper: bool = True, share: float = SHARE
) -> EigenvalueWitness:
    """Bounds on the least eigenvalue of every enclosed matrix, with what proves them.

    Args:
        matrix: from `given_matrix`, `limit_gram` or `network_gram_of`.
        at_least: the lower bound to prove; by default one found here, about 1 - share times the eigenvalue in floats.
        lower, upper: which of the two bounds is wanted.
        share: of the least eigenvalue, given up for a short factor; also how much longer the upper bound may be.
    Raises:
        WitnessError: floats do not see the bound; says what is missing.
    """
    spectrum = spectrum_of(matrix)
    factor = None
    if lower:
        at_least = _below(spectrum, share) if at_least is None else at_least
        factor = factor_above(matrix, at_least, spectrum)
    vector, at_most = _above(matrix, share, spectrum) if upper else (None, None)
    return EigenvalueWitness(at_least if lower else None, at_most, factor, vector)


def _above(matrix: Bounded, share: float, spectrum: Spectrum) -> tuple[tuple[int, ...], Fraction]:
    """A short integer vector z, and a number that z^T M z <= number z^T z proves for every enclosed M.

    Rounding a unit eigenvector by at most 2^-b in each entry raises its quotient by at most |M| n 4^-b.
    """
    n = len(matrix.mid)
    least, largest, doubt, eigenvector = spectrum
    spread = max(abs(largest), abs(least))
    wanted = max(share * abs(least), doubt) / 4
    bits = int(np.clip(np.ceil(np.log2(max(n * spread / wanted, 1.0)) / 2), 4, 48)) if wanted else 4
    z = np.rint(eigenvector / np.abs(eigenvector).max() * 2.0**bits)
    size, square = np.abs(z), float(z @ z)
    error = size @ (matrix.radius + (2 * n + 4) * UNIT * np.abs(matrix.mid)) @ size / square
    bound = float(z @ matrix.mid @ z) / square + 2 * float(error)
    return tuple(int(x) for x in z), _short_above(bound)


def _below(spectrum: Spectrum, share: float) -> Fraction:
    """A short number below the least eigenvalue, far enough for a factor of floats; not above 0 if that is in doubt."""
    return -_short_above(-(spectrum.least - max(share * abs(spectrum.least), 16 * spectrum.doubt)))


def _short_above(bound: float) -> Fraction:
    if bound > 0:
        return dyadic_above(bound, 24)
    return -dyadic_below(-bound, 24) if bound else Fraction(0)
