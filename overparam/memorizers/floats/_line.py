"""The construction of Zhang et al. 2017 at scale: n log n to build and to run, in NumPy, in float64 or float32.

On a line a network is a polygon, so it is run by adding up: slopes are sums of output weights, heights at the knots are
sums of slopes times gaps.  Rounding spoils that where slopes are steep: the least gap of n projections is about 1/n^2
of their range, and a slope of n^2 that is off by one unit in the last place bends everything to its right.  So each
slope is rounded to the multiples of a unit so coarse that it and its neighbours have at most all digits of a float:
then output weights, the differences, are floats, adding them up from left to right rounds nothing at all, and what a
slope lost in rounding is lost on its own gap only.  The weights themselves, and not only this way of running them,
are good to n = 10^7 in float64, where quotients rounded to nearest, and sums over all neurons, miss labels by 1e-2.

NumPy, not JAX: XLA sorts 6 to 24 times slower on a processor, and its sums of prefixes take no fixed order.
"""

from typing import Any, NamedTuple

import numpy as np

from overparam.errors import InputError
from overparam.networks import Params

_SEED = 20240229
_SIZE = 255  # of a direction's entries: short, so that products round as little as possible


class LineNetwork(NamedTuple):
    """x -> sum_j weights[j] relu(<direction, x> - knots[j]); all arrays of one dtype, the knots ascending."""

    direction: np.ndarray  # (dim,)
    knots: np.ndarray  # (width,)
    weights: np.ndarray  # (width,)

    def to_params(self) -> Params:
        """The same network with a row of weights for each neuron, for `overparam.networks.apply`: width * dim numbers.

        Raises:
            PrecisionError: JAX is running without the network's dtype.
        """
        import jax.numpy as jnp

        from overparam.precision import require_dtype

        require_dtype(self.knots.dtype, what="LineNetwork.to_params")
        rows = np.broadcast_to(self.direction, (len(self.knots), len(self.direction)))
        return Params(*map(jnp.asarray, (rows, -self.knots, self.weights, np.zeros((), self.knots.dtype))))


def line_network(
    points: Any, labels: Any, *, dtype: str = "float64", tries: int = 1, steady: bool = True
) -> LineNetwork:
    """A network of n ReLU neurons on one direction through all labels up to rounding; n = 10^7 takes seconds.

    Args:
        points: (n_samples, dim) finite numbers; rounded to `dtype`.
        labels: (n_samples,) finite numbers.
        dtype: "float64" or "float32".
        tries: how many directions are compared; the one whose polygon is least steep is taken.  One costs a sort.
        steady: round each slope as coarsely as its neighbours ask; False rounds to nearest, for comparison.
    Returns:
        Observed, not certified.  Points with equal projections and equal labels share a neuron.
    Raises:
        InputError: unusable data; or two labels at one projection, or a slope beyond the range, in every direction.

    >>> line_network([[0.0], [1.0], [2.0]], [1.0, 3.0, 2.0]).weights.tolist()
    [0.25, 1.75, -3.0]
    """
    kind = _kind(dtype)
    if tries < 1:
        raise InputError(f"tries must be at least 1; got {tries}")
    x, y = _checked(points, labels, kind)
    best, least = None, np.inf
    for direction in _directions(x, tries):
        z = project(x, direction)
        order = np.argsort(z)
        z, along = z[order], y[order]
        steep = 0.0 if tries == 1 else _steepness(z, along)
        if steep < least:
            best, least = (direction, z, along), steep
    polygon = best and _polygon(*best[1:], steady)
    if best is None or polygon is None:
        raise InputError(
            f"in {kind} two points with different labels, or labels too far apart, fall together on each of {tries} "
            'directions; ask for more tries, or use memorize(.., "zhang"), which is exact'
        )
    return LineNetwork(best[0], *polygon)


def line_apply(network: LineNetwork, points: Any) -> np.ndarray:
    """Outputs (n_samples,) in the network's dtype, by one sort of the points and sums over the knots.

    Raises:
        InputError: the points are not rows of len(direction) numbers.
    """
    x = np.asarray(points, network.knots.dtype)
    if x.ndim != 2 or x.shape[1] != len(network.direction):
        raise InputError(f"points must have shape (n_samples, {len(network.direction)}); got {x.shape}")
    z = project(x, network.direction)
    order = np.argsort(z)
    z = z[order]
    slopes = np.cumsum(network.weights)  # in order: exact for a steady network
    heights = np.zeros_like(slopes)
    np.cumsum(slopes[:-1] * np.diff(network.knots), out=heights[1:])
    piece = np.searchsorted(network.knots, z) - 1  # the last knot before z; -1: before all knots, where f is 0
    on = np.maximum(piece, 0)
    z -= network.knots[on]
    z *= slopes[on]
    z += heights[on]
    z[piece < 0] = 0
    outputs = np.empty_like(z)
    outputs[order] = z
    return outputs


def project(x: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """<direction, x_i>, added up coordinate by coordinate: the same bits in every batch, as a matrix product is not."""
    z = x[:, 0] * direction[0]
    for column, weight in zip(x.T[1:], direction[1:], strict=True):
        z += column * weight
    return z


def _kind(dtype: str) -> np.dtype:
    if dtype not in ("float32", "float64"):
        raise InputError(f'dtype must be "float32" or "float64"; got {dtype!r}')
    return np.dtype(dtype)


def _checked(points: Any, labels: Any, kind: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(over="ignore"):
        x, y = np.asarray(points, kind), np.asarray(labels, kind)
    if x.ndim != 2 or not x.size or y.shape != x.shape[:1]:
        raise InputError(f"points (n_samples, dim) and labels (n_samples,) are needed; got {x.shape}, {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError(f"points and labels must be finite in {kind}")
    return x, y


def _directions(x: np.ndarray, tries: int) -> list[np.ndarray]:
    """Random directions of short integers, over the coordinates' ranges rounded to powers of two."""
    if x.shape[1] == 1:
        return [np.ones(1, x.dtype)]
    rng = np.random.default_rng(_SEED)
    half = np.array([column.max() / 2 - column.min() / 2 for column in x.T])
    scales = np.ldexp(np.ones_like(half), -np.frexp(half)[1])
    drawn = rng.integers(1, _SIZE, endpoint=True, size=(tries, x.shape[1])) * rng.choice([-1, 1], (tries, x.shape[1]))
    return [row.astype(x.dtype) * scales for row in drawn]


def _steepness(z: np.ndarray, y: np.ndarray) -> float:
    """The steepest slope of the polygon through sorted points, times their range; infinite if there is no polygon."""
    gaps, rises = np.diff(z), np.abs(np.diff(y))
    with np.errstate(all="ignore"):
        slopes = np.divide(rises, gaps, out=np.where(rises > 0, np.inf, 0).astype(z.dtype), where=gaps > 0)
        return float(slopes.max(initial=0)) * max(float(z[-1]) - float(z[0]), 1e-300)


def _polygon(z: np.ndarray, y: np.ndarray, steady: bool) -> tuple[np.ndarray, np.ndarray] | None:
    """Knots and weights from sorted projections and their labels; None if no floats will do."""
    gaps = np.diff(z)
    if len(gaps) and not gaps.min() > 0:
        first = np.append(True, gaps > 0)
        if np.diff(y)[~first[1:]].any():
            return None
        z, y = z[first], y[first]
        gaps = np.diff(z)
    with np.errstate(all="ignore"):
        room = np.ldexp(z.dtype.type(1), int(np.frexp(z[-1] - z[0])[1]))
        knots = np.append(z[0] - room, z[:-1])
        slopes = np.append(y[0] / (z[0] - knots[0]), np.diff(y) / gaps)
        if steady:
            slopes = _rounded(slopes)
        weights = slopes.copy()
        weights[1:] -= slopes[:-1]
    return (knots, weights) if np.isfinite(weights).all() and np.isfinite(knots).all() else None


def _rounded(slopes: np.ndarray) -> np.ndarray:
    """Slopes whose successive differences, and the sums of these from the left, are floats.

    The unit of slope j is 2^(1 - p) times a power of two above slopes j - 1, j and j + 1, p the digits of a float.  So
    both units at a difference are at least 2^(1 - p) times a power of two 2^e above both slopes, and the difference is
    a multiple of the lesser one and at most 2^(e + 1), 2^p times as much.
    """
    numbers = np.finfo(slopes.dtype)
    sizes = np.abs(slopes)
    largest = sizes.copy()
    np.maximum(largest[1:], sizes[:-1], out=largest[1:])
    np.maximum(largest[:-1], sizes[1:], out=largest[:-1])
    units = np.ldexp(np.ones_like(slopes), np.frexp(largest)[1] - numbers.nmant)
    np.maximum(units, numbers.smallest_subnormal, out=units)
    return np.rint(slopes / units) * units
