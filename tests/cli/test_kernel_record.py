"""What `overparam kernel --out` leaves: every eigenvalue with its interval, and a certificate where asked for."""

import json

import numpy as np
import pytest

import proofs_check
from overparam.cli import main

FEW = ["kernel", "--n", "6", "--d", "3"]


def record(out, *more):
    assert main([*FEW, "--keep", "--out", str(out), *more]) == 0
    (path,) = out.glob("kernel-*.json")
    return json.loads(path.read_text())


def test_every_eigenvalue_is_there(tmp_path):
    found = record(tmp_path)
    assert found["certified"] is None
    matrix = np.load(tmp_path / found["matrix"])
    values = [row["value"] for row in found["eigenvalues"]]
    assert values == pytest.approx(np.linalg.eigvalsh(matrix))
    assert all(row["lower"] < row["value"] < row["upper"] for row in found["eigenvalues"])
    assert found["eigenvalues"][0]["lower"] <= found["least"]["upper"]


def test_the_least_is_certified_where_asked(tmp_path, capsys):
    found = record(tmp_path, "--prove")
    proved = found["certified"]
    assert proved["at_least"] <= found["least"]["upper"]
    assert proved["at_most"] >= found["least"]["lower"]
    assert "certified of the least eigenvalue" in capsys.readouterr().out
    assert proofs_check.check(tmp_path / proved["certificate"]).status is proofs_check.Status.ACCEPTED


def test_a_certificate_needs_a_folder(capsys):
    assert main([*FEW, "--prove"]) == 64
    assert "--prove" in capsys.readouterr().err
