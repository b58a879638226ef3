"""Repair ends in an exact interpolator close by, or says why not."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.certificates import is_interpolating, movement, repair
from overparam.errors import InputError, RepairError
from overparam.exact import exact_data, forward
from overparam.memorizers import memorize
from overparam.networks import Params
from tests.exact import oracles


def planted(n, d, k, seed, noise):
    """A random network's own outputs as labels, and the network with its weights perturbed."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, d))
    u, b, v, c = rng.normal(size=(k, d)), rng.normal(size=k), rng.normal(size=k), rng.normal()
    labels = np.maximum(points @ u.T + b, 0) @ v + c
    moved = Params(*(w + noise * rng.normal(size=np.shape(w)) for w in (u, b, v)), np.array(c))
    return moved, points, labels


def interpolates(network, points, labels):
    """Naive rational arithmetic."""
    return oracles.outputs(network, [[Fraction(x) for x in row] for row in points]) == [Fraction(y) for y in labels]


def weights(params):
    return [Fraction(x) for array in params for x in np.asarray(array).ravel().tolist()]


@pytest.mark.parametrize(("n", "d", "k"), [(12, 3, 6), (20, 2, 14), (30, 8, 6), (40, 5, 12), (10, 20, 1)])
def test_perturbed_planted_networks(n, d, k):
    repaired = 0
    for seed in range(6):
        params, points, labels = planted(n, d, k, seed, noise=1e-9)
        try:
            network = repair(params, points, labels)
        except RepairError:
            continue  # the planted network is dead on some points, or a point lies within 1e-9 of a kink
        repaired += 1
        assert interpolates(network, points, labels)
        assert is_interpolating(network, points, labels)
        assert movement(params, network) < 1e-5
        assert network.width == k
        assert network.v == tuple(Fraction(v) for v in params.v.tolist())  # output weights are frozen
        kept = sum(a == b for a, b in zip(weights(params), network.numbers(), strict=True))
        assert kept >= len(weights(params)) - n  # as many corrections as equations
    assert repaired >= 3


def test_the_repaired_network_stays_in_its_cell():
    params, points, labels = planted(40, 5, 12, seed=1, noise=1e-9)
    network = repair(params, points, labels)
    before = np.sign(params.u @ points.T + params.b[:, None])
    assert np.array_equal(forward(network, points).signs, before)


def test_repair_is_a_function_of_its_arguments():
    params, points, labels = planted(30, 8, 6, seed=2, noise=1e-9)
    assert repair(params, points, labels) == repair(Params(*(w.copy() for w in params)), points.copy(), labels.copy())


def test_an_exact_network_is_left_alone():
    params = Params(np.array([[1.0]]), np.array([0.0]), np.array([2.0]), np.array(1.0))
    network = repair(params, [[-1.0], [0.0], [3.0]], [1.0, 1.0, 7.0])
    assert movement(params, network) == 0


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.integers(1, 12), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_rounded_constructions_are_repaired(n, d, seed):
    """Networks built by hand have pre-activations that vanish at data points, where rounding decides the sign."""
    rng = np.random.default_rng(seed)
    points, labels = rng.normal(size=(n, d)), rng.normal(size=n)
    for construction in ("pairs", "greedy"):
        rounded = Params(*memorize(points, labels, construction).network.to_arrays())
        network = repair(rounded, points, labels)
        assert interpolates(network, points, labels)
        assert movement(rounded, network) <= 1e-3 * max(1.0, *map(abs, map(float, weights(rounded))))


def test_points_on_kinks_stay_there():
    points, labels = [[0.0], [1.0], [2.0], [3.0]], [0.1, 0.2, 0.7, 0.3]
    rounded = Params(*memorize(points, labels, "zhang").network.to_arrays())
    network = repair(rounded, points, labels)
    assert interpolates(network, points, labels)
    assert movement(rounded, network) < 1e-14


def test_dead_neurons_have_no_say():
    params, points, labels = planted(20, 5, 8, seed=3, noise=1e-10)
    more = Params(
        np.vstack([params.u, np.ones((1, 5)), np.ones((1, 5))]),
        np.append(params.b, [-1e6, 0.3]),
        np.append(params.v, [1.0, 0.0]),  # never active; of output weight 0
        params.c,
    )
    network = repair(more, points, labels)
    assert interpolates(network, points, labels)
    assert network.u[-2:] == ((1,) * 5,) * 2
    assert network.b[-2:] == (-(10**6), Fraction(0.3))


def test_units_of_the_data_do_not_matter():
    params, points, labels = planted(15, 3, 7, seed=4, noise=1e-10)
    scale = 2.0 ** np.array([900, -700, 3])
    scaled = params._replace(u=params.u / scale)
    network = repair(scaled, points * scale, labels)
    assert interpolates(network, points * scale, labels)
    unscaled = repair(params, points, labels)
    assert network.b == unscaled.b
    assert [[w * Fraction(s) for w, s in zip(row, scale.tolist(), strict=True)] for row in network.u] == [
        list(row) for row in unscaled.u
    ]


def test_repeated_points_are_one_equation():
    params, points, labels = planted(12, 3, 6, seed=0, noise=1e-10)
    network = repair(params, np.vstack([points, points[:5]]), np.append(labels, labels[:5]))
    assert network == repair(params, points, labels)
    with pytest.raises(InputError, match="points 0 and 12 are equal"):
        repair(params, np.vstack([points, points[:1]]), np.append(labels, labels[0] + 1))


def test_more_points_than_weights_where_the_labels_allow_it():
    """Labels on one affine function: 50 equations of rank 4 in 5 unknowns."""
    rng = np.random.default_rng(0)
    points = rng.integers(-9, 9, size=(50, 3)).astype(float)
    labels = points @ [1.0, -2.0, 4.0] + 8
    params = Params(np.array([[1.0, -2.0, 4.0]]) + 1e-9, np.array([200.0]), np.ones(1), np.array(-192.0))
    network = repair(params, points, labels)
    assert interpolates(network, points, labels)
    assert movement(params, network) < 1e-6
    labels[7] += 2**-20
    with pytest.raises(RepairError, match="no choice of the 5 other weights takes these"):
        repair(params, points, labels)


@pytest.mark.parametrize("width", [0, 1])
def test_constants(width):
    params = Params(np.zeros((width, 2)), np.zeros(width), np.zeros(width), np.array(2.9999999))
    network = repair(params, [[0.0, 1.0], [2.0, 3.0]], [3.0, 3.0])
    assert (network.width, network.c) == (width, 3)
    with pytest.raises(RepairError, match="the 1 other weights"):
        repair(params, [[0.0, 1.0], [2.0, 3.0]], [3.0, 4.0])


def test_hopeless_networks_are_refused_with_the_reason():
    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(40, 5)), rng.normal(size=40)
    few = Params(rng.normal(size=(3, 5)), rng.normal(size=3), rng.normal(size=3), np.array(0.0))
    with pytest.raises(RepairError, match="no choice of the 19 other weights takes these 40 labels"):
        repair(few, points, labels)
    untrained = Params(rng.normal(size=(9, 5)), rng.normal(size=9), rng.normal(size=9), np.array(0.0))
    with pytest.raises(RepairError, match=r"moves \d+ of 360 pre-activations across zero"):
        repair(untrained, points, labels)
    with pytest.raises(RepairError, match="NaN or infinite"):
        repair(few._replace(c=np.array(np.nan)), points, labels)
    with pytest.raises(InputError, match="takes 5 inputs, but the points have 4"):
        repair(few, points[:, :4], labels)
    with pytest.raises(InputError, match="shapes"):
        repair(few._replace(b=np.zeros(2)), points, labels)


def test_is_interpolating_is_exact():
    network = memorize([[0.0], [1.0]], [0.1, 0.2], "pairs").network
    assert is_interpolating(network, [[0.0], [1.0]], [0.1, 0.2])
    assert not is_interpolating(network, [[0.0], [1.0]], [0.1, np.nextafter(0.2, 1)])
    assert is_interpolating(network, exact_data([[Fraction(1, 2)]], [(Fraction(0.1) + Fraction(0.2)) / 2]), None)
