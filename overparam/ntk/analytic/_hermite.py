"""Duals of any activation by its Hermite expansion, with a bound on what is cut off.

phi(sqrt(q) u) = sum_k a_k(q) h_k(u) in orthonormal Hermite polynomials, a_k(q) = E[phi(sqrt(q) u) h_k(u)], gives

    E[phi(g) phi(g')] = sum_k a_k(q11) a_k(q22) c^k,      c = q12 / sqrt(q11 q22),

and the same for phi' with its own coefficients.  Cutting at degree N leaves at most
|c|^(N+1) sqrt(R(q11) R(q22)), R(q) = E[phi(sqrt(q) u)^2] - sum_{k <= N} a_k(q)^2, by Cauchy and Schwarz.
"""

import dataclasses
import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.errors import InputError
from overparam.ntk.analytic._duals import Dual, Duals
from overparam.ntk.analytic._quadrature import gauss_hermite, name_of, slope_of


@dataclasses.dataclass(frozen=True)
class Hermite(Dual):
    """See `hermite`, which makes it."""

    function: Callable[[Array], Array]
    slope: Callable[[Array], Array] | None
    degree: int
    nodes: int

    @property
    def words(self) -> str:
        """The function's name, degree and number of nodes."""
        return f"{name_of(self.function)} (Hermite expansion to degree {self.degree}, {self.nodes} nodes)"

    def duals(self, q12: Array, q11: Array, q22: Array) -> Duals:
        """Both duals; 4 degree multiply-adds an entry, and nodes degree an entry of q11 and of q22."""
        norms = jnp.sqrt(q11) * jnp.sqrt(q22)
        cosine = jnp.clip(jnp.where(norms > 0, q12 / jnp.where(norms > 0, norms, 1), 0), -1, 1)
        slope = slope_of(self.function, self.slope)
        return Duals(*(self._series(f, cosine, q11, q22) for f in (self.function, slope)))

    def coefficients(self, variance: Array) -> tuple[Array, Array]:
        """a_k(variance) of phi and of phi', k = 0..degree on a new first axis."""
        slope = slope_of(self.function, self.slope)
        return self._expand(self.function, variance), self._expand(slope, variance)

    def tails(self, variance: Array) -> Duals:
        """R(variance) of phi and of phi': with c = 1 the bound on the error of the duals at equal variances.

        The mean square is taken with 4 times as many nodes; the difference is rounded up by 32 units of that mean
        square, so that no R is 0 by cancellation.  For a smooth phi, what the quadrature itself misses is less.
        """
        nodes, weights = self._nodes(variance.dtype, 4 * self.nodes)

        def tail(function: Callable[[Array], Array], coefficients: Array) -> Array:
            values = function(jnp.sqrt(variance)[..., None] * nodes.reshape((1,) * variance.ndim + (-1,)))
            square = jnp.tensordot(values**2, weights, axes=1, precision=jax.lax.Precision.HIGHEST)
            return jnp.maximum(square - jnp.sum(coefficients**2, axis=0), 0) + 32 * jnp.finfo(square.dtype).eps * square

        slope = slope_of(self.function, self.slope)
        return Duals(*(tail(f, a) for f, a in zip((self.function, slope), self.coefficients(variance), strict=True)))

    def _series(self, function: Callable[[Array], Array], cosine: Array, q11: Array, q22: Array) -> Array:
        left, right = self._expand(function, q11), self._expand(function, q22)
        total = left[-1] * right[-1] + jnp.zeros_like(cosine)
        for k in range(self.degree - 1, -1, -1):
            total = total * cosine + left[k] * right[k]
        return total

    def _expand(self, function: Callable[[Array], Array], variance: Array) -> Array:
        nodes, weights = self._nodes(variance.dtype, self.nodes)
        basis = jnp.asarray(_polynomials(self.degree, gauss_hermite(self.nodes)[0]), variance.dtype)
        values = function(jnp.sqrt(variance)[..., None] * nodes.reshape((1,) * variance.ndim + (-1,)))
        terms = jnp.tensordot(values, (basis * weights[None, :]).T, axes=1, precision=jax.lax.Precision.HIGHEST)
        return jnp.moveaxis(terms, -1, 0)

    @staticmethod
    def _nodes(dtype: np.dtype, count: int) -> tuple[Array, Array]:
        nodes, weights = gauss_hermite(count)
        return jnp.asarray(nodes, dtype), jnp.asarray(weights, dtype)


def hermite(
    function: Callable[[Array], Array],
    *,
    slope: Callable[[Array], Array] | None = None,
    degree: int = 40,
    nodes: int = 100,
) -> Hermite:
    """The dual of an entrywise function by its Hermite expansion, at any variances; `Hermite.tails` bounds the error.

    Coefficients come from Gauss-Hermite quadrature, to rounding for analytic functions; for functions with kinks they
    err like 1 / nodes: use the closed forms.

    Args:
        function: JAX function, entrywise.
        slope: its derivative; None: by automatic differentiation.
        degree: last term kept.
        nodes: of the quadrature, more than the degree.

    >>> dual = hermite(jnp.tanh)
    >>> bool(dual.tails(jnp.ones(())).value < 1e-7)
    True
    """
    if degree < 0 or nodes <= degree:
        raise InputError(f"nodes must exceed degree >= 0, not be {nodes} for degree {degree}")
    return Hermite(function, slope, degree, nodes)


def _polynomials(degree: int, points: np.ndarray) -> np.ndarray:
    """h_0..h_degree at the points, (degree + 1, n), by sqrt(k + 1) h_{k+1} = t h_k - sqrt(k) h_{k-1}."""
    rows = [np.ones_like(points), points]
    for k in range(1, degree):
        rows.append((points * rows[k] - math.sqrt(k) * rows[k - 1]) / math.sqrt(k + 1))
    return np.stack(rows[: degree + 1])
