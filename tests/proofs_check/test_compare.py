"""The words of the table: quantifier first."""

import dataclasses
import hashlib
from fractions import Fraction as F

import pytest

from proofs_check import THEOREMS, Quantifier, Side, compare
from proofs_check.comparing import AGREES, CONTRADICTS, EXCEPTIONAL, SILENT, judge
from tests.certificates.make import HERE, dataset, folder, statement, witness

N, D = 40, 5  # with a bound of 10
BASE = dataclasses.replace(THEOREMS["param-count"], width=lambda n, d: 10)


@pytest.mark.parametrize(
    ("quantifier", "side", "below", "at", "above"),
    [
        (Quantifier.EVERY_DATASET, Side.UPPER, AGREES, AGREES, SILENT),
        (Quantifier.EVERY_DATASET, Side.LOWER, CONTRADICTS, AGREES, AGREES),
        (Quantifier.ALMOST_EVERY_LABELLING, Side.LOWER, EXCEPTIONAL, AGREES, AGREES),
        (Quantifier.ALMOST_EVERY_LABELLING, Side.UPPER, AGREES, AGREES, SILENT),
        (Quantifier.SOME_LABELLING, Side.LOWER, SILENT, SILENT, SILENT),
        (Quantifier.SOME_DATASET, Side.LOWER, SILENT, SILENT, SILENT),
        (Quantifier.SOME_DATASET, Side.UPPER, SILENT, SILENT, SILENT),
        (Quantifier.WITH_PROBABILITY, Side.LOWER, SILENT, SILENT, SILENT),
        (Quantifier.WITH_PROBABILITY, Side.UPPER, SILENT, SILENT, SILENT),
    ],
)
def test_the_table(quantifier, side, below, at, above):
    theorem = dataclasses.replace(BASE, quantifier=quantifier, side=side)
    assert [judge(theorem, width, N, D)[0] for width in (9, 10, 11)] == [below, at, above]


def test_unnamed_constants_are_silent():
    theorem = dataclasses.replace(BASE, explicit_constants=False, width=None, quantifier=Quantifier.EVERY_DATASET)
    assert judge(theorem, 9, N, D)[0] == SILENT


def words(rows):
    return {row["theorem"]: (row["bound"], row["hypotheses"], row["word"]) for row in rows}


def test_constant_labels_are_exceptional():
    rows, text = compare([HERE / "accepted" / "constant"])
    assert words(rows) == {
        "param-count": (3, "hold", EXCEPTIONAL),
        "pairs-2n-over-d-plus-1": (5, "hold", AGREES),
        "relu-distinct-worst-case": (6, "hold", AGREES),
        "s-baum": (16, "hold", AGREES),
    }
    lines = text.splitlines()
    assert lines[0].endswith("constant (n = 8, d = 2)")
    assert lines[1].split()[0] == "quantifier"
    assert "almost every labelling" in text
    assert "null set" in text


def test_no_output_bias_is_held_against_both_conventions():
    rows, _ = compare([HERE / "accepted" / "zhang"])
    assert words(rows)["zhang2017-thm1"] == (3, "hold", AGREES)
    assert words(rows)["bubeck2020-relu-baum"] == (12, "hold", AGREES)
    assert words(rows)["pairs-2n-over-d-plus-1"] == (2, "hold", SILENT)


def test_threshold_networks():
    rows, _ = compare([HERE / "accepted" / "sakurai"])
    assert words(rows) == {
        "baum1988-threshold": (3, "hold", AGREES),
        "sakurai1992-threshold": (2, "hold", AGREES),
    }


def test_failing_hypotheses_make_a_theorem_silent():
    rows, text = compare([HERE / "accepted" / "equal-points-equal-labels"])
    assert words(rows)["pairs-2n-over-d-plus-1"] == (2, "fail", SILENT)
    assert words(rows)["param-count"] == (1, "hold", AGREES)
    assert "points 0 and 1 (counting from 0) are equal" in text


def test_undecided_hypotheses_make_a_theorem_silent(tmp_path):
    data = dataset([[t**k for k in range(1, 31)] for t in range(60)], [3] * 60)
    for name, content in folder(data, statement(data, [0]), witness(([], []), ([[]], [3]))).items():
        (tmp_path / name).write_bytes(content)
    rows, _ = compare([tmp_path])
    assert words(rows)["pairs-2n-over-d-plus-1"] == (3, "undecided", SILENT)
    assert words(rows)["relu-distinct-worst-case"] == (58, "hold", AGREES)


def test_a_tolerance_makes_every_theorem_silent():
    rows, _ = compare([HERE / "accepted" / "tolerance-reached"])
    assert {row["word"] for row in rows} == {SILENT}


def test_deep_networks_are_in_no_theorem():
    assert compare([HERE / "accepted" / "two-hidden-layers"]) == ([], "")


@pytest.mark.parametrize("name", ["rejected/last-place-up", "malformed/not-json", "undecided/products-too-long"])
def test_nothing_certified(name):
    rows, text = compare([HERE / name, HERE / "accepted" / "hat"])
    assert rows[0]["answer"] == name.split("/")[0]
    assert (rows[0]["theorem"], rows[0]["word"]) == (None, "nothing certified")
    assert rows[0]["why"] in text
    assert len(rows) > 1


def test_a_contradiction_is_presumed_to_be_ours(monkeypatch, tmp_path):
    """A false theorem, that every data set needs n neurons, is contradicted by a certified network of fewer."""
    false = dataclasses.replace(BASE, width=lambda n, d: n, quantifier=Quantifier.EVERY_DATASET)
    monkeypatch.setitem(THEOREMS, "param-count", false)
    rows, text = compare([HERE / "accepted" / "hat"])
    assert words(rows)["param-count"] == (3, "hold", CONTRADICTS)
    assert "first presume the mistake to be ours" in text


def test_rows_name_the_data():
    data = dataset([[1], [2]], [F(1, 3), F(1, 3)])
    assert len(hashlib.sha256(data).hexdigest()) == 64
    rows, _ = compare([HERE / "accepted" / "pairs-fixture"])
    assert (rows[0]["n_samples"], rows[0]["dim"], rows[0]["width"]) == (5, 2, 3)
    statement_file = (HERE / "accepted" / "pairs-fixture" / "statement.json").read_text()
    assert rows[0]["dataset"] in statement_file
