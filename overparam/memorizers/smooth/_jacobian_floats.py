"""The float part of the Jacobian construction: where to start, and Newton's method in double precision."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import scipy.special
from numpy.typing import NDArray

from overparam.exact import float_of

_DRAWS = 12  # of each sort
_STEPS = 40
_SHRINKS = tuple(4.0**-k for k in range(14))  # of the labels
_MET = 1e-9  # relative error at which double precision has done its part

_ROOT = math.sqrt(2 * math.pi)
_VALUE: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "tanh": np.tanh,
    "erf": scipy.special.erf,
    "gelu": lambda t: t * scipy.special.ndtr(t),
}
_SLOPE: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "tanh": lambda t: 1 - np.tanh(t) ** 2,
    "erf": lambda t: 2 / math.sqrt(math.pi) * np.exp(-(t**2)),
    "gelu": lambda t: scipy.special.ndtr(t) + t * np.exp(-(t**2) / 2) / _ROOT,
}


class Twins(NamedTuple):
    """Neurons v a(<w, x> + b); at the start the second half repeats the first with the opposite v."""

    w: NDArray[np.float64]  # (units, dim)
    b: NDArray[np.float64]  # (units,)
    v: NDArray[np.float64]  # (units,)


def drawn(activation: str, points: Sequence[Sequence[Fraction]], units: int, seed: int) -> list[Twins]:
    """Places to start from, the one with the largest least singular value of the Jacobian first.

    Half of them have Gaussian directions, each neuron vanishing at a point; half one direction for all neurons, which
    change where the blocks of dim + 1 consecutive points along it do.
    """
    rng = np.random.default_rng(seed)
    x = np.array([[float_of(t) for t in point] for point in points])
    n, d = x.shape
    found = []
    for draw in range(_DRAWS):
        steep = (1.0 + draw) * 2 / math.sqrt(d)
        w = rng.normal(size=(units, d)) * steep * max(units, 2) ** (1 / d)
        b = -np.einsum("ij,ij->i", w, x[rng.permutation(n)[np.arange(units) % n]]) + rng.normal(size=units)
        found.append((w, b))
        direction = rng.normal(size=d)
        z = np.sort(x @ direction)
        span = z[-1] - z[0] or 1.0
        middles = np.array([z[min(k * (d + 1) + (d + 1) // 2, n - 1)] for k in range(units)])
        slope = steep * math.sqrt(d) * units / span
        found.append((np.outer(np.full(units, slope), direction), -slope * middles + rng.normal(size=units) / 4))
    sign = np.repeat([1.0, -1.0], units)
    places = [Twins(np.vstack([w, w]), np.concatenate([b, b]), sign) for w, b in found]
    return sorted(places, key=lambda place: -_least(activation, place, x))


def descend(
    activation: str, start: Twins, points: Sequence[Sequence[Fraction]], labels: Sequence[Fraction]
) -> tuple[Twins, float] | None:
    """Where Newton's method, damped, meets t y for the largest t that it can, and t; None if it can for none.

    Args:
        activation: "tanh", "erf" or "gelu".
        start: a place where the outputs vanish.
        points: (n_samples, dim).
        labels: at most 1 in absolute value.
    """
    x = np.array([[float_of(t) for t in point] for point in points])
    y = np.array([float_of(t) for t in labels])
    with np.errstate(all="ignore"):
        for t in _SHRINKS:
            if (place := _newton(activation, start, x, t * y)) is not None:
                return place, t
    return None


def _newton(activation: str, place: Twins, x: NDArray[np.float64], y: NDArray[np.float64]) -> Twins | None:
    size = float(np.linalg.norm(y)) or 1.0
    outputs, jacobian = _linear(activation, place, x)
    error = outputs - y
    for _ in range(_STEPS):
        if np.linalg.norm(error) <= _MET * size:
            return place
        try:
            step: NDArray[np.float64] = np.linalg.lstsq(jacobian, -error, rcond=1e-14)[0].astype(np.float64)
        except np.linalg.LinAlgError:
            return None
        for damping in (1.0, 0.5, 0.25, 0.125, 0.0625):
            trial = _moved(place, damping * step)
            outputs, slopes = _linear(activation, trial, x)
            if np.linalg.norm(outputs - y) < (1 - damping / 4) * np.linalg.norm(error):
                place, error, jacobian = trial, outputs - y, slopes
                break
        else:
            return None
    return None


def _linear(activation: str, place: Twins, x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outputs, and their derivatives in w, b and v, (n_samples, units (dim + 2))."""
    sums = x @ place.w.T + place.b
    values, back = _VALUE[activation](sums), _SLOPE[activation](sums) * place.v
    by_w = back[:, :, None] * x[:, None, :]
    return values @ place.v, np.hstack([by_w.reshape(len(x), -1), back, values])


def _moved(place: Twins, step: NDArray[np.float64]) -> Twins:
    w, b, v = np.split(step, [place.w.size, place.w.size + place.b.size])
    return Twins(place.w + w.reshape(place.w.shape), place.b + b, place.v + v)


def _least(activation: str, place: Twins, x: NDArray[np.float64]) -> float:
    with np.errstate(all="ignore"):
        _, jacobian = _linear(activation, place, x)
        if not np.isfinite(jacobian).all():
            return 0.0
        values = np.linalg.svd(jacobian, compute_uv=False)
    return float(values[-1] / values[0]) if len(values) == len(x) else 0.0
