"""What the approximate constructions claim of repeated points: every sample counts, as in the checker's sum."""

import numpy as np
import pytest

import proofs_check
from overparam.data import from_arrays
from overparam.memorizers import memorize, total_weight_floor
from overparam.widths import certify


@pytest.mark.parametrize("construction", ["ntk", "ntk-bias", "harmonic", "clipped", "clipped-bias"])
def test_repeated_points_count_as_often_as_they_come(construction, tmp_path):
    rng = np.random.default_rng(0)
    distinct = rng.integers(-9, 10, size=(8, 3)).astype(float)
    points, labels = np.repeat(distinct, 5, axis=0), np.repeat(rng.choice([-1.0, 1.0], size=8), 5)
    points, labels = np.concatenate([points, points[:1]]), np.append(labels, labels[0])  # one point more often
    memorizer = memorize(points, labels, construction, eps=0.3)
    assert float(memorizer.tolerance) == pytest.approx(0.3 * 41)
    certificate = certify(memorizer, from_arrays(points, labels), tmp_path / construction)
    assert proofs_check.check(certificate.folder).status == "accepted"


def test_a_weight_floor_counts_repeated_points():
    """f = 0.7 relu(x_2) leaves 1 + 99 * 0.09 <= 0.1 * 100, so no floor may pass its total weight 0.7."""
    points, labels = [[1, 0], *[[0, 1]] * 99], [1] * 100
    assert total_weight_floor(points, labels, eps=0.1, hidden_bias=False).value <= 0.7
