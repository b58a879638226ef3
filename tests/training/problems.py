"""Small problems shared by the tests of the room, and the sums of absolute values that bound their rounding."""

import jax
import numpy as np

from overparam.networks import Params

EPS = 2.0**-52


def gaussian(n_samples, dim, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_samples, dim)), rng.normal(size=n_samples)


def random_params(width, dim, seed=0):
    rng = np.random.default_rng(1000 + seed)
    draws = rng.normal(size=(width, dim)), rng.normal(size=width), rng.normal(size=width), rng.normal()
    return Params(*(jax.numpy.asarray(draw) for draw in draws))


def outputs(params, points):
    """The network in NumPy, one line of algebra."""
    u, b, v, c = (np.asarray(leaf) for leaf in params)
    return np.maximum(np.asarray(points) @ u.T + b, 0) @ v + c


def jacobian(params, points):
    """(n_samples, n_params), columns u (row by row), b, v, c, by the definition."""
    u, b, v, _ = (np.asarray(leaf) for leaf in params)
    points = np.asarray(points)
    pre = points @ u.T + b
    slope = (pre > 0) * v
    by_u = (slope[:, :, None] * points[:, None, :]).reshape(len(points), -1)
    return np.concatenate([by_u, slope, np.maximum(pre, 0), np.ones((len(points), 1))], axis=1)


def jacobian_size(params, points):
    """Entrywise bound of the Jacobian in which no cancellation has taken place."""
    u, b, v, _ = (np.abs(np.asarray(leaf)) for leaf in params)
    x = np.abs(np.asarray(points))
    by_u = (np.broadcast_to(v, (len(x), len(v)))[:, :, None] * x[:, None, :]).reshape(len(x), -1)
    return np.concatenate([by_u, np.broadcast_to(v, (len(x), len(v))), x @ u.T + b, np.ones((len(x), 1))], axis=1)


def flat(params):
    return np.concatenate([np.asarray(leaf).reshape(-1) for leaf in params])


def one_seed(run, index):
    return jax.tree.map(lambda leaf: leaf[index], run)


def same_bits(one, two):
    return all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True))
