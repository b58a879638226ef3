"""Factors: a triangular matrix L of short integers times a power of two, by which a checker sees that M >= floor I.

M - floor I - L L^T need not vanish.  It is enough that it is diagonally dominant with a non-negative diagonal, hence
positive semidefinite.  So L is the float Cholesky factor of M - (floor + gap / 2) I, gap being what the least
eigenvalue leaves above the floor, rounded to multiples of a power of two: the residual is gap / 2 times the identity
plus small errors.  The wider the gap, the shorter the integers.
"""

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from overparam.certificates._bounds import UNIT, Bounded, dyadic_below
from overparam.certificates._files import spell_integers
from overparam.errors import OverparamError
from overparam.exact import float_of, spell

_LONGEST = 2**50  # of an integer, so that floats hold it
_SMALLEST = 1e-200  # spectral norm, far above where floats lose digits
_TRIES = 4  # at the unit, each 16 times finer


class WitnessError(OverparamError):
    """No witness could be made from these floats; nothing is thereby shown false."""


class Factor(NamedTuple):
    """L = unit * rows, with `rows` lower triangular."""

    unit: Fraction  # a power of two
    rows: NDArray[Any]  # (n, n) integers, zero above the diagonal

    def content(self) -> dict[str, Any]:
        """As a witness spells it: row i has i + 1 integers."""
        rows = [spell_integers(row[: i + 1]) for i, row in enumerate(self.rows.tolist())]
        return {"unit": spell(self.unit), "rows": rows}


class Spectrum(NamedTuple):
    """The ends of a symmetric matrix's spectrum as floats see them."""

    least: float
    largest: float
    doubt: float  # how far either may be from that of an enclosed matrix
    vector: NDArray[np.float64]  # (n,), to the least eigenvalue


def spectrum_of(matrix: Bounded) -> Spectrum:
    """Eigenvalues by float arithmetic; doubted by the radii's largest row sum and 4 n u |M| for what the solver loses.

    Raises:
        WitnessError: the matrix overflowed.
    """
    if not (np.isfinite(matrix.mid).all() and np.isfinite(matrix.radius).all()):
        raise WitnessError("the matrix has entries beyond the range of floats; rescale the points or the weights")
    values, vectors = np.linalg.eigh(matrix.mid)
    if 0 < np.abs(values).max() < _SMALLEST:
        raise WitnessError("the matrix is so small that floats lose digits; rescale the points or the weights")
    doubt = float(matrix.radius.sum(axis=1).max()) + 4 * len(values) * UNIT * float(np.abs(values).max())
    return Spectrum(float(values[0]), float(values[-1]), doubt, vectors[:, 0])


def floor_below(spectrum: Spectrum, share: float, *, bits: int = 24) -> Fraction:
    """A short number below the least eigenvalue of every enclosed matrix: at most 1 - share of it.

    Raises:
        WitnessError: the least eigenvalue is not above what floats can tell from zero.
    """
    least, largest, doubt, _ = spectrum
    if least * share <= 8 * doubt:
        raise WitnessError(
            f"the least eigenvalue is {least:.3g} in floats and the largest {largest:.3g}, so that floats tell the "
            f"least only up to {doubt:.1g} and cannot show it positive: the matrix is singular or nearly so; more "
            "neurons, other free layers or another draw make it regular"
        )
    return dyadic_below(least * (1 - share), bits)


def factor_above(matrix: Bounded, floor: Fraction, spectrum: Spectrum) -> Factor:
    """A factor that proves M >= floor I for every enclosed symmetric M, by the rule at the head of this file.

    Raises:
        WitnessError: floats see no such factor; says what is missing.
    """
    n = len(matrix.mid)
    target = float_of(floor)
    least, largest, doubt, _ = spectrum
    gap = least - target
    if gap <= 4 * doubt:
        raise WitnessError(
            f"the least eigenvalue is {least:.9g} in floats, known up to {doubt:.1g}, which leaves too little above "
            f"the floor {target:.9g}; ask for a lower one"
        )
    try:
        lower = scipy.linalg.cholesky(matrix.mid - (target + gap / 2) * np.eye(n), lower=True)
    except np.linalg.LinAlgError:
        raise WitnessError(f"no float Cholesky factor at the floor {target:.9g}; ask for a lower one") from None
    longest = float(np.sqrt((lower**2).sum(axis=1).max()))
    unit = dyadic_below(gap / (4 * n * longest), 1)
    for _ in range(_TRIES):
        if longest / unit >= _LONGEST:
            break
        factor = Factor(unit, np.rint(lower / float(unit)).astype(np.int64))
        if _dominant(matrix, target, factor):
            return factor
        unit /= 16
    raise WitnessError(
        f"the gap {gap:.1g} between the least eigenvalue and the floor {target:.9g} is too small for a factor of "
        f"{n} rows of floats (the largest eigenvalue is {largest:.3g}); ask for a lower floor"
    )


def _dominant(matrix: Bounded, floor: float, factor: Factor) -> bool:
    """Whether M - floor I - L L^T is diagonally dominant for every enclosed M; rounding is charged to the diagonal."""
    n = len(matrix.mid)
    lower = factor.rows * float(factor.unit)  # without rounding
    lengths = np.sqrt((lower**2).sum(axis=1))
    residual = matrix.mid - floor * np.eye(n) - lower @ lower.T
    error = matrix.radius + 2 * UNIT * np.abs(matrix.mid) + (n + 4) * UNIT * np.outer(lengths, lengths)
    error[np.diag_indices(n)] += 4 * UNIT * abs(floor)
    diagonal = np.diag(residual)
    others = np.abs(residual).sum(axis=1) - np.abs(diagonal)
    return bool((diagonal - others >= error.sum(axis=1) + 2 * n * UNIT * (others + np.abs(diagonal))).all())
