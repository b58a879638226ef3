"""Ball arithmetic on smooth networks: what it encloses, what it solves, and that it leaves no trace."""

import itertools
from fractions import Fraction as F

import numpy as np
import pytest
from flint import ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.exact import (
    ExactLayer,
    LayeredNetwork,
    arctanh,
    bends_little,
    enclosures,
    exact_data,
    exact_layers,
    exact_rank,
    fit_output_layer,
    fit_sums,
    near_parts,
    newton_steps,
    root_above,
    row_relation,
)
from tests.exact import oracles
from tests.memorizers import smooth_naive

SMOOTH = ("tanh", "erf", "gelu")


def network(activation, widths, dim, seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    sizes = [dim, *widths, 1]
    layers = [(scale * rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in itertools.pairwise(sizes)]
    return LayeredNetwork(activation, exact_layers(layers))


@pytest.mark.parametrize("activation", SMOOTH)
@pytest.mark.parametrize(("widths", "scale"), [((4,), 1.0), ((3, 3, 2), 1.0), ((5,), 9.0)])
def test_enclosures_hold_the_value(activation, widths, scale):
    points = np.random.default_rng(1).normal(size=(3, 2)).tolist()
    net = network(activation, widths, 2, scale=scale)
    values = smooth_naive.outputs(net, points)
    radii = []
    for bits in (24, 53, 200, 700):
        found = enclosures(net, points, bits)
        assert all(abs(e.middle - F(v)) <= e.radius + F(1, 10**300) for e, v in zip(found, values, strict=True))
        radii.append(max(e.radius for e in found))
    assert all(after < before / 2**20 for before, after in itertools.pairwise(radii))


def test_precision_is_put_back():
    before = ctx.prec
    with pytest.raises(InputError, match="takes 2 inputs"):
        enclosures(network("tanh", (2,), 2), [[1.0]], 300)
    enclosures(network("tanh", (2,), 1), [[1.0]], 300)
    arctanh([F(1, 3)], 300)
    assert ctx.prec == before
    with pytest.raises(InputError, match="relu network has exact outputs"):
        enclosures(network("relu", (2,), 1), [[1.0]], 64)


def test_far_out():
    """erfc(10^8) is too small for a fraction: the value is 0 up to 2^-65536."""
    one = (F(1),)
    net = LayeredNetwork("gelu", (ExactLayer((one,), (F(0),)), ExactLayer((one,), (F(0),))))
    value = enclosures(net, [[-1e8]], 64)[0]
    assert value.middle == 0 < value.radius < F(1, 2**60_000)
    assert enclosures(net, [[1e300]], 64)[0].middle == F(1e300)


@pytest.mark.parametrize("activation", SMOOTH)
@pytest.mark.parametrize("output_bias", [True, False])
def test_output_weights(activation, output_bias):
    rng = np.random.default_rng(2)
    data = exact_data(rng.normal(size=(6, 2)), rng.normal(size=6))
    hidden = network(activation, (7,), 2, seed=3).layers[:1]
    outer = fit_output_layer(activation, hidden, data.points, data.labels, output_bias=output_bias, bits=256)
    assert (outer.bias[0] != 0) is output_bias
    net = LayeredNetwork(activation, (*hidden, outer))
    errors = smooth_naive.errors(net, data.points, data.labels)
    assert 0 < max(errors) < F(1, 2**40) * max(map(abs, outer.weights[0]))
    parts = near_parts(net, data.points, data.labels, free=(1,), hidden_bias=True, output_bias=output_bias, bits=256)
    norm = sum(e * e for e in errors)
    assert norm <= parts.error**2 <= norm * F(101, 100)


def test_dependent_features_have_no_output_weights():
    data = exact_data([[0.0], [1.0], [2.0]], [1.0, 0.0, 0.0])
    twice = ExactLayer(((F(1),), (F(1),), (F(2),)), (F(0), F(0), F(1)))
    for bits in (64, 1024):
        assert fit_output_layer("tanh", [twice], data.points, data.labels, output_bias=False, bits=bits) is None
        assert fit_sums(twice, data, [0, 1, 2], data.labels, bits, error=F(1, 2**20)) is None
    assert fit_sums(twice, data, [0, 1], data.labels[:2], 128, error=F(1, 2**20)) is not None


def test_given_weights_count():
    """tanh(x) and tanh(2x + 1) with weight 3 on the second and an offset: the first makes up for the rest."""
    data = exact_data([[0.5], [2.0]], [0.0, 0.0])
    layer = ExactLayer(((F(1),), (F(2),)), (F(0), F(1)))
    fit = fit_sums(layer, data, [1], [F(1, 4)], 200, error=F(1, 2**50), solved=1, given=[F(3)], offset=F(-1))
    outer = ExactLayer(((*fit.weights, F(3)),), (F(-1),))
    errors = smooth_naive.errors(LayeredNetwork("tanh", (layer, outer)), [[2.0]], [0.25])
    assert errors[0] < F(1, 2**50)
    assert abs(fit.largest - abs(fit.weights[0]) * F(np.tanh(2.0))) < F(1, 2**40)


@pytest.mark.parametrize("activation", SMOOTH)
def test_newton_squares_the_error(activation):
    rng = np.random.default_rng(4)
    net = network(activation, (8,), 2, seed=5)
    net = LayeredNetwork(activation, (net.layers[0], ExactLayer(net.layers[1].weights, (F(0),))))
    points = exact_data(rng.normal(size=(5, 2)), np.zeros(5)).points
    labels = [F(str(v)[:40]) + F(1, 1000) for v in smooth_naive.outputs(net, points)]
    sizes = [
        max(smooth_naive.errors(newton_steps(net, points, labels, steps=k, bits=400), points, labels)) for k in range(5)
    ]
    assert all(after < 100 * before**2 for before, after in itertools.pairwise(sizes[:4]))
    assert sizes[4] < F(1, 10**25)
    near = newton_steps(net, points, labels, steps=4, bits=400)
    free = {"free": (0, 1), "hidden_bias": True, "output_bias": False, "bits": 400}
    assert bends_little(near_parts(near, points, labels, **free), near)
    assert not bends_little(near_parts(net, points, [y + 100 for y in labels], **free), net)


@given(st.fractions(min_value=F(1, 10**9), max_value=10**9))
@settings(deadline=None, max_examples=25)
def test_roots(square):
    root = root_above(square)
    assert square < root**2 < square * (1 + F(1, 2**28))


@given(st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=1, max_size=6), st.data())
@settings(deadline=None, max_examples=25)
def test_relations(rows, draw):
    matrix = [[F(x, 2) for x in row] for row in rows]
    right = [F(y) for y in draw.draw(st.lists(st.integers(-3, 3), min_size=len(rows), max_size=len(rows)))]
    assert exact_rank(matrix) == oracles.rank(matrix)
    wider = [[*row, y] for row, y in zip(matrix, right, strict=True)]
    found = row_relation(matrix, right)
    assert (found is None) == (oracles.rank(wider) == oracles.rank(matrix))
    if found is not None:
        assert all(sum(l * row[a] for l, row in zip(found, matrix, strict=True)) == 0 for a in range(3))
        assert sum(l * y for l, y in zip(found, right, strict=True)) != 0
        assert np.gcd.reduce(found) == 1
