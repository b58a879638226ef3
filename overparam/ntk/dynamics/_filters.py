"""What training does to one eigenvalue of the tangent kernel: how its residual decays, and how far weights move.

Along an eigenvector with eigenvalue l, training from residual 1 leaves the residual d = decay(l, t), and the outputs of
the linear model at other points move by minus their kernel with that eigenvector times w = weight(l, t) = (1 - d) / l:

    flow                  d = e^(-l t)                            w = (1 - e^(-l t)) / l          -> t      as l -> 0
    descent, step s       d = (1 - s l)^t                         w = s sum_{j < t} (1 - s l)^j   -> s t
    Gauss-Newton flow     d = e^(-l t / (l + m)), m the damping   w = (1 - d) / l                 -> t / m, or 0

No digits are lost as l -> 0: the sums are evaluated by expm1 and log1p.  Plain log1p(-s l) has no value for s l > 1,
which stable steps (s l < 2) reach; there the base is negative.  Times here are finite; infinity is `_linear`'s.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import TypeVar

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from overparam.errors import InputError

R = TypeVar("R")


def power(x: Float[Array, "..."], t: Float[Array, "..."]) -> Float[Array, "..."]:
    """(1 - x)^t for x >= 0 and t = 0, 1, 2, ...; beyond x = 2 it grows."""
    return jnp.where(t == 0, 1, jnp.where(_odd(x, t), -1, 1) * jnp.exp(t * _log_size(x)))


def power_sum(x: Float[Array, "..."], t: Float[Array, "..."]) -> Float[Array, "..."]:
    """1 + (1 - x) + ... + (1 - x)^(t - 1) = (1 - (1 - x)^t) / x, which is t at x = 0.

    Relative error some 10 roundings beside that of t log|1 - x|, for all x from 0 to 2: the even powers of a base
    near -1 are subtracted from 1 by expm1 as well.
    """
    less = jnp.expm1(t * _log_size(x))
    total = jnp.where(_odd(x, t), 2 + less, -less)
    some = x >= jnp.finfo(x.dtype).tiny
    return jnp.where(t == 0, 0, jnp.where(some, total / jnp.where(some, x, 1), t))


def flow_power(rate: Float[Array, "..."], t: Float[Array, "..."]) -> Float[Array, "..."]:
    """e^(-rate t) for rate, t >= 0."""
    return jnp.exp(-rate * t)


def flow_sum(rate: Float[Array, "..."], t: Float[Array, "..."]) -> Float[Array, "..."]:
    """(1 - e^(-rate t)) / rate, which is t at rate = 0."""
    tiny = jnp.finfo(rate.dtype).tiny
    some = (rate >= tiny) & (rate * t >= tiny)
    return jnp.where(some, -jnp.expm1(-rate * t) / jnp.where(some, rate, 1), t)


def _log_size(x: Array) -> Array:
    """log|1 - x|; x - 2 is exact for 1 <= x <= 4."""
    return jnp.log1p(jnp.where(x > 1, x - 2, -x))


def _odd(x: Array, t: Array) -> Array:
    """Whether (1 - x)^t is negative."""
    return (x > 1) & (t % 2 == 1)


def tree(*numbers: str, flags: tuple[str, ...] = ()) -> Callable[[type[R]], type[R]]:
    """Class decorator: a rule's numbers may be traced, so that `jit` compiles once for all step sizes."""

    def register(cls: type[R]) -> type[R]:
        def unflatten(kept: tuple, leaves: tuple) -> R:
            rule = object.__new__(cls)  # not checked again: leaves may be tracers
            for name, value in zip((*numbers, *flags), (*leaves, *kept), strict=True):
                object.__setattr__(rule, name, value)
            return rule

        def values(rule: object, names: tuple[str, ...]) -> tuple:
            return tuple(getattr(rule, name) for name in names)

        jax.tree_util.register_pytree_node(cls, lambda rule: (values(rule, numbers), values(rule, flags)), unflatten)
        return cls

    return register


@tree()
@dataclasses.dataclass(frozen=True)
class Flow:
    """Gradient flow of 1/2 ||r||^2; times are real."""

    discrete = False
    by_rank = False

    def decay(self, values: Float[Array, "..."], times: Float[Array, "..."]) -> Float[Array, "..."]:
        """What is left of the residual along each eigenvalue."""
        return flow_power(values, times)

    def weight(self, values: Float[Array, "..."], times: Float[Array, "..."]) -> Float[Array, "..."]:
        """(1 - decay) / eigenvalue, with its limit t at 0."""
        return flow_sum(values, times)

    def critical(self) -> float:
        """Largest eigenvalue below which training converges."""
        return math.inf


@tree("step_size")
@dataclasses.dataclass(frozen=True)
class GradientDescent:
    """Full-batch gradient descent on 1/2 ||r||^2, a sum over samples; times are numbers of steps.

    Every positive step is allowed at finite times; above 2 / (largest eigenvalue) the linear model diverges.
    """

    step_size: float
    discrete = True
    by_rank = False

    def __post_init__(self) -> None:
        positive("step_size", self.step_size)

    def decay(self, values: Float[Array, "..."], times: Float[Array, "..."]) -> Float[Array, "..."]:
        """(1 - step_size eigenvalue)^t."""
        return power(self.step_size * values, times)

    def weight(self, values: Float[Array, "..."], times: Float[Array, "..."]) -> Float[Array, "..."]:
        """(1 - decay) / eigenvalue, with its limit step_size t at 0."""
        return self.step_size * power_sum(self.step_size * values, times)

    def critical(self) -> float:
        """Largest eigenvalue below which training converges, 2 / step_size."""
        return 2 / self.step_size


@tree("damping", "step_size")
@dataclasses.dataclass(frozen=True)
class GaussNewton:
    """Gauss-Newton or, with damping m > 0, Levenberg-Marquardt with a constant m: residuals move by K (K + m)^-1 r.

    Without damping every direction in the range of K decays alike, e^(-t), whatever the conditioning; directions
    outside, decided by numerical rank, stay.  `step_size` None is the flow; else full steps are step_size = 1.
    """

    damping: float = 0.0
    step_size: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.damping) and self.damping >= 0):
            raise InputError(f"damping must be a number >= 0, not {self.damping}")
        if self.step_size is not None:
            positive("step_size", self.step_size)

    @property
    def discrete(self) -> bool:
        """Whether times are numbers of steps."""
        return self.step_size is not None

    @property
    def by_rank(self) -> bool:
        """Whether eigenvalues that rounding cannot tell from 0 must count as 0 at every time."""
        return self.damping == 0

    def decay(self, values: Float[Array, "..."], times: Float[Array, "..."]) -> Float[Array, "..."]:
        """What is left of the residual along each eigenvalue; 1 at 0."""
        rate = values * self._gain(values)
        return flow_power(rate, times) if self.step_size is None else power(self.step_size * rate, times)

    def weight(self, values: Float[Array, "..."], times: Float[Array, "..."]) -> Float[Array, "..."]:
        """(1 - decay) / eigenvalue; at 0 its limit t / damping, or 0 without damping (the pseudo-inverse)."""
        gain = self._gain(values)
        rate = values * gain
        if self.step_size is None:
            total = flow_sum(rate, times)
        else:
            total = self.step_size * power_sum(self.step_size * rate, times)
        return jnp.where(gain == 0, 0, gain * total)

    def critical(self) -> float:
        """Largest eigenvalue below which training converges."""
        step, damping = self.step_size, self.damping
        if step is None or step < 2 or (step == 2 and damping > 0):
            return math.inf
        return 2 * damping / (step - 2) if step > 2 else 0.0  # s l / (l + m) < 2  iff  l (s - 2) < 2 m

    def _gain(self, values: Array) -> Array:
        """1 / (eigenvalue + damping), or 0 where both are 0."""
        total = values + self.damping
        some = total >= jnp.finfo(values.dtype).tiny
        return jnp.where(some, 1 / jnp.where(some, total, 1), 0)


def positive(name: str, value: float) -> None:
    """Refuse what is not a positive number."""
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{name} must be a positive number, not {value}")
