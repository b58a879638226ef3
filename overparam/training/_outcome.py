"""How a run ended, and what it hands back."""

import enum
from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int

from overparam.networks import Params

RUNNING = -1  # in `stopped`, while a run goes on
DIVERGED_FACTOR = 1e3  # of the residual norm, hence 1e6 of the loss
STUCK_RESIDUAL = 1e-3  # of ||y||: a smaller residual without a gradient is left to the step limit

State = TypeVar("State")


class Outcome(enum.IntEnum):
    """Class of one trial.  Only FITTED is a success; none of the others shows that the family cannot fit."""

    FITTED = 0  # ||r|| <= tolerance ||y||
    MAX_STEPS = 1  # the budget ran out: censored, never coded as failure
    DIVERGED = 2  # a value stopped being finite, or the loss exceeded 1e6 (initial loss + 1/2 ||y||^2)
    STUCK = 3  # no gradient, or no progress, with a residual left


class Run(NamedTuple):
    """The end of one run; with many seeds every leaf has the seeds first.

    Attributes:
        params: weights at the end; of a diverged run, the last ones seen to be finite at a check.
        residual_norm: ||r|| at `params`; infinite, never NaN, where the initial weights already gave no number.
        gradient_norm: ||J^T r|| at `params`, likewise.
        stopped: an `Outcome`.
        n_steps: steps taken; for a diverged run, up to the check that noticed.
    """

    params: Params
    residual_norm: Float[Array, "*seeds"]
    gradient_norm: Float[Array, "*seeds"]
    stopped: Int[Array, "*seeds"]
    n_steps: Int[Array, "*seeds"]


def norm(values: Float[Array, " n"]) -> Float[Array, ""]:
    """Euclidean norm without overflow or underflow of the squares; NaN if any entry is NaN."""
    largest = jnp.max(jnp.abs(values))
    scale = jnp.where((largest > 0) & jnp.isfinite(largest), largest, 1)
    return scale * jnp.sqrt(jnp.sum((values / scale) ** 2))


def tree_norm(params: Params) -> Float[Array, ""]:
    """Euclidean norm of all weights of one network."""
    return norm(jnp.concatenate([leaf.reshape(-1) for leaf in params]))


def all_finite(tree: Params) -> Bool[Array, ""]:
    """Whether every weight is a number."""
    return jnp.all(jnp.stack([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(tree)]))


def target_norm(labels: Float[Array, " n"], tolerance: float | Float[Array, ""]) -> Float[Array, ""]:
    """The residual norm that counts as fitted: tolerance ||y||, or tolerance itself where y = 0."""
    size = norm(labels)
    return jnp.asarray(tolerance, labels.dtype) * jnp.where(size > 0, size, 1)


def is_stuck(
    residual_norm: Float[Array, ""],
    gradient_norm: Float[Array, ""],
    jacobian_norm: Float[Array, ""],
    labels: Float[Array, " n"],
) -> Bool[Array, ""]:
    """No gradient to speak of, though a residual is left.

    ||J^T r|| <= eps ||J|| ||r|| and ||r|| > 1e-3 ||y||, with eps = 1e-12 in float64.  In float32 no gradient is known
    that well, and eps is four units of rounding.  `jacobian_norm` may be the Frobenius norm, an upper bound of ||J||.
    """
    ratio = max(1e-12, 4 * float(jnp.finfo(labels.dtype).eps))
    flat = gradient_norm <= jnp.asarray(ratio, labels.dtype) * jacobian_norm * residual_norm
    return flat & (residual_norm > jnp.asarray(STUCK_RESIDUAL, labels.dtype) * norm(labels))


def first_of(*cases: tuple[Bool[Array, ""], int]) -> Int[Array, ""]:
    """The value of the first case that holds, else RUNNING."""
    stopped = jnp.asarray(RUNNING, jnp.int32)
    for holds, value in reversed(cases):
        stopped = jnp.where(holds, jnp.asarray(int(value), jnp.int32), stopped)
    return stopped


def finite_or_inf(value: Float[Array, ""]) -> Float[Array, ""]:
    """`value`, with NaN written as infinity, so that comparisons and JSON readers need no special case."""
    return jnp.where(jnp.isnan(value), jnp.asarray(jnp.inf, value.dtype), value)


def freeze(running: Bool[Array, ""], new: State, old: State) -> State:
    """`new` where the run goes on, else `old`."""
    return jax.tree.map(lambda a, b: jnp.where(running, a, b), new, old)
