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
from overparam.training._lm import UPHILL, Search, damped_solve, judge
from overparam.training._outcome import (
    DIVERGED_FACTOR,
    Outcome,
    Run,
    finite_or_inf,
    first_of,
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
    return judge(state, tried, residual, leaves_finite(tried), flat, labels, budget, level, UPHILL)


def finish(data: Data, state: Search, model: Model) -> Run:
    """What a run hands back."""
    _, pull = jax.vjp(lambda p: model.apply(p, data[0]), state.params)
    slope = leaves_norm(pull(state.residual)[0])
    return Run(state.params, state.residual_norm, finite_or_inf(slope), state.stopped, state.n_steps)
