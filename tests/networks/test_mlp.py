"""Perceptrons of any depth: the network of their layers, their laws, and dropout."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.networks import Mlp, TwoLayer, apply_layers, initialize

KEY = jax.random.key(0)
POINTS = jnp.asarray(np.random.default_rng(0).normal(size=(9, 4)))


@pytest.mark.parametrize("activation", ["relu", "tanh", "erf", "gelu"])
@pytest.mark.parametrize("depth", [1, 3])
def test_it_is_the_network_of_its_layers(activation, depth):
    """The same products in transposed form: rounding of at most 3 sums of 9 terms of size below 100."""
    model = Mlp(8, depth=depth, activation=activation, law="ntk")
    layers = model.draw(KEY, 4, "float64")
    assert [layer.weights.shape for layer in layers] == [(8, 4), *[(8, 8)] * (depth - 1), (1, 8)]
    wanted = apply_layers(layers, POINTS, activation=activation)
    np.testing.assert_allclose(model.apply(layers, POINTS), wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("law", ["he", "ntk", "small"])
def test_depth_one_draws_the_two_layer_network(law):
    params = initialize(KEY, law, width=6, dim=4, dtype="float32")
    first, last = Mlp(6, law=law).draw(KEY, 4, "float32")
    two = TwoLayer(6, law=law).draw(KEY, 4, "float32")
    for found in (two, (first.weights, first.bias, last.weights[0], last.bias[0])):
        for a, b in zip(params, found, strict=True):
            assert a.dtype == b.dtype == jnp.float32
            assert np.array_equal(a, b)


@pytest.mark.parametrize(
    ("law", "weights", "bias"), [("he", 2 / 300, 0), ("ntk", 2 / 300, 1), ("small", 1e-4 / 301, 1e-4 / 301)]
)
def test_layers_in_between_have_their_law(law, weights, bias):
    """Mean squares of 90,000 and 300 normals are within 7 deviations: a false alarm has chance below 1e-10."""
    layers = Mlp(300, depth=3, law=law).draw(KEY, 4, "float64")
    for layer in layers[1:-1]:
        assert abs(np.mean(np.asarray(layer.weights) ** 2) - weights) <= 7 * weights * np.sqrt(2 / 90_000)
        assert abs(np.mean(np.asarray(layer.bias) ** 2) - bias) <= 7 * bias * np.sqrt(2 / 300)
    assert not np.array_equal(layers[1].weights, layers[2].weights)


def test_the_slope_at_a_kink_is_zero():
    """A neuron of zeros stays a neuron of zeros, as in the program for two layers."""
    model = Mlp(2)
    layers = jax.tree.map(jnp.zeros_like, model.draw(KEY, 4, "float64"))
    layers = (layers[0], layers[1]._replace(weights=jnp.ones((1, 2))))
    slopes = jax.grad(lambda p: jnp.sum(model.apply(p, POINTS)))(layers)
    assert all((np.asarray(leaf) == 0).all() for leaf in (*slopes[0], slopes[1].weights))


def test_dropout_leaves_out_and_scales_up():
    """One layer: v relu(W x + b) with a share of the terms missing; no key, nothing missing."""
    model = Mlp(4000).with_dropout(0.25)
    assert model == Mlp(4000, dropout=0.25) and model.random and not Mlp(4000).random
    layers = model.draw(KEY, 4, "float64")
    ones = (layers[0]._replace(weights=jnp.zeros((4000, 4)), bias=jnp.ones(4000)), layers[1]._replace(
        weights=jnp.ones((1, 4000)), bias=jnp.zeros(1)))  # fmt: skip
    assert (np.asarray(model.apply(ones, POINTS)) == 4000).all()
    dropped = np.asarray(model.apply(ones, POINTS, key=jax.random.key(1)))
    kept = dropped * 0.75
    np.testing.assert_allclose(kept, np.round(kept), atol=1e-8)
    assert len(set(kept.round())) > 1  # each sample loses neurons of its own
    assert (abs(kept / 4000 - 0.75) <= np.sqrt(np.log(2 * 9 / 1e-9) / 8000)).all()  # Hoeffding
    assert not np.array_equal(dropped, np.asarray(model.apply(ones, POINTS, key=jax.random.key(2))))
    np.testing.assert_allclose(
        TwoLayer(4000, dropout=0.25).apply(initialize(KEY, "he", width=4000, dim=4), POINTS, key=jax.random.key(1)),
        model.apply(layers, POINTS, key=jax.random.key(1)), rtol=1e-12, atol=1e-12,
    )  # fmt: skip
