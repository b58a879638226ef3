"""Closed forms behind the studies of approximation against quadrature, sampling and lists of all cases."""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, stats

from overparam.studies.approximation import _arc_cosine, _barron, _barron_linear, _kernel_nwidth, _ys
from overparam.studies.approximation._arc_cosine import LEVELS, REST, Target


def bivariate(function, c):
    """E function(s, t) for standard normal s, t of correlation c, by a product rule on both half-lines."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    half, mass = 5 * (nodes + 1), 5 * weights
    x, w = np.concatenate([-half, half]), np.concatenate([mass, mass])
    s = x[:, None]
    spread = math.sqrt(1 - c * c)
    density = w * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    total = 0.0
    for si, di in zip(s[:, 0], density, strict=True):
        # the kink of t = c s + spread u at u = -c s / spread is an end of the inner rule
        kink = float(np.clip(-c * si / spread, -10, 10))
        for low, high in ((-10.0, kink), (kink, 10.0)):
            u = (high - low) / 2 * nodes + (high + low) / 2
            inner = (high - low) / 2 * weights * np.exp(-(u**2) / 2) / math.sqrt(2 * math.pi)
            total += di * float(inner @ function(si, c * si + spread * u))
    return total


@pytest.mark.parametrize("c", [-0.7, 0.0, 0.3, 0.95])
def test_kernels_by_quadrature(c):
    relu = bivariate(lambda s, t: max(s, 0.0) * np.maximum(t, 0), c)
    assert _arc_cosine.kappa(np.array([c]))[0] == pytest.approx(relu, abs=1e-9)
    steps = bivariate(lambda s, t: (s > 0) * (t > 0), c)
    assert _arc_cosine.half_space(np.array([c]))[0] == pytest.approx(steps, abs=1e-9)


def test_powers_of_a_relu_neuron():
    """Hermite coefficients by integration; half of E relu^2 in all."""
    for degree, level in enumerate(LEVELS):
        hermite = np.polynomial.hermite_e.HermiteE.basis(degree)
        value = integrate.quad(lambda z, h=hermite: z * h(z) * stats.norm.pdf(z), 0, 12)[0]
        assert level == pytest.approx(value**2 / math.factorial(degree), rel=1e-9)
    assert pytest.approx(0.01127, abs=5e-6) == REST
    plateaus = 0.5 - np.cumsum(LEVELS)
    assert plateaus == pytest.approx([0.3408, 0.0908, 0.0113], abs=5e-5)


@pytest.mark.parametrize("tangent", [False, True])
def test_risks_against_least_squares_on_a_large_sample(tangent):
    """The risk of the best combination on 200,000 points is below the exact one by about p / n, and by chance.

    Squared errors have a standard deviation of at most 6 here, so means are within 5.5 * 6 / sqrt(n) with 1 - 1e-7.
    """
    rng = np.random.default_rng(0)
    n, d = 200_000, 4
    w = _arc_cosine.units(rng, 3, d)
    wanted = _arc_cosine.targets(rng, d)
    x = rng.normal(size=(n, d))
    pre = x @ w.T
    features = ((pre > 0)[:, :, None] * x[:, None, :]).reshape(n, -1) if tangent else np.maximum(pre, 0)
    neuron, linear, quadratic = wanted
    labels = np.stack(
        [
            np.maximum(x @ neuron.neuron, 0),
            x @ linear.linear,
            np.einsum("ni,ij,nj->n", x, quadratic.quadratic, x) - np.trace(quadratic.quadratic),
        ],
        axis=1,
    )
    assert np.mean(labels**2, axis=0) == pytest.approx([target.power for target in wanted], abs=0.1)
    weights = np.linalg.lstsq(features, labels, rcond=None)[0]
    squares = (features @ weights - labels) ** 2
    assert squares.std(axis=0).max() < 6
    exact = (_arc_cosine.tangent_risks if tangent else _arc_cosine.feature_risks)(w, wanted)
    assert np.abs(squares.mean(axis=0) - exact).max() < 5.5 * 6 / math.sqrt(n) + features.shape[1] * 6 / n


def test_a_feature_that_is_the_target():
    w = _arc_cosine.units(np.random.default_rng(1), 4, 3)
    assert _arc_cosine.feature_risks(w, [Target("neuron", 0.5, neuron=w[2])])[0] == pytest.approx(0, abs=1e-11)
    w = np.eye(3)
    assert _arc_cosine.tangent_risks(w, [Target("neuron", 0.5, neuron=w[2])])[0] == pytest.approx(0, abs=1e-11)


@pytest.mark.parametrize("d", [4, 12])
def test_greatest_correlation_by_quadrature(d):
    """2 E exp(-r^2 (1 - t)) over a coordinate of the sphere, whose density is (1 - t^2)^((d - 3) / 2)."""
    r = math.sqrt(d)
    mass = integrate.quad(lambda t: (1 - t * t) ** ((d - 3) / 2), -1, 1)[0]
    value = integrate.quad(lambda t: (1 - t * t) ** ((d - 3) / 2) * 2 * math.exp(-r * r * (1 - t)), -1, 1)[0] / mass
    assert _ys.greatest(d, r) == pytest.approx(value, rel=1e-7)


def test_greatest_correlation_is_the_eigenvalue_of_a_sampled_family():
    """The Gram matrix of 400 targets in R^3, divided by their number: its top eigenvalue tends to lambda."""
    rng = np.random.default_rng(2)
    w = math.sqrt(3) * _arc_cosine.units(rng, 400, 3)
    squares = np.sum((w[:, None] - w[None]) ** 2, axis=2)
    gram = np.exp(-squares / 2) + np.exp(-(4 * 3 - squares) / 2)
    found = np.linalg.eigvalsh(gram / 400)[-1]
    # row means are averages of numbers in [0, 1.01], off by at most 1.01 sqrt(ln(2 * 400 / 1e-9) / 800) together
    assert abs(found - _ys.greatest(3, math.sqrt(3))) < 1.01 * math.sqrt(math.log(8e11) / 800)


def test_correlations_of_relu_features_by_sampling():
    """Inner products by a rule on a grid of z, directions by 200,000 draws: within 5.5 standard errors."""
    d, r, b = 4, 2.0, 0.3
    rng = np.random.default_rng(3)
    rho = r * _arc_cosine.units(rng, 200_000, d)[:, 0]
    table = np.linspace(-r, r, 401)
    z = np.linspace(-12, 12, 6001)
    density = stats.norm.pdf(z) * (z[1] - z[0])
    values = np.maximum(z + b, 0) * density
    inner = np.interp(rho, table, np.cos(np.outer(table, z)) @ values)
    squares = 2 * np.exp(-(r * r - rho**2)) * inner**2 / (np.maximum(z + b, 0) @ values)
    error = squares.std() / math.sqrt(len(squares))
    assert abs(_ys.correlations(d, r, np.array([b]))[0] - squares.mean()) < 5.5 * error + 1e-5


def test_risks_on_cosines_by_least_squares_on_a_grid():
    """Polar coordinates in the plane, whose angles have all the kinks: 2,000 of them, and a Gauss rule of radii."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    radii, angles = 4.5 * (nodes + 1), np.arange(2000) * 2 * math.pi / 2000
    grid = (radii[:, None, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)).reshape(-1, 2)
    root = np.sqrt(np.repeat(4.5 * weights * radii * np.exp(-(radii**2) / 2) / 2000, 2000))
    found = _ys.risks(np.random.default_rng(8), 2, 1.5, 4, 3)
    rng = np.random.default_rng(8)
    u, w = _arc_cosine.units(rng, 4, 2), 1.5 * _arc_cosine.units(rng, 3, 2)
    design, targets = root[:, None] * np.maximum(grid @ u.T, 0), root[:, None] * math.sqrt(2) * np.cos(grid @ w.T)
    left = targets - design @ np.linalg.lstsq(design, targets)[0]
    assert found == pytest.approx(np.sum(left**2, axis=0), rel=1e-5)
    assert found.min() < 0.9 * np.sum(targets**2, axis=0).min(), "some of a cosine is fitted"


def test_the_mean_square_of_the_barron_instance():
    """Closed form of the level, and errors of given cosines, by Gauss-Hermite rules in two dimensions."""
    s = 0.5
    nodes, weights = np.polynomial.hermite_e.hermegauss(50)
    grid = math.sqrt(s) * np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
    mass = np.outer(weights, weights).ravel() / (2 * math.pi)
    squares = np.sum(grid**2, axis=1)
    assert _barron.level(2, s) == pytest.approx(float(mass @ (1 - np.exp(-squares)) ** 2), rel=1e-9)
    w = np.random.default_rng(4).normal(size=(3, 6, 2))
    wanted = [float(mass @ (np.exp(-squares / 2) - np.cos(grid @ each.T).mean(axis=1)) ** 2) for each in w]
    assert _barron.squared_errors(w, s) == pytest.approx(wanted, rel=1e-9)
    assert _barron.level(10, 0.1) == pytest.approx(0.382, abs=5e-4)
    assert _barron.level(10, 1.0) == pytest.approx(0.992, abs=5e-4)


def test_greedy_cosines_against_trying_all():
    w = np.random.default_rng(5).normal(size=(7, 3))
    found, chosen = _barron.greedy_errors(w, 1 / 3, 4), []
    for error in found:
        tried = [float(_barron.squared_errors(w[[*chosen, i]][None], 1 / 3)[0]) for i in range(7)]
        chosen.append(int(np.argmin(tried)))
        assert error == pytest.approx(min(tried), rel=1e-9)


@pytest.mark.parametrize(("d", "reach"), [(1, 5), (2, 4), (3, 3)])
def test_frequencies_and_their_number(d, reach):
    k = _barron_linear.frequencies(d, reach)
    every = [row for row in itertools.product(range(-reach, reach + 1), repeat=d) if 0 < sum(map(abs, row)) <= reach]
    assert len(k) == len(every) // 2 == _barron_linear._count(d, reach)
    assert {tuple(row) for row in k} | {tuple(-row) for row in k} == set(every)


@pytest.mark.parametrize("basis", ["random", "legendre"])
def test_distances_from_bases_by_quadrature(basis):
    """Least squares on the nodes of a Gauss rule over the unit square, which knows no closed form."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    nodes, weights = (nodes + 1) / 2, weights / 2
    grid = np.stack(np.meshgrid(nodes, nodes, indexing="ij"), axis=-1).reshape(-1, 2)
    root = np.sqrt(np.outer(weights, weights).ravel())
    k = _barron_linear.frequencies(2, 2)
    if basis == "random":
        rng = np.random.default_rng(6)
        products, gram = _barron_linear.random_cosines(rng, 5, k)
        rng = np.random.default_rng(6)
        w = rng.normal(size=(5, 2)) * 2 * math.pi * np.sqrt(np.mean(k**2))
        values = np.cos(grid @ w.T + rng.uniform(0, 2 * math.pi, size=5))
    else:
        products, gram = _barron_linear.legendre(6, k)
        one = [np.polynomial.legendre.Legendre.basis(n, domain=[0, 1]) for n in range(3)]
        degrees = [(0, 0), (0, 1), (1, 0), (0, 2), (1, 1), (2, 0)]
        values = np.stack([one[a](grid[:, 0]) * one[b](grid[:, 1]) for a, b in degrees], axis=1)
    targets = np.cos(2 * math.pi * grid @ k.T) / (2 * math.pi * np.linalg.norm(k, axis=1))
    left = root[:, None] * (targets - values @ np.linalg.lstsq(root[:, None] * values, root[:, None] * targets)[0])
    assert _barron_linear.distances(products, gram, k) == pytest.approx(np.linalg.norm(left, axis=0), abs=1e-9)


def test_krawtchouk_by_listing_parities():
    d = 5
    sums = _kernel_nwidth.krawtchouk(d)
    for degree, apart in itertools.product(range(d + 1), repeat=2):
        other = np.array([-1] * apart + [1] * (d - apart))
        wanted = sum(int(np.prod(other[list(which)])) for which in itertools.combinations(range(d), degree))
        assert sums[degree, apart] == wanted


@pytest.mark.parametrize("kernel", _kernel_nwidth.kernels(6), ids=lambda kernel: kernel.name)
def test_errors_on_parities_over_the_whole_cube(kernel):
    """All 64 points, no sum over degrees; a few samples, so that the polynomial kernel stays invertible."""
    d, n = 6, 9
    rng = np.random.default_rng(7)
    bits = _kernel_nwidth._inputs(rng, n, d)
    assert len(np.unique(bits, axis=0)) == n and set(np.unique(bits)) == {-1.0, 1.0}
    cube = np.array(list(itertools.product([-1.0, 1.0], repeat=d)))

    def values(one, other):
        return kernel.values[np.rint((d - one @ other.T) / 2).astype(int)]

    weights = np.linalg.solve(values(bits, bits), _kernel_nwidth._parities(bits))
    wanted = np.mean((values(cube, bits) @ weights - _kernel_nwidth._parities(cube)) ** 2, axis=0)
    found = _kernel_nwidth.span_errors(kernel, bits, _kernel_nwidth._parities(bits), _kernel_nwidth.krawtchouk(d))
    assert found == pytest.approx(wanted, rel=1e-8)
    assert found.mean() >= 1 - n / math.comb(d, 2)


def test_two_neurons_multiply_two_bits():
    for a, b in itertools.product([-1.0, 1.0], repeat=2):
        assert max(a + b, 0) + max(-a - b, 0) - 1 == a * b
