"""Widths and eigenvalues of data far from isotropic: the designed verdicts, broken mechanisms, and slow oracles."""

import functools
import itertools
import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.exact import exact_rank
from overparam.studies._experiment import Setting
from overparam.studies.convergence import _activation_region_rank as regions
from overparam.studies.convergence import _arbitrary_data_eigenvalue as arbitrary
from overparam.studies.convergence import _free_convolution as free
from overparam.studies.convergence import _nearly_orthogonal as orthogonal
from overparam.studies.convergence import _ntk_spectrum as spectrum
from overparam.studies.convergence import _rank_lifting as lifting
from overparam.studies.convergence import _separated as separated
from overparam.studies.convergence import _smoothed_memorization as smoothed
from overparam.studies.convergence import _two_rates as rates
from overparam.studies.convergence import _worst_case_eigenvalue as worst
from tests.studies.judging import judged


def fractions(rows):
    return [[Fraction(int(x)) for x in row] for row in rows]


@pytest.mark.parametrize(
    ("module", "verdict", "instances"),
    [
        (worst, "CERTIFIED", 20),
        (arbitrary, "CONSISTENT", 8),
        (lifting, "CONSISTENT", 240),
        (regions, "CONSISTENT", 240),
        (smoothed, "CONSISTENT", 3),
        (orthogonal, "CONSISTENT", 400),
        (spectrum, "CONSISTENT", 2),
        (rates, "ESTIMATED", 48),
    ],
    ids=lambda given: getattr(given, "__name__", "").rpartition(".")[2],
)
def test_verdicts(tmp_path, module, verdict, instances):
    claim = judged(module, tmp_path)
    assert (claim.verdict, claim.instances) == (verdict, instances), claim.evidence


@pytest.mark.parametrize(
    ("module", "broken", "verdict", "sizes"),
    [
        (worst, {"constant": 0.3}, "INCONCLUSIVE", {}),
        (worst, {"projective": False}, "INCONCLUSIVE", {}),  # parallel lines, of separation 0
        pytest.param(arbitrary, {"activation": "identity"}, "REFUTED", {}, marks=pytest.mark.slow),
        (arbitrary, {"power": -4.0}, "REFUTED", {}),  # a bound that nothing meets
        (lifting, {"activation": "identity"}, "REFUTED", {"draws": 1, "halvings": 1}),
        (regions, {"shared": True}, "REFUTED", {}),
        (smoothed, {"radius": 0.0}, "REFUTED", {"rounds": 1}),  # zero is a saddle that descent cannot leave
        (smoothed, {"jitter": 0.0}, "REFUTED", {"rounds": 1}),
        # output weights may take either sign
        pytest.param(orthogonal, {"balance": 0.0}, "REFUTED", {"runs": 20}, marks=pytest.mark.slow),
        (spectrum, {"linear": 0.0}, "REFUTED", {}),
        pytest.param(rates, {"conserved": 0.0}, "REFUTED", {"steps": 200}, marks=pytest.mark.slow),
    ],
)
def test_broken_mechanisms(tmp_path, monkeypatch, module, broken, verdict, sizes):
    if sizes:
        monkeypatch.setitem(module._SIZES, "ci", module._SIZES["ci"] | sizes)
    if module is spectrum:
        monkeypatch.setitem(module._SIZES, "ci", ((30, 15, 112),))
    if module is regions:
        monkeypatch.setitem(module._SIZES, "ci", {"shapes": ((12, 6),), "plane": 8, "draws": 20})
    claim = judged(module, tmp_path, **broken)
    assert claim.verdict == verdict, claim.evidence


def test_too_few_steps_leave_the_covering_open(tmp_path, monkeypatch):
    monkeypatch.setitem(orthogonal._SIZES, "ci", orthogonal._SIZES["ci"] | {"runs": 20, "steps": 10})
    assert judged(orthogonal, tmp_path).verdict == "INCONCLUSIVE"


def test_too_few_rounds_leave_the_memorization_open(tmp_path, monkeypatch):
    """The loss still falls after a hundred steps, whereas it does not at all without perturbations."""
    monkeypatch.setitem(smoothed._SIZES, "ci", smoothed._SIZES["ci"] | {"runs": 1, "rounds": 1, "steps": 100})
    assert judged(smoothed, tmp_path, radius=1.0).verdict == "INCONCLUSIVE"


def test_a_refused_bound_or_a_slope_off_refutes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(worst, "_SLOPE", 0.0)
    assert worst.measure(Setting("ci", 0, tmp_path)).holds is None


@pytest.mark.parametrize("family", separated.FAMILIES)
def test_families_have_the_separation_asked_for(family):
    angle = 0.05
    points = separated.separated(family, 12, 5, angle, np.random.default_rng(3))
    assert points.shape == (12, 5)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, rtol=1e-14)
    found = separated.least_angle(points)
    cosines = np.abs(points @ points.T - 2 * np.eye(12))
    assert math.isclose(found, math.acos(np.sort(cosines.ravel())[-13]), rel_tol=1e-9)  # the diagonal is 12 times 1
    assert found <= angle * (1 + 1e-9) if family != "grid" else 0.9 * angle < found < 1.1 * angle


def coefficients(count):
    """Those of the powers of the cosine in cos (pi - angle) / (2 pi), exactly but for 1 / pi."""
    h = np.zeros(count)
    h[1] = 0.25
    for j in range((count - 1) // 2):
        h[2 * j + 2] = math.comb(2 * j, j) / (4**j * (2 * j + 1) * 2 * math.pi)
    return h


def test_hadamard_bound_and_its_constant():
    """The series gives the kernel; the closed bound is below the sum over single powers and above 0.03 throughout."""
    h = coefficients(800)
    for rho in (-0.9, -0.3, 0.5, 0.9):
        exact = rho * (math.pi - math.acos(rho)) / (2 * math.pi)
        assert math.isclose(float(np.polynomial.Polynomial(h)(rho)), exact, rel_tol=1e-12)
    for n, angle in itertools.product((2, 3, 4, 7, 100, 10**6), (0.2, 0.5, 1.0, 1.3, math.pi / 2)):
        single = np.sum(h * np.maximum(0, 1 - (n - 1) * math.cos(angle) ** np.arange(800)))
        assert worst.hadamard_bound(n, angle) <= single + (0.5 - np.sum(h)) + 1e-15  # the tail at its most
    for n, angle in itertools.product((4, 5, 10, 100, 10**4, 10**8), np.geomspace(1e-4, math.pi / 2, 30)):
        assert worst.hadamard_bound(n, float(angle)) * math.sqrt(math.log(n)) / angle >= worst.CONSTANT
    for n, angle in itertools.product((2, 3), np.linspace(1e-3, math.pi / 2, 50)):
        # the sum at N = 2 is 1/4, which its integral bound does not give
        best = max(worst.hadamard_bound(n, float(angle)), (1 - (n - 1) * math.cos(angle) ** 2) / 4)
        assert best * math.sqrt(math.log(n)) / angle >= worst.CONSTANT


def test_limit_and_finite_kernels_of_both_layers():
    turns = (np.arange(200_000) + 0.5) * 2 * math.pi / 200_000
    circle = np.stack([np.cos(turns), np.sin(turns)])
    pair = np.array([[1.0, 0.0], [math.cos(1.1), math.sin(1.1)]])
    on = (pair @ circle > 0) * 1.0
    mean = (on @ on.T) * (pair @ pair.T) + 2 * (pair @ circle * on) @ (pair @ circle * on).T  # E |x|^2 = 2
    np.testing.assert_allclose(arbitrary.limit_gram(pair), mean / len(turns), atol=1e-4)
    points = separated.separated("close pairs", 10, 4, 0.3, np.random.default_rng(1))  # of a shape compiled before
    key = jax.random.key(5)
    drawn = np.asarray(jax.random.normal(jax.random.fold_in(key, 0), (5, arbitrary._CHUNK), jnp.float64))
    pre = points @ drawn[:4]
    first = ((pre > 0) * drawn[4])[:, :, None] * points[:, None, :]
    jacobian = np.concatenate([first.reshape(10, -1), np.maximum(pre, 0)], axis=1) / math.sqrt(arbitrary._CHUNK)
    found = arbitrary.gram(key, jnp.asarray(points), 1, activation="relu")
    np.testing.assert_allclose(np.asarray(found), jacobian @ jacobian.T, rtol=1e-11)


def test_thresholds_by_exact_ranks():
    rng = np.random.default_rng(0)
    points = lifting.on_grid(lifting._points("triples", 6, 3, 0.3, rng))
    features = lifting.features_of(points, rng.normal(size=(3, 60)))
    assert np.array_equal(features, np.maximum(points @ lifting.on_grid(np.zeros((3, 60))) + features, 0))
    ranks = [exact_rank(fractions(features[:, :k])) for k in range(1, 61)]
    assert lifting.threshold_of(features) == ranks.index(6) + 1
    assert lifting.threshold_of(features[:, :5]) == math.inf
    assert np.array_equal(points[0] + points[2], points[1])
    pattern = rng.integers(0, 2, size=(6, 20))
    rows = (pattern[:, :, None] * points[:, None, :]).reshape(6, -1)
    ranks = [exact_rank(fractions(rows[:, : 3 * k])) for k in range(1, 21)]
    assert regions.rank_width(points, pattern) == ranks.index(6) + 1
    squares = [[x[a] * x[b] for a in range(3) for b in range(a + 1)] for x in fractions(points)]
    assert smoothed.rank_of_squares(np.ldexp(points.astype(float), -20)) == exact_rank(squares)


def test_covering_probability_by_every_sign():
    width, labels = 3, (1, 1, -1)
    good = 0
    for heads in itertools.product((1, -1), repeat=width):
        for on in itertools.product((0, 1), repeat=width * 3):
            good += all(any(on[3 * r + i] and heads[r] == y for r in range(width)) for i, y in enumerate(labels))
    assert Fraction(orthogonal.covering_probability(width, 3)) == Fraction(good, 2 ** (4 * width))


def test_quadratic_saddles():
    """Along u z^T, u in the null space of the positive neurons, the loss changes by t^2 <z, G z> + O(t^4)."""
    rng = np.random.default_rng(2)
    points, labels, weights = rng.normal(size=(7, 3)), rng.normal(size=7), rng.normal(size=(8, 3))
    signs = np.where(np.arange(8) % 2 == 0, 1.0, -1.0)
    at = functools.partial(smoothed.outputs, points=jnp.asarray(points), signs=jnp.asarray(signs))
    null = np.linalg.svd(weights[::2].T)[2][-1]
    move, z = np.zeros((8, 3)), rng.normal(size=3)
    move[::2] = null[:, None] * z
    residual = np.asarray(at(jnp.asarray(weights))) - labels
    curvature = z @ np.einsum("i,ia,ib->ab", residual, points, points) @ z
    t = 1e-3
    moved = np.asarray(at(jnp.asarray(weights + t * move))) - labels
    gain = (moved @ moved - residual @ residual) / 2
    assert math.isclose(gain, t**2 * curvature, rel_tol=1e-4)


def test_marchenko_pastur():
    one, ratio = np.ones(1), 0.4
    at = np.array([-1.0, 0.1, 0.5, 1.0, 2.5, 4.0]) + 1e-3j
    root = np.sqrt((at + ratio - 1) ** 2 - 4 * ratio * at)
    both = [(-(at + ratio - 1) + sign * root) / (2 * ratio * at) for sign in (1, -1)]
    known = np.where(both[0].imag > 0, both[0], both[1])
    np.testing.assert_allclose(free.stieltjes(one, one, ratio, at), known, rtol=1e-8)
    assert math.isclose(free.lower_edge(one, one, ratio), (1 - math.sqrt(ratio)) ** 2, rel_tol=1e-9)
    grid = np.linspace(0, 4, 400)
    full = free.distribution(one, one, ratio, grid, 1e-3)
    assert abs(full[-1] - 1) < 5e-3 and np.all(np.diff(full) >= 0)


def test_free_convolution_of_two_atoms_by_matrices():
    """Rank and rounding aside, distribution functions of n eigenvalues are within a few n^-1 of the limit."""
    n, p = 300, 600
    atoms, masses = np.array([0.2, 1.0]), np.array([0.7, 0.3])
    population = np.where(np.arange(p) < 0.7 * p, 0.2, 1.0)
    rows = np.random.default_rng(4).normal(size=(n, p)) * np.sqrt(population)
    values = np.linalg.eigvalsh(rows @ rows.T / p)
    assert spectrum.distance(values, atoms, masses, n / p) < 5 / n
    assert abs(values[0] / free.lower_edge(atoms, masses, n / p) - 1) < 3 * n ** (-2 / 3)


@pytest.mark.parametrize(("d", "k"), [(18, 18), (24, 12), (12, 24)])
def test_population_law_by_the_exact_covariance(d, k):
    """E xx^T 1{<u, x> > 0, <v, x> > 0} is known, and its spectrum tells the law from others with the same mean."""
    weights = np.random.default_rng(6).normal(size=(k, d))
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    blocks = np.zeros((k, d, k, d))
    for r, t in itertools.product(range(k), repeat=2):
        blocks[r, :, t] = joint(weights[r], weights[t])
    found = np.linalg.eigvalsh(blocks.reshape(d * k, d * k))
    right, less, more, none = (away(found[:-d], d, k, share * spectrum._LINEAR) for share in (1.0, 0.6, 1.4, 0.0))
    assert right < min(less, more, none) / 2
    squares = np.concatenate([free.square_laws(shape, 400) for shape in (0.5, 2.0)]).reshape(2, -1)
    np.testing.assert_allclose(squares.mean(axis=1), [1.0, 2.0], rtol=1e-2)  # trace k over min(k, d)


def away(values, d, k, linear):
    """Mean distance of quantiles, the d directions of the mean left out."""
    atoms, masses = spectrum.population_law(d, k, linear)
    assert math.isclose(np.sum(masses), 1, rel_tol=1e-12)
    order = np.argsort(atoms[:-1])
    below = np.cumsum(masses[order]) / np.sum(masses[:-1])
    places = np.searchsorted(below, (np.arange(len(values)) + 0.5) / len(values))
    return float(np.mean(np.abs(atoms[order][places] - values)))


def joint(u, v):
    """By derivatives of the orthant probability; see the check in the plane below."""
    eye = np.eye(len(u))
    cosine = float(u @ v)
    if cosine > 1 - 1e-12:
        return eye / 2
    angle = math.acos(cosine)
    mixed = np.outer(u, v) + np.outer(v, u) - cosine * (np.outer(u, u) + np.outer(v, v))
    return (math.pi - angle) / (2 * math.pi) * eye + mixed / (2 * math.pi * math.sin(angle))


def test_the_covariance_in_the_plane():
    turns = (np.arange(200_000) + 0.5) * 2 * math.pi / 200_000
    x = np.stack([np.cos(turns), np.sin(turns)])
    u, v = np.array([1.0, 0.0]), np.array([math.cos(1.1), math.sin(1.1)])
    on = (u @ x > 0) & (v @ x > 0)
    mean = 2 * (x * on) @ x.T / len(turns)  # E |x|^2 = 2, independent of the direction
    np.testing.assert_allclose(joint(u, v), mean, atol=1e-4)


def test_two_rates_are_one_rate_after_scaling():
    """A step on (w, v) at rates eta and eta rho, by hand, against the scaled outputs."""
    rng = np.random.default_rng(8)
    weights, heads = rng.normal(size=(1, 4, 3)), np.array([[1.0, -1.0, 1.0, -1.0]])
    points, labels, rho, eta = rng.normal(size=(1, 5, 3)), rng.normal(size=5), 4.0, 0.1
    given = jnp.asarray(points), jnp.asarray(2.0), jnp.asarray(heads), jnp.asarray(labels)
    begin = jnp.asarray(weights), jnp.zeros((1, 4))
    run = rates.follow(rates.outputs, begin, given[-1], *given, step_size=eta, steps=1)
    pre = points[0] @ weights[0].T
    residual = np.maximum(pre, 0) @ heads[0] / 2 - labels
    outer = eta * rho * residual @ np.maximum(pre, 0) / 2
    inner = eta * ((pre > 0) * residual[:, None] * heads).T @ points[0] / 2
    np.testing.assert_allclose(2.0 * run.params[1][0], -outer, rtol=1e-12)
    np.testing.assert_allclose(run.params[0][0] - weights[0], -inner, rtol=1e-11, atol=1e-14)


def test_findings_depend_on_the_root_alone(tmp_path, monkeypatch):
    monkeypatch.setitem(lifting._SIZES, "ci", lifting._SIZES["ci"] | {"draws": 3, "halvings": 1})
    found = [lifting.measure(Setting("ci", root, tmp_path)).words for root in (0, 0, 1)]
    assert found[0] == found[1] != found[2]
