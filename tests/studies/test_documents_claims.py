"""Studies of the documents that train or walk: designed verdicts, broken mechanisms, other ways to their numbers."""

import functools
import itertools
import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import approx_fprime

import proofs_check
from overparam.exact import ExactNetwork
from overparam.generalization import vc_dimension_bound, vc_gap_bound
from overparam.studies.documents import (
    _classical_says_no,
    _dropout_df,
    _identifiable_contrast,
    _l2_net_not_unique,
    _not_unique,
)
from overparam.studies.landscape._both_layers import relu_parts, tanh_parts
from tests.studies.judging import judged, named, well_told

SLOW = pytest.mark.slow
DESIGNED = [
    pytest.param(_l2_net_not_unique, "SCOPED", marks=SLOW),
    pytest.param(_not_unique, "CERTIFIED", marks=SLOW),
    pytest.param(_identifiable_contrast, "CONSISTENT", marks=SLOW),
    pytest.param(_dropout_df, "SCOPED", marks=SLOW),
    pytest.param(_classical_says_no, "SCOPED", marks=SLOW),
]
BROKEN = [
    pytest.param(_l2_net_not_unique, {"folded": False}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_l2_net_not_unique, {"rate": 2.0}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_l2_net_not_unique, {"replaced": True}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_not_unique, {"corrections": 0}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_not_unique, {"neurons": 3, "activations": ("tanh",)}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_identifiable_contrast, {"rate": 0.0}, "REFUTED", marks=SLOW),
    pytest.param(_identifiable_contrast, {"same_start": True}, "REFUTED", marks=SLOW),
    pytest.param(_dropout_df, {"rescaled": False}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_dropout_df, {"reversed_rates": True}, "REFUTED", marks=SLOW),
    pytest.param(_classical_says_no, {"random_labels": True}, "REFUTED", marks=SLOW),
    pytest.param(_classical_says_no, {"samples": 10**10}, "REFUTED", marks=SLOW),
]


@pytest.mark.parametrize(("module", "verdict"), DESIGNED, ids=named)
def test_designed_verdicts(tmp_path, module, verdict):
    claim = well_told(module.STUDY(tmp_path, "ci"))
    assert claim.verdict == verdict, claim.evidence
    assert claim.instances > 0 and "nan" not in claim.evidence and all(link.holds for link in claim.links)
    statements = list(tmp_path.rglob("statement.json"))
    assert len(statements) == (2 if module is _not_unique else 0)
    for statement in statements:
        assert proofs_check.check(statement.parent).status == "accepted"


@pytest.mark.parametrize(("module", "broken", "verdict"), BROKEN, ids=named)
def test_broken_mechanisms(tmp_path, module, broken, verdict):
    claim = judged(module, tmp_path, **broken)
    assert claim.verdict == verdict, claim.evidence
    # dropout's identity is a theorem, the networks' degrees of freedom are not
    assert module is _dropout_df or module.STUDY.proved is (verdict == "INCONCLUSIVE")


def test_two_networks_are_compared_exactly():
    """(1, 2, 2, 4) and (1, 2, 2, 9): 5 apart and 5 long, and the same moved by 2^-80 less, which floats do not see."""
    first = ExactNetwork.from_arrays([[1]], [2], [2], 4)
    assert _not_unique.squared_distance(first, ExactNetwork.from_arrays([[1]], [2], [2], 9)) == 1
    nearer = ExactNetwork.from_arrays([[1]], [2], [2], 9 - Fraction(1, 2**80))
    assert 1 - Fraction(1, 2**75) < _not_unique.squared_distance(first, nearer) < 1
    assert _not_unique.squared_distance(first, ExactNetwork.from_arrays([[1], [0]], [2, 0], [2, 0], 9)) == 0


@pytest.mark.slow
def test_an_end_that_is_too_close_is_no_certificate(tmp_path, monkeypatch):
    monkeypatch.setattr(_not_unique, "squared_distance", lambda first, second: Fraction(99, 100))
    claim = _not_unique.STUDY(tmp_path, "ci")
    assert claim.verdict == "INCONCLUSIVE" and claim.certificate is None


@pytest.mark.slow
def test_one_step_of_descent_by_finite_differences():
    """The program's first moment against a step whose gradient is taken numerically."""
    rng = np.random.default_rng(0)
    points, labels, lam, step = rng.normal(size=(4, 2)), rng.normal(size=4), 0.05, 1e-3
    shapes = [(3, 2), (3,), (1, 3), (1,)]
    flat = rng.normal(size=sum(map(math.prod, shapes)))

    def parts(at):
        cut = np.split(at, np.cumsum([math.prod(shape) for shape in shapes])[:-1])
        w, b, v, c = (piece.reshape(shape) for piece, shape in zip(cut, shapes, strict=True))
        return w, b, v, c

    def objective(at):
        w, b, v, c = parts(at)
        fit = np.maximum(points @ w.T + b, 0) @ v[0] + c[0]
        return np.mean((fit - labels) ** 2) + lam * np.sum(at**2)

    slope = [(objective(flat + h) - objective(flat - h)) / 2e-6 for h in 1e-6 * np.eye(len(flat))]
    moved = flat - step * np.array(slope)
    w, b, v, c = (jnp.asarray(part) for part in parts(flat))
    seen = _l2_net_not_unique._descend(
        ((w, b), (v, c)), jnp.asarray(points), jnp.asarray(labels), jnp.asarray([lam]), jnp.asarray(step), 1, True
    )
    w, b, v, _ = parts(moved)
    assert np.asarray(seen)[0, 1] == pytest.approx(np.sum(w**2, axis=1) + b**2 - v[0] ** 2, rel=1e-7)


@pytest.mark.parametrize("parts", [tanh_parts, relu_parts])
def test_the_jacobian_with_biases(parts):
    rng = np.random.default_rng(1)
    points = np.concatenate([rng.normal(size=(5, 2)), np.ones((5, 1))], axis=1)
    system, at = _not_unique._System(parts, points, 4), rng.normal(size=4 * 4 + 1)
    values, jacobian = system(at)
    w, v = at[:12].reshape(4, 3), at[12:16]
    activation = np.tanh if parts is tanh_parts else functools.partial(np.maximum, 0)
    assert values == pytest.approx(activation(points @ w.T) @ v + at[-1])
    for i in range(5):
        assert jacobian[i] == pytest.approx(approx_fprime(at, lambda a, i=i: system(a)[0][i], 1e-7), abs=1e-5)


def test_networks_are_matched_up_to_order_and_sign():
    rng = np.random.default_rng(2)
    at = rng.normal(size=3 * 5 + 1)
    units, order = at[:-1].reshape(3, 5), np.array([3, 0, 4, 1, 2])
    signs = np.array([1, -1, -1, 1, -1.0])
    copy = np.append((units * signs)[:, order].ravel(), at[-1])
    x = np.linspace(-1, 1, 7)
    assert _identifiable_contrast._outputs(copy, x)[0] == pytest.approx(_identifiable_contrast._outputs(at, x)[0])
    assert _identifiable_contrast._distance(at, copy) < 1e-14
    assert _identifiable_contrast._distance(at, rng.normal(size=16)) > 0.1
    slopes = _identifiable_contrast._outputs(at, x)[1]
    for i in range(7):
        wanted = approx_fprime(at, lambda a, i=i: _identifiable_contrast._outputs(a, x)[0][i], 1e-7)
        assert slopes[i] == pytest.approx(wanted, abs=1e-5)


def test_the_slopes_of_the_decay():
    """A exp(-k t) + c: derivatives written down, and standard errors from them."""
    model = _identifiable_contrast._decay(50, 1.3)
    t = model.times
    wanted = np.stack([np.exp(-1.3 * t), -2 * t * np.exp(-1.3 * t), np.ones(50)], axis=1)
    assert _identifiable_contrast._slopes(model) == pytest.approx(wanted, abs=1e-8)


def test_the_epidemic_keeps_its_invariant():
    """Along a path S + I - (gamma / beta) log S does not change; the infected share peaks where S = gamma / beta."""
    model = _identifiable_contrast._epidemic(401)
    infected = model.predict(model.truth, model.times)
    beta, gamma, first = model.truth
    start, ratio = 1 - first, gamma / beta
    peak = 1 - ratio + ratio * math.log(ratio / start)  # S + I - ratio log S at the start and at the peak
    assert infected[0] == first and infected.max() == pytest.approx(peak, rel=1e-3)


def test_the_objective_over_all_masks():
    """Every one of 2^4 masks of the inputs with its probability: the ridge formula, for one mask and one sample."""
    rng = np.random.default_rng(3)
    x, w, y, q = rng.normal(size=4), rng.normal(size=4), 0.7, 0.6
    mean = 0.0
    for mask in itertools.product((0, 1), repeat=4):
        weight = math.prod(q if kept else 1 - q for kept in mask)
        mean += weight * (y - (np.array(mask) * x) @ w / q) ** 2
    assert mean == pytest.approx((y - x @ w) ** 2 + (1 - q) / q * np.sum(w**2 * x**2), rel=1e-12)


def test_degrees_of_freedom_against_the_ridge_path():
    random, orthogonal, most = _dropout_df._linear_df(np.random.default_rng(4))
    assert 0.5 < random < 1 and orthogonal < 1e-12 and 0.5 < most < 1


def test_active_weights_by_drawing_masks():
    """The mean over masks of the weights between units that are kept; within 6 standard errors."""
    rng, units, counts = np.random.default_rng(5), (40, 932, 1017, 1046, 1), []
    for _ in range(2000):
        kept = [40, *(rng.binomial(m, 0.5) for m in units[1:-1]), 1]
        counts.append(sum(a * b for a, b in itertools.pairwise(kept)) + sum(kept[1:]))
    error = np.std(counts) / len(counts) ** 0.5
    assert abs(np.mean(counts) - _dropout_df.active_weights(0.5)) < 6 * error
    assert _dropout_df.active_weights(1.0) == 2_052_948
    assert _dropout_df.active_weights(_dropout_df._threshold()) == pytest.approx(13_000, rel=1e-9)
    assert _dropout_df._threshold() < 0.071


@pytest.mark.slow
def test_adam_against_numpy():
    """Three steps without dropout, every formula written out again."""
    key, rng = jax.random.key(0), np.random.default_rng(6)
    points, targets = rng.normal(size=(6, 3)).astype(np.float32), rng.normal(size=(1, 6)).astype(np.float32)
    found = _dropout_df._trained(
        key, jnp.asarray(points), jnp.asarray(targets), jnp.ones((), jnp.float32), width=4, steps=3
    )
    first, last = jax.random.split(jax.random.split(key)[0])
    at = [
        np.asarray(jax.random.normal(first, (4, 3), jnp.float32), float) * (2 / 3) ** 0.5,
        np.zeros(4),
        np.asarray(jax.random.normal(last, (4,), jnp.float32), float) / 2,
        np.zeros(()),
    ]
    mean, square = [0 * part for part in at], [0 * part for part in at]
    for i in range(1, 4):
        pre = points @ at[0].T + at[1]
        off = 2 * (np.maximum(pre, 0) @ at[2] + at[3] - targets[0]) / 6
        back = np.outer(off, at[2]) * (pre > 0)
        slope = [back.T @ points, back.sum(axis=0), np.maximum(pre, 0).T @ off, off.sum()]
        for k in range(4):
            mean[k] = 0.9 * mean[k] + 0.1 * slope[k]
            square[k] = 0.999 * square[k] + 0.001 * slope[k] ** 2
            step = 3e-3 * (mean[k] / (1 - 0.9**i)) / (np.sqrt(square[k] / (1 - 0.999**i)) + 1e-8)
            at[k] = at[k] - step
    wanted = np.maximum(points @ at[0].T + at[1], 0) @ at[2] + at[3]
    assert np.asarray(found)[0] == pytest.approx(wanted, abs=1e-4)


def test_a_bound_that_forbids_nothing():
    """For n below the dimension the gap is above 1 whatever the network; for 10^10 samples it is not."""
    dimension = vc_dimension_bound((196, 256, 1))
    assert vc_gap_bound(dimension, 500) > 1 > vc_gap_bound(dimension, 10**10)


@pytest.mark.slow
def test_the_larger_epidemic_is_identifiable():
    """Its starts lie in a box; three of them, and the Fisher errors are finite."""
    model = _identifiable_contrast._epidemic(200)
    seen = model.predict(model.truth, model.times)
    rng = np.random.default_rng(7)
    for _ in range(3):
        found = _identifiable_contrast._fitted(model, seen, rng.uniform(model.low, model.high))
        assert found == pytest.approx(model.truth, rel=1e-6)
