"""Studies of random labels that algebra or a kernel settles: designed verdicts, broken mechanisms, other formulas."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

import proofs_check
from overparam.data import load_images
from overparam.studies._experiment import Setting
from overparam.studies._rules import Judged
from overparam.studies.random_labels import (
    _curvature,
    _expressivity,
    _kernel_interp,
    _kernels,
    _norm_not_predictive,
    _sgd_minnorm,
)
from tests.studies.judging import judged, named, well_told

SLOW = pytest.mark.slow
DESIGNED = [
    pytest.param(_expressivity, "CERTIFIED", marks=SLOW),
    pytest.param(_curvature, "CONSISTENT", marks=SLOW),
    pytest.param(_sgd_minnorm, "CONSISTENT", marks=SLOW),
    pytest.param(_kernel_interp, "CONSISTENT", marks=SLOW),
    pytest.param(_norm_not_predictive, "CONSISTENT", marks=SLOW),
]
REVERSED = tuple(reversed(_norm_not_predictive.PAIR))
BROKEN = [
    pytest.param(_expressivity, {"repeated": True}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_expressivity, {"between": 1.0}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_curvature, {"losses": ("logistic",), "missed": 0.3}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_curvature, {"losses": ("quartic",), "missed": 0.1}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_sgd_minnorm, {"adaptive": True}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_sgd_minnorm, {"forgets": True}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_kernel_interp, {"random_labels": True}, "REFUTED", marks=SLOW),
    pytest.param(_kernel_interp, {"gamma": 100.0}, "REFUTED", marks=SLOW),
    pytest.param(_norm_not_predictive, {"same_labels": True}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_norm_not_predictive, {"pair": REVERSED}, "INCONCLUSIVE", marks=SLOW),
]


@pytest.mark.parametrize(("module", "verdict"), DESIGNED, ids=named)
def test_designed_verdicts(tmp_path, module, verdict):
    claim = well_told(module.STUDY(tmp_path, "ci"))
    assert claim.verdict == verdict, claim.evidence
    assert claim.instances > 0 and "nan" not in claim.evidence and all(link.holds for link in claim.links)
    statements = list(tmp_path.rglob("statement.json"))
    assert len(statements) == (6 if module is _expressivity else 0)
    for statement in statements:
        assert proofs_check.check(statement.parent).status == "accepted"


@pytest.mark.parametrize(("module", "broken", "verdict"), BROKEN, ids=named)
def test_broken_mechanisms(tmp_path, module, broken, verdict):
    claim = judged(module, tmp_path, **broken)
    assert claim.verdict == verdict, claim.evidence
    assert not any("nan" in link.lemma for link in claim.links)


@pytest.mark.parametrize("module", [_kernel_interp, _norm_not_predictive])
def test_the_published_size_without_its_data(tmp_path, monkeypatch, module):
    monkeypatch.delenv("OVERPARAM_DATA", raising=False)
    claim = module.STUDY(tmp_path, "paper")
    assert claim.verdict == "VACUOUS" and "MNIST" in claim.evidence


def test_the_triangular_matrix_by_hand():
    """Projections 0, 1, 3 and knots halfway: a diagonal of 1, 1/2, 1."""
    z = np.array([0.0, 1.0, 3.0])
    knots = _expressivity._knots(z, 0.5)
    assert knots.tolist() == [-1.0, 0.5, 2.0]
    matrix = np.maximum(z[:, None] - knots, 0)
    assert np.array_equal(matrix, np.tril(matrix)) and np.diag(matrix).tolist() == [1.0, 0.5, 1.0]


@pytest.mark.parametrize("loss", ["squared", "log-cosh", "quartic"])
def test_hessians_at_interpolants(loss):
    """X^T diag(beta) X / n with the second derivatives at the label: 1, 1 + y^2, 1."""
    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(3, 5)), rng.normal(size=3)
    weights = np.linalg.pinv(points) @ labels
    found = _curvature._hessians(jnp.asarray(weights[None]), jnp.asarray(points), jnp.asarray(labels), loss)
    beta = 1 + labels**2 if loss == "log-cosh" else np.ones(3)
    assert np.asarray(found)[0] == pytest.approx(points.T @ (beta[:, None] * points) / 3, abs=1e-12)


def test_single_samples_project():
    """With one sample at a time and step 1 / |x|^2 each step is a projection onto its equation (Kaczmarz)."""
    rng = np.random.default_rng(1)
    points, labels = rng.normal(size=(3, 6)), rng.normal(size=3)
    at = np.zeros((1, 6))
    for _ in range(2):
        for x, y in zip(points, labels, strict=True):
            at = at - ((at @ x - y) / (x @ x))[:, None] * x
    found = _sgd_minnorm._descend(points, labels, np.zeros((1, 6)), list(np.arange(3)[:, None]), 2, False)
    assert found == pytest.approx(at, rel=1e-12)
    exact = _sgd_minnorm._least_norm(points, labels)
    assert exact == pytest.approx(np.linalg.lstsq(points, labels, rcond=None)[0], rel=1e-10)


def test_kernel_interpolation_by_hand():
    """Two points at squared distance 1: K = [[1, e], [e, 1]], alpha of (1, 0) is (1, -e) / (1 - e^2)."""
    at = _kernels.Split(
        np.array([[0.0], [1.0]]), np.array([0, 1], np.int32), np.array([[0.25]]), np.array([0], np.int32)
    )
    kernel = _kernels.gaussian(_kernels.distances(at), 1.0)
    e = float(np.exp(-1.0))
    assert kernel.gram == pytest.approx(np.array([[1, e], [e, 1]]))
    assert kernel.across == pytest.approx(np.exp(-np.array([[0.0625, 0.5625]])))
    fit = _kernels.interpolate(kernel, at.labels, at.test_labels, 2)
    # tr alpha^T K alpha = sum over classes of Y^T K^-1 Y = 2 / (1 - e^2)
    assert fit.train_error == fit.test_error == 0 and fit.norm == pytest.approx((2 / (1 - e**2)) ** 0.5)
    assert _kernels.nearest_errors(_kernels.distances(at), at.labels, at.test_labels) == (0, 0)


def test_distances_against_loops():
    rng = np.random.default_rng(2)
    at = _kernels.Split(rng.random((4, 3)), np.zeros(4, np.int32), rng.random((2, 3)), np.zeros(2, np.int32))
    found = _kernels.distances(at)
    for i, j in itertools.product(range(4), repeat=2):
        assert found.gram[i, j] == pytest.approx(sum((at.points[i] - at.points[j]) ** 2), abs=1e-14)
    for i, j in itertools.product(range(2), range(4)):
        assert found.across[i, j] == pytest.approx(sum((at.test_points[i] - at.points[j]) ** 2), abs=1e-14)


def test_splits_are_apart_and_differ_by_seed():
    images = load_images("digits")
    one, two = (_kernels.split(images, 0, seed, 100, 50) for seed in range(2))
    assert one.points.shape == (100, 64) and one.test_points.shape == (50, 64)
    assert not np.array_equal(one.labels, two.labels)
    everything = np.concatenate([one.points, one.test_points])
    assert len(np.unique(everything, axis=0)) == 150


@pytest.fixture
def published(monkeypatch):
    """The digits in the shape of the published setting: 1,500 training images and 297 for testing."""
    digits = load_images("digits")
    images = digits._replace(
        points=digits.points[:1500], labels=digits.labels[:1500],
        test_points=digits.points[1500:], test_labels=digits.labels[1500:],
    )  # fmt: skip
    for module in (_kernel_interp, _norm_not_predictive):
        monkeypatch.setattr(module, "images_of", lambda size: images)
    return images


def test_published_splits_draw_training_images(published):
    """By root and by seed where there are more than asked for; the test set stays; all of them are one set."""
    drawn = [_kernels.split(published, root, seed, 100, 50) for root, seed in ((0, 0), (0, 1), (1, 0))]
    for one, other in itertools.combinations(drawn, 2):
        assert not np.array_equal(one.points, other.points)
        assert np.array_equal(one.test_points, other.test_points) and len(one.test_points) == 297
    assert _kernels.varies(published, 1499) and not _kernels.varies(published, 1500)
    whole = [_kernels.split(published, 0, seed, 9999, 50) for seed in range(2)]
    assert len(whole[0].points) == _kernels.available(published, 9999, 50) == 1500
    assert np.array_equal(*(np.sort(one.points.sum(axis=1)) for one in whole))


@SLOW
def test_kernels_at_the_published_size_say_what_they_judge(published, tmp_path, monkeypatch):
    """1,000 images are judged over splits, all of them are run once; where all are judged nothing is said."""
    found = _kernel_interp.measure(Setting("paper", 0, tmp_path))
    assert found.holds is not None and "5 splits, n = 1000:" in found.words
    assert "One run on all 1500 images" in found.words and found.instances == 2 * (5 + 1)
    assert [row[0] for row in found.tables[0].rows[:-1]] == [1000, 1500]
    monkeypatch.setitem(_kernel_interp._SIZES, "paper", _kernel_interp.Sizes(5, (100, 60_000), 60_000, 297))
    found = _kernel_interp.measure(Setting("paper", 0, tmp_path))
    assert found.holds is None and "1 splits, n = 1500: all 1500 images" in found.words
    monkeypatch.setitem(_norm_not_predictive._SIZES, "paper", _norm_not_predictive.Sizes(5, 1500, 297))
    found = _norm_not_predictive.measure(Setting("paper", 0, tmp_path))
    assert found.holds is None and "the splits are one" in found.words


@pytest.mark.parametrize(
    ("shown", "opposed", "holds"),
    [(True, [0.3, 0.2], True), (False, [0.3, 0.0], None), (None, [0.1, 0.1], None), (False, [0.0, 0.0], False)],
)
def test_that_some_pair_is_opposed_fails_only_if_none_is(shown, opposed, holds):
    assert _norm_not_predictive._exists(Judged(shown, "", ()), opposed).holds is holds


def test_opposed_pairs():
    norms, errors = np.array([1.0, 2.0, 3.0]), np.array([0.3, 0.2, 0.25])
    assert _norm_not_predictive._opposed(norms, errors) == pytest.approx(2 / 3)
    assert _norm_not_predictive._opposed(norms, norms) == 0
