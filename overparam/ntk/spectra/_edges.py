"""The least and the largest eigenvalue of a symmetric matrix, never silently an interior one."""

import warnings
from typing import Literal, get_args

import numpy as np
from jax.typing import ArrayLike, DTypeLike

from overparam.errors import InputError
from overparam.ntk.spectra._methods import Edge, Problem, dense, krylov_alone, shift_invert
from overparam.ntk.spectra._operators import Product, operator_of

Method = Literal["auto", "dense", "shift-invert", "lanczos"]

SMALL = 400  # rows, up to which LAPACK's solver is as quick
_METHODS = {"dense": dense, "shift-invert": shift_invert, "lanczos": krylov_alone}
_ADVICE = {
    "lanczos": 'give the matrix and use method="shift-invert", or prove a bound by widths.prove_least_eigenvalue',
    "shift-invert": 'use method="dense", or a larger tolerance',
    "dense": "use a larger tolerance, or float64",
}


class UnverifiedWarning(UserWarning):
    """An eigenvalue was not shown to be the extreme one."""


def least_eigenvalue(
    matrix: ArrayLike | Product,
    *,
    method: Method = "auto",
    size: int | None = None,
    tolerance: float | None = None,
    steps: int = 300,
    dtype: DTypeLike = "float64",
) -> Edge:
    """The least eigenvalue of a symmetric matrix, for two factorizations (n^3 / 3 multiply-adds in all) and products.

    "dense" is LAPACK's solver.  "shift-invert" is for dense bulk edges, where unshifted methods do not converge: some
    Lanczos steps find the neighbourhood, a Cholesky factor at a shift below (in float32 where that suffices) drives
    Davidson's method, and a Cholesky factor just below the value shows that it is the least one.  "lanczos" needs
    products only and shows nothing: a warning says so.  "auto" is "dense" up to 400 rows, then "shift-invert", and
    "lanczos" for a product.

    Args:
        matrix: (n, n), symmetric, of either sign; a function that multiplies (n, columns) with it, for "lanczos".
        method: see above.
        size: n, for a product.
        tolerance: of the value, relative to it; None for 1e-9, or 1e-4 in float32.  What was reached stands in the
            result; rounding allows about 2 n^2 u times the mean of the diagonal.
        steps: of "lanczos", at most; memory is one vector each.
        dtype: of the computation, float64 or float32.
    Raises:
        InputError: not a symmetric matrix of finite numbers, or options that do not go together.
        PrecisionError: JAX is running without the dtype asked for.
    Warns:
        UnverifiedWarning: the value is an eigenvalue, but was not shown to be the least one.
    Source:
        rump2006, for what a factorization that ran to its end shows.

    >>> round(least_eigenvalue([[2.0, 1.0], [1.0, 2.0]]).value, 12)
    1.0
    """
    return _edge(matrix, 1, method, size, tolerance, steps, dtype, "least_eigenvalue")


def largest_eigenvalue(
    matrix: ArrayLike | Product,
    *,
    method: Method = "auto",
    size: int | None = None,
    tolerance: float | None = None,
    steps: int = 300,
    dtype: DTypeLike = "float64",
) -> Edge:
    """The largest eigenvalue: minus the least one of minus the matrix; see `least_eigenvalue`.

    >>> round(largest_eigenvalue([[2.0, 1.0], [1.0, 2.0]]).value, 12)
    3.0
    """
    return _edge(matrix, -1, method, size, tolerance, steps, dtype, "largest_eigenvalue")


def _edge(
    matrix: ArrayLike | Product,
    sign: int,
    method: str,
    size: int | None,
    tolerance: float | None,
    steps: int,
    dtype: DTypeLike,
    what: str,
) -> Edge:
    if method not in get_args(Method):
        raise InputError(f"method must be one of {', '.join(get_args(Method))}, not {method!r}")
    if steps < 1:
        raise InputError(f"steps must be at least 1, not {steps}")
    operator = operator_of(matrix, size, dtype, name="matrix", what=what)
    wanted = (1e-9 if operator.dtype == np.float64 else 1e-4) if tolerance is None else tolerance
    if not 0 < wanted < 1:
        raise InputError(f"tolerance must be above 0 and below 1, not {tolerance}")
    if method == "auto":
        method = "lanczos" if operator.factor is None else "dense" if operator.size <= SMALL else "shift-invert"
    if operator.factor is None and method != "lanczos":
        raise InputError(f'{method} needs the matrix; for a product use method="lanczos"')
    if operator.frobenius == 0:
        vector = np.eye(1, operator.size, dtype=operator.dtype)[0]
        return Edge(0.0, 0.0, 0.0, 0.0, True, vector, method, 0, 0)
    found = _METHODS[method](Problem(operator, sign, wanted, steps))
    if not found.verified:
        warnings.warn(
            f"{what}: {found.value:.9g} is an eigenvalue up to {found.residual:.2g}, but was not shown to be the "
            f"extreme one; {_ADVICE[method]}",
            UnverifiedWarning,
            stacklevel=3,
        )
    return found
