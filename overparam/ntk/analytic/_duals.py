"""Dual activations: E[phi(g) phi(g')] and E[phi'(g) phi'(g')] of centred Gaussians g, g' with a given covariance.

q12, q11, q22 are that covariance, arrays that broadcast against each other.  Everything is entrywise.
"""

import abc
import dataclasses
import math
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from overparam.errors import InputError
from overparam.ntk.analytic._angles import acute

LARGEST = 1e100  # option of an activation, so that its square is a float


class Duals(NamedTuple):
    """value = E[phi(g) phi(g')] and slope = E[phi'(g) phi'(g')]."""

    value: Array
    slope: Array


@dataclasses.dataclass(frozen=True)
class Dual(abc.ABC):
    """An activation that knows its two dual kernels; hashable."""

    @property
    @abc.abstractmethod
    def words(self) -> str:
        """The activation's name with its options."""

    @abc.abstractmethod
    def duals(self, q12: Array, q11: Array, q22: Array) -> Duals:
        """Both duals, entrywise, in the dtype of the covariances."""


@dataclasses.dataclass(frozen=True)
class LeakyRelu(Dual):
    """max(t, 0) + negative_slope min(t, 0): 0 is relu, -1 the absolute value, 1 the identity.

    With c = q12 / sqrt(q11 q22) = cos(angle), mean = (1 + negative_slope^2) / 2 and
    bend = (1 - negative_slope)^2 / (2 pi mean),

        value = mean sqrt(q11 q22) (c + bend (sin(angle) - angle c)),    slope = mean (1 - bend angle).

    Where q11 or q22 is 0 the angle counts as pi / 2, and value is 0.  Source: Cho and Saul 2009.
    """

    negative_slope: float = 0.0

    def __post_init__(self) -> None:
        if not abs(self.negative_slope) <= LARGEST:
            raise InputError(f"negative_slope must be a number of size at most {LARGEST:g}, not {self.negative_slope}")

    @property
    def mean(self) -> float:
        """E[phi'(g)^2]."""
        return (1 + self.negative_slope**2) / 2

    @property
    def bend(self) -> float:
        """How much of the mean slope is lost per radian."""
        return (1 - self.negative_slope) ** 2 / (math.pi * (1 + self.negative_slope**2))

    @property
    def words(self) -> str:
        """The activation's name with its options."""
        named = {0.0: "relu", -1.0: "absolute value", 1.0: "identity"}
        return named.get(self.negative_slope, f"leaky relu (slope {self.negative_slope:g})")

    def duals(self, q12: Array, q11: Array, q22: Array, gap: Array | None = None) -> Duals:
        """Both duals.

        Args:
            q12, q11, q22: the covariance.
            gap: (q11 + q22) / 2 - q12 = E[(g - g')^2] / 2, if it is known better than that difference: it is additive
                over sums of independent parts, and with it nearly parallel points keep their angle.
        """
        norms = jnp.sqrt(q11) * jnp.sqrt(q22)
        positive = norms > 0
        cosine = q12 / jnp.where(positive, norms, 1)
        obtuse = cosine < 0
        short = 1 - jnp.abs(cosine)
        if gap is not None:
            fresh = (gap - (jnp.sqrt(q11) - jnp.sqrt(q22)) ** 2 / 2) / jnp.where(positive, norms, 1)
            short = jnp.where(obtuse | ~positive, short, fresh)
        curve, angle = self.curve(jnp.clip(short, 0, 1), obtuse)
        return Duals(self.mean * norms * curve[0], self.mean * (1 - self.bend * angle))

    def curve(self, short: Array, obtuse: Array | None = None) -> tuple[tuple[Array, Array], Array]:
        """((kappa, 1 - kappa), angle) with kappa = c + bend (sin(angle) - angle c), both free of cancellation.

        Args:
            short, obtuse: min(1 - c, 1 + c) and (c < 0); obtuse = None: no c is negative.
        """
        angle, rest = acute(short)
        rest = self.bend * rest
        if obtuse is None:
            return ((1 - short) + rest, short - rest), angle
        a = self.negative_slope
        far = -2 * a / (1 + a**2)  # bend pi - 1, so that relu's kernel vanishes at pi like the cube of the angle left
        apart = (1 + a) ** 2 / (1 + a**2)  # 1 - far
        kappa = jnp.where(obtuse, far, 1) * (1 - short) + rest
        other = jnp.where(obtuse, apart + far * short, short) - rest
        return (kappa, other), jnp.where(obtuse, math.pi - angle, angle)


@dataclasses.dataclass(frozen=True)
class Erf(Dual):
    """The error function.  Source: Williams 1996."""

    @property
    def words(self) -> str:
        """The activation's name."""
        return "erf"

    def duals(self, q12: Array, q11: Array, q22: Array) -> Duals:
        """Both duals: (2/pi) atan2(2 q12, r) and (4/pi) / r, r^2 = (1 + 2 q11) (1 + 2 q22) - 4 q12^2."""
        share, rest, _ = _shares(2 * q12, 2 * q11, 2 * q22)
        root = jnp.sqrt(rest)
        return Duals((2 / math.pi) * jnp.arctan2(2 * q12 * share, root), (4 / math.pi) * (share / root))


@dataclasses.dataclass(frozen=True)
class Gelu(Dual):
    """The exact gelu, t Phi(t), not the approximation by tanh.  Source: Tsuchida et al. 2021."""

    @property
    def words(self) -> str:
        """The activation's name."""
        return "gelu (exact)"

    def duals(self, q12: Array, q11: Array, q22: Array) -> Duals:
        """Both duals; with D = (1 + q11) (1 + q22), c = q12 / sqrt(D) and r^2 = 1 - c^2 there is nothing singular:

        2 pi value = c^2 / (sqrt(D) r) + r q11 q22 / sqrt(D) + q12 (asin c + pi / 2),
        2 pi slope = asin c + pi / 2 + (c / r) (1 / (D r^2) + 1 / (1 + q11) + 1 / (1 + q22)).
        """
        share, rest, means = _shares(q12, q11, q22)  # bit for bit the same with 1 and 2 exchanged
        root, cosine, norms = jnp.sqrt(rest), q12 * share, jnp.sqrt(q11) * jnp.sqrt(q22)
        angle = jnp.arctan2(cosine, root)
        value = cosine**2 * (share / root) + norms * ((norms * share) * root) + q12 * angle
        slope = angle + (cosine / root) * (share * (share / rest) + means)
        return Duals(value / (2 * math.pi) + q12 / 4, slope / (2 * math.pi) + 0.25)


@dataclasses.dataclass(frozen=True)
class Sine(Dual):
    """amplitude sin(frequency t + phase); the phase pi / 2 makes it a cosine."""

    amplitude: float = 1.0
    frequency: float = 1.0
    phase: float = 0.0

    def __post_init__(self) -> None:
        for name in ("amplitude", "frequency", "phase"):
            if not abs(value := getattr(self, name)) <= LARGEST:
                raise InputError(f"{name} must be a number of size at most {LARGEST:g}, not {value}")

    @property
    def words(self) -> str:
        """The activation's name with its options."""
        return f"{self.amplitude:g} sin({self.frequency:g} t + {self.phase:g})"

    def duals(self, q12: Array, q11: Array, q22: Array) -> Duals:
        """Both duals, from sin u sin v = (cos(u - v) - cos(u + v)) / 2."""
        square, mean = self.frequency**2, (q11 + q22) / 2
        # no covariance lets these exponents be positive, but rounding might
        minus = jnp.exp(jnp.minimum(square * (q12 - mean), 0))
        plus = math.cos(2 * self.phase) * jnp.exp(jnp.minimum(-square * (q12 + mean), 0))
        half = self.amplitude**2 / 2
        return Duals(half * (minus - plus), half * square * (minus + plus))


@dataclasses.dataclass(frozen=True)
class Monomial(Dual):
    """t^degree.  Its kernel on dim inputs has rank at most C(dim + degree - 1, degree), a useful negative control."""

    degree: int = 1

    def __post_init__(self) -> None:
        if not isinstance(self.degree, int) or not 1 <= self.degree <= 100:
            raise InputError(f"degree must be a whole number from 1 to 100, not {self.degree!r}")

    @property
    def words(self) -> str:
        """The activation's name with its options."""
        return f"t^{self.degree}"

    def duals(self, q12: Array, q11: Array, q22: Array) -> Duals:
        """Both duals, by Isserlis: pair j of the g with j of the g', and the rest among themselves."""
        return Duals(_moment(self.degree, q12, q11 * q22), self.degree**2 * _moment(self.degree - 1, q12, q11 * q22))


def _moment(q: int, q12: Array, square: Array) -> Array:
    """E[g^q g'^q] = sum over j = q, q - 2, ... of (q! / (j! r!! ...))^2 terms q12^j (q11 q22)^((q - j) / 2)."""
    total = jnp.zeros_like(q12 * square)
    for j in range(q, -1, -2):
        pairs = (q - j) // 2
        within = math.factorial(2 * pairs) // (2**pairs * math.factorial(pairs))
        count = math.comb(q, j) ** 2 * math.factorial(j) * within**2
        total = total + float(count) * q12**j * square**pairs
    return total


def _shares(q12: Array, q11: Array, q22: Array) -> tuple[Array, Array, Array]:
    """With D = (1 + q11) (1 + q22): D^-1/2, 1 - q12^2 / D, and 1 / (1 + q11) + 1 / (1 + q22), at any size of q.

    The second is their sum less 1 / D plus (q11 q22 - q12^2) / D, the last as a product, so that it loses half as much
    near parallel points.
    """
    left, right = 1 / (1 + q11), 1 / (1 + q22)
    share = jnp.sqrt(left) * jnp.sqrt(right)
    norms = jnp.sqrt(q11) * jnp.sqrt(q22)
    apart = jnp.maximum(((norms - q12) * share) * ((norms + q12) * share), 0)
    return share, (left + right - left * right) + apart, left + right


NAMED = {
    "relu": LeakyRelu(),
    "abs": LeakyRelu(-1.0),
    "identity": Monomial(1),
    "erf": Erf(),
    "gelu": Gelu(),
    "sin": Sine(),
    "cos": Sine(phase=math.pi / 2),
}
Activation = str | Dual


def dual_of(activation: Activation) -> Dual:
    """The `Dual` of a name, or the one given.

    Raises:
        InputError: nothing is known under that name.
    """
    if isinstance(activation, Dual):
        return activation
    if activation not in NAMED:
        raise InputError(f"activation must be one of {', '.join(NAMED)}, or a Dual such as LeakyRelu(0.1), "
                         f"Sine(1, 2, 0), Monomial(3), hermite(...), quadrature(...), not {activation!r}")  # fmt: skip
    return NAMED[activation]
