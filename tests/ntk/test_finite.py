"""Tangent kernels of finite networks against automatic differentiation, exact lines and the two-layer room."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.errors import InputError, PrecisionError
from overparam.networks import Layer, Params, apply_layers, layers_of
from overparam.ntk import jacobian, network_gram
from overparam.training import tangent_kernel

EPS = 2.0**-52


def network(widths, dim, seed=0):
    rng = np.random.default_rng(seed)
    sizes = [dim, *widths, 1]
    return tuple(
        Layer(jnp.asarray(rng.normal(size=(b, a)) / a**0.5), jnp.asarray(rng.normal(size=b)))
        for a, b in itertools.pairwise(sizes)
    )


def points_of(n, dim, seed=0):
    return jnp.asarray(np.random.default_rng(100 + seed).normal(size=(n, dim)))


def size_of(layers, points):
    """A bound on every sum of absolute values in the kernel: all weights positive, all neurons active.

    Activations and their slopes are at most 1.13 times those of the identity.
    """
    inputs, back = [np.abs(np.asarray(points)) + 1], np.ones((len(points), 1))
    for layer in layers[:-1]:
        inputs.append(1.13 * (inputs[-1] @ np.abs(np.asarray(layer.weights)).T + np.abs(np.asarray(layer.bias)) + 1))
    total = 0
    for layer, values in zip(layers[::-1], inputs[::-1], strict=True):
        total = total + (values @ values.T + 1) * (back @ back.T)
        back = 1.13 * back @ np.abs(np.asarray(layer.weights))
    return total


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "widths", "free", "hidden_bias", "output_bias"),
    [
        ("relu", (5,), [0], True, True),
        ("tanh", (5,), [1], True, False),
        ("erf", (5,), [0, 1], False, True),
        ("relu", (4, 3), [1], True, True),
        ("gelu", (4, 3), None, False, True),
        ("tanh", (4, 3, 2), [0, 3], False, False),
    ],
)
def test_the_kernel_is_that_of_automatic_differentiation(activation, widths, free, hidden_bias, output_bias):
    """Both sides add up chains of at most p + sum of widths + dim + 20 a layer roundings, on terms within `size_of`."""
    layers, points = network(widths, 3), points_of(7, 3)
    options = {"activation": activation, "free": free, "hidden_bias": hidden_bias, "output_bias": output_bias}
    blocks = jax.jit(jax.jacobian(lambda given: apply_layers(given, points, activation=activation)))(layers)
    columns = []
    for l in range(len(layers)) if free is None else free:
        weights = np.asarray(blocks[l].weights)
        if output_bias if l == len(layers) - 1 else hidden_bias:
            weights = np.concatenate([weights, np.asarray(blocks[l].bias)[:, :, None]], axis=2)
        columns.append(weights.reshape(7, -1))
    J = np.concatenate(columns, axis=1)
    bound = 2 * (J.shape[1] + sum(widths) + 3 + 20 * len(layers)) * EPS * size_of(layers, points)
    assert (np.abs(np.asarray(network_gram(layers, points, **options)) - J @ J.T) <= bound).all()
    ours = np.asarray(jacobian(layers, points, **options))
    assert ours.shape == J.shape
    diagonal = np.sqrt(np.diag(bound))[:, None] * np.sqrt(np.diag(size_of(layers, points)))[:, None]
    assert (np.abs(ours - J) <= diagonal).all()
    assert np.abs(J).max() > 1e-3


def test_along_a_layer_a_relu_network_is_a_line():
    """Within a cell the outputs are affine in one layer: the difference quotient is exact up to rounding."""
    layers, points = network((6, 4), 3), points_of(9, 3)
    rng = np.random.default_rng(5)
    move = rng.normal(size=(4, 6)) * 1e-6
    moved = (layers[0], Layer(layers[1].weights + move, layers[1].bias), layers[2])
    change = np.asarray(apply_layers(moved, points) - apply_layers(layers, points))
    J = np.asarray(jacobian(layers, points, free=[1], hidden_bias=False))
    assert (np.abs(change - J @ move.ravel()) <= 40 * EPS * np.sqrt(np.diag(size_of(layers, points)))).all()
    assert np.abs(change).max() > 1e-8


def test_two_layers_are_those_of_the_training_room():
    rng = np.random.default_rng(6)
    params = Params(*(jnp.asarray(rng.normal(size=shape)) for shape in [(8, 3), 8, 8, ()]))
    points = points_of(6, 3)
    ours, theirs = np.asarray(network_gram(layers_of(params), points)), np.asarray(tangent_kernel(params, points))
    assert (np.abs(ours - theirs) <= 100 * EPS * size_of(layers_of(params), points)).all()


def test_a_permutation_of_the_samples_permutes():
    """Without a matrix product's freedom of order: small integers, so that nothing is rounded."""
    rng = np.random.default_rng(7)
    layers = [
        Layer(rng.integers(-3, 4, (b, a)) * 1.0, rng.integers(-3, 4, b) * 1.0) for a, b in ((3, 5), (5, 4), (4, 1))
    ]
    points, order = rng.integers(-3, 4, (11, 3)) * 1.0, rng.permutation(11)
    gram = np.asarray(network_gram(layers, points))
    assert (gram == gram.T).all()
    assert (np.asarray(network_gram(layers, points[order])) == gram[np.ix_(order, order)]).all()


def test_relu_has_no_slope_at_zero():
    layers = [Layer(np.eye(1), np.zeros(1)), Layer(np.ones((1, 1)), np.zeros(1))]
    points = np.array([[0.0], [1.0]])
    assert network_gram(layers, points, free=[0]).tolist() == [[0.0, 0.0], [0.0, 2.0]]


def test_it_compiles_once_a_shape():
    layers, points = network((5,), 3), points_of(4, 3)
    traces = []

    @jax.jit
    def kernel(given, rows):
        traces.append(1)
        return network_gram(given, rows, free=[0])

    for seed in range(3):
        kernel(network((5,), 3, seed), points_of(4, 3, seed))
    assert len(traces) == 1
    shape = jax.eval_shape(network_gram, layers, points)
    assert (shape.shape, shape.dtype) == ((4, 4), np.float64)


def test_wrong_calls():
    layers, points = network((5,), 3), points_of(4, 3)
    for free in ([], [2], [1, 0], [-1]):
        with pytest.raises(InputError, match="free must name layers from 0 to 1"):
            network_gram(layers, points, free=free)
    with pytest.raises(InputError, match="chain from 2 inputs"):
        network_gram(layers, points[:, :2])
    with pytest.raises(InputError, match="points must be a matrix"):
        network_gram(layers, points[0])
    with jax.enable_x64(False), pytest.raises(PrecisionError, match="network_gram asks for float64"):
        network_gram(layers, points)
