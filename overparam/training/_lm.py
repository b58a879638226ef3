"""Levenberg-Marquardt in its dual form: an n x n system whatever the number of weights, in float64.

With K = J J^T, one step is z = (K + damping)^-1 r, then params - J^T z; neither J nor a p x p matrix is formed.

How the damping moves decides how often an interpolator is found near the counting bound.  Measured at n = 40, d = 5,
Gaussian data and labels, He starts of width 8 (counting says 7), fits within 500 steps: of four dampings the one with
the least residual, 0 of 128 starts; damping down by 5 and up by 4, 5 of 128; the rule here, 36 of 96.  It takes the
longest step that does not hurt: the damping falls by 3 after an accepted step, creeps up by 1.5 after a refused one,
and a step is accepted even if ||r|| grows by up to 5 %.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Float, Int

from overparam.errors import PrecisionError
from overparam.networks import Params, hidden
from overparam.precision import require_dtype
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
from overparam.training._tangent import backward, forward_residual, gram_of_points, kernel_from

DOWN, UP = 3.0, 1.5
UPHILL = 1.05  # largest accepted growth of ||r|| in one step
LEAST_DAMPING, MOST_DAMPING = 1e-16, 1e12  # in units of the initial kernel's mean diagonal
POLISH_DAMPING = 1e-10
PATIENCE, PROGRESS = 100, 0.8  # stuck if the best ||r|| falls by less than a fifth in 100 steps


class Search(NamedTuple):
    """A run between two steps."""

    params: Params
    residual: Float[Array, " n_samples"]
    residual_norm: Float[Array, ""]
    damping: Float[Array, ""]
    unit: Float[Array, ""]  # of the damping: the mean diagonal entry of the initial kernel
    limit: Float[Array, ""]  # residual norm beyond which the run counts as diverged
    best: Float[Array, ""]  # least residual norm so far
    best_before: Float[Array, ""]  # the same, `PATIENCE` steps ago
    stopped: Int[Array, ""]
    n_steps: Int[Array, ""]


def levenberg_marquardt(
    points: Float[Array, "n_samples dim"],
    labels: Float[Array, " n_samples"],
    params: Params,
    *,
    max_steps: int | Int[Array, ""] = 500,
    tolerance: float | Float[Array, ""] = 1e-10,
    uphill: float | Float[Array, ""] = UPHILL,
    damping: float | Float[Array, ""] = 1.0,
) -> Run:
    """Search for an interpolator from one start; `vmap` for many, `jit` outside.

    Fitted means ||r|| <= tolerance ||y|| (absolute where y = 0).  Stuck means that the gradient is zero up to rounding
    while ||r|| > 1e-3 ||y||, that the damping passed its limit, or that the best ||r|| fell by less than a fifth in
    100 steps.  Refused steps count as steps: each costs one factorization.

    Args:
        points: (n_samples, dim), float64.
        labels: (n_samples,), float64.
        params: one start, float64.
        max_steps: factorizations allowed.
        tolerance: of ||r|| relative to ||y||.
        uphill: a step is accepted if it multiplies ||r|| by at most this; 1 asks for descent.
        damping: the first one, in units of the initial kernel's mean diagonal entry.
    Raises:
        PrecisionError: JAX is running without float64, or the data are narrower; the search stalls in float32.
    Source:
        The dual form is the matrix inversion lemma; the damping rule is measured, see the file.
    """
    require_dtype("float64", what="levenberg_marquardt")
    for values in (points, labels, params.u):
        if values.dtype != np.float64:
            raise PrecisionError(f"levenberg_marquardt needs float64 points, labels and params, got {values.dtype}")
    gram = gram_of_points(points)
    end = jax.lax.while_loop(
        lambda state: (state.stopped == RUNNING) & (state.n_steps < max_steps),
        lambda state: step(points, labels, gram, state, max_steps=max_steps, tolerance=tolerance, uphill=uphill),
        begin(points, labels, params, tolerance=tolerance, damping=damping),
    )
    out_of_steps = jnp.asarray(int(Outcome.MAX_STEPS), jnp.int32)  # of a budget of none
    return finish(points, end._replace(stopped=jnp.where(end.stopped == RUNNING, out_of_steps, end.stopped)))


def polish(
    points: Float[Array, "n_samples dim"],
    labels: Float[Array, " n_samples"],
    params: Params,
    *,
    max_steps: int = 30,
    tolerance: float = 1e-14,
) -> Run:
    """A few nearly undamped, descending steps from weights that nearly fit, before exact repair.

    The residual never grows.  The run need not be called fitted: a tolerance near rounding asks for all that float64
    gives.  Refused float32 weights must be widened first.
    """
    return levenberg_marquardt(
        points, labels, params, max_steps=max_steps, tolerance=tolerance, uphill=1.0, damping=POLISH_DAMPING
    )


def begin(
    points: Float[Array, "n_samples dim"],
    labels: Float[Array, " n_samples"],
    params: Params,
    *,
    tolerance: float | Float[Array, ""],
    damping: float | Float[Array, ""] = 1.0,
) -> Search:
    """The state before the first step, already classed."""
    residual, pre = forward_residual(params, points, labels)
    size = norm(residual)
    unit = jnp.mean(jnp.diagonal(kernel_from(params, pre, gram_of_points(points))))
    finite = all_finite(params) & jnp.isfinite(size) & jnp.isfinite(unit)
    stopped = first_of((~finite, Outcome.DIVERGED), (size <= target_norm(labels, tolerance), Outcome.FITTED))
    size = finite_or_inf(size)
    return Search(
        params=params,
        residual=residual,
        residual_norm=size,
        damping=jnp.full_like(size, damping),
        unit=unit,
        limit=DIVERGED_FACTOR * jnp.hypot(size, norm(labels)),
        best=size,
        best_before=size,
        stopped=stopped,
        n_steps=jnp.asarray(0, jnp.int32),
    )


def step(
    points: Float[Array, "n_samples dim"],
    labels: Float[Array, " n_samples"],
    gram: Float[Array, "n_samples n_samples"],
    state: Search,
    *,
    max_steps: int | Int[Array, ""],
    tolerance: float | Float[Array, ""],
    uphill: float | Float[Array, ""] = UPHILL,
) -> Search:
    """One damping tried; a run that has stopped stays as it is."""
    params = state.params
    pre = hidden(params, points)
    kernel = kernel_from(params, pre, gram)
    gradient_norm = tree_norm(backward(params, pre, points, state.residual))
    flat = is_stuck(state.residual_norm, gradient_norm, jnp.sqrt(jnp.trace(kernel)), labels)

    delta = backward(params, pre, points, damped_solve(kernel, state.damping * state.unit, state.residual))
    tried = jax.tree.map(jnp.subtract, params, delta)
    residual, _ = forward_residual(tried, points, labels)
    return judge(state, tried, residual, all_finite(tried), flat, labels, max_steps, tolerance, uphill)


def judge(
    state: Search,
    tried: Any,
    residual: Float[Array, " n_samples"],
    finite: Bool[Array, ""],
    flat: Bool[Array, ""],
    labels: Float[Array, " n_samples"],
    max_steps: int | Int[Array, ""],
    tolerance: float | Float[Array, ""],
    uphill: float | Float[Array, ""],
) -> Search:
    """The state after weights were tried, whatever network they are of: accepted or not, damped anew, and classed.

    Args:
        tried: weights of the step, and `residual` at them; `finite` whether all of them are numbers.
        flat: whether the gradient before the step was zero up to rounding.
    """
    size = norm(residual)
    accepted = (size <= uphill * state.residual_norm) & finite  # NaN, from a failed factorization, is refused
    params, residual, size = freeze(
        accepted, (tried, residual, size), (state.params, state.residual, state.residual_norm)
    )
    damping = jnp.where(accepted, jnp.maximum(state.damping / DOWN, LEAST_DAMPING), state.damping * UP)

    n_steps = state.n_steps + jnp.asarray(1, jnp.int32)
    best = jnp.minimum(state.best, size)
    due = n_steps % PATIENCE == 0
    stopped = first_of(
        (size > state.limit, Outcome.DIVERGED),
        (size <= target_norm(labels, tolerance), Outcome.FITTED),
        (flat | (damping > MOST_DAMPING) | (due & (best > PROGRESS * state.best_before)), Outcome.STUCK),
        (n_steps >= max_steps, Outcome.MAX_STEPS),
    )
    before = jnp.where(due, best, state.best_before)
    new = Search(params, residual, size, damping, state.unit, state.limit, best, before, stopped, n_steps)
    return freeze(state.stopped == RUNNING, new, state)


def damped_solve(
    kernel: Float[Array, "n_samples n_samples"], damping: Float[Array, ""], residual: Float[Array, " n_samples"]
) -> Float[Array, " n_samples"]:
    """(K + damping I)^-1 r by Cholesky; NaN where rounding left the matrix indefinite."""
    damped = kernel + damping * jnp.eye(kernel.shape[0], dtype=kernel.dtype)
    factor = jax.lax.linalg.cholesky(damped, symmetrize_input=False)
    return jax.scipy.linalg.cho_solve((factor, True), residual)


def finish(points: Float[Array, "n_samples dim"], state: Search) -> Run:
    """What a run hands back."""
    slope = tree_norm(backward(state.params, hidden(state.params, points), points, state.residual))
    return Run(state.params, state.residual_norm, finite_or_inf(slope), state.stopped, state.n_steps)
