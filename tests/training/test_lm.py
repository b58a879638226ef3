"""Levenberg-Marquardt: its step against a least-squares oracle, its outcomes, polishing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.errors import PrecisionError
from overparam.networks import Params
from overparam.training import Outcome, levenberg_marquardt, polish, tangent_kernel
from overparam.training import _lm as lm
from overparam.training._tangent import backward, forward_residual
from tests.training.problems import EPS, flat, gaussian, jacobian, outputs, random_params


@jax.jit
def _search(points, labels, params, max_steps, tolerance):
    return levenberg_marquardt(points, labels, params, max_steps=max_steps, tolerance=tolerance)


def search(points, labels, params, max_steps=500, tolerance=1e-10):
    """Always the same program, given the same shapes."""
    return _search(points, labels, params, max_steps, tolerance)


def test_step_solves_the_damped_least_squares_problem():
    """min ||r + J delta||^2 + damping ||delta||^2, whose solution moves by about the condition number times p eps."""
    points, labels = map(jnp.asarray, gaussian(8, 3))
    params = random_params(4, 3)

    @jax.jit
    def step(damping):
        residual, pre = forward_residual(params, points, labels)
        return backward(params, pre, points, lm.damped_solve(tangent_kernel(params, points), damping, residual))

    for damping in (1e-3, 1.0, 1e3):
        ours = -flat(step(jnp.asarray(damping)))
        J, r = jacobian(params, points), outputs(params, points) - labels
        stacked = np.concatenate([J, np.sqrt(damping) * np.eye(J.shape[1])])
        oracle = np.linalg.lstsq(stacked, -np.concatenate([r, np.zeros(J.shape[1])]), rcond=None)[0]
        condition = 1 + np.linalg.norm(J, 2) ** 2 / damping
        assert np.linalg.norm(ours - oracle) <= 10 * J.shape[1] * EPS * condition * np.linalg.norm(oracle)


@pytest.mark.slow
def test_a_step_is_accepted_only_if_it_does_not_hurt():
    points, labels = map(jnp.asarray, gaussian(12, 3))
    state = jax.jit(lambda params: lm.begin(points, labels, params, tolerance=1e-10))(random_params(2, 3))
    gram = points @ points.T + 1
    one_step = jax.jit(lambda state: lm.step(points, labels, gram, state, max_steps=50, tolerance=1e-10))
    refused = 0
    for _ in range(50):
        new = one_step(state)
        if new.stopped != lm.RUNNING:
            break
        moved = flat(new.params) != flat(state.params)
        assert new.residual_norm <= lm.UPHILL * state.residual_norm
        assert moved.any() == (new.damping < state.damping)
        np.testing.assert_allclose(new.residual_norm, np.linalg.norm(outputs(new.params, points) - labels), rtol=1e-9)
        refused += not moved.any()
        state = new
    assert 0 < refused < 50


def test_finds_an_interpolator():
    points, labels = gaussian(10, 4)
    end = search(points, labels, random_params(8, 4))
    assert end.stopped == Outcome.FITTED
    assert np.linalg.norm(outputs(end.params, points) - labels) <= 2e-10 * np.linalg.norm(labels)


@pytest.mark.slow
def test_dead_neurons_are_stuck():
    points, labels = gaussian(10, 4)
    dead = Params(jnp.ones((8, 4)), jnp.full(8, -100.0), jnp.ones(8), jnp.zeros(()))
    end = search(points, labels, dead)
    assert end.stopped == Outcome.STUCK
    np.testing.assert_allclose(end.residual_norm, np.linalg.norm(labels - labels.mean()), rtol=1e-9)


def test_too_narrow_a_network_never_claims_a_fit():
    """One neuron has 6 numbers for 10 labels; the other seven are zero and stay zero."""
    points, labels = gaussian(10, 4)
    end = search(
        points, labels, jax.tree.map(lambda leaf: leaf.at[1:].set(0) if leaf.ndim else leaf, random_params(8, 4))
    )
    assert not np.asarray(end.params.u[1:]).any()
    assert not np.asarray(end.params.v[1:]).any()
    assert end.stopped in (Outcome.STUCK, Outcome.MAX_STEPS)
    assert end.residual_norm > 1e-10 * np.linalg.norm(labels)


def test_step_limit_and_no_steps_at_all():
    points, labels = gaussian(10, 4)
    params = random_params(8, 4)
    assert search(points, labels, params, max_steps=2).stopped == Outcome.MAX_STEPS
    none = search(points, labels, params, max_steps=0)
    assert (none.stopped, none.n_steps) == (Outcome.MAX_STEPS, 0)
    assert (flat(none.params) == flat(params)).all()


def test_weights_that_are_no_numbers_are_marked():
    points, labels = gaussian(10, 4)
    end = search(points, labels, random_params(8, 4)._replace(c=jnp.asarray(jnp.nan)))
    assert (end.stopped, end.n_steps) == (Outcome.DIVERGED, 0)
    assert not np.isnan(end.residual_norm)


@pytest.mark.slow
def test_polish_reaches_rounding_and_never_grows_the_residual():
    """At rounding, r is known to about (d + width) eps times the sizes summed, below 100 eps ||y|| here."""
    points, labels = gaussian(10, 4)
    near = search(points, labels, random_params(8, 4), tolerance=1e-3)
    compiled = jax.jit(polish)
    end = compiled(points, labels, near.params)
    assert near.residual_norm > 1e-9
    assert end.residual_norm <= 100 * EPS * np.linalg.norm(labels)
    dead = Params(jnp.ones((8, 4)), jnp.full(8, -100.0), jnp.ones(8), jnp.asarray(labels.mean()))
    assert compiled(points, labels, dead).residual_norm <= np.linalg.norm(labels - labels.mean()) * (1 + EPS)


def test_narrow_floats_are_refused():
    points, labels = map(jnp.asarray, gaussian(10, 4))
    with pytest.raises(PrecisionError, match="float64"):
        levenberg_marquardt(points.astype("f4"), labels, random_params(8, 4))
