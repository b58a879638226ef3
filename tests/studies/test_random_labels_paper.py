"""The published setting: what is said without the images, and the same code on a small folder in their format."""

import math

import numpy as np
import pytest

from overparam.data.images._folder import Counts
from overparam.networks import MlpClassifier
from overparam.studies._experiment import Setting
from overparam.studies.random_labels import (
    _batchnorm,
    _corruption_curve,
    _early_stopping,
    _explicit_reg,
    _imagenet,
    _label_only,
    _memorize_and_generalize,
    _order,
    _published,
    _random_inputs,
    _random_labels,
    _time_factor,
)

ON_CIFAR = [
    _random_labels,
    _label_only,
    _corruption_curve,
    _explicit_reg,
    _early_stopping,
    _batchnorm,
    _order,
    _time_factor,
    _memorize_and_generalize,
    _random_inputs,
]


@pytest.mark.parametrize("module", [*ON_CIFAR, _imagenet], ids=lambda module: module.STUDY.id)
def test_without_the_images_nothing_is_tested(tmp_path, monkeypatch, module):
    """The verdict says what is missing."""
    monkeypatch.delenv("OVERPARAM_DATA", raising=False)
    claim = module.STUDY(tmp_path, "paper")
    assert claim.verdict == "VACUOUS"
    assert "ImageNet" in claim.evidence if module is _imagenet else "OVERPARAM_DATA" in claim.evidence


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A folder of 100 training and 20 test images in the binary format, and small networks in place of the large."""
    rng = np.random.default_rng(0)
    for name in (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"):
        records = rng.integers(0, 256, (20, 3073), dtype=np.uint8)
        records[:, 0] = np.arange(20) % 10
        for record in records:
            record[1 + 300 * int(record[0]) :][:300] = 255  # a class shows as a bright part
        (tmp_path / name).write_bytes(records.tobytes())
    monkeypatch.setenv("OVERPARAM_DATA", str(tmp_path))
    nets = (MlpClassifier((64,), batch_norm=True), MlpClassifier((64,)), MlpClassifier((64,)))
    paper = _published.Paper(
        names=("inception", "inception-no-bn", "mlp-1x512"), epochs=4, batch_size=50, crop=32, nets=nets,
        counts=Counts(cifar10_batch=20),
    )  # fmt: skip
    monkeypatch.setattr(_published, "PAPER", paper)
    tiny = _random_inputs.Sizes(20, 5, 50, 16, 2, None)
    monkeypatch.setitem(_random_inputs._SIZES, "paper", tiny)
    return tmp_path


def test_the_protocol_is_the_published_one():
    """Step sizes, decay and preprocessing of section 2."""
    models = {model.name: model for model in _published.Paper(names=("mlp-1x512", "inception")).models()}
    assert models["inception"].how.step_size == 0.1
    assert models["mlp-1x512"].how.step_size == 0.01
    assert {(one.how.schedule, one.how.decay, one.how.momentum) for one in models.values()} == {
        ("exponential", 0.95, 0.9)
    }
    assert {(one.how.batch_size, one.weight_decay) for one in models.values()} == {(128, 1e-4), (128, 5e-4)}


def test_images_are_cropped_and_whitened(small, monkeypatch):
    """The middle of each image, mean 0 and deviation 1."""
    monkeypatch.setattr(_published, "PAPER", _published.PAPER._replace(crop=28))
    images = _published.images()
    assert images is not None
    assert images.points.shape == (100, 28, 28, 3)
    assert images.test_points.shape == (20, 28, 28, 3)
    np.testing.assert_allclose(images.points.mean(axis=(1, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(images.points.std(axis=(1, 2, 3)), 1, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("module", ON_CIFAR, ids=lambda module: module.STUDY.id)
def test_the_code_of_the_size_paper_runs(small, module):
    """Every network and condition is trained; printed numbers stand beside what was measured."""
    found = module.measure(Setting("paper", 0, small))
    assert not found.vacuous
    assert "cifar10" in found.words or module in (_memorize_and_generalize, _time_factor)
    cells = [cell for table in found.tables for row in table.rows for cell in row]
    assert all(math.isfinite(cell) for cell in cells if isinstance(cell, float))
    printed = {
        _random_labels: 9.78,
        _label_only: 90.22,
        _corruption_curve: 90.22,
        _explicit_reg: 86.03,
        _early_stopping: 63.16,
        _batchnorm: 85.75,
        _order: "3 to 4",
        _time_factor: 3.5,
        _memorize_and_generalize: 85.75,
    }
    assert module is _random_inputs or printed[module] in cells
