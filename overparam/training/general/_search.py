"""Levenberg-Marquardt for any model, in its dual form with the Jacobian by automatic differentiation, in float64.

The rule for the damping, the classes and the state are those of the two-layer search; only J comes from elsewhere, and
the data are taken as given.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Int

from overparam.networks import Model
from overparam.training._lm import (
    DOWN,
    LEAST_DAMPING,
    MOST_DAMPING,
    PATIENCE,
    PROGRESS,
    UP,
    UPHILL,
    Search,
    damped_solve,
)
from overparam.training._outcome import (
    DIVERGED_FACTOR,
    RUNNING,
    Outcome,
    Run,
    finite_or_inf,
    first_of,
    freeze,
    is_stuck,
    norm,
    target_norm,
)
from overparam.training.general._descent import Data
from overparam.training.general._tangents import back, gram_of, jacobian, leaves_finite, leaves_norm


def begin(data: Data, params: Any, level: Array, model: Model) -> Search:
    """The state before the first step, already classed."""
    points, labels = data
    residual = model.apply(params, points) - labels
    size = norm(residual)
    rows = jacobian(model, params, points)
    unit = sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(rows)) / jnp.asarray(len(labels), labels.dtype)
    finite = leaves_finite(params) & jnp.isfinite(size) & jnp.isfinite(unit)
    stopped = first_of((~finite, Outcome.DIVERGED), (size <= target_norm(labels, level), Outcome.FITTED))
    size = finite_or_inf(size)
    return Search(
        params=params,
        residual=residual,
        residual_norm=size,
        damping=jnp.ones_like(size),
        unit=unit,
        limit=DIVERGED_FACTOR * jnp.hypot(size, norm(labels)),
        best=size,
        best_before=size,
        stopped=stopped,
        n_steps=jnp.asarray(0, jnp.int32),
    )


def step(data: Data, state: Search, level: Array, budget: Int[Array, ""], model: Model) -> Search:
    """One damping tried; a run that has stopped stays as it is."""
    points, labels = data
    params: Any = state.params
    rows = jacobian(model, params, points)
    kernel = gram_of(rows)
    flat = is_stuck(state.residual_norm, leaves_norm(back(rows, state.residual)), jnp.sqrt(jnp.trace(kernel)), labels)
    delta = back(rows, damped_solve(kernel, state.damping * state.unit, state.residual))
    tried = jax.tree.map(jnp.subtract, params, delta)
    residual = model.apply(tried, points) - labels
    size = norm(residual)
    accepted = (size <= UPHILL * state.residual_norm) & leaves_finite(tried)  # NaN is refused
    params, residual, size = freeze(accepted, (tried, residual, size), (params, state.residual, state.residual_norm))
    damping = jnp.where(accepted, jnp.maximum(state.damping / DOWN, LEAST_DAMPING), state.damping * UP)
    n_steps = state.n_steps + jnp.asarray(1, jnp.int32)
    best = jnp.minimum(state.best, size)
    due = n_steps % PATIENCE == 0
    stopped = first_of(
        (size > state.limit, Outcome.DIVERGED),
        (size <= target_norm(labels, level), Outcome.FITTED),
        (flat | (damping > MOST_DAMPING) | (due & (best > PROGRESS * state.best_before)), Outcome.STUCK),
        (n_steps >= budget, Outcome.MAX_STEPS),
    )
    before = jnp.where(due, best, state.best_before)
    new = Search(params, residual, size, damping, state.unit, state.limit, best, before, stopped, n_steps)
    return freeze(state.stopped == RUNNING, new, state)


def finish(data: Data, state: Search, model: Model) -> Run:
    """What a run hands back."""
    _, pull = jax.vjp(lambda p: model.apply(p, data[0]), state.params)
    slope = leaves_norm(pull(state.residual)[0])
    return Run(state.params, state.residual_norm, finite_or_inf(slope), state.stopped, state.n_steps)
