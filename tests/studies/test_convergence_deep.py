"""Deep networks, wide layers and generic ranks: verdicts, broken mechanisms, and other ways to the same numbers."""

import dataclasses
import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

from overparam.ntk import dense_kernel, first_layer_gram, jacobian
from overparam.studies._experiment import Setting
from overparam.studies.convergence import (
    _bombari,
    _deep_polynomial_width,
    _fewer_than_n_neurons,
    _generic_jacobian_rank,
    _kawaguchi_huang,
    _montanari_zhong,
    _one_wide_layer,
    _two_curves,
)
from overparam.studies.convergence._deep import drawn_layers, generator
from tests.studies.judging import judged


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (_montanari_zhong, "SCOPED"),
        (_kawaguchi_huang, "CERTIFIED"),
        (_two_curves, "SCOPED"),
        (_one_wide_layer, "CONSISTENT"),
        (_bombari, "ESTIMATED"),
        (_deep_polynomial_width, "VACUOUS"),
        (_fewer_than_n_neurons, "CERTIFIED"),
        (_generic_jacobian_rank, "CERTIFIED"),
    ],
)
def test_verdicts(tmp_path, module, expected):
    claim = judged(module, tmp_path)
    assert claim.verdict == expected, claim.evidence
    assert (claim.certificate is not None) is (expected == "CERTIFIED")
    if claim.certificate is not None:
        assert list((tmp_path / claim.certificate).rglob("statement.json"))


# Montanari and Zhong


@pytest.mark.parametrize("broken", [{"nonlinear": 0.5}, {"neuron_scale": 0.25}])
def test_edges_need_the_right_kernel(tmp_path, monkeypatch, broken):
    monkeypatch.setitem(_montanari_zhong._SIZES, "ci", (((120, 40),), (5,), 1, 3))
    assert _montanari_zhong.measure(Setting("ci", 0, tmp_path)).holds
    assert _montanari_zhong.measure(Setting("ci", 0, tmp_path), **broken).holds is False


def test_kernel_is_its_series():
    """At rho = 0.3 the tail beyond 60 terms is below 1e-30."""
    h, rho = _montanari_zhong.coefficients(60), 0.3
    closed = rho * (math.pi - math.acos(rho)) / (2 * math.pi)
    assert sum(hq * rho**q for q, hq in enumerate(h)) == pytest.approx(closed, rel=1e-14)
    points = np.array([[1.0, 0.0], [0.3, math.sqrt(1 - 0.09)]])
    assert float(first_layer_gram(points)[0, 1]) == pytest.approx(closed, rel=1e-14)
    assert h[:5].tolist() == pytest.approx([0, 1 / 4, 1 / (2 * math.pi), 0, 1 / (12 * math.pi)], rel=1e-14)


@pytest.mark.parametrize(("n", "dim", "printed"), [(300, 60, 0.147), (600, 100, 0.159), (1000, 200, 0.187)])
def test_predicted_edges(n, dim, printed):
    """Against the leading terms: (1 / 2 pi) (1 - sqrt(2 n / d^2))^2 + 1/4 - 1 / (2 pi), N_2 taken as d^2 / 2."""
    leading = (1 - math.sqrt(2 * n / dim**2)) ** 2 / (2 * math.pi) + 0.25 - 1 / (2 * math.pi)
    assert leading == pytest.approx(printed, abs=6e-4)
    assert _montanari_zhong.least_eigenvalue_predicted(n, dim) == pytest.approx(leading, abs=2e-3)


def test_harmonics_and_ridge():
    """Harmonics: monomials of degree q less those times |x|^2; in the plane 2.  The ridge tends to 1."""
    assert [_montanari_zhong.harmonics(3, q) for q in range(5)] == [1, 3, 5, 7, 9]
    assert [_montanari_zhong.harmonics(2, q) for q in range(1, 5)] == [2, 2, 2, 2]
    assert _montanari_zhong.hidden_ridge(10**4, 10**4) == pytest.approx(1, abs=1e-3)


def test_nothing_covered_is_nothing_tested(tmp_path, monkeypatch):
    """Three neurons leave points uncovered in every draw, a hundred leave none for the control."""
    for multiple, few in ((1, 3), (20, 100)):
        monkeypatch.setitem(_montanari_zhong._SIZES, "ci", (((120, 40),), (multiple,), 1, few))
        assert _montanari_zhong.measure(Setting("ci", 0, tmp_path)).holds is None


# Kawaguchi and Huang


@pytest.mark.slow
def test_last_layer_alone_cannot_replace_all(tmp_path):
    """The last layer's Jacobian has rank at most last width + 1 < n: the checker refuses it."""
    assert _kawaguchi_huang.measure(Setting("ci", 0, tmp_path), free=(2,)).holds is False


def test_labels_within_reach_of_the_narrow_layer(tmp_path):
    """Then its floor is 0, and all layers cannot get below half of it."""
    assert judged(_kawaguchi_huang, tmp_path, labels_in_reach=True).verdict == "REFUTED"


def test_features_are_exact():
    """Against rational arithmetic."""
    rng = generator(3, 1)
    layers = [
        type(layer)(_kawaguchi_huang.on_grid(layer.weights), _kawaguchi_huang.on_grid(layer.bias))
        for layer in drawn_layers(rng, (4, 5, 6, 1), (2.0, 2.0, 1.0), bias=0.5)
    ]
    points = _kawaguchi_huang.on_grid(rng.normal(size=(7, 4)))
    features = _kawaguchi_huang._features(tuple(layers), points)
    for point, row in zip(points, features, strict=True):
        values = [Fraction(x) for x in point]
        for layer in layers[:-1]:
            values = [
                max(Fraction(0), sum((Fraction(a) * x for a, x in zip(w, values, strict=True)), Fraction(b)))
                for w, b in zip(layer.weights, layer.bias, strict=True)
            ]
        assert [Fraction(x) for x in row[1:]] == values


# two curves


@pytest.mark.parametrize("broken", [{"bias_variance": 1.0}, {"activation": "identity"}])
def test_depth_sharpens_relu_without_biases_only(tmp_path, broken):
    """With biases the farthest pair starts above 1/4; linear networks keep the linear kernel."""
    assert _two_curves.measure(Setting("ci", 0, tmp_path), **broken).holds is False


@pytest.mark.parametrize("angle", [0.05, 0.5, math.pi / 2, 2.5])
def test_ratio_of_deep_kernels(angle):
    """Against the recursion with arccosines; in the end near 1/4, from above."""
    rho = theta = math.cos(angle)
    for depth in range(1, 4097):
        bend = math.acos(rho)
        rho, slope = (math.sin(bend) + (math.pi - bend) * rho) / math.pi, 1 - bend / math.pi
        theta = rho + slope * theta
        if depth == 2:
            points = np.array([[1.0, 0.0], [math.cos(angle), math.sin(angle)]])
            ours = np.asarray(dense_kernel(2, "relu")(points).ntk)
            # the kernel of normalized inputs is divided by the dimension, 2, and multiplied by the variance, 2
            assert ours[0, 1] / ours[0, 0] == pytest.approx(theta / 3, rel=1e-12)
            again = _two_curves.deep_kernel(points[:1], points, 2)[0]
            assert again[1] / again[0] == pytest.approx(theta / 3, rel=1e-7)  # arccosine at equal points
    assert 0.25 < theta / 4097 < 0.27


@pytest.mark.slow
@pytest.mark.parametrize(("activation", "bias_variance"), [("relu", 0.0), ("relu", 1.0), ("identity", 0.5)])
def test_deep_kernels_are_the_library_s(activation, bias_variance):
    points = _two_curves.arcs(5)[0]
    ours = _two_curves.deep_kernel(points, points, 3, activation, bias_variance)
    theirs = np.asarray(dense_kernel(3, activation, bias_variance=bias_variance)(points).ntk)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)  # arccosine at equal points


def test_tangent_kernel_of_the_scaled_network():
    """Against the Jacobian by automatic differentiation."""
    rng = generator(0, 5)
    weights = [jnp.asarray(rng.normal(size=shape)) for shape in ((6, 3), (5, 6), (1, 5))]
    points = rng.normal(size=(4, 3))
    parts = jax.jit(jax.jacrev(_two_curves.scaled_outputs))(weights, jnp.asarray(points))
    rows = np.concatenate([np.asarray(part).reshape(4, -1) for part in parts], axis=1)
    ours = _two_curves.tangent_kernel([np.asarray(w) for w in weights], points)
    np.testing.assert_allclose(ours, rows @ rows.T, rtol=1e-12, atol=1e-12)


# one wide layer


def test_steps_too_long_for_the_descent_inequality(tmp_path):
    claim = judged(_one_wide_layer, tmp_path, step=4.0)
    assert claim.verdict == "INCONCLUSIVE" and "failed at some step" in claim.evidence


def test_relu_has_no_slope_bound(tmp_path):
    claim = judged(_one_wide_layer, tmp_path, least_slope=0.0)
    assert claim.verdict == "VACUOUS" and "g = 0" in claim.evidence


def test_a_wrong_constant_breaks_the_inequality(tmp_path, monkeypatch):
    """The condition's alpha with the product of the largest instead of the least values would be too fast."""
    honest = _one_wide_layer.rate_and_condition
    monkeypatch.setattr(_one_wide_layer, "rate_and_condition", lambda *a: (1e7 * honest(*a)[0], honest(*a)[1]))
    assert judged(_one_wide_layer, tmp_path).verdict == "INCONCLUSIVE"


def test_activation_is_admissible():
    """|phi(t)| <= |t|, slopes in [g, 1], and the formula without cancellation agrees with the plain one."""
    t = np.linspace(-40, 40, 2001)
    phi = jax.jit(_one_wide_layer.phi)
    values = np.asarray(phi(jnp.asarray(t), jnp.asarray(0.5)))
    plain = 0.75 * t + 0.25 * (np.sqrt(1 + t**2) - 1)
    np.testing.assert_allclose(values, plain, rtol=0, atol=1e-14 * 40)
    assert np.all(np.abs(values) <= np.abs(t))
    slopes = np.diff(values) / np.diff(t)
    assert np.all((slopes > 0.5 - 1e-12) & (slopes < 1 + 1e-12))
    assert float(_one_wide_layer._phi(np.array([1e-9]), 0.5)[0]) == pytest.approx(0.75e-9, rel=1e-9)
    np.testing.assert_allclose(_one_wide_layer._phi(t, 0.5), values, rtol=1e-15)


def test_pl_inequality_is_attained():
    """At slope 1, W_2 = 0 and labels along the least singular vector of F_1; and r^T K r is the squared gradient."""
    rng = generator(0, 6)
    points = rng.normal(size=(3, 3))
    weights = [rng.normal(size=shape) for shape in ((3, 7), (7, 4), (4, 2), (2, 1))]
    weights[2], weights[3] = 2 * np.linalg.qr(weights[2])[0], weights[3] / np.linalg.norm(weights[3])

    @jax.jit
    @jax.value_and_grad
    def loss_of(at, points, slope, labels):
        return jnp.sum((_one_wide_layer.outputs(at, points, slope) - labels) ** 2) / 2

    labels = rng.normal(size=3)
    value, gradient = loss_of(tuple(map(jnp.asarray, weights)), *map(jnp.asarray, (points, 0.5, labels)))
    loss, squared = _one_wide_layer.loss_and_gradient(weights, points, 0.5, labels)
    assert loss == pytest.approx(float(value), rel=1e-12)
    assert squared == pytest.approx(sum(float(np.sum(np.asarray(g) ** 2)) for g in gradient), rel=1e-12)
    assert squared >= 2 * _one_wide_layer._pl_constant(weights, points, 0.5) * loss
    points, weights[0], weights[1] = np.diag([1.0, 2.0, 3.0]), np.eye(3, 7), np.zeros((7, 4))
    loss, squared = _one_wide_layer.loss_and_gradient(weights, points, 1.0, np.array([1.0, 0.0, 0.0]))
    assert squared == pytest.approx(2 * _one_wide_layer._pl_constant(weights, points, 1.0) * loss, rel=1e-12)


def test_gradients_need_the_frobenius_norm():
    """An entrywise activation raises the spectral norm of a Hadamard matrix, and with it a gradient at this start."""
    n, c, slope = 128, 16.0, 0.5
    points, first = 100 * np.eye(n), scipy.linalg.hadamard(n).astype(np.float64)
    weights = [first, np.zeros((n, 4)), c * np.eye(4, 1)]
    features = _one_wide_layer._features(weights, points, slope)
    left, singular, _ = np.linalg.svd(features)
    labels = 3 * left[:, 0]
    gradient = np.linalg.norm(features.T @ labels) * c * (1 + slope) / 2  # of W_2; phi'(0) is (1 + g) / 2
    reach = (n**0.5 + singular[-1] / 200) * 1.5 * c * 3
    assert 100 * reach < gradient < np.linalg.norm(points) * reach
    assert _one_wide_layer.rate_and_condition(weights, points, features, 3.0, slope)[1] < 1


# Bombari, Amani and Mondelli


def test_output_weights_of_order_one_are_needed(tmp_path, monkeypatch):
    """With variance 1 / fan-in the part below the last layer shrinks like 1 / k."""
    monkeypatch.setitem(_bombari._SIZES, "ci", ((36, 196), 8))
    assert judged(_bombari, tmp_path, output_variance="fan-in").verdict in ("REFUTED", "INCONCLUSIVE")


def test_kernel_of_a_tanh_network():
    """Against the library's structured derivatives."""
    layers, points = _bombari._draw(0, 4, 6, 0, "one")
    rows = np.asarray(jacobian(layers, points, activation="tanh", hidden_bias=False, output_bias=False))
    np.testing.assert_allclose(sum(_bombari._parts(layers, points, "tanh")), rows @ rows.T, rtol=1e-11)


def test_exponent():
    x = np.log(np.repeat([10.0, 100.0, 1000.0], 4))
    noise = np.tile([0.1, -0.1, 0.1, -0.1], 3)
    low, slope, high = _bombari._exponent(x, 3 - 0.5 * x + noise)
    assert slope == pytest.approx(-0.5, abs=1e-12) and low < -0.5 < high
    # Student's 99.95 % quantile with 10 degrees of freedom is 4.587
    error = math.sqrt(12 * 0.01 / 10 / float(np.sum((x - x.mean()) ** 2)))
    assert high - slope == pytest.approx(4.587 * error, rel=1e-3)


# deep networks of polynomial width


@pytest.mark.parametrize("broken", [{"variance": 1.0}, pytest.param({"step": 40.0}, marks=pytest.mark.slow)])
def test_stability_needs_variance_two_and_short_steps(tmp_path, broken):
    """Far below the width asked for, what fails refutes nothing."""
    finding = _deep_polynomial_width.measure(Setting("ci", 0, tmp_path), **broken)
    assert finding.holds is False
    study = dataclasses.replace(_deep_polynomial_width.STUDY, measure=lambda setting: finding)
    assert study(tmp_path, "ci").verdict == "INCONCLUSIVE"


def test_moments_of_a_random_layer():
    """Var |relu(W h)|^2 = 5 / m by quadrature of relu(g)^2 and relu(g)^4."""
    t = np.linspace(0, 12, 200001)
    density = np.exp(-(t**2) / 2) / math.sqrt(2 * math.pi)
    second, fourth = (np.trapezoid(t**p * density, t) for p in (2, 4))
    m = 7
    assert 2 / m * m * second == pytest.approx(1, abs=1e-9)
    assert m * ((2 / m) ** 2 * fourth - (2 / m * second) ** 2) == pytest.approx(5 / m, abs=1e-9)
    squares = _deep_polynomial_width._squared_norms(generator(0, 7), 4000, 1, m, 2.0)
    # sample mean of variance ((1 + 5 / 7)^2 - 1) / 4000; six deviations
    assert abs(squares.mean() - 1) < 6 * math.sqrt(((1 + 5 / m) ** 2 - 1) / 4000)


def test_kernels_of_the_hidden_layers():
    """Against the library's structured derivatives."""
    from overparam.networks import Layer

    rng = generator(1, 2)
    first, inner, outer = (
        np.abs(rng.normal(size=(5, 4))),
        [rng.normal(size=(4, 4)) for _ in range(2)],
        rng.normal(size=4),
    )
    values = _deep_polynomial_width.hidden_layers([jnp.asarray(w) for w in inner], jnp.asarray(first))
    parts = _deep_polynomial_width._kernels([np.asarray(h) for h in values], inner, outer)
    layers = [*(Layer(w, np.zeros(4)) for w in inner), Layer(outer[None], np.zeros(1))]
    for l, part in enumerate(parts):
        rows = np.asarray(jacobian(layers, first, free=(l,), hidden_bias=False))
        np.testing.assert_allclose(part, rows @ rows.T, rtol=1e-12, atol=1e-12)


# fewer neurons than points


@pytest.mark.parametrize("broken", [{"neurons": 2}, pytest.param({"neurons": 12}, marks=pytest.mark.slow)])
def test_numbers_of_neurons(tmp_path, broken):
    """Below 2 n / d the mirrored Jacobian is singular; at n neurons the claim says nothing."""
    assert judged(_fewer_than_n_neurons, tmp_path, **broken).verdict == "REFUTED"


def test_ball_keeps_half_of_the_least_singular_value():
    """At random places on its boundary, and the bend 4 / (3 sqrt 3) of tanh on a grid."""
    rng = generator(0, 3)
    points = rng.normal(size=(6, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    half = 2 * rng.normal(size=(2, 3))
    weights, outer = np.concatenate([half, half]), np.array([1.0, 1.0, -1.0, -1.0]) / 2

    def least(w):
        layers = _fewer_than_n_neurons._layers(w, outer)
        rows = np.asarray(jacobian(layers, points, activation="tanh", free=(0,), hidden_bias=False, output_bias=False))
        return np.linalg.svd(rows, compute_uv=False)[-1]

    s = least(weights)
    radius = s * 2 / (2 * _fewer_than_n_neurons._BEND * np.linalg.norm(points, 2))
    for _ in range(20):
        way = rng.normal(size=weights.shape)
        assert least(weights + radius * way / np.linalg.norm(way)) >= s / 2
    t = np.linspace(-3, 3, 60001)
    assert np.max(np.abs(2 * np.tanh(t) / np.cosh(t) ** 2)) == pytest.approx(_fewer_than_n_neurons._BEND, rel=1e-8)


# generic ranks


def test_counts_alone_do_not_give_the_rank(tmp_path):
    claim = judged(_generic_jacobian_rank, tmp_path, naive=True)
    assert claim.verdict == "REFUTED" and "(q, d, k) = (2, 3, 2): 5, not 6" in claim.evidence


def test_quadratic_deficit_by_hand():
    """<w_2, x> (column of w_1) = <w_1, x> (column of w_2): a relation between the columns at every point."""
    points, weights = _generic_jacobian_rank._drawn(0, (1, 2), 6, 2, 3)
    rows = np.array(_generic_jacobian_rank.jacobian(points, weights, 2))
    assert not np.any(rows @ np.concatenate([weights[1], -weights[0]]))


def test_jacobians_are_derivatives(tmp_path):
    """Difference quotients of polynomials, exactly: the coefficient of h in f(. + h) from as many values as needed."""
    rng = generator(0, 9)
    points, weights = rng.integers(-5, 6, (2, 2)), rng.integers(-5, 6, (2, 3))
    degree, h = 3, Fraction(1, 10**12)

    def f(x, w, v):
        t = [sum((a * Fraction(int(b)) for a, b in zip(row, (*x, 1), strict=True)), Fraction(0)) for row in w]
        return sum(vr * (tr**degree + tr ** (degree - 1)) for vr, tr in zip(v, t, strict=True))

    rows = _generic_jacobian_rank.full_jacobian(points, weights, degree, mixed=True)
    for x, row in zip(points, rows, strict=True):
        at, place = [[Fraction(int(a)) for a in w] for w in weights], 0
        for r in range(2):
            for a in range(3):
                moved = [list(w) for w in at]
                moved[r][a] += h
                assert abs((f(x, moved, (1, 1)) - f(x, at, (1, 1))) / h - row[place]) < Fraction(1, 10**6)
                place += 1
            v = (2, 1) if r == 0 else (1, 2)
            assert f(x, at, v) - f(x, at, (1, 1)) == row[place]
            place += 1


def test_capacity_matches_the_count_of_parameters():
    assert [_generic_jacobian_rank.generic_rank(2, 3, k) for k in (1, 2, 3, 4)] == [3, 5, 6, 6]
    assert _generic_jacobian_rank.generic_rank(4, 3, 5) == 14 == _generic_jacobian_rank.counted(4, 3, 5) - 1


def test_a_pyramid_is_checked(tmp_path, monkeypatch):
    monkeypatch.setitem(_one_wide_layer._SIZES, "ci", (20, 10, (18, 6, 4), 10))
    assert _one_wide_layer.measure(Setting("ci", 0, tmp_path)).holds is None
