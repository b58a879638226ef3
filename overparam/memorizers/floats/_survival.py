"""At which size the construction of Zhang et al. stops interpolating in floats, and what pushes that out."""

from typing import Any, NamedTuple

import numpy as np

from overparam.errors import InputError
from overparam.memorizers.floats._line import LineNetwork, line_apply, line_network

_DENSE = 4096  # the most samples at which all neurons run at all points


class SurvivalRow(NamedTuple):
    """The first n samples; errors are the largest |f - y| over the range of all labels, None if not finite or not run.

    Attributes:
        n_samples: how many.
        plain: slopes rounded to nearest, the first direction, run by sums over the knots.
        steady: slopes rounded as their neighbours ask, the least steep of several directions, likewise.
        dense: the steady network with all its neurons run at all points, in JAX.
    """

    n_samples: int
    plain: float | None
    steady: float | None
    dense: float | None


class Survival(NamedTuple):
    """Errors for growing n, and the first n with an error above the tolerance: None if there was none."""

    dtype: str
    tolerance: float
    rows: tuple[SurvivalRow, ...]
    plain_stops: int | None
    steady_stops: int | None
    dense_stops: int | None


def survival(
    points: Any, labels: Any, dtype: str = "float64", *, tolerance: float = 1e-3, tries: int = 8, least: int = 64
) -> Survival:
    """Run the construction on the first `least`, 2 `least`, 4 `least`, .. samples and on all of them.

    Args:
        points: (n_samples, dim) distinct.
        labels: (n_samples,).
        dtype: "float64" or "float32".
        tolerance: how far from a label the network may be, relative to the range of the labels.
        tries: directions from which the steady network takes one.
        least: the first size.
    Returns:
        Observed errors.  A size at which no direction keeps the points apart counts as stopped.
    Raises:
        InputError: unusable data.
        PrecisionError: JAX is running without `dtype`.
    """
    x, y = np.asarray(points), np.asarray(labels, float)
    if x.ndim != 2 or y.shape != x.shape[:1] or not len(y):
        raise InputError(f"points (n_samples, dim) and labels (n_samples,) are needed; got {x.shape}, {y.shape}")
    if dtype not in ("float32", "float64") or not tolerance > 0 or min(tries, least) < 1:
        raise InputError(
            "dtype must be float32 or float64, tolerance positive, tries and least at least 1; got "
            f"{dtype!r}, {tolerance}, {tries}, {least}"
        )
    span = float(np.ptp(y)) or float(np.abs(y).max()) or 1.0
    sizes = [least << k for k in range(64) if least << k < len(y)] + [len(y)]
    rows = []
    for n in sizes:
        plain = _network(x[:n], y[:n], dtype=dtype, tries=1, steady=False)
        steady = _network(x[:n], y[:n], dtype=dtype, tries=tries, steady=True)
        dense = _dense_error(steady, x[:n], y[:n], span) if n <= _DENSE else None
        rows.append(SurvivalRow(n, _error(plain, x[:n], y[:n], span), _error(steady, x[:n], y[:n], span), dense))
    stops = [
        next((row.n_samples for row in run if row[which] is None or row[which] > tolerance), None)
        for which, run in ((1, rows), (2, rows), (3, [row for row in rows if row.n_samples <= _DENSE]))
    ]
    return Survival(dtype, tolerance, tuple(rows), *stops)


def _network(x: np.ndarray, y: np.ndarray, **options: Any) -> LineNetwork | None:
    try:
        return line_network(x, y, **options)
    except InputError:
        if np.isfinite(x).all() and np.isfinite(y).all():
            return None  # equal projections
        raise


def _error(network: LineNetwork | None, x: np.ndarray, y: np.ndarray, span: float) -> float | None:
    return None if network is None else _relative(line_apply(network, x), y, span)


def _dense_error(network: LineNetwork | None, x: np.ndarray, y: np.ndarray, span: float) -> float | None:
    if network is None:
        return None
    import jax.numpy as jnp

    from overparam.networks import apply

    return _relative(np.asarray(apply(network.to_params(), jnp.asarray(x.astype(network.knots.dtype)))), y, span)


def _relative(outputs: np.ndarray, y: np.ndarray, span: float) -> float | None:
    error = float(np.abs(outputs.astype(float) - y).max()) / span
    return error if np.isfinite(error) else None
