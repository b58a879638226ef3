"""Layers and activations against the two-layer room, 200 bits and automatic differentiation."""

import flint
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.networks import Params, activate, apply, apply_layers, layers_of, slope

EPS = 2.0**-52
VALUES = {
    "relu": (lambda t: t if t > 0 else flint.arb(0), lambda t: flint.arb(int(t > 0))),
    "tanh": (flint.arb.tanh, lambda t: 1 / t.cosh() ** 2),
    "erf": (flint.arb.erf, lambda t: 2 * (-t * t).exp() / flint.arb.pi().sqrt()),
    "gelu": (lambda t: t * normal(t), lambda t: normal(t) + t * (-t * t / 2).exp() / (2 * flint.arb.pi()).sqrt()),
}


def normal(t):
    """The normal distribution function."""
    return (1 + (t / flint.arb(2).sqrt()).erf()) / 2


@pytest.mark.parametrize("name", VALUES)
def test_activations_and_their_slopes(name):
    """Elementary functions are trusted to 16 units in the last place of 1 + |t|."""
    grid = np.concatenate([np.linspace(-9, 9, 61), [-1e-9, 1e-9, 400.0, -400.0]])
    with flint.ctx.workprec(200):
        values, slopes = (np.array([float(f(flint.arb(t)).mid()) for t in grid.tolist()]) for f in VALUES[name])
    got, steep = activate(name, jnp.asarray(grid)), slope(name, jnp.asarray(grid))
    assert (np.abs(got - values) <= 16 * EPS * (1 + np.abs(grid))).all()
    assert (np.abs(steep - slopes) <= 16 * EPS * (1 + np.abs(grid))).all()
    inner = grid != 0  # automatic differentiation gives relu another derivative at its kink
    automatic = jax.vmap(jax.grad(lambda t: activate(name, t)))(jnp.asarray(grid))
    assert (np.abs(steep - automatic)[inner] <= 32 * EPS * (1 + np.abs(grid[inner]))).all()


def test_two_layers_agree_with_params():
    """Small integers: both sides are exact."""
    rng = np.random.default_rng(0)
    params = Params(*(jnp.asarray(rng.integers(-4, 5, shape) * 1.0) for shape in [(5, 3), 5, 5, ()]))
    points = jnp.asarray(rng.integers(-4, 5, (7, 3)) * 1.0)
    assert apply_layers(layers_of(params), points).tolist() == apply(params, points).tolist()
