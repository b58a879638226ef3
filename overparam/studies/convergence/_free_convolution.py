"""Free multiplicative convolution with the Marchenko-Pastur law, numerically: Gram matrices of given covariance.

For an n x p matrix Z with independent entries of variance 1 and a p x p matrix T with spectral law nu, n / p = ratio,
the Stieltjes transform m(z) = integral of 1 / (x - z) of the spectrum of (1/p) Z T Z^T is the one solution of

    m = 1 / (-z + integral of t / (1 + ratio t m) d nu(t)),    Im m > 0 where Im z > 0

(Silverstein and Bai).  With nu a unit mass at 1 this is the quadratic ratio z m^2 + (z + ratio - 1) m + 1 = 0.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Reals = NDArray[np.float64]


def stieltjes(atoms: Reals, masses: Reals, ratio: float, at: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Transforms at the points `at` (n_points,) of the upper half plane; where it was not found, not-a-number.

    At height 1 the equation is a contraction, iterated with damping; from there Newton's method follows m down.
    """
    m = np.full(at.shape, 1j)
    for _ in range(60):
        m = (m + 1 / (-(at.real + 1j) + _kernel(atoms, masses, ratio, m)[0])) / 2
    height = 1.0
    low = float(np.min(at.imag))
    while True:
        z = at.real + 1j * np.maximum(at.imag, height)
        for _ in range(5):
            mean, slope = _kernel(atoms, masses, ratio, m)
            m = m - (m * (mean - z) - 1) / (mean - z + m * slope)
        if height <= low:
            break
        height /= 2
    found = (m.imag > 0) & (np.abs(m * (_kernel(atoms, masses, ratio, m)[0] - at) - 1) < 1e-8)
    return np.where(found, m, np.nan)


def distribution(atoms: Reals, masses: Reals, ratio: float, grid: Reals, height: float) -> Reals:
    """Distribution function on an increasing grid that begins below the spectrum; blurred by `height`."""
    density = stieltjes(atoms, masses, ratio, grid + 1j * height).imag / math.pi
    steps = (density[1:] + density[:-1]) / 2 * np.diff(grid)
    return np.concatenate([np.zeros(1), np.cumsum(steps)])


def lower_edge(atoms: Reals, masses: Reals, ratio: float) -> float:
    """Where the spectrum begins, for ratio < 1 and positive atoms.

    Below the spectrum m > 0 and z = -1 / m + integral of t / (1 + ratio t m) increases in m; it stops where the
    derivative vanishes, ratio * integral of (t m / (1 + ratio t m))^2 = 1, whose left side increases to 1 / ratio.
    """

    def excess(log_m: float) -> float:
        at = atoms * math.exp(log_m)
        return ratio * float(np.sum(masses * (at / (1 + ratio * at)) ** 2)) - 1

    m = math.exp(brentq(excess, -50.0, 50.0, xtol=1e-13))
    return -1 / m + float(np.sum(masses * atoms / (1 + ratio * atoms * m)))


def square_laws(shape: float, count: int) -> Reals:
    """Quantiles of the nonzero squared singular values of a k x d Gaussian matrix of variance 1 / d, shape = k / d."""
    middle, reach = 1 + shape, 2 * math.sqrt(shape)
    angles = (np.arange(4000) + 0.5) * math.pi / 4000
    values = middle - reach * np.cos(angles)
    share = np.cumsum(np.sin(angles) ** 2 / values)  # the density sqrt((b - x)(x - a)) / x in the angle
    return np.interp((np.arange(count) + 0.5) / count, share / share[-1], values)


def _kernel(
    atoms: Reals, masses: Reals, ratio: float, m: NDArray[np.complex128]
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """The integral of t / (1 + ratio t m), and its derivative in m."""
    below = 1 / (1 + ratio * m[:, None] * atoms[None])
    mean = np.sum(masses * atoms * below, axis=1)
    return mean, -ratio * np.sum(masses * (atoms * below) ** 2, axis=1)
