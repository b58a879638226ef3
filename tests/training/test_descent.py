"""One run of full-batch training: its steps, and each way it may end."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from overparam.errors import InputError
from overparam.networks import Params, apply
from overparam.training import Outcome, descend, optimizer
from tests.training.problems import flat, gaussian, outputs, random_params

POINTS, LABELS = gaussian(6, 2)
DEAD = Params(jnp.ones((3, 2)), jnp.full(3, -100.0), jnp.ones(3), jnp.zeros(()))


def run(points, labels, params, step_size, name="gd", max_steps=500, check_every=10, tolerance=1e-3):
    """Always the same program, given the same shapes and options."""
    return _run(points, labels, params, step_size, tolerance, name=name, max_steps=max_steps, check_every=check_every)


@functools.partial(jax.jit, static_argnames=("name", "max_steps", "check_every"))
def _run(points, labels, params, step_size, tolerance, name, max_steps, check_every):
    return descend(
        points, labels, params, optimizer=optimizer(name, step_size), max_steps=max_steps, tolerance=tolerance,
        check_every=check_every,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "dtype"), [("gd", "float64"), ("momentum", "float64"), ("adam", "float32")])
def test_steps_are_those_of_optax_on_the_plain_loss(name, dtype):
    """Five steps of size 1e-3: differences grow by a factor below 2 a step, from 1e3 roundings."""
    points, labels = jnp.asarray(POINTS, dtype), jnp.asarray(LABELS, dtype)
    params = jax.tree.map(lambda leaf: leaf.astype(dtype), random_params(3, 2))

    def loss(params):
        return jnp.sum((apply(params, points) - labels) ** 2) / 2

    plain = {"gd": optax.sgd(1e-3), "momentum": optax.sgd(1e-3, momentum=0.9), "adam": optax.adam(1e-3)}[name]

    @jax.jit
    def step(params, state):
        with jax.numpy_dtype_promotion("standard"):
            updates, state = plain.update(jax.grad(loss)(params), state)
        return optax.apply_updates(params, updates), state

    expected, state = params, plain.init(params)
    for _ in range(5):
        expected, state = step(expected, state)
    ours = run(points, labels, params, jnp.asarray(1e-3, dtype), name=name, max_steps=5, check_every=5)
    assert ours.params.u.dtype == dtype
    slack = 1e3 * 2**5 * float(jnp.finfo(dtype).eps)
    assert np.abs(flat(ours.params) - flat(expected)).max() <= slack * np.abs(flat(expected)).max()
    assert np.abs(flat(ours.params) - flat(params)).max() > 1e-3


def test_fitted():
    """A network near the one that made the labels."""
    params = random_params(3, 2)
    labels = np.asarray(apply(params, jnp.asarray(POINTS)))
    end = run(POINTS, labels, params._replace(v=params.v * 1.2), 0.02, tolerance=0.02)
    assert end.stopped == Outcome.FITTED
    assert 0 < end.n_steps < 500
    error = np.linalg.norm(outputs(end.params, POINTS) - labels)
    assert error <= 0.02 * np.linalg.norm(labels) * (1 + 1e-9)
    np.testing.assert_allclose(end.residual_norm, error, rtol=1e-9)


def test_fitted_before_the_first_step():
    params = random_params(3, 2)
    end = run(POINTS, np.asarray(apply(params, jnp.asarray(POINTS))), params, 0.01)
    assert (end.stopped, end.n_steps) == (Outcome.FITTED, 0)


def test_step_limit():
    end = run(POINTS, LABELS, random_params(3, 2), 1e-9)
    assert (end.stopped, end.n_steps) == (Outcome.MAX_STEPS, 500)


def test_diverged_keeps_finite_weights():
    end = run(POINTS, LABELS, random_params(3, 2), 1e3)
    assert end.stopped == Outcome.DIVERGED
    assert np.isfinite(flat(end.params)).all()
    assert np.isfinite(end.residual_norm)


def test_slow_divergence_is_noticed_before_it_overflows():
    """Constant network, step 2.2 / n: the error of c grows by 1.2 in size a step, so 500 steps reach 1e39, finite."""
    end = run(POINTS, LABELS, DEAD, 2.2 / 6)
    assert end.stopped == Outcome.DIVERGED
    assert end.n_steps < 100


def test_stuck_with_dead_neurons():
    end = run(POINTS, LABELS, DEAD, 0.5 / 6)
    assert end.stopped == Outcome.STUCK
    np.testing.assert_allclose(end.params.c, LABELS.mean(), rtol=1e-9)
    assert end.residual_norm > 1e-3 * np.linalg.norm(LABELS)


def test_dead_neurons_fit_constant_labels():
    assert run(POINTS, np.full(6, 3.0), DEAD, 0.5 / 6).stopped == Outcome.FITTED


def test_zero_labels_ask_for_an_absolute_residual():
    params = jax.tree.map(lambda leaf: leaf * 0.1, random_params(3, 2))
    end = run(POINTS, np.zeros(6), params, 0.05, tolerance=0.05)
    assert end.stopped == Outcome.FITTED
    assert end.n_steps > 0
    assert end.residual_norm <= 0.05


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_no_nan_goes_unmarked(bad):
    params = random_params(3, 2)
    end = run(POINTS, LABELS, params._replace(u=params.u.at[0, 0].set(bad)), 0.01)
    assert (end.stopped, end.n_steps) == (Outcome.DIVERGED, 0)
    assert not np.isnan(end.residual_norm)
    assert not np.isnan(end.gradient_norm)


def test_tiny_and_huge_labels_are_measured_without_underflow():
    for scale in (1e-200, 1e200):
        end = run(POINTS * 0.0, LABELS * scale, DEAD, 1e-9)
        assert end.stopped == Outcome.MAX_STEPS
        np.testing.assert_allclose(end.residual_norm / scale, np.linalg.norm(LABELS), rtol=1e-5)


def test_refusals_teach():
    with pytest.raises(InputError, match="multiple of check_every"):
        run(POINTS, LABELS, random_params(3, 2), 0.1, max_steps=15)
    with pytest.raises(InputError, match="step_size"):
        optimizer("gd", -1.0)
    with pytest.raises(InputError, match="adam"):
        optimizer("lion", 0.1)
