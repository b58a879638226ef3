"""Random features and Nystrom approximations, against the kernels that they stand for and the bounds they state."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.errors import InputError
from overparam.ntk import (
    nystrom,
    relu_features,
    relu_features_error,
    tangent_features,
    tangent_features_factors,
)
from overparam.ntk.scale._nystrom import _understood
from tests.ntk.simple_kernels import Laplace, relu_gram, unit_points

KEY = jax.random.key(7)
KERNEL = Laplace()
EPS = 2.0**-52


@pytest.mark.parametrize("hidden_bias", [False, True])
def test_relu_features_estimate_the_kernel(hidden_bias):
    """Matrix Bernstein: a false alarm has probability 1e-9; and the bound is not idle, a wrong kernel fails it."""
    points = unit_points(12, 3)
    features = relu_features(points, KEY, 4000, hidden_bias=hidden_bias)
    rows = np.concatenate([points, np.ones((12, int(hidden_bias)))], axis=1)
    limit = relu_gram(rows)
    squared = np.linalg.norm(rows, 2) ** 2
    allowed = relu_features_error(12, 4000, squared, np.linalg.norm(limit, 2), 1e-9)
    gram = np.asarray(features.gram())
    assert np.linalg.norm(gram - limit, 2) <= allowed
    assert np.linalg.norm(rows @ rows.T / 2 - limit, 2) > allowed or not hidden_bias
    assert np.linalg.norm(2 * gram - limit, 2) > allowed
    vectors = np.random.default_rng(1).normal(size=(12, 2))
    assert np.abs(features.product(vectors) - gram @ vectors).max() <= 4000 * EPS * 24 * squared


def test_the_bernstein_bound():
    """k (t / |G|)^2 / 2 = L (|H| / |G| + t / 3 |G|) is solved from above."""
    n, k, squared, norm, delta = 30, 500, 4.0, 1.5, 1e-3
    t = relu_features_error(n, k, squared, norm, delta)
    assert 2 * n * math.exp(-(k * t**2 / 2) / (squared * norm + squared * t / 3)) <= delta
    assert relu_features_error(n, 4 * k, squared, norm, delta) < 0.51 * t


def test_tangent_features():
    """Both sides of Davidson and Szarek, with probability 1 - 1e-9, for a network of two outputs."""
    points = unit_points(4, 3)
    rng = np.random.default_rng(0)
    params = {"first": jnp.asarray(rng.normal(size=(3, 6))), "second": jnp.asarray(rng.normal(size=(6, 2)))}

    def apply(p, x):
        return jnp.tanh(x @ p["first"]) @ p["second"]

    features = np.asarray(tangent_features(apply, params, points, KEY, 3000))
    jacobians = jax.jacobian(apply)(params, jnp.asarray(points))
    jacobian = np.concatenate([np.asarray(j).reshape(8, -1) for j in jax.tree.leaves(jacobians)], axis=1)
    root = np.linalg.cholesky(jacobian @ jacobian.T)
    ratio = np.linalg.eigvalsh(np.linalg.solve(root, np.linalg.solve(root, features @ features.T).T))
    low, high = tangent_features_factors(8, 3000, 1e-9)
    assert features.shape == (8, 3000) and 0.6 < low <= ratio[0] <= ratio[-1] <= high < 1.5
    assert tangent_features_factors(8, 8, 0.1)[0] == 0


@pytest.mark.slow
@pytest.mark.parametrize("rank", [1, 20])
@pytest.mark.parametrize("which", ["ntk", "nngp"])
def test_the_trace_bounds_the_error(rank, which):
    points = unit_points(40, 4)
    gram = np.asarray(KERNEL.only(which, points))
    found = nystrom(KERNEL, points, KEY, rank, which=which)
    factor = np.asarray(found.factor)
    left = np.linalg.eigvalsh(gram - factor @ factor.T)
    rounding = 40 * EPS * np.trace(gram)
    assert left[0] >= -rounding  # from below
    assert left[-1] <= found.error and abs(np.sum(left) - found.error) <= 100 * rounding
    assert found.error <= found.trace and abs(found.trace - np.trace(gram)) <= rounding
    chosen = np.asarray(found.pivots)
    assert len(set(chosen.tolist())) == rank == factor.shape[1]
    assert np.abs((gram - factor @ factor.T)[chosen]).max() <= 100 * rounding  # agrees where it looked
    assert np.abs(np.asarray(found.diagonal) - np.diag(gram - factor @ factor.T)).max() <= 100 * rounding
    vectors = np.eye(40)[:, :2]
    assert np.abs(np.asarray(found.product(vectors)) - factor @ factor.T[:, :2]).max() <= rounding


def test_ranks_that_end_by_themselves():
    twice = np.concatenate([unit_points(20, 4)] * 2)
    found = nystrom(KERNEL, twice, KEY, 40)
    assert found.factor.shape == (40, 20) and found.error <= 1e-10
    rough = nystrom(KERNEL, unit_points(40, 4), KEY, 40, tolerance=0.5)
    assert rough.factor.shape[1] < 20 and rough.error <= 0.5 * rough.trace + 1e-10
    assert nystrom(KERNEL, np.zeros((40, 4)), KEY, 2).factor.shape == (40, 1)
    assert nystrom(KERNEL, np.ones((1, 4)), KEY, 5).error <= 1e-12
    again = nystrom(KERNEL, twice, KEY, 40)
    assert np.array_equal(again.factor, found.factor)


def test_what_is_refused():
    points = unit_points(5, 2)
    for call in (
        lambda: relu_features(points[0], KEY, 3),
        lambda: relu_features(points, KEY, 0),
        lambda: relu_features(points, KEY, 3).product(np.ones(5)),
        lambda: relu_features_error(5, 3, 1.0, 1.0, 1.5),
        lambda: tangent_features_factors(0, 3, 0.5),
        lambda: nystrom(KERNEL, points, KEY, 0),
        lambda: nystrom(KERNEL, points, KEY, 2, tolerance=1.0),
        lambda: nystrom(KERNEL, points * np.nan, KEY, 2),
    ):
        with pytest.raises(InputError):
            call()


def test_what_nystrom_refuses():
    points = unit_points(5, 2)
    for arguments, sentence in (
        ((KERNEL, "x", 2, KEY), "which must be .* not 'x'"),
        ((lambda a, b: a @ b.T, "ntk", 2, KEY), "kernel must be a Kernel.* not function"),
        ((KERNEL, "ntk", 1.5, KEY), "rank must be an integer of at least 1, not 1.5"),
        ((KERNEL, "ntk", True, KEY), "rank must be an integer of at least 1, not True"),
        ((KERNEL, "ntk", 2, None), "key must be one typed key.* not None"),
        ((KERNEL, "ntk", 2, jax.random.split(KEY)), "key must be one typed key.* shape .2,"),
    ):
        with pytest.raises(InputError, match=sentence):
            _understood(*arguments)
    assert _understood(KERNEL, "nngp", np.int64(2), KEY) == 2
    for found, sentence in ((points * 1j, "points must be real"), (points[0], "points must have")):
        with pytest.raises(InputError, match=sentence):
            nystrom(KERNEL, found, KEY, 2)
    rough = nystrom(KERNEL, points, KEY, 2)
    for vectors in (np.ones(5), np.ones((2, 5)), np.float64(1), np.ones((5, 1, 1)), np.ones((5, 1)) * 1j):
        with pytest.raises(InputError, match="vectors must be"):
            rough.product(vectors)
