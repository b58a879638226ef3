"""Certificates of stochastic networks, kernels of labels, measures that rank: independent computations of each."""

import itertools
import math

import jax
import numpy as np
import pytest
from scipy import linalg, stats

from overparam.errors import InputError, PrecisionError
from overparam.generalization import (
    PacBayesSpec,
    arora2019,
    capacity_table,
    certified,
    first_layer_kernel,
    inverse_kl,
    jiang2020,
    margin_level,
    margins,
    outputs_of,
    pac_bayes,
    pac_bayes_seeds,
    path_norm,
    stochastic_errors,
)
from overparam.generalization.bounds._certificate import grid_share
from overparam.generalization.bounds._measures import flattened, unflattened
from overparam.networks import Layer
from overparam.ntk import first_layer_gram

HOW = PacBayesSpec(steps=200, step_size=1e-2, draws=200)


def two_classes(rng, n, d=5, apart=2.0):
    labels = rng.choice([-1, 1], size=n)
    points = rng.normal(size=(n, d))
    points[:, 0] += apart * labels
    return points, labels


def start(rng, sizes):
    return tuple(Layer(rng.normal(size=(k, d)) / d**0.5, np.zeros(k)) for d, k in itertools.pairwise(sizes))


def test_a_certificate_by_hand():
    """One weight and one bias: KL by scipy's normal densities on a fine grid, then both inversions."""
    how = PacBayesSpec(draws=1000)
    mean, centre = (Layer(np.array([[0.4]]), np.array([0.1])),), (Layer(np.array([[0.1]]), np.array([0.0])),)
    deviation = (Layer(np.array([[0.2]]), np.array([0.3])),)
    found = certified(mean, deviation, centre, 0.05, 200, near=230.4, how=how)
    variance = 0.1 * math.exp(-found.grid_index / 100)
    assert found.grid_index in (230, 231) and found.prior_variance == pytest.approx(variance, rel=1e-14)
    divergence = 0.0
    for m, s, c in ((0.4, 0.2, 0.1), (0.1, 0.3, 0.0)):
        t = np.linspace(m - 10 * s, m + 10 * s, 20_001)
        q = stats.norm.pdf(t, m, s)
        divergence += np.trapezoid(q * (stats.norm.logpdf(t, m, s) - stats.norm.logpdf(t, c, variance**0.5)), t)
    assert found.divergence == pytest.approx(divergence, rel=1e-8)
    numerator = divergence + 2 * math.log(found.grid_index) + math.log(math.pi**2 * 200 / (6 * 0.025))
    assert found.rate == pytest.approx(numerator / 199, rel=1e-8)
    q = float(inverse_kl(0.05, math.log(200) / 1000))
    assert (found.error_bound, found.bound) == pytest.approx((q, float(inverse_kl(q, found.rate))), rel=1e-8)
    assert found.confidence == pytest.approx(0.965, rel=1e-14)
    assert sum(grid_share(0.025, j) for j in range(1, 10_000)) < 0.025


@pytest.mark.slow
def test_a_network_gets_a_bound_below_a_half():
    """The certificate is made of the posterior that is returned, and new points err less than the bound."""
    rng = np.random.default_rng(0)
    points, labels = two_classes(rng, 1000)
    first = start(rng, (5, 4, 1))
    found = pac_bayes(first, first, points, labels, jax.random.key(0), how=HOW)
    again = certified(found.mean, found.deviation, first, found.stochastic_error, 1000, near=found.grid_index, how=HOW)
    assert again.bound == pytest.approx(found.bound, rel=1e-12)
    fresh, classes = two_classes(rng, 1000)
    (error,) = stochastic_errors([found], fresh[None], classes[None], jax.random.key(1), how=HOW)
    assert found.stochastic_error < found.error_bound < found.bound < 0.5
    assert error < found.bound
    weights = [
        (
            layer.weights + s.weights * rng.normal(size=s.weights.shape),
            layer.bias + s.bias * rng.normal(size=s.bias.shape),
        )
        for _ in range(200)
        for layer, s in zip(found.mean, found.deviation, strict=True)
    ]
    drawn = [
        outputs_of([Layer(*one) for one in pair], fresh)[:, 0] for pair in zip(weights[::2], weights[1::2], strict=True)
    ]
    errors = [np.mean(outputs * classes <= 0) for outputs in drawn]
    spread = np.std(errors) * (2 / 200) ** 0.5
    assert abs(np.mean(errors) - error) <= 5 * spread  # two means of 200 draws: a chance below 1e-6
    line = (Layer(np.eye(1, 5), np.zeros(1)),)
    sides = np.where(points[:, 0] < 0, -1, 1)
    *rows, row = capacity_table(line, line, points, sides, certificate=found)
    assert rows[0].measure == "vc" and rows[0].value == 6 / 1000  # a half space in five dimensions
    assert row.measure == "dziugaite2017" and row.bound == found.bound and row.vacuous is False


@pytest.mark.slow
def test_seeds_together_and_two_outputs():
    """A seed's certificate in company is close to that alone; a network of two outputs is one of their difference."""
    rng = np.random.default_rng(1)
    points, labels = (np.stack(each) for each in zip(*(two_classes(rng, 300) for _ in range(3)), strict=True))
    first = start(rng, (5, 1))
    stacked = tuple(Layer(np.stack([one.weights] * 3), np.stack([one.bias] * 3)) for one in first)
    found = pac_bayes_seeds(stacked, stacked, points, labels, jax.random.key(2), how=HOW)
    assert len(found) == 3 and len({one.bound for one in found}) == 3
    alone = pac_bayes(first, first, points[0], labels[0], jax.random.key(2), how=HOW)
    assert alone.bound == pytest.approx(found[0].bound, rel=1e-3)
    double = start(rng, (5, 2))
    two = pac_bayes(double, double, points[0], (labels[0] + 1) // 2, jax.random.key(2), how=HOW)
    assert two.bound < 0.5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"labels": np.arange(20)}, "two classes"),
        ({"points": np.zeros((20, 3))}, "points must be"),
        ({"initial": (Layer(np.zeros((1, 3)), np.zeros(1)),)}, "initial must have the shapes"),
        ({"how": PacBayesSpec(delta=0.6, delta_draws=0.5)}, "sum below 1"),
        ({"how": PacBayesSpec(first_variance=1.0)}, "first_variance"),
        ({"how": PacBayesSpec(draws=0)}, "draws"),
    ],
)
def test_what_a_certificate_refuses(change, says):
    rng = np.random.default_rng(3)
    points, labels = two_classes(rng, 20)
    first = start(rng, (5, 1))
    given = {"layers": first, "initial": first, "points": points, "labels": labels, "key": jax.random.key(0)} | change
    how = given.pop("how", HOW)
    with pytest.raises(InputError, match=says):
        pac_bayes(*given.values(), how=how)


def test_a_missing_precision_is_refused():
    rng = np.random.default_rng(3)
    points, labels = two_classes(rng, 20)
    first = start(rng, (5, 1))
    jax.config.update("jax_enable_x64", False)
    try:
        with pytest.raises(PrecisionError):
            pac_bayes(first, first, points, labels, jax.random.key(0), how=PacBayesSpec(dtype="float64"))
    finally:
        jax.config.update("jax_enable_x64", True)


def test_the_kernel_of_labels():
    """Against the tangent kernel of another room, and a solve by eigenvectors."""
    rng = np.random.default_rng(4)
    points, labels = rng.normal(size=(12, 6)), rng.choice([-1.0, 1.0], size=12)
    units = points / np.linalg.norm(points, axis=1, keepdims=True)
    kernel = np.asarray(first_layer_gram(units))
    assert np.allclose(first_layer_kernel(units), kernel, rtol=0, atol=1e-14)
    assert np.allclose(first_layer_kernel(units[:3], units[3:]), kernel[:3, 3:], rtol=0, atol=1e-14)
    values, vectors = linalg.eigh(kernel)
    wanted = float(np.sum((vectors.T @ labels) ** 2 / values))
    found = arora2019(5 * points, labels)
    assert found.quadratic == pytest.approx(wanted, rel=1e-10)
    assert found.leading == pytest.approx(math.sqrt(2 * wanted / 12), rel=1e-10)
    assert found.least_eigenvalue == pytest.approx(values[0], rel=1e-10)
    assert found.bound.bound > found.leading and found.bound.unmet
    two = arora2019(np.eye(2), [1.0, -1.0])  # H = I / 2
    assert two.quadratic == pytest.approx(4.0, rel=1e-14)


@pytest.mark.parametrize(
    ("points", "labels", "says"),
    [
        (np.zeros((2, 2)), np.ones(2), "row of zeros"),
        (np.eye(2), 2 * np.ones(2), "labels must be"),
        (np.ones((2, 2)), np.ones(2), "one ray"),
        (np.eye(2), np.ones(3), "points must be"),
    ],
)
def test_kernels_that_are_refused(points, labels, says):
    with pytest.raises(InputError, match=says):
        arora2019(points, labels)


def test_measures_by_hand_and_their_symmetries():
    """Norms read off diagonal layers; the path norm of a rescaled network; permuted units change nothing but noise."""
    layers = (Layer(np.diag([3.0, 1.0]), np.zeros(2)), Layer(np.diag([4.0, 5.0]), np.zeros(2)))
    initial = tuple(Layer(np.zeros((2, 2)), np.zeros(2)) for _ in range(2))
    points, labels = np.eye(2), np.array([0, 1])
    found = jiang2020(layers, initial, points, labels, np.random.default_rng(0), quantile=0.0)
    g = margin_level(margins(outputs_of(layers, points), labels), 0.0)
    assert g == 5 and found["inverse margin"] == pytest.approx(1 / 25)
    assert found["parameters"] == 12
    assert found["log product of spectral norms"] == pytest.approx(2 * math.log(15))
    assert found["log product of spectral norms / margin"] == pytest.approx(2 * math.log(15 / 5))
    assert found["log product of Frobenius norms"] == pytest.approx(math.log(10 * 41))
    assert found["distance from start"] == found["sum of squared weights"] == pytest.approx(51)
    assert found["Frobenius / spectral"] == pytest.approx(10 / 9 + 41 / 25)
    assert found["mean spectral / margin"] == pytest.approx(2 * 3)
    assert found["path norm"] == pytest.approx(9 * 16 + 25) and found["path norm / margin"] == pytest.approx(169 / 25)
    s = found["flatness"] ** -0.5
    assert found["PAC-Bayes"] == pytest.approx(51 / (4 * s**2) + math.log(2 / s) + 10, rel=1e-9)


def test_the_path_norm_does_not_see_scales_of_units():
    rng = np.random.default_rng(5)
    (u, b), (v, c) = layers = tuple(Layer(rng.normal(size=(k, d)), rng.normal(size=k)) for d, k in ((3, 6), (6, 2)))
    scale = np.exp(rng.normal(size=6))
    moved = (Layer(u * scale[:, None], b * scale), Layer(v / scale, c))
    assert path_norm(moved) == pytest.approx(path_norm(layers), rel=1e-12)
    brute = float(np.sum(c**2)) + sum(
        v[k, j] ** 2 * (b[j] ** 2 + np.sum(u[j] ** 2)) for k in range(2) for j in range(6)
    )
    assert path_norm(layers) == pytest.approx(brute, rel=1e-12)
    assert all(np.array_equal(a, d) for x, y in zip(unflattened(flattened(layers), layers), layers, strict=True)
               for a, d in zip(x, y, strict=True))  # fmt: skip


@pytest.mark.slow
def test_flatness_of_a_threshold():
    """f = (x, -x) on x = -1 and 1 needs noise of order 1 to err; at the deviation found it errs in a tenth."""
    rng = np.random.default_rng(6)
    layers = (Layer(np.array([[1.0], [-1.0]]), np.zeros(2)),)
    initial = (Layer(np.zeros((2, 1)), np.zeros(2)),)
    points, labels = np.array([[1.0], [-1.0]] * 10), np.array([0, 1] * 10)
    found = jiang2020(layers, initial, points, labels, rng, draws=100)
    s = found["flatness"] ** -0.5
    # an output difference 2 x + s (z_1 - z_2 x + ...) of variance 4 s^2 has the wrong sign with Phi(-1/s)
    assert stats.norm.cdf(-1 / s) == pytest.approx(0.1, abs=0.07)  # three standard deviations of 200 errors
