"""Studies of what ReLU networks share and of hard data: designed verdicts, broken mechanisms, independent formulas."""

import itertools
import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.studies._experiment import Setting
from overparam.studies.landscape import (
    _both_layers,
    _clusters_low_dimension,
    _coverage,
    _early_alignment,
    _effective_parameters,
    _inconsistency_1d,
    _instances,
    _low_dimension_rank,
    _near_duplicates,
    _optimization_threshold,
    _orthant_anisotropic,
    _planted_triples,
    _scale_equivalence,
)
from tests.studies.judging import judged, named

STUDIES = [
    _effective_parameters,
    _coverage,
    _low_dimension_rank,
    _scale_equivalence,
    _early_alignment,
    _optimization_threshold,
    _inconsistency_1d,
    _near_duplicates,
    _clusters_low_dimension,
    _planted_triples,
    _orthant_anisotropic,
]
BROKEN = [  # a theorem that floats contradict stays open
    (_effective_parameters, {"dead": True}, "INCONCLUSIVE"),
    (_coverage, {"shift": 0.3}, "INCONCLUSIVE"),
    (_low_dimension_rank, {"dim": 3}, "REFUTED"),
    (_scale_equivalence, {"power": 1.0}, "INCONCLUSIVE"),
    (_early_alignment, {"small": 1.0}, "REFUTED"),
    (_optimization_threshold, {"scale": 1.0}, "REFUTED"),
    (_inconsistency_1d, {"biases": 1.0}, "REFUTED"),
    (_near_duplicates, {"bound": lambda angle: 0.9 * _near_duplicates.pair_eigenvalue(angle)}, "INCONCLUSIVE"),
    (_clusters_low_dimension, {"angle": 1.2}, "REFUTED"),
    (_clusters_low_dimension, {"neurons": 1e-3}, "REFUTED"),
    (_planted_triples, {"bias": 8.0}, "INCONCLUSIVE"),
    (_orthant_anisotropic, {"power": 1.0}, "REFUTED"),
]


@pytest.mark.parametrize("module", STUDIES, ids=named)
def test_designed_verdicts(tmp_path, module):
    claim = judged(module, tmp_path)
    assert claim.verdict == "CONSISTENT", claim.evidence
    assert claim.instances > 0 and "nan" not in claim.evidence


@pytest.mark.parametrize(("module", "broken", "verdict"), BROKEN, ids=named)
def test_broken_mechanisms(tmp_path, module, broken, verdict):
    claim = judged(module, tmp_path, **broken)
    assert claim.verdict == verdict, claim.evidence


@pytest.mark.slow
def test_the_wrong_step_never_fits_the_pair(tmp_path):
    assert judged(_near_duplicates, tmp_path, step=3.0).verdict == "REFUTED"


def test_chance_is_not_judged(tmp_path, monkeypatch):
    """Eight times the neurons leave no point dead; without a shape of few effective parameters nothing is compared."""
    size = _coverage._SIZES["ci"]
    monkeypatch.setitem(_coverage._SIZES, "ci", size._replace(draws=500, singular=(100, 30, 32)))
    monkeypatch.setitem(_effective_parameters._SIZES, "ci", (_effective_parameters.Shape(6, 2, 4),))
    for module in (_coverage, _effective_parameters):
        assert module.measure(Setting("ci", 0, tmp_path)).holds is None


def test_runs_that_diverge_are_not_judged(tmp_path):
    assert _optimization_threshold.measure(Setting("ci", 0, tmp_path), scale=1e6).holds is None


def test_exact_jacobians_are_the_derivatives():
    """Against automatic differentiation, with both biases as coordinates and a constant neuron."""
    rng = np.random.default_rng(0)
    points, w, b = rng.integers(-8, 9, (5, 3)) / 8.0, rng.integers(-8, 9, (4, 3)) / 8.0, np.array([0.5, -0.25, 1, 2])
    v = np.array([1.0, -2.0, 0.5, -1.5])
    first, whole = _effective_parameters._jacobians(points, w, b, v, True, True)

    def outputs(w, b, v, c):
        return jax.nn.relu(jnp.asarray(points) @ w.T + b[None, :]) @ v + c

    found = jax.jit(jax.jacrev(outputs, (0, 1, 2, 3)))(*map(jnp.asarray, (w, b, v)), jnp.asarray(0.0))
    hidden = np.concatenate([found[0], found[1][:, :, None]], axis=2).reshape(5, -1)
    assert np.array_equal(np.array(first, float), np.hstack([hidden, np.ones((5, 1))]))
    assert np.array_equal(np.array(whole, float), np.hstack([hidden, found[2], np.ones((5, 1))]))


@pytest.mark.parametrize(
    ("parts", "outputs"),
    [
        (_both_layers.relu_parts, _both_layers.relu_outputs),
        (_both_layers.tanh_parts, _both_layers.tanh_outputs),
    ],
)
def test_jacobians_of_both_layers_are_the_derivatives(parts, outputs):
    weights = _both_layers.drawn(0, 0, 6, 3)
    points = np.random.default_rng(0).normal(size=(5, 3))
    values, jacobian = parts(_both_layers.flat(weights), points, 6)
    on_device = _both_layers.Weights(*map(jnp.asarray, weights))
    found = jax.jit(jax.jacrev(outputs))(on_device, jnp.asarray(points))
    assert np.allclose(values, outputs(on_device, jnp.asarray(points)), rtol=0, atol=1e-14)
    assert np.allclose(jacobian, np.hstack([np.reshape(found.w, (5, -1)), found.v]), rtol=0, atol=1e-14)


def test_bonferroni_against_inclusion_and_exclusion():
    """Orthonormal points are independent: all terms are known, and pairs have 4^-k each."""
    n, k = 7, 4
    exact = Fraction(n, 2**k) - Fraction(math.comb(n, 2), 4**k)
    assert _coverage.bonferroni(np.eye(n), k) == pytest.approx(float(exact), rel=1e-14)
    assert exact <= 1 - (1 - Fraction(1, 2**k)) ** n <= Fraction(n, 2**k)


def test_ranks_and_classes_in_the_plane():
    rng = np.random.default_rng(3)
    points, w = _low_dimension_rank.on_grid(rng, (9, 2)), _low_dimension_rank.on_grid(rng, (20, 2))
    on = _low_dimension_rank.active(points, w)
    assert np.array_equal(on, points @ w.T > 0)
    rows = (on[:, :, None] * points[:, None, :]).reshape(9, -1)
    assert _low_dimension_rank.hidden_rank(points, on) == np.linalg.matrix_rank(rows)
    classes = {tuple(row): 0 for row in on.tolist()}
    for row in on.tolist():
        classes[tuple(row)] += 1
    assert _low_dimension_rank.class_bound(on, 2) == sum(min(2, count) for count in classes.values())
    arcs = _low_dimension_rank.active(points, _low_dimension_rank.arc_directions(points))
    assert len(np.unique(arcs, axis=1).T) == 18, "one pattern an arc, all of them different"


def test_the_least_squares_loss_is_exact():
    exact = _early_alignment.affine_loss(_instances.three_points())
    line = _instances.three_points()
    rest = line.labels - line.points @ np.linalg.lstsq(line.points, line.labels, rcond=None)[0]
    assert f"{float(exact):.10f}" == "0.0875213675"
    assert float(exact) == pytest.approx(np.sum(rest**2) / 6, rel=1e-13)
    symmetric = _instances.three_points(symmetric=True)
    assert _early_alignment.affine_loss(symmetric) == Fraction("0.105625"), "D^2 / 3 / 3 with D = 0.1 - 1.075"


def test_the_lines_of_two_sides():
    """Three equidistant points with labels 1, -1, 1 are D = 2 off their mean: D^2 / 3 a side."""
    assert _inconsistency_1d.lines_loss(_instances.two_sides()) == pytest.approx(8 / 3, rel=1e-13)


@pytest.mark.parametrize("angle", [0.01, 0.7, 2.5])
def test_the_pairs_eigenvalue_by_counting_directions(angle):
    """Both points are active on the share of directions that a midpoint rule on the circle counts, to 1e-5."""
    directions = (np.arange(200_000) + 0.5) * 2 * np.pi / 200_000
    both = np.mean((np.cos(directions) > 0) & (np.cos(directions - angle) > 0))
    assert _near_duplicates.pair_eigenvalue(angle) == pytest.approx(0.5 - abs(math.cos(angle)) * both, abs=1e-5)


def test_the_pairs_eigenvalue_does_not_cancel():
    """The series t / (2 pi) + t^2 / 4, whose next term is below t^3."""
    for angle in (1e-12, 1e-8, 1e-5):
        series = angle / (2 * math.pi) + angle**2 / 4
        assert _near_duplicates.pair_eigenvalue(angle) == pytest.approx(series, rel=10 * angle**2 + 1e-15)


def test_generators():
    data = _instances.planted_triples(0, 4, 3, spread=0.1)
    exact = [[Fraction(float(t)) for t in row] for row in data.points]
    assert all(2 * m == a + b for t in range(4) for a, m, b in zip(*exact[3 * t : 3 * t + 3], strict=True))
    points, labels = _instances.close_pair(0, 6, 4, 1e-6)
    assert np.linalg.norm(points[-1] - points[-2]) == pytest.approx(1e-6, rel=1e-8)
    assert labels[-2:].tolist() == [1.0, -1.0]
    positive, signed = _instances.orthant(0, 5, 3)
    assert (positive >= 0).all() and np.array_equal(np.abs(signed), positive)
    assert _clusters_low_dimension.closest_angle(points) == pytest.approx(1e-6, rel=1e-8)
    data = _instances.noisy_line(0, 4, 2, noise=0.0)
    assert np.array_equal(data.labels, data.points[:, 0])


def test_the_bound_of_a_triple():
    """Least squares over two equal values and their mean, and the angle of a segment by its cosine."""
    labels = np.array([-1.0, 1.5, -0.5])
    rows = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    rest = labels - rows @ np.linalg.lstsq(rows, labels, rcond=None)[0]
    assert np.sum(rest**2) / 2 == pytest.approx((1.5 + 0.75) ** 2 / 3, rel=1e-13)
    angles = _planted_triples.segment_angles(np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]))
    assert angles[0] == pytest.approx(math.acos(1 / 2), rel=1e-12)


def test_the_effective_dimension_over_all_signs():
    """E <x, x'>^2 = tr S^2 for x = S^(1/2) z needs only uncorrelated coordinates: every pair of sign vectors."""
    spectrum = [Fraction(4), Fraction(2), Fraction(1)]
    signs = list(itertools.product((-1, 1), repeat=3))
    squares = [sum(s * a * b for s, a, b in zip(spectrum, x, z, strict=True)) ** 2 for x in signs for z in signs]
    assert sum(squares) / len(squares) == sum(s**2 for s in spectrum)
