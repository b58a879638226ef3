"""Random-features regression in the proportional limit, ridge and ridgeless.

x uniform on the sphere of radius sqrt(d), N weights w_j uniform on it too, features phi(<w_j, x> / sqrt(d)), targets
<beta, x> + a part that no linear function predicts (its variance F_*^2) + noise; coefficients a minimize
(1/n) |y - Phi a|^2 + ridge |a|^2.  The limit of the risk as N/d -> psi1, n/d -> psi2 depends on phi through zeta =
mu_1 / mu_* only, and on the ridge through chi = -t, where with h(t) = t + zeta^2 t / (1 + zeta^2 t)
    (psi1 - h) (psi2 - h) = (psi2 ridge / mu_*^2) t,   0 <= h <= min(psi1, psi2),
which is h = min(psi1, psi2), a quadratic equation, without ridge.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError, close_to
from overparam.generalization.risk._ridge import SCALE
from overparam.generalization.risk._risk import STRENGTH, VARIANCE, nonnegative, positive, times

HALVINGS = 200


class Activation(NamedTuple):
    """Hermite constants of phi, G a standard normal: E phi(G), E G phi(G), and the rest of E phi(G)^2."""

    mu_0: float
    mu_1: float
    mu_star_squared: float

    @property
    def zeta_squared(self) -> float:
        """mu_1^2 / mu_*^2: linear part against the part that acts as noise in the features."""
        return self.mu_1**2 / self.mu_star_squared


def activation_constants(phi: str | Callable[[NDArray], NDArray]) -> Activation:
    """Constants of an activation: closed forms for relu, erf and sign, the trapezoid rule for the rest.

    The trapezoid rule on [-14, 14] with step 1/64 errs by rounding only where phi is analytic in a strip around the
    real line of width above 0.3, such as tanh (pi/2).  A kink breaks that, here and for Gauss-Hermite nodes (2.71
    instead of 2.752 for relu with 201 of them), so pass such a function only if few digits suffice.

    Args:
        phi: a name, or a vectorized function of float64 arrays that grows at most like a polynomial.
    Raises:
        InputError: an unknown name, or a linear function, for which mu_* = 0 and the theory does not hold.

    >>> round(activation_constants("relu").zeta_squared, 4), round(activation_constants("tanh").zeta_squared, 1)
    (2.7519, 13.4)
    """
    if callable(phi):
        return _by_quadrature(phi)
    closed = {
        "relu": Activation(1 / math.sqrt(2 * math.pi), 0.5, 0.25 - 0.5 / math.pi),
        "erf": Activation(0.0, 2 / math.sqrt(3 * math.pi), 2 / math.pi * math.asin(2 / 3) - 4 / (3 * math.pi)),
        "sign": Activation(0.0, math.sqrt(2 / math.pi), 1 - 2 / math.pi),
    }
    if phi == "tanh":
        return _by_quadrature(np.tanh)
    if phi not in closed:
        known = (*closed, "tanh")
        raise InputError(f"there is no activation {phi!r}: {close_to(phi, known)}; or pass a function")
    return closed[phi]


def _by_quadrature(phi: Callable[[NDArray], NDArray]) -> Activation:
    nodes = np.arange(-14 * 64, 14 * 64 + 1) / 64
    weights = np.exp(-(nodes**2) / 2) / (64 * math.sqrt(2 * math.pi))
    values = np.asarray(phi(nodes), np.float64)
    mu_0, mu_1 = float(weights @ values), float(weights @ (nodes * values))
    rest = float(weights @ (values - mu_0 - mu_1 * nodes) ** 2)
    if not rest > 1e-12 * (mu_0**2 + mu_1**2):
        raise InputError("the activation is linear up to rounding: mu_* = 0, and features add nothing to the inputs")
    return Activation(mu_0, mu_1, rest)


class FeaturesRisk(NamedTuple):
    """Limit of the excess risk in its parts; arrays of one shape, infinite at psi1 = psi2 without ridge.

    Attributes:
        linear: F_1^2 times the share of the linear part that is missed.
        noise: (tau^2 + F_*^2) times what noise costs.
        beyond: F_*^2, which no random-features model of this size learns.
    """

    linear: NDArray[np.float64]
    noise: NDArray[np.float64]
    beyond: NDArray[np.float64]

    @property
    def excess(self) -> NDArray[np.float64]:
        """E (f(x) - E[y | x])^2."""
        return np.asarray(self.linear + self.noise + self.beyond)


def random_features_risk(
    psi1: ArrayLike,
    psi2: ArrayLike,
    activation: Activation | str = "relu",
    *,
    ridge: ArrayLike = 0.0,
    linear: ArrayLike = 1.0,
    beyond: ArrayLike = 0.0,
    noise: ArrayLike = 0.0,
) -> FeaturesRisk:
    """Limit of the excess risk of random-features regression.

    Args:
        psi1: N/d > 0.
        psi2: n/d > 0; all numbers broadcast.
        activation: a name, or constants from `activation_constants`.
        ridge: >= 0, beside Phi'Phi/n; the source's lambda is ridge / psi1.
        linear: F_1^2 = |beta|^2.
        beyond: F_*^2, variance of the target's part that is orthogonal to linear functions.
        noise: tau^2.
    Returns:
        Parts of the excess.  At psi1 = psi2 and ridge 0 infinity (every part that is not multiplied by 0).
    Raises:
        InputError: a ratio that is not above 0, a negative ridge or variance.
    Source:
        mei2022generalization, Theorem 2 and Theorem 3 for the ridgeless limit.

    >>> [round(float(e), 3) for e in random_features_risk([1, 2, 5, 9], 3, noise=0.2).excess]
    [0.772, 1.085, 0.61, 0.265]
    """
    psi1, psi2 = positive("psi1", psi1, why="it is N/d"), positive("psi2", psi2, why="it is n/d")
    ridge = nonnegative("ridge", ridge, why=SCALE)
    constants = activation_constants(activation) if isinstance(activation, str) else activation
    linear = nonnegative("linear", linear, why=STRENGTH)
    beyond = nonnegative("beyond", beyond, why="it is a variance, F_*^2")
    noise = nonnegative("noise", noise, why=VARIANCE)
    psi1, psi2, ridge, linear, beyond, noise = np.broadcast_arrays(psi1, psi2, ridge, linear, beyond, noise)
    z, t = constants.zeta_squared, _overlap(psi1, psi2, ridge, constants)
    e0, e1, e2 = _polynomials(psi1, psi2, np.asarray(-t), z)
    peak = np.asarray((psi1 == psi2) & (ridge == 0))
    e0 = np.where(peak, 1.0, e0)

    def part(scale: NDArray, share: NDArray) -> NDArray:
        return times(scale, np.where(peak, np.inf, share / e0))

    return FeaturesRisk(part(linear, e1), part(np.asarray(noise + beyond), e2), np.array(beyond))


def _overlap(psi1: NDArray, psi2: NDArray, ridge: NDArray, constants: Activation) -> NDArray[np.float64]:
    """The positive number t = -chi."""
    z, least = constants.zeta_squared, np.minimum(psi1, psi2)
    middle = z + 1 - least * z
    root = np.sqrt(middle**2 + 4 * z * least)
    # the positive root of z t^2 + middle t = least, by the formula that subtracts nothing
    t = np.where(middle > 0, 2 * least / (middle + root), (root - middle) / (2 * z))
    if not (ridge > 0).any():
        return t
    low, high, slope = np.zeros(t.shape), t, psi2 * ridge / constants.mu_star_squared
    for _ in range(HALVINGS):
        now = (low + high) / 2
        h = now + z * now / (1 + z * now)
        below = (psi1 - h) * (psi2 - h) > slope * now
        low, high = np.where(below, now, low), np.where(below, high, now)
    return np.where(ridge > 0, (low + high) / 2, t)


def _polynomials(psi1: NDArray, psi2: NDArray, chi: NDArray, z: float) -> tuple[NDArray, NDArray, NDArray]:
    """E_0, E_1, E_2 of the source."""
    product = psi1 * psi2
    e0 = (
        -(chi**5) * z**3
        + 3 * chi**4 * z**2
        + (product - psi2 - psi1 + 1) * chi**3 * z**3
        - 2 * chi**3 * z**2
        - 3 * chi**3 * z
        + (psi1 + psi2 - 3 * product + 1) * chi**2 * z**2
        + 2 * chi**2 * z
        + chi**2
        + 3 * product * chi * z
        - product
    )
    e1 = psi2 * chi**3 * z**2 - psi2 * chi**2 * z + product * chi * z - product
    e2 = (
        chi**5 * z**3
        - 3 * chi**4 * z**2
        + (psi1 - 1) * chi**3 * z**3
        + 2 * chi**3 * z**2
        + 3 * chi**3 * z
        - (psi1 + 1) * chi**2 * z**2
        - 2 * chi**2 * z
        - chi**2
    )
    return np.asarray(e0), np.asarray(e1), np.asarray(e2)
