"""What every closed form returns, and the checks that all of them share."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError


class Risk(NamedTuple):
    """Expected squared error on new data in its parts; float64 arrays of one shape.

    Attributes:
        bias: what is left with infinitely many draws of the noise (and of features that act as noise) averaged out.
        variance: what noise adds; infinity where its expectation is.
        noise: sigma^2, the error of the best prediction, which no estimator avoids.
    """

    bias: NDArray[np.float64]
    variance: NDArray[np.float64]
    noise: NDArray[np.float64]

    @property
    def excess(self) -> NDArray[np.float64]:
        """The sum bias + variance, without sigma^2."""
        return np.asarray(self.bias + self.variance)

    @property
    def total(self) -> NDArray[np.float64]:
        """E (y - f(x))^2, sigma^2 included."""
        return np.asarray(self.bias + self.variance + self.noise)


def risk(bias: ArrayLike, variance: ArrayLike, noise: ArrayLike) -> Risk:
    """The parts, broadcast to one shape."""
    parts = np.broadcast_arrays(*(np.asarray(part, np.float64) for part in (bias, variance, noise)))
    return Risk(*(np.array(part) for part in parts))


def times(scale: ArrayLike, factor: ArrayLike) -> NDArray[np.float64]:
    """The product, where nothing times infinity is nothing: without noise no variance is infinite."""
    scale, factor = np.broadcast_arrays(np.asarray(scale, np.float64), np.asarray(factor, np.float64))
    return np.multiply(scale, factor, out=np.zeros(scale.shape), where=scale != 0)


def nonnegative(name: str, value: ArrayLike, *, why: str) -> NDArray[np.float64]:
    """Finite numbers >= 0.

    Raises:
        InputError: a negative number, infinity or NaN, with the argument's name and the reason.
    """
    array = np.asarray(value, np.float64)
    if not (np.isfinite(array) & (array >= 0)).all():
        raise InputError(f"{name} must be finite and at least 0 ({why}), not {_first(array, np.asarray(array >= 0))}")
    return array


def positive(name: str, value: ArrayLike, *, why: str) -> NDArray[np.float64]:
    """Finite numbers > 0; raises like `nonnegative`."""
    array = np.asarray(value, np.float64)
    if not (np.isfinite(array) & (array > 0)).all():
        raise InputError(f"{name} must be finite and above 0 ({why}), not {_first(array, np.asarray(array > 0))}")
    return array


def counts(name: str, value: ArrayLike, *, least: int, why: str) -> NDArray[np.float64]:
    """Whole numbers >= least, as floats, which hold them exactly below 2^53; raises like `nonnegative`."""
    array = np.asarray(value, np.float64)
    good = np.asarray(np.isfinite(array) & (array >= least) & (array == np.floor(array)))
    if not good.all():
        raise InputError(f"{name} must be whole numbers, at least {least} ({why}), not {_first(array, good)}")
    return array


def _first(array: NDArray, good: NDArray) -> float:
    """The first number that is not good."""
    return float(array[~(good & np.isfinite(array))].flat[0])


VARIANCE = "it is a variance, sigma^2"
STRENGTH = "it is a squared norm, |beta|^2"
