"""One full-batch run of gradient descent, momentum or Adam on 1/2 ||r||^2, as a pure function."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array
from jaxtyping import Bool, Float, Int

from overparam.errors import InputError
from overparam.networks import Params
from overparam.training._optimizers import apply_update
from overparam.training._outcome import (
    DIVERGED_FACTOR,
    RUNNING,
    Outcome,
    Run,
    all_finite,
    finite_or_inf,
    first_of,
    freeze,
    is_stuck,
    norm,
    target_norm,
    tree_norm,
)
from overparam.training._tangent import backward, forward_residual, jacobian_norm


class Descent(NamedTuple):
    """A run between two checks."""

    params: Params
    optimizer_state: Any
    limit: Float[Array, ""]  # residual norm beyond which the run counts as diverged
    residual_norm: Float[Array, ""]
    gradient_norm: Float[Array, ""]
    stopped: Int[Array, ""]
    n_steps: Int[Array, ""]


def descend(
    points: Float[Array, "n_samples dim"],
    labels: Float[Array, " n_samples"],
    params: Params,
    *,
    optimizer: optax.GradientTransformation,
    max_steps: int,
    tolerance: float | Float[Array, ""] = 1e-3,
    check_every: int = 100,
) -> Run:
    """Train one network until it fits, runs out of steps, diverges or is stuck; `vmap` for many, `jit` outside.

    Every `check_every` steps, and before the first, the run is classed: fitted if ||r|| <= tolerance ||y|| (absolute
    where y = 0); diverged if a weight, the residual or the gradient is no longer finite or the loss exceeds 1e6 times
    (initial loss + 1/2 ||y||^2); stuck if the gradient is zero up to rounding while ||r|| > 1e-3 ||y||.  Momentum may
    still carry a run that is called stuck.  A run that dips below the tolerance between two checks is not noticed.

    Args:
        points: (n_samples, dim), of the params' dtype.
        labels: (n_samples,), likewise.
        params: initial weights of one network.
        optimizer: from `optimizer(name, step_size)`, or any transformation of optax.
        max_steps: the budget, a multiple of `check_every`.
        tolerance: of ||r|| relative to ||y||.
    Raises:
        InputError: a budget that is no positive multiple of `check_every`.
    """
    require_blocks(max_steps, check_every)
    with jax.numpy_dtype_promotion("standard"):
        optimizer_state = optimizer.init(params)
    start = begin(points, labels, params, optimizer_state=optimizer_state, tolerance=tolerance)
    end = jax.lax.while_loop(
        lambda state: state.stopped == RUNNING,
        lambda state: block(
            points, labels, state,
            optimizer=optimizer, max_steps=max_steps, tolerance=tolerance, check_every=check_every,
        ),
        start,
    )  # fmt: skip
    return finish(end)


def require_blocks(max_steps: int, check_every: int) -> None:
    """Refuse budgets that would not end at a check."""
    if check_every < 1 or max_steps < 1 or max_steps % check_every:
        raise InputError(
            f"max_steps must be a positive multiple of check_every, got max_steps = {max_steps} "
            f"and check_every = {check_every}"
        )


def begin(
    points: Float[Array, "n_samples dim"],
    labels: Float[Array, " n_samples"],
    params: Params,
    *,
    optimizer_state: Any,
    tolerance: float | Float[Array, ""],
) -> Descent:
    """The state before the first step, already classed."""
    size, slope, stuck, finite = _look(points, labels, params)
    stopped = first_of(
        (~finite, Outcome.DIVERGED), (size <= target_norm(labels, tolerance), Outcome.FITTED), (stuck, Outcome.STUCK)
    )
    limit = jnp.asarray(DIVERGED_FACTOR, labels.dtype) * jnp.hypot(size, norm(labels))
    return Descent(
        params, optimizer_state, limit, finite_or_inf(size), finite_or_inf(slope), stopped, jnp.asarray(0, jnp.int32)
    )


def block(
    points: Float[Array, "n_samples dim"],
    labels: Float[Array, " n_samples"],
    state: Descent,
    *,
    optimizer: optax.GradientTransformation,
    max_steps: int | Int[Array, ""],
    tolerance: float | Float[Array, ""],
    check_every: int,
) -> Descent:
    """`check_every` steps and one check; a run that has stopped stays as it is."""

    def step(_: Any, carry: tuple[Params, Any]) -> tuple[Params, Any]:
        params, optimizer_state = carry
        residual, pre = forward_residual(params, points, labels)
        return apply_update(optimizer, backward(params, pre, points, residual), optimizer_state, params)

    params, optimizer_state = jax.lax.fori_loop(0, check_every, step, (state.params, state.optimizer_state))
    looked = _look(points, labels, params)
    return judge(
        labels, state, params, optimizer_state, looked,
        max_steps=max_steps, tolerance=tolerance, check_every=check_every,
    )  # fmt: skip


def judge(
    labels: Float[Array, " n_samples"],
    state: Descent,
    params: Params,
    optimizer_state: Any,
    looked: tuple[Float[Array, ""], Float[Array, ""], Bool[Array, ""], Bool[Array, ""]],
    *,
    max_steps: int | Int[Array, ""],
    tolerance: float | Float[Array, ""],
    check_every: int,
) -> Descent:
    """The state after a check.

    Args:
        labels: of the run.
        state: at the check before.
        params: `check_every` steps later.
        optimizer_state: likewise.
        looked: ||r||, ||J^T r||, whether the run is stuck, and whether everything is finite.
        max_steps: the budget.
        tolerance: of ||r|| relative to ||y||.
        check_every: steps since the check before.
    """
    size, slope, stuck, finite = looked
    n_steps = state.n_steps + jnp.asarray(check_every, jnp.int32)
    diverged = ~(finite & (size <= state.limit))
    stopped = first_of(
        (diverged, Outcome.DIVERGED),
        (size <= target_norm(labels, tolerance), Outcome.FITTED),
        (stuck, Outcome.STUCK),
        (n_steps >= max_steps, Outcome.MAX_STEPS),
    )
    new = Descent(params, optimizer_state, state.limit, size, slope, stopped, n_steps)
    new = freeze(~diverged, new, state._replace(stopped=stopped, n_steps=n_steps))
    return freeze(state.stopped == RUNNING, new, state)


def finish(state: Descent) -> Run:
    """What a run hands back."""
    return Run(state.params, state.residual_norm, state.gradient_norm, state.stopped, state.n_steps)


def _look(points: Array, labels: Array, params: Params) -> tuple[Float[Array, ""], Float[Array, ""], Array, Array]:
    """||r||, ||J^T r||, whether the run is stuck, and whether everything is finite."""
    residual, pre = forward_residual(params, points, labels)
    size, slope = norm(residual), tree_norm(backward(params, pre, points, residual))
    stuck = is_stuck(size, slope, jacobian_norm(params, pre, points), labels)
    return size, slope, stuck, all_finite(params) & jnp.isfinite(size) & jnp.isfinite(slope)
