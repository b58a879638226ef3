"""The command that computes kernels of wide networks."""

import json

import numpy as np
import pytest

from overparam.ntk import dense_kernel, residual_kernel
from tests.cli.commands import one_sentence, run

DATA = ("--data", "gaussian", "--n", "12", "--d", "3")


@pytest.mark.parametrize(
    ("flags", "kernel"),
    [
        (("--depth", "2", "--bias-variance", "0.1"), dense_kernel(2, "relu", bias_variance=0.1)),
        (("--architecture", "residual", "--activation", "erf"), residual_kernel(1, "erf")),
        (("--parameterization", "standard", "--width", "64"), dense_kernel(1, parameterization="standard", width=64)),
    ],
)
def test_spectrum_and_matrix(tmp_path, flags, kernel):
    result = run("kernel", *DATA, *flags, "--keep", "--out", tmp_path, "--json")
    assert result.code == 0, result.err
    record = result.json
    matrix = np.load(tmp_path / record["matrix"])
    points = np.random.default_rng(0).normal(size=(12, 3))
    np.testing.assert_array_equal(matrix, np.asarray(kernel.only("ntk", points)))
    values = np.linalg.eigvalsh(matrix)
    for key, value in (("least", values[0]), ("largest", values[-1]), ("condition", values[-1] / values[0])):
        assert record[key]["lower"] <= record[key]["value"] <= record[key]["upper"]
        assert record[key]["value"] == pytest.approx(value, rel=1e-8)
    assert record["kernel"] == kernel.words and record["word"] == "observed"
    (written,) = tmp_path.glob("kernel-*.json")
    assert json.loads(written.read_text()) == record


def test_repeated_points_have_no_finite_condition(tmp_path):
    (tmp_path / "points.csv").write_text("a,b,y\n1,2,0\n1,2,0\n3,-1,1\n")
    result = run("kernel", "--data", tmp_path / "points.csv", "--label-column", "y")
    assert result.code == 0, result.err
    assert "not bounded" in result.out and "singular" in result.out


def test_the_estimate_needs_no_kernel():
    result = run("kernel", "--data", "gaussian", "--n", "100000", "--d", "5", "--dry-run", "--json")
    assert result.json["result"] == 8 * 10**10


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (("--depth", "-1"), "depth"),
        (("--keep",), "--out"),
        (("--width", "5"), "width"),
        (("--weight-variance", "nan"), "weight_variance"),
    ],
)
def test_refusals_name_the_argument(flags, word):
    assert word in one_sentence("kernel", *DATA, *flags)
