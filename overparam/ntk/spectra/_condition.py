"""The condition number of a kernel matrix, with an interval."""

import math
from typing import NamedTuple

from jax.typing import ArrayLike, DTypeLike

from overparam.errors import InputError
from overparam.ntk.spectra._edges import Edge, Method, largest_eigenvalue, least_eigenvalue


class Condition(NamedTuple):
    """Largest over least eigenvalue of a positive semidefinite matrix; observed, with an interval as in `Edge`.

    Attributes:
        value: infinite where the least eigenvalue is 0 as far as floats can tell, that is, if its interval holds 0.
        lower, upper: they enclose it, the lower one being finite even then.
        least, largest: the two eigenvalues.
    """

    value: float
    lower: float
    upper: float
    least: Edge
    largest: Edge


def condition_number(
    matrix: ArrayLike, *, method: Method = "auto", tolerance: float | None = None, dtype: DTypeLike = "float64"
) -> Condition:
    """lambda_max / lambda_min in the 2-norm.

    Args:
        matrix: (n, n), symmetric, positive semidefinite up to rounding.
        method: "auto", "dense" or "shift-invert"; see `least_eigenvalue`.
        tolerance, dtype: see `least_eigenvalue`.
    Raises:
        InputError: the matrix is zero, or has an eigenvalue that is certainly negative, as no kernel has; or else as
            `least_eigenvalue`.

    >>> round(condition_number([[2.0, 1.0], [1.0, 2.0]]).value, 9)
    3.0
    """
    if callable(matrix) or method == "lanczos":
        raise InputError("condition_number needs a matrix, and a method that verifies its eigenvalues")
    least = least_eigenvalue(matrix, method=method, tolerance=tolerance, dtype=dtype)
    if least.upper < 0:
        raise InputError(
            f"matrix has the eigenvalue {least.value:.6g} < 0, so it is no kernel, and largest / least is not its "
            "condition number; recompute it in float64, or take the ratio of the singular values"
        )
    largest = largest_eigenvalue(matrix, method=method, tolerance=tolerance, dtype=dtype)
    if largest.value <= 0:
        raise InputError("matrix is zero, and 0 / 0 is no condition number")
    lower = largest.lower / least.upper if least.upper > 0 else math.inf
    upper = largest.upper / least.lower if least.lower > 0 else math.inf
    value = largest.value / least.value if least.lower > 0 else math.inf
    return Condition(value, max(lower, 1.0), upper, least, largest)
