"""The checker accepts what deep and residual constructions build, under the theorems they name."""

import numpy as np
import pytest

from overparam.data import Dataset
from overparam.memorizers import CATALOGUE, memorize
from overparam.widths import certify
from proofs_check import THEOREMS

DEEP = [name for name, entry in CATALOGUE.items() if entry.build.startswith(("deep._", "residual._"))]


@pytest.mark.parametrize("construction", DEEP)
def test_certified(construction, tmp_path):
    rng = np.random.default_rng(3)
    points = rng.normal(size=(7, 4))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    data = Dataset(points, rng.normal(size=7), "seven unit vectors")
    memorizer = memorize(data.points, data.labels, construction)
    sentence = certify(memorizer, data, tmp_path / "certificate").sentence
    assert "equals the label exactly at each of the 7 points in dimension 4" in sentence
    assert memorizer.theorem is None or THEOREMS[memorizer.theorem].title in sentence


def test_the_constructions_are_these():
    assert {"yun-3-layer", "yun-4-layer", "yun-deep", "wide-layer", "convolution", "max-min", "width-2", "narrow-lu",
            "yun-resnet", "hardt"} <= set(DEEP)  # fmt: skip
