"""Rank thresholds against elimination over the rationals, width by width."""

import jax
import numpy as np
import pytest

from overparam.certificates import draw_neurons, first_layer_rank, rank_threshold
from overparam.errors import InputError, PrecisionError
from overparam.networks import Layer
from tests.exact import oracles

KEY = jax.random.key(3)


def rational_rank(hidden, points, hidden_bias):
    """Columns S_ij z_ia; signs in floats are right where no pre-activation is near zero, which is asserted."""
    rows = np.hstack([points, np.ones((len(points), 1))]) if hidden_bias else points
    pre = points @ np.asarray(hidden.weights).T + np.asarray(hidden.bias)
    assert np.abs(pre).min() > 1e-9
    return oracles.rank(((pre > 0)[:, :, None] * rows[:, None, :]).reshape(len(points), -1).tolist())


@pytest.mark.parametrize("hidden_bias", [False, True])
def test_the_threshold_is_the_first_width_of_full_rank(hidden_bias):
    points = np.random.default_rng(0).integers(-9, 10, (9, 2)) + 0.5
    found = rank_threshold(points, KEY, most=30, hidden_bias=hidden_bias)
    hidden, outer = found.layers
    assert found.width == len(hidden.bias) == outer.weights.size
    assert rational_rank(hidden, points, hidden_bias) == 9
    fewer = Layer(hidden.weights[:-1], hidden.bias[:-1])
    assert rational_rank(fewer, points, hidden_bias) < 9
    assert first_layer_rank(fewer, points, hidden_bias=hidden_bias) == rational_rank(fewer, points, hidden_bias)
    drawn, signs = draw_neurons(KEY, 30, 2, hidden_bias=hidden_bias)
    assert (drawn.weights[: found.width] == hidden.weights).all()
    assert (np.sign(signs.weights[0, : found.width]) == np.sign(outer.weights[0])).all()
    assert np.abs(outer.weights * found.width**0.5 - np.sign(outer.weights)).max() <= 2**-52
    assert hidden.bias.any() == hidden_bias


def test_a_threshold_out_of_reach():
    points = np.array([[1.0, 2.0], [2.0, 4.0], [-1.0, 3.0]])  # without biases parallel rows depend on each other
    found = rank_threshold(points, KEY, most=12, hidden_bias=False)
    assert found.width is None
    assert len(found.layers[0].bias) == found.most == 12
    assert rank_threshold(points, KEY, most=12).width is not None


def test_wrong_calls():
    with pytest.raises(InputError, match="width must be at least 1"):
        rank_threshold([[1.0]], KEY, most=0)
    with jax.enable_x64(False), pytest.raises(PrecisionError, match="draw_neurons asks for float64"):
        draw_neurons(KEY, 2, 2)
