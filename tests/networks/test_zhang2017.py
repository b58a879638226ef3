"""The published networks: their numbers of weights, from shapes alone, and small ones that are trained."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen

from overparam.errors import InputError
from overparam.networks import ZHANG2017_PARAMS, _linen_modules, linen_classifier, zhang2017
from overparam.training import ClassTrainSpec, train_classifiers


@pytest.mark.parametrize("name", ZHANG2017_PARAMS)
def test_published_numbers_of_weights(name):
    """Table 1 of the paper; and ten outputs."""
    model = zhang2017(name)
    params, state = jax.eval_shape(lambda key: model.draw(key, (28, 28, 3), "float32"), jax.random.key(0))
    assert sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(params)) == ZHANG2017_PARAMS[name]
    points = jax.ShapeDtypeStruct((4, 28, 28, 3), jnp.float32)
    outputs, _ = jax.eval_shape(model.apply, params, state, points)
    assert outputs.shape == (4, 10)
    # two numbers for each of the 1,712 normalized channels
    assert sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(state)) == (3424 if name == "inception" else 0)


def test_local_response_by_hand():
    """Three channels, radius 1: a channel's sum runs over itself and its neighbours."""
    values = np.array([[1.0, 2.0, 3.0]])
    sums = np.array([[5.0, 14.0, 13.0]])
    found = _linen_modules.local_response(jnp.asarray(values), radius=1, scale=0.5, power=2.0)
    np.testing.assert_allclose(found, values / (1 + sums / 2) ** 2, rtol=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("batch_norm", [True, False])
def test_a_small_one_is_trained(batch_norm):
    """Images of two classes, bright left or right, are told apart; averages of batches move with training only."""
    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(24, 8, 8, 1)), np.arange(24) % 2
    points[labels == 1, :, :4] += 2
    points[labels == 0, :, 4:] += 2
    module = _linen_modules.SmallInception(2, batch_norm=batch_norm, shrink=16)
    model = linen_classifier(module, 2, training={"training": True}, evaluating={"training": False})
    how = ClassTrainSpec(epochs=20, batch_size=8, step_size=0.02)
    found = train_classifiers(points, labels, jax.random.key(0), 2, model=model, how=how, chunk=1)
    assert (found.accuracy[:, -1] == 1).all()
    averages = jax.tree.leaves(found.state)
    assert bool(averages) == batch_norm
    assert all((leaf[0] != leaf[1]).any() for leaf in averages)


def test_errors_teach():
    """A name that is none, and a module that is none."""
    with pytest.raises(InputError, match="did you mean inception"):
        zhang2017("inceptions")
    with pytest.raises(InputError, match="not int"):
        linen_classifier(3, 2)
    model = linen_classifier(linen.Dense(3), 2)
    with pytest.raises(InputError, match=r"must give \(n, 2\)"):
        train_classifiers(np.ones((4, 5)), np.zeros(4, int), jax.random.key(0), 1, model=model, how=ClassTrainSpec())
