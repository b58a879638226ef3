"""The linear model's training in closed form, against step by step iteration of the weights in NumPy and fractions."""

import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.ntk import (
    Flow,
    GaussNewton,
    GradientDescent,
    Momentum,
    distances_at,
    first_layer_gram,
    losses_at,
    modes_of,
    predictions_at,
    residuals_at,
    shifts_at,
)

EPS = 2.0**-52
RULES = [
    Flow(), GradientDescent(0.02), Momentum(0.01, 0.8), Momentum(0.01, 0.5, nesterov=True), GaussNewton(),
    GaussNewton(0.7), GaussNewton(0.3, step_size=0.5),
]  # fmt: skip


A = np.array
TIMES = np.arange(41)
LATE = np.resize([0.0, math.inf, 1e6], 41)  # of the same length, so that programs are compiled once


def linear_model(seed, n=6, p=15, m=4, outputs=None):
    """Jacobians at training and other points, initial outputs there, labels; eigenvalues of J J^T around p."""
    rng = np.random.default_rng(seed)
    shape = () if outputs is None else (outputs,)
    return rng.normal(size=(n, p)), rng.normal(size=(m, p)), rng.normal(size=(n, *shape)), rng.normal(size=(m, *shape))


def iterate(jac, residual, rule, steps):
    """Weights after each step, from 0, by the definition of the rule."""
    weights, velocity, history = np.zeros((jac.shape[1], *residual.shape[1:])), 0.0, []
    for _ in range(steps + 1):
        history.append(weights)
        left = residual + jac @ weights
        if isinstance(rule, GaussNewton):
            move = jac.T @ np.linalg.solve(jac @ jac.T + rule.damping * np.eye(len(jac)), left)
        else:
            move = jac.T @ left
        if isinstance(rule, Momentum):
            velocity = rule.momentum * velocity + move
            move = move + rule.momentum * velocity if rule.nesterov else velocity
        weights = weights - rule.step_size * move
    return np.stack(history)


@pytest.mark.slow
@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**16), st.sampled_from([r for r in RULES if r.discrete]))
def test_every_step_of_the_iteration(seed, rule):
    """Roundings of some 40 stable steps, two outputs: n p of them a step, relative to ||J|| ||J^T|| ||r||."""
    jac, jac_new, start, start_new = linear_model(seed, outputs=2)
    jac, jac_new = jac / 2, jac_new / 2
    modes, times = modes_of(jac @ jac.T), TIMES
    wanted = iterate(jac, start, rule, 40)
    tolerance = 41 * jac.size * EPS * max(1, np.linalg.norm(jac, 2) ** 2) * np.linalg.norm(start)
    residuals = np.asarray(residuals_at(modes, start, times, rule))
    assert np.abs(residuals - (start + jac @ wanted)).max() <= tolerance
    losses = losses_at(modes, start, times, rule)
    assert np.abs(losses - (residuals**2).sum(axis=(1, 2)) / 2).max() <= tolerance
    moved = np.asarray(predictions_at(modes, start, times, rule, cross=jac_new @ jac.T, initial=start_new))
    assert np.abs(moved - (start_new + jac_new @ wanted)).max() <= tolerance
    assert np.abs(distances_at(modes, start, times, rule) - np.sqrt((wanted**2).sum(axis=(1, 2)))).max() <= tolerance
    shifts = shifts_at(modes, start[:, 0], times, rule, jacobian=jac)
    assert np.abs(shifts - wanted[:, :, 0]).max() <= tolerance


@pytest.mark.slow
def test_momentum_is_what_optax_does():
    jac, _, start, _ = linear_model(3)
    for nesterov in (False, True):
        optimizer, weights = optax.sgd(0.01, momentum=0.8, nesterov=nesterov), jnp.zeros(15)
        state, history = optimizer.init(weights), []
        for _ in TIMES:
            history.append(weights)
            with jax.numpy_dtype_promotion("standard"):
                update, state = optimizer.update(jnp.asarray(jac.T @ (start + jac @ np.asarray(weights))), state)
            weights = weights + update
        rule = Momentum(0.01, 0.8, nesterov)
        got = shifts_at(modes_of(jac @ jac.T), start, TIMES, rule, jacobian=jac)
        assert np.abs(got - np.stack(history)).max() <= 41 * jac.size * EPS * np.linalg.norm(jac, 2) ** 2 * 5


def test_descent_in_fractions():
    """Eigenvalues 1 and 3 of [[2, 1], [1, 2]] in exact arithmetic; one step size has step_size l > 1, one = 1."""
    gram, start = [[2, 1], [1, 2]], [Fraction(1), Fraction(-1, 3)]
    modes = modes_of(A(gram, float))
    for step in (Fraction(1, 8), Fraction(1, 3), Fraction(1, 2), Fraction(5, 8), Fraction(1)):
        left = list(start)
        for got in residuals_at(modes, A(start, float), TIMES, GradientDescent(float(step))).tolist():
            size = max(1, *map(abs, left))
            assert all(abs(Fraction(g) - v) <= 300 * EPS * size for g, v in zip(got, left, strict=True))
            moves = [sum(k * w for k, w in zip(row, left, strict=True)) for row in gram]
            left = [v - step * move for v, move in zip(left, moves, strict=True)]


def test_flow_is_the_limit_of_small_steps_and_a_semigroup():
    """(1 - s l)^(t / s) is below e^(-l t) by at most t l^2 s for s l < 1/2; flows for 1 and 2 make one for 3."""
    jac, _, start, _ = linear_model(1)
    modes = modes_of(jac @ jac.T / 15)
    largest = float(modes.values[-1])
    step = 1e-6
    gap = residuals_at(modes, start, 1.0, Flow()) - residuals_at(modes, start, 10**6, GradientDescent(step))
    assert 0 < np.linalg.norm(gap) <= largest**2 * step * np.linalg.norm(start)
    once = residuals_at(modes, residuals_at(modes, start, 1.0, Flow()), 2.0, Flow())
    assert np.abs(once - residuals_at(modes, start, 3.0, Flow())).max() <= 100 * EPS * np.linalg.norm(start)


@pytest.mark.parametrize("rule", [GradientDescent(0.02), Momentum(0.01, 0.8), GaussNewton()])
def test_infinite_time_is_the_closest_interpolator(rule):
    """Within 100 u kappa(J)^2 of least squares, and inside the row space of J; long runs end there."""
    jac, jac_new, start, start_new = linear_model(5)
    modes = modes_of(jac @ jac.T)
    wanted = np.linalg.lstsq(jac, -start)[0]
    none, ended, late = np.asarray(shifts_at(modes, start, LATE, rule, jacobian=jac))[:3]
    condition = np.linalg.cond(jac)
    allowed = 100 * EPS * condition**2 * np.linalg.norm(wanted)  # of J J^T, whose condition is the square
    assert not none.any() and np.linalg.norm(ended - wanted) <= allowed and np.linalg.norm(late - wanted) <= allowed
    assert np.linalg.norm(ended - np.linalg.pinv(jac) @ (jac @ ended)) <= 100 * EPS * condition * np.linalg.norm(ended)
    assert abs(float(distances_at(modes, start, LATE, rule)[1]) - np.linalg.norm(wanted)) <= allowed
    assert not np.any(residuals_at(modes, start, LATE, rule)[1])
    moved = np.asarray(predictions_at(modes, start, LATE, rule, cross=jac_new @ jac.T, initial=start_new))
    assert np.array_equal(moved[0], start_new)
    assert np.linalg.norm(moved[1] - start_new - jac_new @ wanted) <= allowed * np.linalg.norm(jac_new, 2)


def test_duplicates_zero_rows_and_parallel_points():
    """Singular kernels: what cannot be fitted stays, at every time; two equal points with labels 1, -1 keep them."""
    points = A([[1.0, 0.0], [1.0, 0.0], [0.0, 2.0], [0.0, 0.0], [-1.0, 0.0], [0.0, -1.0]])
    gram = np.asarray(first_layer_gram(points))
    modes, start = modes_of(gram), A([1.0, -1.0, 3.0, 5.0, 0.5, 0.25])
    assert np.isfinite(modes.horizon) and modes.horizon > 1e12
    for rule in (GradientDescent(0.5), Momentum(0.1, 0.9), GaussNewton()):
        left = np.asarray(residuals_at(modes, start, LATE, rule))[1:3]
        assert np.abs(left - A([1.0, -1.0, 0.0, 5.0, 0.0, 0.0])).max() <= 50 * EPS * 5
    got = np.asarray(predictions_at(modes, start, np.minimum(LATE, 1e3), GradientDescent(0.5), cross=gram))
    assert np.abs(got[1:3] - A([0.0, 0.0, -3.0, 0.0, -0.5, -0.25])).max() <= 1e3 * 50 * EPS * 5
    halves = np.zeros((6, 15))
    halves[:2] = 2.0  # J^+ of two equal rows averages, and is 0 on the rows of zeros
    gone = np.asarray(shifts_at(modes_of(halves @ halves.T), start + 1, LATE, GaussNewton(), jacobian=halves))
    assert np.abs(gone[1] + 1 / 30).max() <= 20 * EPS


def test_one_sample_and_zero_kernel():
    one, none = modes_of(A([[2.0]])), modes_of(np.zeros((2, 2)))
    got = np.asarray(residuals_at(one, A([1.0]), TIMES, GradientDescent(1.0)))
    assert np.array_equal(got[:, 0], (-1.0) ** TIMES)
    assert np.all(np.asarray(residuals_at(none, A([1.0, 2.0]), LATE, GradientDescent(9.0))) == A([1.0, 2.0]))
    assert residuals_at(one, A([[1.0, 2.0]]), TIMES, GradientDescent(0.1)).shape == (41, 1, 2)
    assert residuals_at(one, A([[1.0, 2.0]]), 3, GradientDescent(0.1)).shape == (1, 2)
    assert losses_at(one, A([1.0]), 3, GradientDescent(0.1)).shape == ()
    assert predictions_at(one, A([1.0]), [3], GradientDescent(0.1), cross=np.ones((4, 1))).shape == (1, 4)


def test_small_losses_keep_their_digits():
    """1/2 (1 - s l)^(2 t) (u y)^2 far below the rounding of a residual's largest entries."""
    modes = modes_of(np.diag([1.0, 0.25]))
    got = losses_at(modes, A([1.0, 1e-3]), [1000], GradientDescent(0.9))
    assert abs(float(got[0]) / (0.5e-6 * 0.775**2000) - 1) <= 2000 * 10 * EPS
    assert abs(float(losses_at(modes, A([1.0, 0.0]), 300, Flow())) / (0.5 * math.exp(-600)) - 1) <= 2000 * EPS


def test_divergence_needs_more_than_twice_the_inverse():
    """C22: along the largest eigenvalue descent grows exactly beyond step 2 / l, and stays without end at it."""
    modes, start = modes_of(np.diag([1.0, 4.0])), np.ones(2)
    assert float(losses_at(modes, start, 10**4, GradientDescent(0.4999))) < 1e-3
    assert float(losses_at(modes, start, 10**4, GradientDescent(0.5))) == 0.5
    assert float(losses_at(modes, start, 10**4, GradientDescent(0.5001))) > 1e3
    assert math.isinf(float(losses_at(modes, start, 10**8, GradientDescent(0.6))))
    assert float(losses_at(modes, A([1.0, 0.0]), 10**8, GradientDescent(0.6))) == 0  # nothing there to grow
    with pytest.raises(InputError, match="does not converge"):
        residuals_at(modes, start, math.inf, GradientDescent(0.5))
    with pytest.raises(InputError, match="does not converge"):
        residuals_at(modes, start, [1, math.inf], Momentum(1.0, 0.9))


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (lambda m: modes_of(np.zeros((2, 3))), "square"),
        (lambda m: modes_of(A([[1.0, 0.5], [0.4, 1.0]])), "symmetric"),
        (lambda m: modes_of(A([[1.0, 2.0], [2.0, 1.0]])), "semidefinite"),
        (lambda m: modes_of(A([[-1.0]])), "semidefinite"),
        (lambda m: modes_of(A([[math.nan]])), "finite"),
        (lambda m: modes_of(A([[1.0]]), rank_tolerance=1.0), "rank_tolerance"),
        (lambda m: residuals_at(m, np.ones(1), 1, Flow()), "one row for each"),
        (lambda m: residuals_at(m, np.ones(2), -1.0, Flow()), "times"),
        (lambda m: residuals_at(m, np.ones(2), [math.nan], Flow()), "times"),
        (lambda m: residuals_at(m, np.ones(2), [], Flow()), "times"),
        (lambda m: residuals_at(m, np.ones(2), 1.5, GradientDescent(0.1)), "whole"),
        (lambda m: residuals_at(m, np.ones(2), 2.0**60, GradientDescent(0.1)), "countable"),
        (lambda m: predictions_at(m, np.ones(2), 1, Flow(), cross=np.ones((3, 3))), "cross"),
        (lambda m: predictions_at(m, np.ones(2), 1, Flow(), cross=np.ones((3, 2)), initial=np.ones(1)), "initial"),
        (lambda m: shifts_at(m, np.ones(2), 1, Flow(), jacobian=np.ones((3, 2))), "jacobian"),
    ],
)
def test_refusals_say_what_was_expected(wrong, what):
    with pytest.raises(InputError, match=what):
        wrong(modes_of(np.eye(2)))
