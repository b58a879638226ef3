"""A second look at trials that ran out of steps: were they slow, or had they nowhere to go?

Nothing here changes a trial's class: out of steps is undecided, never a failure.  Three measurements say what another
budget would be worth.

* Slow: at most 50 steps of Levenberg-Marquardt from the last weights fit to 1e-10, and at most one neuron changed its
  side at one point, so that an interpolator lies in the cell of weights where the run was, or in one next to it.  (Both
  ends in one cell means that the whole segment between them is: pre-activations are linear along it.)
* Short, of gradient descent only: the run's time on its own clock, step size times steps times the least eigenvalue
  of its last tangent kernel, is below 3 ln(L0 / L1), with L0 the loss at the start and L1 that of a fit; gradient flow
  with a kernel at least that large needs a sixth of it.  A kernel singular to rounding has no such clock.  The kernel
  on the way is not looked at.
* Doubled: a tenth of these trials, chosen by their index, run again with twice the steps.  If more than a fifth of such
  trials end otherwise, with 95 % confidence, the budget is too small.
"""

import dataclasses
import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Float, Int

from overparam.networks import Params, hidden
from overparam.training import levenberg_marquardt, tangent_kernel
from overparam.training._lm import POLISH_DAMPING
from overparam.widths._statistics import clopper_pearson

STEPS, TOLERANCE = 50, 1e-10
CHANGED = 0.2  # share of doubled trials
WORDS = (
    f"confirming trials out of steps are looked at again: {STEPS} steps of Levenberg-Marquardt from where they ended, "
    "for gradient descent the time they had on the clock of their last kernel, and a tenth of them with twice the steps"
)


@dataclasses.dataclass(frozen=True)
class SecondLook:
    """Counts over trials that ran out of steps; they add up."""

    looked: int = 0
    slow: int = 0
    elsewhere: int = 0
    short: int = 0
    singular: int = 0
    doubled: int = 0
    changed: int = 0

    def __add__(self, other: "SecondLook") -> "SecondLook":
        mine, theirs = dataclasses.astuple(self), dataclasses.astuple(other)
        return SecondLook(*(a + b for a, b in zip(mine, theirs, strict=True)))

    @property
    def budget_too_small(self) -> bool | None:
        """Whether more than a fifth of doubled trials change their class, with 95 %; None if none was doubled."""
        return clopper_pearson(self.changed, self.doubled)[0] > CHANGED if self.doubled else None

    @property
    def sentence(self) -> str:
        if not self.looked:
            return "No confirming trial ran out of steps."
        doubled = f"{self.changed} of {self.doubled} ended otherwise with twice the steps"
        verdict = {None: "none was doubled", True: f"{doubled}: the budget is too small", False: doubled}
        return (
            f"Of {self.looked} confirming trials out of steps {self.slow} were slow (a fit in their own or a "
            f"neighbouring cell of weights), {self.elsewhere} near a fit further off, {self.short} short of time on "
            f"the clock of their last kernel, {self.singular} at a kernel singular to rounding; "
            f"{verdict[self.budget_too_small]}."
        )

    def as_json(self) -> dict[str, int | bool | str | None]:
        return {**dataclasses.asdict(self), "budget_too_small": self.budget_too_small, "sentence": self.sentence}


def is_doubled(stage: int, trial: int) -> bool:
    """Whether this trial is in the tenth; depends on nothing else, so that no batch decides it."""
    return bool(np.random.default_rng([stage, trial]).random() < 0.1)


def basin(points: np.ndarray, labels: np.ndarray, params: Params) -> tuple[np.ndarray, np.ndarray]:
    """Whether Levenberg-Marquardt fits from each of these weights, and how many (neuron, point) sides it changed.

    Args:
        points: (n_samples, dim), or with the seeds first.
        labels: (n_samples,), or with the seeds first.
        params: seeds first.
    Returns:
        (n_seeds,) bool and (n_seeds,) integers.
    """
    wide = jax.tree.map(lambda leaf: jnp.asarray(leaf, "float64"), params)
    fits, flips = _basin(jnp.asarray(points, "float64"), jnp.asarray(labels, "float64"), wide)
    return np.asarray(fits), np.asarray(flips)


@jax.jit
def _basin(points: Array, labels: Array, params: Params) -> tuple[Bool[Array, " n_seeds"], Int[Array, " n_seeds"]]:
    def one(points: Array, labels: Array, params: Params) -> tuple[Array, Array]:
        run = levenberg_marquardt(
            points, labels, params, max_steps=STEPS, tolerance=TOLERANCE, uphill=1.0, damping=POLISH_DAMPING
        )
        changed = (hidden(params, points) > 0) != (hidden(run.params, points) > 0)
        return run.stopped == 0, jnp.sum(changed, dtype="int32")

    axis = 0 if points.ndim == 3 else None
    return jax.vmap(one, in_axes=(axis, axis, 0))(points, labels, params)


def own_time(
    points: np.ndarray,
    labels: np.ndarray,
    start: Params,
    end: Params,
    *,
    step_sizes: np.ndarray,
    n_steps: np.ndarray,
    tolerance: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Time on the clock of the last kernel over 3 ln(L0 / L1), and whether that kernel is singular to rounding.

    Args:
        points: (n_samples, dim), or with the seeds first; labels likewise.
        start: weights, seeds first; `end` likewise.
        step_sizes: (n_seeds,), times 2 / (largest eigenvalue of the kernel at the start).
        n_steps: (n_seeds,).
        tolerance: of ||r|| relative to ||y||, which defines L1.
    Returns:
        (n_seeds,) float64 and (n_seeds,) bool.
    """
    largest, first, size, spectrum = map(np.asarray, _spectra(jnp.asarray(points), jnp.asarray(labels), start, end))
    rounding = spectrum.shape[-1] * np.finfo(spectrum.dtype).eps * spectrum[:, -1]
    needed = 3 * 2 * np.log(np.maximum(first / (tolerance * np.where(size > 0, size, 1)), math.e))
    return step_sizes * 2 / largest * n_steps * spectrum[:, 0] / needed, spectrum[:, 0] <= rounding


@functools.partial(jax.jit)
def _spectra(
    points: Array, labels: Array, start: Params, end: Params
) -> tuple[Float[Array, " n_seeds"], Float[Array, " n_seeds"], Float[Array, "*n_seeds"], Float[Array, "n_seeds n"]]:
    """Largest eigenvalue and residual norm at the start, norm of the labels, spectrum at the end."""

    def one(points: Array, labels: Array, start: Params, end: Params) -> tuple[Array, Array, Array, Array]:
        outputs = jnp.matmul(start.v, jax.nn.relu(hidden(start, points)), precision="highest") + start.c
        spectra = (jnp.linalg.eigvalsh(tangent_kernel(params, points)) for params in (start, end))
        largest, spectrum = next(spectra)[-1], next(spectra)
        return largest, jnp.linalg.norm(outputs - labels), jnp.linalg.norm(labels), spectrum

    axis = 0 if points.ndim == 3 else None
    return jax.vmap(one, in_axes=(axis, axis, 0, 0))(points, labels, start, end)
