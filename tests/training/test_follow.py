"""A run that is followed takes the steps that NumPy takes, and shows what was asked for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.errors import InputError
from overparam.training import follow


def linear(params, points):
    return points @ params["w"] + params["c"]


POINTS = np.random.default_rng(0).normal(size=(5, 3))
LABELS = np.random.default_rng(1).normal(size=5)
START = {"w": jnp.ones(3), "c": jnp.zeros(())}


@pytest.mark.parametrize("momentum", [0.0, 0.7])
def test_it_takes_the_steps_of_the_formula(momentum):
    run = follow(linear, START, LABELS, POINTS, step_size=0.05, steps=12, every=3, momentum=momentum)
    w, velocity, seen = np.array([1.0, 1.0, 1.0, 0.0]), np.zeros(4), []
    design = np.column_stack([POINTS, np.ones(5)])
    for step in range(13):
        if step % 3 == 0:
            seen.append(design @ w)
        velocity = momentum * velocity - 0.05 * design.T @ (design @ w - LABELS)
        w = w + velocity
    np.testing.assert_allclose(run.seen, seen, rtol=1e-13, atol=1e-13)
    np.testing.assert_array_equal(run.steps, [0, 3, 6, 9, 12])
    np.testing.assert_allclose(linear(run.params, POINTS), seen[-1], rtol=1e-13, atol=1e-13)


def test_seeds_run_side_by_side_and_watch_what_is_asked():
    starts = jax.tree.map(lambda a: jnp.stack([a, 2 * a]), START)

    def norm_of(params, points):
        del points
        return jnp.linalg.norm(params["w"])

    def one(params):
        return follow(linear, params, LABELS, POINTS, step_size=0.05, steps=4, every=2, watch=norm_of)

    both, alone = jax.vmap(one)(starts), one(START)
    assert both.seen.shape == (2, 3)
    np.testing.assert_allclose(both.seen[0], alone.seen, rtol=1e-13)


def test_no_step_at_all_shows_the_start():
    run = follow(linear, START, LABELS, POINTS, step_size=0.05, steps=0)
    np.testing.assert_array_equal(run.seen, linear(START, POINTS)[None])


@pytest.mark.parametrize(("steps", "every"), [(5, 2), (-1, 1), (4, 0)])
def test_steps_that_do_not_end_at_a_look_are_refused(steps, every):
    with pytest.raises(InputError, match="multiple"):
        follow(linear, START, LABELS, POINTS, step_size=0.05, steps=steps, every=every)
