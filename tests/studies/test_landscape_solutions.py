"""Studies of how training ends and of the set where it ends: designed verdicts, broken mechanisms, other formulas."""

import dataclasses
import itertools
import types
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import proofs_check
from overparam.studies._experiment import Setting
from overparam.studies.landscape import (
    _both_layers,
    _edge_of_stability,
    _gauss_newton,
    _levenberg_marquardt,
    _non_uniqueness,
    _pl_certificate,
    _pl_star,
    _solution_manifold,
)
from overparam.training import Outcome
from tests.studies.judging import judged, named

DESIGNED = {
    _edge_of_stability: "CONSISTENT",
    _pl_star: "CONSISTENT",
    _solution_manifold: "CONSISTENT",
    _non_uniqueness: "CONSISTENT",
    _gauss_newton: "CONSISTENT",
}
BROKEN = [  # a theorem that floats contradict stays open
    pytest.param(_edge_of_stability, {"fraction": 0.1}, "REFUTED", marks=pytest.mark.slow),
    pytest.param(_pl_star, {"step": 6.0}, "INCONCLUSIVE", marks=pytest.mark.slow),
    (_pl_star, {"rate": 3.9}, "INCONCLUSIVE"),
    (_pl_star, {"lipschitz": 0.3}, "INCONCLUSIVE"),
    (_solution_manifold, {"residual": 0.5}, "INCONCLUSIVE"),
    (_non_uniqueness, {"same_start": True}, "REFUTED"),
    (_gauss_newton, {"transposed": True}, "INCONCLUSIVE"),
    (_gauss_newton, {"bend": 0.99}, "INCONCLUSIVE"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("module", "verdict"), DESIGNED.items(), ids=named)
def test_designed_verdicts(tmp_path, module, verdict):
    claim = judged(module, tmp_path)
    assert claim.verdict == verdict, claim.evidence
    assert claim.instances > 0 and "nan" not in claim.evidence
    if module is _solution_manifold:
        (statement,) = tmp_path.rglob("statement.json")
        assert proofs_check.check(statement.parent).status == "accepted"


@pytest.mark.parametrize(("module", "broken", "verdict"), BROKEN, ids=named)
def test_broken_mechanisms(tmp_path, module, broken, verdict):
    found = []

    def measure(setting):
        found.append(module.measure(setting, **broken))
        return found[-1]

    claim = dataclasses.replace(module.STUDY, measure=measure)(tmp_path, "ci")
    assert claim.verdict == verdict, claim.evidence
    assert module.STUDY.proved is (verdict == "INCONCLUSIVE")
    assert all(finding.holds is False for finding in found)


def test_a_walk_without_corrections_is_not_judged(tmp_path):
    """It leaves the set, and what it says about the theorem is nothing."""
    found = _solution_manifold.measure(Setting("ci", 0, tmp_path), corrections=0)
    assert found.holds is None and not all(link.holds for link in found.links)


@pytest.mark.slow
@pytest.mark.parametrize(("planted", "verdict"), [(False, "ESTIMATED"), (True, "REFUTED")])
def test_levenberg_marquardt(tmp_path, planted, verdict):
    assert judged(_levenberg_marquardt, tmp_path, planted=planted).verdict == verdict


@pytest.mark.parametrize(
    ("fits", "verdict"), [({6, 8}, "ESTIMATED"), ({8}, "ESTIMATED"), (set(), "INCONCLUSIVE"), ({5, 8}, "REFUTED")]
)
def test_how_levenberg_marquardt_is_judged(tmp_path, monkeypatch, fits, verdict):
    """An optimizer put in its place, which fits at these widths only; width 5 has fewer effective parameters."""

    def search(points, labels, key, n_seeds, *, width, **_):
        stopped = np.full(n_seeds, Outcome.FITTED if width in fits else Outcome.STUCK)
        return types.SimpleNamespace(stopped=stopped, n_steps=np.full(n_seeds, 7))

    monkeypatch.setattr(_levenberg_marquardt, "levenberg_marquardt_seeds", search)
    claim = judged(_levenberg_marquardt, tmp_path)
    assert claim.verdict == verdict
    assert f"width 8, 1.46 n effective parameters, fits from {8 if 8 in fits else 0} of 8 starts" in claim.evidence


@pytest.mark.parametrize(
    ("exact", "caught", "inside", "holds"),
    [
        (True, True, True, True),
        (True, True, False, False),
        (True, True, None, None),
        (True, False, None, False),
        (False, True, True, None),
    ],
)
def test_a_run_that_interpolated_leaves_the_catapult_to_judge(exact, caught, inside, holds):
    assert _edge_of_stability._judged(exact, caught, inside) is holds


def test_the_product_attains_the_bounds_of_newton():
    """F = w v from (1, 1), label y: u -> (u^2 + y) / (2 u), the root of y is the limit; over the rationals."""
    u, y = Fraction(1), Fraction(2, 1000)
    assert 1 - y == 2 * Fraction(_gauss_newton.EDGE).limit_denominator(1000)
    for _ in range(4):
        r, s2 = u**2 - y, 2 * u**2
        u = (u**2 + y) / (2 * u)
        assert u**2 - y == r**2 / (2 * s2)
        assert (u**2 - y) / (2 * u**2) == (r / s2) ** 2 / (2 * (1 - r / s2) ** 2)


def test_lanczos_against_a_dense_spectrum():
    """At full size Lanczos has every eigenvalue, and it ends early where the Krylov space does."""
    matrix = np.random.default_rng(0).normal(size=(15, 15))
    matrix = jnp.asarray(matrix + matrix.T)
    true = np.linalg.eigvalsh(matrix)[-1]

    @jax.jit(static_argnames="steps")
    def largest(matrix, steps):
        return _edge_of_stability.largest_eigenvalue(lambda v: matrix @ v, jnp.ones_like(matrix[0]), steps)

    assert float(largest(matrix, 15)) == pytest.approx(true, rel=1e-12)
    assert float(largest(3 * jnp.eye(15), 15)) == pytest.approx(3.0, rel=1e-14), "a Krylov space of one dimension"


def test_the_growth_on_a_quadratic():
    """Outputs x_1 and x_2 / 2 from 1 and 1: the second dies out, the first has the factor (1 - step)^400."""
    found = _edge_of_stability.quadratic_growth()
    assert found == pytest.approx((0.99**400 / 1.25, 1.01**400 / 1.25), rel=1e-9)


def test_the_two_linear_layers_by_their_own_recursion():
    """One point x = 1, label 0: f' = f (1 - s l + s^2 f^2 / k) and l' = l - s f^2 (4 - s l) / k."""
    width = 40
    peak, end, curvature = _edge_of_stability.catapult(0, width, 3.0)
    w, v = np.random.default_rng([0, width]).normal(size=(2, width))
    first = f = w @ v / np.sqrt(width)
    l = (w @ w + v @ v) / width
    step, losses = 3 / l, [1.0]
    for _ in range(300):
        f, l = f * (1 - step * l + step**2 * f**2 / width), l - step * f**2 * (4 - step * l) / width
        losses.append((f / first) ** 2)
    assert (peak, curvature) == pytest.approx((max(losses), step * l), rel=1e-6)
    assert end < 1e-20 and losses[-1] < 1e-20


@pytest.mark.parametrize("smooth", [False, True])
def test_the_lipschitz_constants_of_the_certificates(smooth):
    """Differences of Jacobians on the ball, activations of ReLU kept; and the singular values by another route."""
    rng = np.random.default_rng(1)
    points, labels = rng.normal(size=(6, 4)), rng.normal(size=6)
    weights = _both_layers.drawn(1, 0, 5, 4)
    parts = _both_layers.tanh_parts if smooth else _both_layers.relu_parts
    at = _both_layers.flat(weights)
    found = _pl_certificate.certificate(weights, points, labels, smooth=smooth)
    values, jacobian = parts(at, points, 5)
    spectrum = np.linalg.eigvalsh(jacobian @ jacobian.T)
    assert found.least**2 == pytest.approx(spectrum[0], rel=1e-9)
    assert found.residual == pytest.approx(np.linalg.norm(values - labels), rel=1e-13)
    reach = found.margin if not smooth else 4 * found.residual / found.least
    for _ in range(200):
        shift = rng.normal(size=len(at))
        shift *= reach * rng.random() / np.linalg.norm(shift)
        change = np.linalg.norm(parts(at + shift, points, 5)[1] - jacobian, 2)
        assert change <= found.lipschitz * np.linalg.norm(shift) * (1 + 1e-9)


def test_certificates_at_their_edges():
    """Hand-made numbers: s = 2, B = 1, so s^2 / (4 B) = 1 for flow and half of that for descent; margins s m / 2."""
    edge = _pl_certificate.Certificate(1.0, 2.0, 3.0, 1.0, 10.0)
    assert (edge.flow, edge.descent) == (1.0, 2.0)
    near = edge._replace(margin=0.5)
    assert (near.flow, near.descent) == (2.0, 4.0)
    assert edge.step == min(1 / (3 + 2) ** 2, 1) / 2
    assert edge._replace(residual=np.nan).flow == np.inf


def test_matching_against_every_permutation():
    rng = np.random.default_rng(2)
    width, dim = 5, 3
    first, second = rng.normal(size=(2, width * (dim + 1)))
    (one, signs), (two, others) = (
        (np.abs(at[-width:])[:, None] * at[:-width].reshape(width, dim), np.sign(at[-width:])) for at in (first, second)
    )

    def apart(i, j):
        a, b = one[i], two[j]
        if signs[i] == others[j]:
            return np.sum((a - b) ** 2)
        return (np.linalg.norm(a) + np.linalg.norm(b)) ** 2

    best = min(sum(apart(i, j) for i, j in enumerate(order)) for order in itertools.permutations(range(width)))
    found = _non_uniqueness.matched_distance(first, second, width)
    assert found == pytest.approx(np.sqrt(best) / np.linalg.norm(one), rel=1e-12)
    fresh = rng.normal(size=(7, dim))
    again = _non_uniqueness.rewritten(first, width, rng)
    assert np.allclose(_both_layers.relu_parts(first, fresh, width)[0], _both_layers.relu_parts(again, fresh, width)[0])
    assert _non_uniqueness.matched_distance(first, again, width) < 1e-14


def test_the_hessian_at_a_solution_is_the_square_of_the_jacobian():
    rng = np.random.default_rng(3)
    points, at = rng.normal(size=(4, 3)), rng.normal(size=20)
    values, jacobian = _both_layers.tanh_parts(at, points, 5)
    spectrum = _solution_manifold._hessian_spectrum(at, points, values, 5)
    assert np.allclose(spectrum, np.linalg.eigvalsh(jacobian.T @ jacobian), rtol=0, atol=1e-12)
