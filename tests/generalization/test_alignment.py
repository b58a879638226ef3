"""Comparing networks: symmetries undone, every matching tried by hand, the null that a best matching makes."""

import itertools

import numpy as np
import pytest

from overparam.errors import InputError
from overparam.generalization import (
    agreement,
    aligned,
    barrier,
    canonical,
    compare,
    cosine,
    permuted,
    product_distance,
)
from overparam.networks import Layer, Params, layers_of


def drawn(rng, *shape):
    """Layers of these sizes, inputs first."""
    return tuple(Layer(rng.normal(size=(m, d)), rng.normal(size=m)) for d, m in itertools.pairwise(shape))


def outputs(layers, points):
    values = points
    for layer in layers[:-1]:
        values = np.maximum(values @ layer.weights.T + layer.bias, 0)
    return values @ layers[-1].weights.T + layers[-1].bias


def rewritten(rng, layers):
    """The same function: units of every hidden layer permuted and rescaled."""
    layers = list(layers)
    for depth in range(len(layers) - 1):
        into, out = layers[depth], layers[depth + 1]
        order, scale = rng.permutation(len(into.bias)), np.exp(rng.normal(size=len(into.bias)))
        layers[depth] = Layer((into.weights * scale[:, None])[order], (into.bias * scale)[order])
        layers[depth + 1] = Layer((out.weights / scale)[:, order], out.bias)
    return tuple(layers)


def flat(layers):
    return np.concatenate([np.ravel(leaf) for layer in layers for leaf in layer])


@pytest.mark.parametrize("shape", [(3, 5, 1), (4, 6, 3), (3, 5, 6, 2), (3, 4, 5, 6, 1)])
def test_canonical_weights_are_the_same_function_balanced_and_shortest(shape):
    rng = np.random.default_rng(0)
    layers = drawn(rng, *shape)
    found = canonical(layers)
    points = rng.normal(size=(20, shape[0]))
    assert np.allclose(outputs(found, points), outputs(layers, points), rtol=1e-9, atol=1e-9)
    for into, out in itertools.pairwise(found):
        coming = np.sqrt((into.weights**2).sum(1) + into.bias**2)
        assert np.allclose(coming, np.linalg.norm(out.weights, axis=0), rtol=1e-11, atol=0)
    for _ in range(20):
        assert np.linalg.norm(flat(found)) < np.linalg.norm(flat(rewritten(rng, found)))
    again = rewritten(rng, layers)
    assert np.linalg.norm(flat(canonical(again))) == pytest.approx(np.linalg.norm(flat(found)), rel=1e-10)


def test_units_that_contribute_nothing_become_zero():
    """One without outgoing weights, and one behind it that has no other input, of which only a bias is left."""
    first = Layer(np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros(2))
    second = Layer(np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([0.5, 0.0]))
    found = canonical((first, second, Layer(np.array([[2.0, 7.0]]), np.array([1.0]))))
    assert not found[0].weights[0].any() and not found[2].weights[0, 1]
    assert np.linalg.norm(found[0].weights[1]) == pytest.approx(abs(found[1].weights[0, 1]))
    assert np.isfinite(flat(found)).all()


@pytest.mark.parametrize("shape", [(3, 5, 1), (4, 6, 3)])
def test_one_hidden_layer_against_every_permutation(shape):
    rng = np.random.default_rng(1)
    first, second = drawn(rng, *shape), drawn(rng, *shape)
    found = aligned(first, second)
    one, two = canonical(first), canonical(second)
    cosines = {order: cosine(one, permuted(two, [order])) for order in itertools.permutations(range(shape[1]))}
    assert found.aligned == pytest.approx(max(cosines.values()), rel=1e-12)
    assert tuple(found.orders[0]) == max(cosines, key=cosines.get)
    assert found.raw == pytest.approx(flat(first) @ flat(second) / np.sqrt(flat(first) @ flat(first)
                                      * (flat(second) @ flat(second))), rel=1e-12)  # fmt: skip
    points = rng.normal(size=(9, shape[0]))
    assert np.allclose(outputs(found.second, points), outputs(second, points))
    assert np.allclose(outputs(found.first, points), outputs(first, points))


def test_two_hidden_layers_against_every_pair_of_permutations():
    """Ascent may end below the best; with random starts, on these networks, it does not."""
    rng = np.random.default_rng(2)
    reached = 0
    for _ in range(5):
        first, second = drawn(rng, 3, 4, 4, 2), drawn(rng, 3, 4, 4, 2)
        one, two = canonical(first), canonical(second)
        every = itertools.product(itertools.permutations(range(4)), repeat=2)
        best = max(cosine(one, permuted(two, orders)) for orders in every)
        few, many = aligned(first, second).aligned, aligned(first, second, restarts=30, rng=rng).aligned
        assert few <= many + 1e-12 and many <= best + 1e-12
        reached += many >= best - 1e-12
    assert reached == 5


@pytest.mark.parametrize("shape", [(3, 40, 1), (5, 30, 20, 4), (4, 10, 10, 10, 2)])
def test_a_symmetric_copy_is_recognized(shape):
    rng = np.random.default_rng(3)
    first = drawn(rng, *shape)
    found = aligned(first, rewritten(rng, first))
    assert found.raw < 0.9 and found.aligned > 1 - 1e-12
    flipped = (Layer(-first[0].weights, -first[0].bias), *first[1:])
    assert aligned(first, flipped).aligned < 0.9, "a change of sign is no symmetry of ReLU"


def test_params_are_two_layers():
    rng = np.random.default_rng(4)
    first, second = (Params(*(rng.normal(size=s) for s in ((4, 3), 4, 4, ()))) for _ in range(2))
    assert aligned(first, second).aligned == aligned(layers_of(first), layers_of(second)).aligned
    assert np.allclose(canonical(first)[1].bias, first.c)


def test_the_null_grows_with_width_and_with_fewer_inputs():
    rng = np.random.default_rng(5)

    def null(dim, width):
        starts = [
            (
                Layer(rng.normal(size=(width, dim)) * (2 / dim) ** 0.5, np.zeros(width)),
                Layer(rng.normal(size=(10, width)) * width**-0.5, np.zeros(10)),
            )
            for _ in range(3)
        ]
        found = compare(starts, starts)
        assert np.array_equal(found.aligned, found.null) and len(found.raw) == 3
        assert np.abs(found.raw).max() < 0.1
        return found.null.mean()

    assert 0.2 < null(64, 32) < null(64, 128) < null(8, 128)


def test_agreement():
    logits = np.array([[1.0, 2.0, 0.0], [3.0, 0.0, 0.0], [0.0, 0.0, 5.0], [2.0, 1.0, 0.0]])
    shifted = logits + np.arange(4.0)[:, None]
    assert agreement(logits, shifted).disagreement == 0
    assert agreement(logits, shifted).correlation == pytest.approx(1, rel=1e-12)
    assert agreement(logits, logits[:, ::-1]).disagreement == 0.75
    line = np.array([1.0, 2.0, -3.0, 4.0])
    assert agreement(line, -2 * line - 1) == (pytest.approx(-1), 1.0)
    assert agreement(line, line[::-1]).correlation == pytest.approx(np.corrcoef(line, line[::-1])[0, 1])


def test_the_barrier_of_a_quadratic_and_of_a_symmetric_copy():
    rng = np.random.default_rng(6)
    first, second = drawn(rng, 2, 8, 1), drawn(rng, 2, 8, 1)
    apart = np.linalg.norm(flat(first) - flat(second))
    # a concave loss of the weights rises above its chord by a (1 - a) |difference|^2, most in the middle
    assert barrier(lambda net: -float(flat(net) @ flat(net)), first, second) == pytest.approx(apart**2 / 4)
    assert barrier(lambda net: float(flat(net) @ flat(net)), first, second) == 0
    points = rng.normal(size=(50, 2))
    wanted = outputs(first, points)

    def loss(net):
        return float(np.mean((outputs(net, points) - wanted) ** 2))

    copy = rewritten(rng, first)
    found = aligned(first, copy)
    assert barrier(loss, first, copy) > 1e-2 and barrier(loss, found.first, found.second) < 1e-20


def test_products_against_every_permutation():
    """Units of opposite sign meet at zero; output biases do not count."""
    rng = np.random.default_rng(7)
    first, second = (Params(*(rng.normal(size=s) for s in ((5, 3), 5, 5, ()))) for _ in range(2))
    one, two = (np.abs(net.v)[:, None] * np.column_stack([net.u, net.b]) for net in (first, second))

    def apart(i, j):
        if first.v[i] * second.v[j] > 0:
            return np.sum((one[i] - two[j]) ** 2)
        return (np.linalg.norm(one[i]) + np.linalg.norm(two[j])) ** 2

    best = min(sum(apart(i, j) for i, j in enumerate(order)) for order in itertools.permutations(range(5)))
    assert product_distance(first, second) == pytest.approx(np.sqrt(best) / np.linalg.norm(one), rel=1e-12)
    assert product_distance(first, rewritten(rng, layers_of(first))) < 1e-14
    # units w, v and 2 w, v / 2 have the products of one unit
    twice = Params(2 * first.u, 2 * first.b, first.v / 2, first.c + 1)
    assert product_distance(first, twice) == 0


def test_networks_that_cannot_be_compared():
    rng = np.random.default_rng(8)
    one, wide, deep = drawn(rng, 3, 4, 1), drawn(rng, 3, 5, 1), drawn(rng, 3, 4, 4, 1)
    with pytest.raises(InputError, match="3-4-1 and 3-5-1"):
        aligned(one, wide)
    with pytest.raises(InputError, match="different shapes"):
        product_distance(one, wide)
    with pytest.raises(InputError, match="one hidden layer and one output"):
        product_distance(deep, deep)
    with pytest.raises(InputError, match="2 hidden layers"):
        permuted(deep, [np.arange(4)])
    with pytest.raises(InputError, match="two networks or more"):
        compare([one], [one])
    with pytest.raises(InputError, match="one shape"):
        agreement(np.zeros(3), np.zeros(4))
