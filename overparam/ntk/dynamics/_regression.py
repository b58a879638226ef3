"""Kernel regression with and without a ridge, by Cholesky, with the condition number that its digits depend on.

    coefficients a = (K + ridge I)^-1 y,        f(x) = K(x, X) a,

the minimizer of 1/2 ||f(X) - y||^2 + ridge/2 ||f||^2 over the kernel's space, ||f||^2 = a^T K a; without a ridge the
interpolant of least norm, which is where gradient descent of the linear model from 0 ends (t = infinity).
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.linalg import cho_solve
from jax.typing import ArrayLike, DTypeLike
from jaxtyping import Float

from overparam.errors import InputError
from overparam.precision import HIGHEST, require_dtype

SWEEPS = 5  # of the condition estimate, which nearly always settles after two


class Regression(NamedTuple):
    """A fitted kernel regression; observed, not certified.

    Attributes:
        coefficients: (n_samples,) or (n_samples, outputs).
        factor: (n_samples, n_samples), lower Cholesky factor of K + ridge I; above the diagonal 0.
        condition: (), estimate from below, rarely by more than 3, of the condition number of K + ridge I in the 1-norm.
        error: (), condition times the backward error of the coefficients: their relative error, up to small factors.
        squared_norm: (outputs,) or (), a^T K a, the squared norm of f; y^T K^-1 y without a ridge.
    """

    coefficients: Float[Array, "n_samples ..."]
    factor: Float[Array, "n_samples n_samples"]
    condition: Float[Array, ""]
    error: Float[Array, ""]
    squared_norm: Float[Array, "..."]


def kernel_regression(
    gram: ArrayLike, labels: ArrayLike, *, ridge: float = 0.0, dtype: DTypeLike = "float64"
) -> Regression:
    """Fit by one Cholesky factorization, n^3 / 3 multiply-adds, and one step of refinement.

    Args:
        gram: (n_samples, n_samples), kernel of the training points; symmetric, its lower half is used.
        labels: (n_samples,) or (n_samples, outputs).
        ridge: added to the diagonal as it is, not times n_samples.
    Raises:
        InputError: shapes do not fit; or K + ridge I is not positive definite, or so ill-conditioned that no digit of
            the coefficients is known: the message gives the condition number and what to do.
        PrecisionError: JAX is running without the dtype asked for.
    """
    wanted = require_dtype(dtype, what="kernel_regression")
    matrix, rows = jnp.asarray(gram, wanted), jnp.asarray(labels, wanted)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise InputError(f"gram must be a square matrix with at least one row, not of shape {matrix.shape}")
    if rows.ndim not in (1, 2) or len(rows) != len(matrix):
        raise InputError(f"labels must have one row for each of {len(matrix)} samples, not {rows.shape}")
    if not (ridge >= 0 and bool(jnp.all(jnp.isfinite(matrix))) and bool(jnp.all(jnp.isfinite(rows)))):
        raise InputError(f"gram and labels must be finite numbers, and ridge must be >= 0, not {ridge}")
    fit = _fit(matrix, rows.reshape(len(rows), -1), jnp.asarray(ridge, wanted))
    limit = 1 / (len(matrix) * float(jnp.finfo(wanted).eps))
    if not float(fit.condition) < limit:  # NaN where a pivot was not positive
        known = f"has a condition number of about {float(fit.condition):.3g}" if fit.condition > 0 else "is singular"
        raise InputError(
            f"gram + ridge I {known}, beyond the {limit:.3g} that {wanted} resolves at n_samples = {len(matrix)}; use "
            "a larger ridge, or predictions_at of modes_of at t = infinity, which is the pseudo-inverse"
        )
    return fit._replace(
        coefficients=fit.coefficients.reshape(rows.shape), squared_norm=fit.squared_norm.reshape(rows.shape[1:])
    )


def predict(fit: Regression, cross: ArrayLike) -> Float[Array, "n_new ..."]:
    """Outputs at new points.

    Args:
        cross: (n_new, n_samples), kernel of the new points with the training points.
    """
    rows = jnp.asarray(cross, fit.coefficients.dtype)
    if rows.ndim != 2 or rows.shape[1] != len(fit.coefficients):
        raise InputError(f"cross must be (n_new, {len(fit.coefficients)}), not {rows.shape}")
    return jnp.matmul(rows, fit.coefficients, precision=HIGHEST)


def leave_one_out(fit: Regression) -> Float[Array, "n_samples ..."]:
    """Residuals y_i - f_i(x_i), f_i fitted without sample i: coefficients over the diagonal of (K + ridge I)^-1."""
    identity = jnp.eye(len(fit.factor), dtype=fit.factor.dtype)
    diagonal = jnp.sum(jax.scipy.linalg.solve_triangular(fit.factor, identity, lower=True) ** 2, axis=0)
    return fit.coefficients / diagonal.reshape(-1, *[1] * (fit.coefficients.ndim - 1))


@jax.jit
def _fit(
    gram: Float[Array, "n_samples n_samples"], labels: Float[Array, "n_samples outputs"], ridge: Float[Array, ""]
) -> Regression:
    lower = jnp.tril(gram)
    matrix = lower + jnp.tril(lower, -1).T + ridge * jnp.eye(len(gram), dtype=gram.dtype)
    factor = jnp.linalg.cholesky(matrix, symmetrize_input=False)

    def product(columns: Array) -> Array:
        return jnp.matmul(matrix, columns, precision=HIGHEST)

    first = cho_solve((factor, True), labels)
    solution = first + cho_solve((factor, True), labels - product(first))
    size = jnp.max(jnp.sum(jnp.abs(matrix), axis=0))
    condition = size * _inverse_norm(factor)
    scale = size * jnp.max(jnp.abs(solution)) + jnp.max(jnp.abs(labels))
    backward = jnp.max(jnp.abs(labels - product(solution))) / jnp.where(scale > 0, scale, 1)
    # the residual itself is known to a rounding only
    error = condition * jnp.maximum(backward, jnp.finfo(gram.dtype).eps)
    squared = jnp.sum(solution * (labels - ridge * solution), axis=0)
    return Regression(solution, factor, condition, error, squared)


def _inverse_norm(factor: Float[Array, "n_samples n_samples"]) -> Float[Array, ""]:
    """A lower estimate of the 1-norm of the inverse: gradient ascent on the convex function ||A^-1 x||_1 (Hager)."""
    n = len(factor)
    index = jnp.arange(n)

    def climb(_: Any, state: tuple[Array, Array]) -> tuple[Array, Array]:
        start, best = state
        reached = cho_solve((factor, True), start)
        slope = cho_solve((factor, True), jnp.where(reached >= 0, 1.0, -1.0).astype(factor.dtype))
        corner = (index == jnp.argmax(jnp.abs(slope))).astype(factor.dtype)
        return corner, jnp.maximum(best, jnp.sum(jnp.abs(reached)))

    start = jnp.full(n, 1 / n, factor.dtype), jnp.asarray(0, factor.dtype)
    _, climbed = jax.lax.fori_loop(0, SWEEPS, climb, start)
    # Higham's alternating vector, for the matrices that stop the ascent early
    zigzag = jnp.where(index % 2 == 0, 1.0, -1.0).astype(factor.dtype) * (
        1 + index.astype(factor.dtype) / max(n - 1, 1)
    )
    aside = 2 * jnp.sum(jnp.abs(cho_solve((factor, True), zigzag))) / (3 * n)
    return jnp.maximum(climbed, aside)
