"""The losses: value, derivative in the outputs, what fitted means, and how steep the derivative can be.

Written with outputs f and labels y, as sums over the samples of a step:

    squared       1/2 (f - y)^2                      z = f - y
    squared-mean  the same, over the number of samples of the step
    logistic      log(1 + exp(-y f)), y = -1 or +1   z = -y / (1 + exp(y f))
    hinge         max(0, 1 - y f),    y = -1 or +1   z = -y where y f < 1, else 0

z, the derivative of a sample's term, stands for the residual: the gradient is J^T z, and a run is stuck where J^T z is
zero up to rounding while z is not small.
"""

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Float

from overparam.errors import InputError
from overparam.training._outcome import norm, target_norm

_Of = Callable[[Float[Array, " n"], Float[Array, " n"]], Array]


@dataclasses.dataclass(frozen=True)
class Loss:
    """One loss.

    Attributes:
        slope: (outputs, labels) -> (n,), the derivative z of each sample's term.
        magnitude: (outputs, labels) -> (), the root of twice the sum of the terms, without overflow for the squared.
        is_mean: whether a step divides by its number of samples.
        by_sign: whether labels are signs and fitted means a margin, y f >= tolerance for all samples; otherwise it
            means ||f - y|| <= tolerance ||y||.
        curvature: bound on the derivative of z in f, by which the tangent kernel's eigenvalue is multiplied to give the
            sharpness of the linearized problem.  The hinge has none; 1 stands in, for steps that move margins by about
            as much as they move residuals.
    """

    slope: _Of
    magnitude: _Of
    is_mean: bool = False
    by_sign: bool = False
    curvature: float = 1.0

    def fitted(self, outputs: Float[Array, " n"], labels: Float[Array, " n"], level: Array) -> Bool[Array, ""]:
        """Whether these outputs count as fitting the labels at tolerance `level`."""
        if self.by_sign:
            return jnp.min(outputs * labels) >= level
        return norm(outputs - labels) <= target_norm(labels, level)


def _difference(outputs: Float[Array, " n"], labels: Float[Array, " n"]) -> Float[Array, " n"]:
    return outputs - labels


def _difference_norm(outputs: Float[Array, " n"], labels: Float[Array, " n"]) -> Float[Array, ""]:
    return norm(outputs - labels)


def _logistic_slope(outputs: Float[Array, " n"], labels: Float[Array, " n"]) -> Float[Array, " n"]:
    return -labels * jax.nn.sigmoid(-labels * outputs)


def _logistic_root(outputs: Float[Array, " n"], labels: Float[Array, " n"]) -> Float[Array, ""]:
    return jnp.sqrt(2 * jnp.sum(jnp.logaddexp(-labels * outputs, jnp.zeros_like(outputs))))


def _hinge_slope(outputs: Float[Array, " n"], labels: Float[Array, " n"]) -> Float[Array, " n"]:
    return jnp.where(labels * outputs < 1, -labels, 0)


def _hinge_root(outputs: Float[Array, " n"], labels: Float[Array, " n"]) -> Float[Array, ""]:
    return jnp.sqrt(2 * jnp.sum(jnp.maximum(1 - labels * outputs, 0)))


LOSSES = {
    "squared": Loss(_difference, _difference_norm),
    "squared-mean": Loss(_difference, _difference_norm, is_mean=True),
    "logistic": Loss(_logistic_slope, _logistic_root, by_sign=True, curvature=0.25),
    "hinge": Loss(_hinge_slope, _hinge_root, by_sign=True),
}


def require_signs(loss: str, labels: np.ndarray) -> None:
    """Refuse labels other than -1 and +1 for a loss that is about signs.

    Raises:
        InputError: names the loss and the labels that it was given.
    """
    if LOSSES[loss].by_sign and not np.isin(labels, (-1, 1)).all():
        some = ", ".join(f"{value:g}" for value in np.unique(labels)[:5])
        raise InputError(
            f'loss {loss!r} needs labels -1 and +1, but the labels include {some}; draw signs (labels = "signs"), '
            'name two classes, or take loss "squared"'
        )
