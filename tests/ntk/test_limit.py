"""The kernel of an infinitely wide layer against known values, 60 digits, and samples of the wide network."""

import math

import flint
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.certificates import limit_gram
from overparam.errors import InputError, PrecisionError
from overparam.keys import Purpose, key_for
from overparam.ntk import first_layer_gram

EPS = 2.0**-52
RATIONAL = np.array([[3 / 5, 4 / 5], [5 / 13, 12 / 13], [-8 / 17, 15 / 17], [1.0, 0.0]])


def exact_gram(points, *, hidden_bias=False):
    """By the definition, with 400 bits: the angle as arccos of the normalized inner product."""
    with flint.ctx.workprec(400):
        rows = [[flint.arb(x) for x in row] + [flint.arb(1)] * hidden_bias for row in np.asarray(points).tolist()]

        def entry(x, z):
            inner, square, other = (sum((a * b for a, b in zip(*two, strict=True)), flint.arb(0))
                                    for two in ((x, z), (x, x), (z, z)))  # fmt: skip
            if square == 0 or other == 0:
                return flint.arb(0)
            cosine = inner / (square * other).sqrt()
            if not abs(cosine) < 1:  # parallel, as far as 400 bits tell
                return inner / 2 if cosine > 0 else flint.arb(0)
            return inner * (1 - cosine.acos() / flint.arb.pi()) / 2

        return [[entry(x, z).mid() for z in rows] for x in rows]


def near_parallel(gap):
    """Rows at angles of about `gap` and pi - gap to the first."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=4)
    return np.stack([x, 3 * x + gap * rng.normal(size=4), -x + gap * rng.normal(size=4), x, rng.normal(size=4)])


@pytest.mark.parametrize("hidden_bias", [False, True])
@pytest.mark.parametrize(
    "points",
    [RATIONAL, near_parallel(1e-3), near_parallel(1e-9), np.zeros((2, 3)), np.array([[1e-100], [1e100], [0.0]])],
    ids=["rational", "1e-3", "1e-9", "zeros", "far apart"],
)
def test_every_entry_is_right_to_the_last_digits(points, hidden_bias):
    """Within the bound that `limit_gram` derives, a few dozen roundings relative to the two norms."""
    wanted = exact_gram(points, hidden_bias=hidden_bias)
    got, radius = first_layer_gram(points, hidden_bias=hidden_bias), limit_gram(points, hidden_bias=hidden_bias).radius
    for i, row in enumerate(wanted):
        for j, value in enumerate(row):
            assert abs(float(flint.arb(float(got[i, j])) - value)) <= radius[i, j]
    assert radius.max() <= 60 * EPS * max((points**2).sum(axis=1) + hidden_bias)


def test_published_eigenvalues():
    """Entries off by at most 60 roundings move eigenvalues by at most n times that."""
    diagonal = np.array([[1.0, 0.0], [0.5**0.5, 0.5**0.5], [0.0, 1.0]])
    for points, wanted in [
        (diagonal, [1 / 8, 1 / 2, 7 / 8]),
        (RATIONAL, [0.03825403259620746841, 0.2464957446053386138, 0.5961969088447821149, 1.119053313953671803]),
    ]:
        values = np.linalg.eigvalsh(first_layer_gram(points))
        assert np.abs(values - wanted).max() <= 60 * len(points) * EPS
    two = np.array([[1.0, 0.0], [math.cos(0.7), math.sin(0.7)]])
    apart = math.cos(0.7) * (math.pi - 0.7) / (2 * math.pi)
    assert np.abs(np.linalg.eigvalsh(first_layer_gram(two)) - [0.5 - apart, 0.5 + apart]).max() <= 120 * EPS


def test_it_is_the_wide_limit():
    """Hoeffding, each term in [0, |z_i| |z_j|] up to its sign, a union over n n entries: false alarm below 1e-9."""
    n, m = 5, 50_000
    points = np.random.default_rng(1).normal(size=(n, 3))
    weights = jax.random.normal(key_for(jax.random.key(0), Purpose.INIT, 0), (m, 4), jnp.float64)
    for hidden_bias in (False, True):
        rows = np.hstack([points, np.ones((n, 1))]) if hidden_bias else points
        on = (rows @ np.asarray(weights[:, : rows.shape[1]]).T > 0).astype(float)
        sampled = (rows @ rows.T) * (on @ on.T) / m
        t = math.sqrt(math.log(2 * n * n / 1e-9) / (2 * m))
        lengths = np.linalg.norm(rows, axis=1)
        gap = np.abs(sampled - first_layer_gram(points, hidden_bias=hidden_bias)) / np.outer(lengths, lengths)
        assert gap.max() <= t


def test_symmetry_scale_and_order_are_exact():
    rng = np.random.default_rng(2)
    points = rng.normal(size=(37, 5))
    points[7] = points[3]
    gram = np.asarray(first_layer_gram(points))
    order = rng.permutation(37)
    assert (gram == gram.T).all()
    assert (np.asarray(first_layer_gram(points[order])) == gram[np.ix_(order, order)]).all()
    assert (np.asarray(first_layer_gram(8 * points)) == 64 * gram).all()
    assert gram[3, 7] == gram[3, 3] == gram[7, 7]
    orthogonal = first_layer_gram(jnp.eye(3))
    assert orthogonal.tolist() == (np.eye(3) / 2).tolist()


@pytest.mark.slow
def test_gradients_are_finite_and_it_is_one_program():
    points = jnp.asarray(np.random.default_rng(3).normal(size=(6, 3)))
    points = points.at[1].set(points[0])
    value, gradient = jax.jit(jax.value_and_grad(lambda rows: jnp.sum(first_layer_gram(rows))))(points)
    assert np.isfinite(gradient).all()
    assert abs(value - np.asarray(first_layer_gram(points)).sum()) <= 200 * EPS * float(jnp.sum(points**2)) * 6
    shape = jax.eval_shape(first_layer_gram, points)
    assert (shape.shape, shape.dtype) == ((6, 6), np.float64)
    assert first_layer_gram(points, dtype="float32").dtype == np.float32


def test_wrong_calls():
    for points in (np.zeros(3), np.zeros((0, 3)), np.zeros((3, 0))):
        with pytest.raises(InputError, match="points must be a matrix"):
            first_layer_gram(points)
    with jax.enable_x64(False), pytest.raises(PrecisionError, match="a kernel asks for float64"):
        first_layer_gram(np.eye(2))
