"""The spectral density of a symmetric matrix by stochastic Lanczos quadrature, with both of its errors.

For a random vector v with independent entries +-1, E v^T f(A) v / n = tr f(A) / n.  k Lanczos steps from v give the
Gauss quadrature of its spectral measure, exact for polynomials of degree below 2 k.  With f the Gaussian bump of width
s around a point, that is the density of the eigenvalues, smoothed.

Two errors remain.  Chance: estimated by the scatter over probes.  Quadrature: at most 2 E, E the best uniform
approximation of the bump by polynomials of degree 2 k - 1 on an interval with all eigenvalues (two measures of mass 1
agree on the polynomial).  By Bernstein, E <= 2 M r^-(2k-1) / (r - 1), M the bump's largest value on the ellipse with
foci at the ends and sum of semi-axes r: there |exp(-z^2 / 2 s^2)| is at most exp(Im(z)^2 / 2 s^2).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array
from jax.typing import ArrayLike, DTypeLike
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal

from overparam.errors import InputError
from overparam.ntk.spectra._lanczos import lanczos
from overparam.ntk.spectra._operators import Product, operator_of


class Density(NamedTuple):
    """A smoothed density of eigenvalues, of total mass 1; observed.

    Attributes:
        grid: (points,).
        density: (points,).
        standard_error: (points,), of the mean over probes.  NaN for a single probe.
        quadrature_error: bound on what the quadrature adds at any point, whatever the probes, if the eigenvalues lie
            where the Ritz values do, widened by half of their spread on each side.
        width: of the Gaussian.
        nodes: (probes, steps), Ritz values; a run that ended early repeats one of them, with weight 0.
        weights: (probes, steps), of sum 1 each.
        matvecs: products with one vector.
    """

    grid: NDArray[Any]
    density: NDArray[Any]
    standard_error: NDArray[Any]
    quadrature_error: float
    width: float
    nodes: NDArray[Any]
    weights: NDArray[Any]
    matvecs: int

    def mean_of(self, function: Callable[[NDArray[Any]], NDArray[Any]]) -> tuple[float, float]:
        """Mean of a function over the eigenvalues, tr f(A) / n, and its standard error over probes."""
        values = np.where(self.weights > 0, function(self.nodes), 0.0)  # infinite values may weigh nothing
        return _over_probes(np.sum(self.weights * values, axis=1))


def spectral_density(
    matrix: ArrayLike | Product,
    key: Array,
    *,
    size: int | None = None,
    probes: int = 16,
    steps: int = 80,
    width: float | None = None,
    points: int = 400,
    grid: ArrayLike | None = None,
    dtype: DTypeLike = "float64",
) -> Density:
    """Density of the eigenvalues, smoothed by a Gaussian.

    Args:
        matrix: (n, n), symmetric, or a function that multiplies (n, columns) with it.
        key: typed; for the probes.
        size: n, for a product.
        probes: random vectors.  The chance error falls like 1 / sqrt(n probes).
        steps: of Lanczos; all probes together keep probes * steps * n numbers.
        width: standard deviation of the Gaussian; None for 3 / steps times the spread of the Ritz values.
        points: of the grid, if none is given: it covers the Ritz values and 4 widths on each side.
        grid: (points,), where the density is wanted.
        dtype: of the computation, float64 or float32.
    Raises:
        InputError: as `least_eigenvalue`, or options out of range; or all Ritz values are one number, as with a
            multiple of the identity or a single step, and no width is given; or the density is beyond floats.
        PrecisionError: JAX is running without the dtype asked for.
    Source:
        ubaru2017.
    """
    if probes < 1 or steps < 1 or points < 1:
        raise InputError(f"probes, steps and points must be at least 1, not {probes}, {steps} and {points}")
    if width is not None and not 0 < width < np.inf:
        raise InputError(f"width must be above 0 and finite, not {width}")
    operator = operator_of(matrix, size, dtype, name="matrix", what="spectral_density")
    starts = np.asarray(jax.random.rademacher(key, (operator.size, probes), operator.dtype))
    krylov = lanczos(operator.product, starts, steps)
    quadratures = [_quadrature(d, b) for d, b in zip(krylov.diagonals, krylov.besides, strict=True)]
    nodes, weights = (np.stack(part).astype(np.float64) for part in zip(*quadratures, strict=True))
    weights /= weights.sum(axis=1, keepdims=True)
    held = weights > 0
    low, high = float(nodes[held].min()), float(nodes[held].max())
    taken, back = nodes.shape[1], operator.exponent
    # all in units of 2^back, where nothing overflows; only the last step is in the caller's
    if width is None:
        if not high - low > 64 * float(np.finfo(operator.dtype).eps) * max(abs(low), abs(high)):
            raise InputError(
                f"all Ritz values of {taken} steps are {_scaled(low, back):.6g}, so the density has no width of its "
                "own; give width, or take more steps or probes"
            )
        narrow = 3 * (high - low) / steps
    else:
        narrow = float(_scaled(width, -back))
        if not 0 < narrow < np.inf:
            raise InputError(
                f"width must be comparable to the eigenvalues, which reach {max(abs(low), abs(high)):.3g} * 2^{back}, "
                f"not {width}"
            )
    at = _grid(grid, low - 4 * narrow, high + 4 * narrow, points, back)
    with np.errstate(over="ignore", under="ignore"):
        peak = 1 / (narrow * np.sqrt(2 * np.pi))
        bumps = (
            np.exp(-(((np.ldexp(at, -back) - nodes[..., None]) / narrow) ** 2) / 2) * peak
        )  # (probes, steps, points)
    each = np.einsum("pk,pkg->pg", weights, bumps)
    mean, error = (_scaled(part, -back) for part in _over_probes(each))
    bound = 0.0 if krylov.exhausted else peak * _quadrature_bound(2 * (high - low), narrow, 2 * taken - 1)
    nodes, wide, bound = _scaled(nodes, back), float(_scaled(narrow, back)), float(_scaled(bound, -back))
    if not (0 < wide < np.inf and np.isfinite(bound) and all(np.isfinite(part).all() for part in (at, mean, nodes))):
        raise InputError(
            f"matrix must have eigenvalues whose density is within the range of floats, not up to "
            f"{max(abs(low), abs(high)):.6g} * 2^{back}; divide it by a power of two, such as 2^{back}"
        )
    return Density(at, mean, error, bound, wide, nodes, weights, taken * probes + operator.spent)


def _quadrature(diagonal: NDArray[Any], besides: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Nodes and weights of one run; a node is repeated, with weight 0, for the steps after its end."""
    ended = np.flatnonzero(besides == 0)
    size = int(ended[0]) + 1 if len(ended) else len(diagonal)
    nodes, vectors = eigh_tridiagonal(diagonal[:size], besides[: size - 1])
    rest = len(diagonal) - size
    return np.pad(nodes, (0, rest), mode="edge"), np.pad(vectors[0] ** 2, (0, rest))


def _scaled(values: Any, exponent: int) -> Any:
    """Times 2^exponent; infinite or 0 where floats end."""
    with np.errstate(over="ignore", under="ignore"):
        return np.ldexp(values, exponent)


def _grid(grid: ArrayLike | None, low: float, high: float, points: int, exponent: int) -> NDArray[np.float64]:
    if grid is None:
        return _scaled(np.linspace(low, high, points), exponent)
    at = np.asarray(grid, np.float64)
    if at.ndim != 1 or at.size == 0 or not np.isfinite(at).all():
        raise InputError(f"grid must be a vector of finite numbers, not of shape {at.shape}")
    return at


def _over_probes(values: NDArray[Any]) -> tuple[Any, Any]:
    """Mean and standard error over the first axis."""
    n = len(values)
    spread = np.std(values, axis=0, ddof=1) if n > 1 else np.full(values.shape[1:], np.nan)
    mean, error = np.mean(values, axis=0), spread / np.sqrt(n)
    return (mean, error) if values.ndim > 1 else (float(mean), float(error))


def _quadrature_bound(spread: float, width: float, degree: int) -> float:
    """2 E for a bump of height 1, the least over ellipses; at most 1, since bump and weights are positive."""
    if not spread > 0:
        return 1.0  # one Ritz value before the end of the run says nothing about the others
    relative = 2 * width / spread  # of the interval mapped to [-1, 1]
    radii = 1 + np.logspace(-4, 2, 600)
    height = (radii - 1 / radii) / 2
    with np.errstate(over="ignore"):
        logs = np.log(4 / (radii - 1)) + (height / relative) ** 2 / 2 - degree * np.log(radii)
    return float(np.exp(min(0.0, float(np.min(logs)))))
