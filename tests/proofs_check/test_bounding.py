"""`bounds`: every theorem on one data set, the quantifier first."""

import hashlib
import json
import subprocess
import sys

import pytest

from proofs_check import THEOREMS, bounds
from proofs_check.cli import main
from proofs_check.reading import dataset_from_bytes
from tests.certificates.spelling import dataset


@pytest.fixture
def place(tmp_path):
    def put(points, labels):
        data = dataset(points, labels)
        path = tmp_path / f"{hashlib.sha256(data).hexdigest()}.json"
        path.write_bytes(data)
        return path

    return put


CURVE = [[t, t**2] for t in range(100)]


def test_every_theorem_is_evaluated(place):
    rows, text = bounds(place(CURVE, [(-1) ** t for t in range(100)]))
    assert [row["theorem"] for row in rows] == list(THEOREMS)
    assert [next(iter(row)) for row in rows] == ["quantifier"] * len(rows)
    found = {row["theorem"]: row["bound"] for row in rows}
    assert found == {key: t.width and t.width(100, 2) for key, t in THEOREMS.items()}
    assert (found["param-count"], found["pairs-2n-over-d-plus-1"], found["relu-growth"]) == (33, 66, 4)
    failing = {row["theorem"] for row in rows if row["hypotheses"] != "hold"}
    # two coordinates; the point 0; points behind others
    unknown = {"bubeck2020-harmonic", "vershynin2020", "yang2026-width-depth", "zhang2021-2n-over-d"}
    assert failing == {"relu-1d-minimal", "bubeck2020-ntk", "hardt2017-residual", *unknown}
    assert all(row["why"][0].isupper() and row["why"].endswith(".") for row in rows)
    for row in rows:
        assert row["theorem"] in text and row["cite"] in text and row["quantifier"] in text and row["networks"] in text


def test_hypotheses_hold_fail_or_are_undecided(place):
    rows, text = bounds(place([[0, 0], [1, 1], [2, 2]], [1, 2, 3]))
    found = {row["theorem"]: (row["hypotheses"], row["why"]) for row in rows}
    assert found["pairs-2n-over-d-plus-1"][0] == "fail"
    assert "affinely dependent" in found["pairs-2n-over-d-plus-1"][1]
    assert found["zhang2017-thm1"] == ("hold", "The 3 points are distinct.")
    assert found["sakurai1992-threshold"] == ("fail", "The labels are neither all in {-1, 1} nor all in {0, 1}.")
    assert found["relu-growth"] == ("hold", "There is no hypothesis.")
    assert "neither all in {-1, 1}" in text
    rows, text = bounds(place([[t**k for k in range(1, 31)] for t in range(60)], [1] * 60))
    assert {row["hypotheses"] for row in rows if "pairs" in row["theorem"]} == {"undecided"}
    assert "more than the 10000000 that are gone through" in " ".join(text.split())


def test_the_table_is_readable(place):
    _, text = bounds(dataset_from_bytes(dataset([[10**6] * 30 for _ in range(60)], range(60))))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    heads = [line.split(";")[0] for line in lines if "; one hidden" in line]
    assert heads == sorted(heads, key=["every data set", "almost every labelling", "some data set", "some labelling",
                                       "with probability"].index)  # fmt: skip
    (shown,) = [i for i, line in enumerate(lines) if line.startswith("  sontag1997")]
    assert lines[shown].split() == ["sontag1997", "lower", "-", "hold", "sontag1997"]
    assert "for display only" in lines[shown + 1]


def test_the_command(place, capsys, tmp_path, monkeypatch):
    path = place(CURVE[:5], [1, 2, 3, 4, 5])
    assert main(["bounds", str(path)]) == 0
    assert capsys.readouterr().out.startswith("5 points in dimension 2 (SHA-256 ")
    assert main(["bounds", "--json", str(path)]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows == bounds(path)[0]
    assert rows[0]["n_samples"] == 5
    renamed = tmp_path / "points.json"
    renamed.write_bytes(path.read_bytes())
    assert main(["bounds", str(renamed)]) == 12
    assert "must be named by the SHA-256" in capsys.readouterr().err
    monkeypatch.setattr("proofs_check.budget.WORK", 500)
    assert main(["bounds", str(path)]) == 11
    assert "would exceed the checker's budget" in capsys.readouterr().err


def test_it_needs_nothing_but_python(place):
    path = place(CURVE[:5], [1, 2, 3, 4, 5])
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-O", "-c", "import sys; sys.path.insert(0, sys.argv.pop(1)); "
         "from proofs_check.cli import main; sys.exit(main(sys.argv[1:]))", ".", "bounds", str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip("\n") == bounds(path)[1]
