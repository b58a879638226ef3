"""Witnesses of interpolators nearby: their conditions by plain fractions, and an interpolator found where promised."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from overparam.certificates import WitnessError, near_witness, polish_layers
from overparam.errors import InputError
from overparam.networks import Layer
from tests.certificates_room.witnesses import proves, relu_kernel


def network(widths, dim, seed=0):
    rng = np.random.default_rng(seed)
    sizes = [dim, *widths, 1]
    return [Layer(rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in itertools.pairwise(sizes)]


def planted(widths, dim, n, noise, seed=0):
    """A network, points, and its outputs as labels, off by about `noise`."""
    rng = np.random.default_rng(1000 + seed)
    layers, points = network(widths, dim, seed), rng.normal(size=(n, dim))
    _, outputs = relu_kernel(layers, points.tolist(), [0])
    return layers, points, np.array([float(f) for f in outputs]) + noise * rng.normal(size=n)


@pytest.mark.parametrize(
    ("widths", "free", "hidden_bias"),
    [
        ((9,), [0], True),
        ((9,), [0], False),
        ((9,), [1], True),
        ((9,), [0, 1], True),
        ((5, 9), [1], True),
        ((9, 4), [0], True),
    ],
)
def test_relu(widths, free, hidden_bias):
    layers, points, labels = planted(widths, 3, 7, 1e-9)
    made = near_witness(layers, points, labels, free=free, hidden_bias=hidden_bias)
    kernel, outputs = relu_kernel(layers, points.tolist(), free, hidden_bias=hidden_bias)
    square = sum((f - Fraction(y)) ** 2 for f, y in zip(outputs, labels.tolist(), strict=True))
    factor = (4 if len(free) == 2 else 1) * square / made.floor
    assert proves(kernel, made.floor, made.content()["factor"])
    assert factor <= made.distance**2 <= factor * Fraction(101, 100)


@pytest.mark.parametrize("activation", ["tanh", "erf", "gelu"])
def test_a_smooth_interpolator_is_where_it_was_promised(activation):
    layers, points, labels = network((9,), 3), np.random.default_rng(0).normal(size=(7, 3)), np.zeros(7)
    rough = polish_layers(layers, points, labels, activation=activation, free=[0, 1], steps=60)
    made = near_witness(rough, points, labels, activation=activation, free=[0, 1])
    best = polish_layers(rough, points, labels, activation=activation, free=[0, 1], steps=60)
    pairs = [(a, b) for one, two in zip(rough, best, strict=True) for a, b in zip(one, two, strict=True)]
    moved = np.sqrt(sum(np.sum((a - b) ** 2) for a, b in pairs))
    assert moved <= float(made.distance) < 1e-10


@pytest.mark.parametrize("activation", ["tanh", "erf", "gelu"])
@pytest.mark.parametrize("output_bias", [True, False])
def test_the_output_layer_of_any_smooth_network(activation, output_bias):
    """Errors of any size: the shortest correction of the output weights is no longer than the distance."""
    layers, points = network((5, 9), 3), np.random.default_rng(0).normal(size=(7, 3))
    labels = 100 * np.random.default_rng(1).normal(size=7)
    made = near_witness(layers, points, labels, activation=activation, free=[2], output_bias=output_bias)
    fixed = [Layer(layers[2].weights, layers[2].bias if output_bias else np.zeros(1))]
    moved = polish_layers(
        [*layers[:2], *fixed], points, labels, activation=activation, free=[2], output_bias=output_bias
    )
    pairs = zip(layers[2], moved[2], strict=True) if output_bias else [(layers[2].weights, moved[2].weights)]
    assert 1 < np.sqrt(sum(np.sum((a - b) ** 2) for a, b in pairs)) <= 1.5 * float(made.distance)


def test_a_kernel_that_floats_call_singular():
    """Points 2^-40 apart: the least eigenvalue is near 2^-80 of the largest, and balls still prove it positive."""
    layers = [Layer(np.array([[1.0], [2.0]]), np.array([0.5, -1.0])), Layer(np.array([[1.0, 1.0]]), np.zeros(1))]
    points, labels = np.array([[0.0], [2.0**-40]]), [0.0, 1.0]
    made = near_witness(layers, points, labels, activation="tanh", free=[1], output_bias=False)
    features = np.tanh(points @ layers[0].weights.T + layers[0].bias)
    least = np.linalg.svd(features, compute_uv=False)[-1] ** 2  # to a few digits
    assert least / 4 <= float(made.floor) <= least * 0.6
    assert float(made.distance) >= 1
    with pytest.raises(WitnessError, match="nor do 4096 bits show it"):
        near_witness(layers, np.zeros((2, 1)), labels, activation="tanh", free=[1], output_bias=False)


def test_polishing_reaches_rounding():
    layers, points, labels = planted((12,), 3, 10, 1e-4)
    before = near_residual(layers, points, labels)
    polished = polish_layers(layers, points, labels, free=[0, 1])
    assert near_residual(polished, points, labels) < 1e-12 < 1e-5 < before
    made = near_witness(polished, points, labels, free=[0, 1])
    assert float(made.distance) < 1e-12
    assert polish_layers(layers, points, labels, free=[0], steps=0)[0].weights.tolist() == layers[0].weights.tolist()


def near_residual(layers, points, labels):
    _, outputs = relu_kernel(layers, points.tolist(), [0])
    return float(sum((f - Fraction(y)) ** 2 for f, y in zip(outputs, labels.tolist(), strict=True))) ** 0.5


def test_an_interpolating_network_is_at_a_tiny_distance():
    layers = [Layer(np.eye(2), np.zeros(2)), Layer(np.ones((1, 2)), np.zeros(1))]
    points = np.array([[1.0, 2.0], [3.0, 1.0]])
    made = near_witness(layers, points, [3.0, 4.0], free=[0])
    assert 0 < made.distance <= Fraction(1, 2**100)


def test_refusals_say_by_how_much():
    layers, points, labels = planted((9,), 3, 7, 1e-9)
    with pytest.raises(WitnessError, match=r"neuron \d of layer 0 may change its sign .* times too far"):
        near_witness(layers, points, labels + 100.0, free=[0])
    with pytest.raises(WitnessError, match=r"residual .* times too large: 2 Lambda rho <= s"):
        near_witness(layers, points, labels + 1.0, free=[0, 1])
    with pytest.raises(WitnessError, match="singular or nearly so"):
        near_witness(layers, np.vstack([points, points[:1]]), np.append(labels, labels[0]), free=[0])
    deep, points, labels = planted((5, 9), 3, 7, 1e-9)
    for activation, free in (("relu", [0, 1]), ("tanh", [1])):
        with pytest.raises(InputError, match="one free layer at any depth"):
            near_witness(deep, points, labels, activation=activation, free=free)
    with pytest.raises(InputError, match="free must name layers"):
        near_witness(deep, points, labels, free=[3])
    with pytest.raises(ValueError, match="steps must not be negative"):
        polish_layers(deep, points, labels, free=[0], steps=-1)


def test_a_deep_neuron_that_might_switch_is_named():
    layers, points, labels = planted((9, 4), 3, 7, 1e-9)
    bias = layers[1].bias.copy()
    pre = np.maximum(points @ layers[0].weights.T + layers[0].bias, 0) @ layers[1].weights.T
    bias[2] = -pre[5, 2] + 1e-13  # of neuron 2 at sample 5, in floats
    layers[1] = Layer(layers[1].weights, bias)
    _, outputs = relu_kernel(layers, points.tolist(), [0])
    labels = np.array([float(f) for f in outputs]) + 1e-9
    with pytest.raises(WitnessError, match="neuron 2 of layer 1 may change its sign at sample 5"):
        near_witness(layers, points, labels, free=[0])
