"""Levenberg-Marquardt for any model: that of the two-layer family, and interpolators of deeper networks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.keys import Purpose, key_for
from overparam.networks import Mlp, TwoLayer, initialize
from overparam.training import ModelSpec, Outcome, TrainSpec, levenberg_marquardt, train, train_model
from overparam.training.general._tangents import back, gram_of, jacobian
from tests.training.problems import flat, gaussian, one_seed, same_bits

ROOT = jax.random.key(3)
POINTS, LABELS = gaussian(12, 3)
DEEP = Mlp(5, depth=3, activation="gelu")


def how(**options):
    return TrainSpec(**({"optimizer": "lm", "check_every": 1, "dtype": "float64", "tolerance": 1e-10} | options))


@pytest.mark.slow
def test_it_follows_the_search_of_the_two_layer_family():
    """Five damped steps; solving at damping 1/81 of the mean diagonal loses about two digits a step."""
    run = train_model(POINTS, LABELS, ROOT, [2], model=TwoLayer(6), how=how(max_steps=5), chunk=2)
    start = initialize(key_for(ROOT, Purpose.INIT, 2), "he", width=6, dim=3)
    points, labels = jnp.asarray(POINTS), jnp.asarray(LABELS)
    alone = jax.jit(levenberg_marquardt)(points, labels, start, max_steps=5)
    np.testing.assert_allclose(flat(one_seed(run.params, 0)), flat(alone.params), rtol=1e-8, atol=1e-9)
    assert run.n_steps[0] == alone.n_steps == 5


@pytest.mark.slow
def test_deep_networks_are_found_whatever_their_companions():
    """Fitted means so for the weights handed back, and a seed has the same bits in every slot."""
    run = train(POINTS, LABELS, ROOT, 7, model=ModelSpec(architecture="mlp", width=5, depth=3, activation="gelu"),
                how=how(max_steps=200), chunk=3)  # fmt: skip
    fitted = np.flatnonzero(run.stopped == Outcome.FITTED)
    assert len(fitted) >= 4
    for seed in fitted:
        outputs = DEEP.apply(one_seed(run.params, seed), jnp.asarray(POINTS))
        assert np.linalg.norm(np.asarray(outputs) - LABELS) <= 1.001e-10 * np.linalg.norm(LABELS)
    again = train_model(POINTS, LABELS, ROOT, [6, 1], model=DEEP, how=how(max_steps=200), chunk=3)
    assert same_bits(one_seed(again, 0), one_seed(run, 6)) and same_bits(one_seed(again, 1), one_seed(run, 1))


@pytest.mark.slow
def test_the_jacobian_is_that_of_all_outputs():
    params = DEEP.draw(jax.random.key(1), 3, "float64")
    rows = jacobian(DEEP, params, jnp.asarray(POINTS))
    whole = jax.jacobian(lambda p: DEEP.apply(p, jnp.asarray(POINTS)))(params)
    for a, b in zip(jax.tree.leaves(rows), jax.tree.leaves(whole), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)
    matrix = np.concatenate([np.asarray(leaf).reshape(12, -1) for leaf in jax.tree.leaves(rows)], axis=1)
    np.testing.assert_allclose(gram_of(rows), matrix @ matrix.T, rtol=1e-12, atol=1e-12)
    moved = np.concatenate([np.asarray(leaf).reshape(-1) for leaf in jax.tree.leaves(back(rows, jnp.asarray(LABELS)))])
    np.testing.assert_allclose(moved, LABELS @ matrix, rtol=1e-12, atol=1e-12)
