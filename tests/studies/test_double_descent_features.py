"""Studies of random features and networks: designed verdicts, controls that flip them, pieces by hand."""

import numpy as np
import pytest

from overparam.studies._experiment import Setting
from overparam.studies._images import Splits
from overparam.studies.double_descent import (
    _decomposition,
    _epochwise,
    _features,
    _mei_montanari,
    _nn_mnist,
    _optimal_ridge_nets,
    _rff_mnist,
    _samplewise,
    _triple,
)
from tests.studies.judging import judged, named

slow = pytest.mark.slow
DESIGNED = [
    (_samplewise, "SCOPED"),
    pytest.param(_mei_montanari, "CONSISTENT", marks=slow),
    pytest.param(_triple, "CONSISTENT", marks=slow),
    pytest.param(_decomposition, "SCOPED", marks=slow),
    pytest.param(_optimal_ridge_nets, "CONSISTENT", marks=slow),
    pytest.param(_rff_mnist, "CONSISTENT", marks=slow),
    pytest.param(_nn_mnist, "SCOPED", marks=slow),
]
BROKEN = [
    pytest.param(_mei_montanari, {"planted": "no noise"}, "INCONCLUSIVE", marks=slow),
    pytest.param(_mei_montanari, {"planted": "zeta"}, "INCONCLUSIVE", marks=slow),
    pytest.param(_mei_montanari, {"planted": "swapped"}, "INCONCLUSIVE", marks=slow),
    pytest.param(_mei_montanari, {"ridge": 0.1}, "INCONCLUSIVE", marks=slow),
    pytest.param(_triple, {"noise": 0.1}, "REFUTED", marks=slow),
    pytest.param(_triple, {"linear": "relu"}, "REFUTED", marks=slow),
    (_samplewise, {"ridge": 0.3}, "REFUTED"),
    pytest.param(_decomposition, {"same_features": True}, "REFUTED", marks=slow),
    pytest.param(_decomposition, {"ridge": 0.1}, "REFUTED", marks=slow),
    pytest.param(_optimal_ridge_nets, {"tuned": False}, "REFUTED", marks=slow),
    pytest.param(_rff_mnist, {"cutoff": 0.05}, "REFUTED", marks=slow),
    pytest.param(_rff_mnist, {"fewest": True}, "REFUTED", marks=slow),
    pytest.param(_nn_mnist, {"weight_decay": 0.01}, "REFUTED", marks=slow),
]


@pytest.mark.parametrize(("module", "verdict"), DESIGNED, ids=named)
def test_designed_verdicts(tmp_path, module, verdict):
    claim = judged(module, tmp_path)
    assert claim.verdict == verdict, claim.evidence
    assert claim.instances > 0 and "nan" not in claim.evidence and claim.plots
    assert all(link.holds for link in claim.links)


@pytest.mark.parametrize(("module", "broken", "verdict"), BROKEN, ids=named)
def test_broken_mechanisms(tmp_path, module, broken, verdict):
    assert judged(module, tmp_path, **broken).verdict == verdict
    assert module.STUDY.proved is (verdict == "INCONCLUSIVE")


def test_points_of_the_sphere_and_their_features():
    rng = np.random.default_rng(0)
    points = _features.sphere(rng, 50, 7)
    assert (points**2).sum(axis=1) == pytest.approx(np.full(50, 7.0))
    inner = np.array([[2.0, 0.0], [0.0, 2.0]]) @ np.array([[1.0, -1.0]]).T / 2**0.5
    found = _features.features(np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([[1.0, -1.0]]))
    assert found == pytest.approx(np.maximum(inner, 0))
    tanh = _features.features(np.array([[2.0, 0.0]]), np.array([[1.0, -1.0]]), "tanh")
    assert tanh == pytest.approx(np.tanh(2**0.5))


def test_smaller_cells_use_the_first_samples_and_features():
    """A cell has the same error whatever other cells are fitted beside it."""

    def errors(*cells):
        return _features.excess(np.random.default_rng(3), dim=5, cells=cells, noise=0.1, n_test=20)

    assert errors((12, 30), (6, 9))[0] == errors((12, 30))[0]
    # without noise, 60 features of 3 inputs are near every linear target
    clean = _features.excess(np.random.default_rng(3), dim=3, cells=((400, 60),), noise=0.0, n_test=200)
    assert clean[0] < 1e-3


@pytest.mark.parametrize(("n", "p"), [(8, 3), (3, 8), (5, 5)])
def test_least_norm_against_the_pseudo_inverse(n, p):
    rng = np.random.default_rng([n, p])
    design, targets = rng.normal(size=(n, p)), rng.normal(size=(n, 2))
    wanted = np.linalg.pinv(design) @ targets
    for cutoff in (0.0, 1e-13):
        assert _rff_mnist._least_norm(design, targets, cutoff) == pytest.approx(wanted, rel=1e-9)
    truncated = _rff_mnist._least_norm(design, targets, 0.5)
    assert truncated == pytest.approx(np.linalg.pinv(design, rcond=0.5) @ targets, rel=1e-9)


@pytest.mark.parametrize("module", [_rff_mnist, _nn_mnist])
def test_too_few_images_test_nothing(tmp_path, monkeypatch, module):
    few = Splits(
        np.zeros((5, 40, 64), np.float32),
        np.zeros((5, 40), np.int32),
        np.zeros((5, 10, 64), np.float32),
        np.zeros((5, 10), np.int32),
        10,
        "digits; few",
    )
    monkeypatch.setattr(module, "image_splits", lambda *_, **__: few)
    found = module.measure(Setting("ci", 0, tmp_path))
    assert found.holds is None and "images are missing" in found.vacuous and "has 40" in found.words


@slow
def test_networks_of_the_larger_sizes(tmp_path, monkeypatch):
    """The estimated part, with short runs in place of long ones."""
    small = _epochwise.Sizes(2.0, 8, 40, (8,), (0.2,), 200, 5)
    monkeypatch.setitem(_epochwise._SIZES, "laptop", small)
    found = _epochwise.measure(Setting("laptop", 0, tmp_path))
    assert "estimated, not judged" in found.words and len(found.plots) == 2
    (row,) = found.tables[0].rows
    assert row[:2] == (8, 0.2) and 1 <= row[2] <= row[3] <= 200
