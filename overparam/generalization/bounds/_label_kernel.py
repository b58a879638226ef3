"""How hard labels are for the tangent kernel of a wide two-layer ReLU network: y' H^{-1} y.

H_ij = <x_i, x_j> (pi - arccos <x_i, x_j>) / (2 pi) for unit vectors x, labels in [-1, 1].  The published bound on the
population loss, for any 1-Lipschitz loss in [0, 1] and a wide enough first layer trained to the end, is
sqrt(2 y' H^{-1} y / n) + O(sqrt(log(n / (lambda_0 delta)) / n)).  For the limit of infinite width, which is the
interpolant of least norm B = sqrt(y' H^{-1} y) in the kernel's space, all constants are known: functions of norm at
most B have Rhat_n <= B sqrt(tr H) / n = B / sqrt(2 n), so that the loss is at most twice that, plus
3 sqrt(ln(2 / delta) / (2 n)), with B rounded up to the grid of `_margins`.  The loss min(1, |y - f|) bounds the error
of signs.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from overparam.errors import InputError
from overparam.generalization.bounds._margins import Capacity, deviation, rounded_up


class LabelComplexity(NamedTuple):
    """y' H^{-1} y and what it is made of.

    Attributes:
        quadratic: y' H^{-1} y.
        leading: sqrt(2 y' H^{-1} y / n).
        least_eigenvalue: of H.
        bound: on the error of the kernel's interpolant.
    """

    quadratic: float
    leading: float
    least_eigenvalue: float
    bound: Capacity


def first_layer_kernel(units: NDArray, others: NDArray | None = None) -> NDArray:
    """H of unit vectors, (n, n) float64, its diagonal exactly 1/2; or between two sets of them, (n, m).

    >>> first_layer_kernel(np.eye(2)).tolist()
    [[0.5, 0.0], [0.0, 0.5]]
    """
    inner = np.clip(units @ (units if others is None else others).T, -1, 1)
    if others is None:
        np.fill_diagonal(inner, 1.0)
    return inner * (math.pi - np.arccos(inner)) / (2 * math.pi)


def arora2019(points: ArrayLike, labels: ArrayLike, *, delta: float = 0.05) -> LabelComplexity:
    """The label-dependent bound; rows of `points` are divided by their norms.

    Args:
        points: (n_samples, dim), no row zero, no two rows on one ray.
        labels: (n_samples,), in [-1, 1].
        delta: probability that the bound fails.
    Raises:
        InputError: a row of zeros, labels outside [-1, 1], or a kernel matrix that is not positive definite in float64.
    Source:
        arora2019fine, Theorem 5.1; explicit constants for infinite width as derived above.
    """
    rows, y = np.asarray(points, np.float64), np.asarray(labels, np.float64)
    if rows.ndim != 2 or y.shape != rows.shape[:1] or len(y) < 2:
        raise InputError(f"points must be (n_samples, dim), labels (n_samples,), not {rows.shape} and {y.shape}")
    lengths = np.linalg.norm(rows, axis=1)
    if not (lengths > 0).all():
        raise InputError("points hold a row of zeros, which has no direction")
    if not (np.abs(y) <= 1).all():
        raise InputError(f"labels must be in [-1, 1]; the largest is {np.max(np.abs(y)):.3g}")
    kernel = first_layer_kernel(rows / lengths[:, None])
    least = float(np.linalg.eigvalsh(kernel)[0])
    if least <= len(y) * np.finfo(float).eps ** 0.5:  # the arccosine keeps half of the digits near 1
        raise InputError(
            f"the kernel matrix has least eigenvalue {least:.1e}: two points on one ray, or nearly; leave one out"
        )
    solved = linalg.cho_solve(linalg.cho_factor(kernel), y)
    quadratic, n = float(y @ solved), len(y)
    norm = rounded_up([math.sqrt(quadratic)])
    leading = math.sqrt(2 * quadratic / n)
    bound = Capacity(
        "arora2019",
        leading,
        math.sqrt(2 / n) * norm.values[0] + deviation(n, delta, norm.price),
        delta,
        ("infinite width: the bound is on the kernel's interpolant, not on a trained network",),
        0.5,
        "arora2019fine, Theorem 5.1",
    )
    return LabelComplexity(quadratic, leading, least, bound)
