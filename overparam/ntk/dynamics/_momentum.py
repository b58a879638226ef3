"""Momentum on one eigenvalue: the second-order recurrence in closed form, also at critical damping and near zero.

With x = step_size * eigenvalue, momentum b and velocity 0 at the start, the residual d_t along an eigenvector obeys

    heavy ball   d_{t+1} = (1 + b - x) d_t - b d_{t-1}                d_{-1} = d_0 = 1
    Nesterov     d_{t+1} = (1 - x) ((1 + b) d_t - b d_{t-1})

and software that says Nesterov holds the points where it takes gradients, whose residual is d_t + b (d_t - d_{t-1}).
Either characteristic polynomial is x at 1.  So the distances f <= g of its two roots from 1 have the product x, and
their sum is 1 - b + x, or 1 - b + (1 + b) x with Nesterov.  With T = t + 1,

    d_t = [g (1 - f)^T - f (1 - g)^T] / (g - f) = (1 - f)^T + f [(1 - f)^T - (1 - g)^T] / (g - f),
    (1 - d_t) / x = [P(f) - P(g)] / (g - f),        P(e) = 1 + (1 - e) + ... + (1 - e)^t.

The small distance is computed as x / g, never as a difference, so slow directions keep their digits.  Near f = g the
quotient of powers is a geometric sum of the quotient of the roots, and complex roots turn it into a quotient of sines.
"""

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from overparam.errors import InputError
from overparam.ntk.dynamics._filters import positive, power, power_sum, tree


class _Roots(NamedTuple):
    real: Array  # whether both roots are real
    near: Array  # smaller distance from 1; half the sum where the roots are complex
    far: Array  # larger distance from 1; likewise
    gap: Array  # |first root - second root|
    angle: Array  # of complex roots, from the nearer half of the real axis: in (0, pi/2], accurate at both ends
    log_size: Array  # log of the modulus of complex roots


@tree("step_size", "momentum", flags=("nesterov",))
@dataclasses.dataclass(frozen=True)
class Momentum:
    """Full-batch gradient descent with momentum on 1/2 ||r||^2, from rest; times are numbers of steps.

    velocity <- momentum velocity + gradient, params <- params - step_size velocity; with `nesterov` the step is along
    gradient + momentum velocity instead, with the new velocity.  `optax.sgd` of the same arguments does the same.  Of
    stable steps the decay is right to 1 / (1 - momentum) times some roundings at every eigenvalue, and so is the
    weight times the eigenvalue.
    """

    step_size: float
    momentum: float = 0.9
    nesterov: bool = False
    discrete = True
    by_rank = False

    def __post_init__(self) -> None:
        positive("step_size", self.step_size)
        if not 0 <= self.momentum < 1:
            raise InputError(f"momentum must be at least 0 and below 1, not {self.momentum}")

    def decay(self, values: Float[Array, "..."], times: Float[Array, "..."]) -> Float[Array, "..."]:
        """What is left of the residual along each eigenvalue."""
        return self._progress(values, times)[0]

    def weight(self, values: Float[Array, "..."], times: Float[Array, "..."]) -> Float[Array, "..."]:
        """(1 - decay) / eigenvalue; at 0 what a constant gradient of 1 would have moved."""
        return self.step_size * self._progress(values, times)[1]

    def critical(self) -> float:
        """Largest eigenvalue below which training converges; there one root is -1."""
        return 2 * (1 + self.momentum) / (self.step_size * (1 + 2 * self.momentum * self.nesterov))

    def _progress(self, values: Array, times: Array) -> tuple[Array, Array]:
        """Decay, and (1 - decay) / x."""
        x, times = jnp.broadcast_arrays(self.step_size * values, times)
        roots = _roots(x, jnp.asarray(self.momentum, x.dtype), nesterov=self.nesterov)
        if not self.nesterov:
            return _progress(roots, x, times)
        # the step before as well; before the start all was at rest
        roots, x = jax.tree.map(lambda part: jnp.stack([part, part]), (roots, x))
        both = _progress(roots, x, jnp.stack([times, jnp.maximum(times - 1, 0)]))
        decay, moved = (part[0] + self.momentum * (part[0] - part[1]) for part in both)
        return decay, moved


def _roots(x: Float[Array, "..."], momentum: Float[Array, ""], *, nesterov: bool) -> _Roots:
    total = (1 - momentum) + (x * (1 + momentum) if nesterov else x)
    product = momentum * (1 - x) if nesterov else jnp.broadcast_to(momentum, x.shape)
    square = total**2 - 4 * x
    real = square >= 0
    gap = jnp.sqrt(jnp.abs(square))
    far = jnp.where(real, (total + gap) / 2, total / 2)  # total > 0, as momentum < 1
    near = jnp.where(real, x / far, far)
    angle = jnp.where(real, 0, jnp.arctan2(gap / 2, jnp.abs(1 - near)))
    return _Roots(real, near, far, gap, angle, jnp.log1p(jnp.where(real, 1, product) - 1) / 2)


def _progress(roots: _Roots, x: Array, times: Array) -> tuple[Array, Array]:
    """Decay, and (1 - decay) / x, of the heavy ball's recurrence with these roots.

    The second is the difference of the sums P where the roots are apart; elsewhere x is at least an eighth of their
    squared sum, and dividing by it is harmless.  Powers and sums are stacked, for a program half as large.
    """
    steps = times + 1
    # real roots: with q = small root / large root, (first^T - second^T) / (first - second) is
    # large^(T - 1) (1 + q + ... + q^(T - 1))
    first_is_large = jnp.abs(1 - roots.near) >= jnp.abs(1 - roots.far)
    large = jnp.where(first_is_large, roots.near, roots.far)  # distance from 1 of the root of larger size
    size = jnp.abs(1 - large)
    ratio = jnp.where(size > 0, roots.gap / jnp.where(size > 0, size, 1), 0)  # 1 - q
    powers = power(jnp.stack([roots.near, large]), jnp.stack([steps, steps - 1]))
    sums = power_sum(jnp.stack([ratio, roots.near, roots.far]), jnp.stack([steps, steps, steps]))
    # complex roots: the same quotient is size^(T - 1) sin(T angle) / sin(angle); left of the imaginary axis the angle
    # is measured from -1, which turns every other power's sign
    turned = jnp.where((roots.near > 1) & (steps % 2 == 1), -1, 1)
    turned_before = jnp.where((roots.near > 1) & (steps % 2 == 0), -1, 1)
    sizes = jnp.exp(jnp.stack([steps, steps - 1]) * roots.log_size[None])
    cosine = turned * sizes[0] * jnp.cos(steps * roots.angle)
    sine = turned_before * sizes[1] * jnp.sin(steps * roots.angle) / jnp.where(roots.real, 1, jnp.sin(roots.angle))

    first = jnp.where(roots.real, powers[0], cosine)
    quotient = jnp.where(roots.real, powers[1] * sums[0], sine)
    decay = jnp.where(times == 0, 1, first + roots.near * quotient)
    apart = roots.real & (2 * roots.gap >= roots.far)
    moved = jnp.where(apart, sums[1] - sums[2], 1 - decay) / jnp.where(apart, roots.gap, x)
    return decay, jnp.where(times == 0, 0, moved)
