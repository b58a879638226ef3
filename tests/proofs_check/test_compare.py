"""The words of the table: quantifier first."""

import dataclasses
import hashlib
from fractions import Fraction as F

import pytest

from proofs_check import THEOREMS, Quantifier, Side, compare
from proofs_check.comparing import AGREES, CONTRADICTS, EXCEPTIONAL, SILENT, judge, judge_impossible, verdict
from proofs_check.layers import Family
from proofs_check.reading import dataset_from_bytes
from tests.certificates.make import HERE
from tests.certificates.spelling import dataset, folder, statement, witness

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


@pytest.mark.parametrize(
    ("quantifier", "side", "below", "at", "above"),
    [
        (Quantifier.EVERY_DATASET, Side.UPPER, AGREES, CONTRADICTS, CONTRADICTS),
        (Quantifier.ALMOST_EVERY_LABELLING, Side.UPPER, AGREES, EXCEPTIONAL, EXCEPTIONAL),
        (Quantifier.SOME_DATASET, Side.UPPER, SILENT, SILENT, SILENT),
        (Quantifier.WITH_PROBABILITY, Side.UPPER, SILENT, SILENT, SILENT),
        (Quantifier.WITH_PROBABILITY, Side.LOWER, SILENT, SILENT, SILENT),
        (Quantifier.EVERY_DATASET, Side.LOWER, AGREES, AGREES, AGREES),
        (Quantifier.ALMOST_EVERY_LABELLING, Side.LOWER, AGREES, AGREES, AGREES),
        (Quantifier.SOME_LABELLING, Side.LOWER, SILENT, SILENT, SILENT),
        (Quantifier.SOME_DATASET, Side.LOWER, AGREES, AGREES, AGREES),
    ],
)
def test_the_table_of_impossibilities(quantifier, side, below, at, above):
    """The bound is 10; 9 neurons too few is a need for 10, so no bound from below is silent here."""
    theorem = dataclasses.replace(BASE, quantifier=quantifier, side=side)
    assert [judge_impossible(theorem, width, N, D)[0] for width in (9, 10, 11)] == [below, at, above]
    if side is Side.LOWER:
        assert judge_impossible(theorem, 8, N, D)[0] == SILENT


@dataclasses.dataclass
class Statement:
    """Stands in for any statement about one hidden layer."""

    family: Family
    dataset: str = ""


SMALL = dataset_from_bytes(dataset([[t, t**2, t**3, t**4, t**5] for t in range(N)], [0] * N))


def said(kind, theorem, width, *biases):
    judged = verdict(kind, theorem, Statement(Family("relu", *biases, (width,))), SMALL)
    return judged and judged[0]


def test_least_widths_are_networks_and_impossibilities():
    """A bound of 10 from above: contradicted by a least width of 11, which a network of 11 neurons would not do."""
    upper = dataclasses.replace(BASE, quantifier=Quantifier.EVERY_DATASET, side=Side.UPPER)
    lower = dataclasses.replace(BASE, quantifier=Quantifier.EVERY_DATASET)
    almost, some = BASE, dataclasses.replace(BASE, quantifier=Quantifier.SOME_LABELLING)
    assert [said("minimal-width", upper, k, True, True) for k in (0, 9, 10, 11)] == [AGREES] * 3 + [CONTRADICTS]
    assert [said("interpolates", upper, k, True, True) for k in (9, 10, 11)] == [AGREES, AGREES, SILENT]
    assert [said("impossible", upper, k, True, True) for k in (9, 10, 11)] == [AGREES, CONTRADICTS, CONTRADICTS]
    assert [said("minimal-width", lower, k, True, True) for k in (0, 9, 10, 11)] == [CONTRADICTS] * 2 + [AGREES] * 2
    assert [said("minimal-width", almost, k, True, True) for k in (9, 10, 11)] == [EXCEPTIONAL, AGREES, AGREES]
    assert [said("minimal-width", some, k, True, True) for k in (9, 10, 11)] == [SILENT] * 3
    assert [said("impossible", almost, k, True, True) for k in (8, 9, 10)] == [SILENT, AGREES, AGREES]


def test_whose_networks_a_statement_is_about():
    """The theorem is about networks without output bias, the statement about those with one, or the other way round."""
    narrow = dataclasses.replace(
        BASE, quantifier=Quantifier.EVERY_DATASET, side=Side.UPPER, hidden_bias=True, output_bias=False
    )
    assert said("impossible", narrow, 10, True, True) == CONTRADICTS  # none with an output bias, so none without
    assert said("interpolates", narrow, 10, True, True) is None
    assert said("minimal-width", narrow, 11, True, True) == CONTRADICTS
    assert said("minimal-width", narrow, 10, True, True) == AGREES
    wide = dataclasses.replace(narrow, output_bias=True)
    assert said("impossible", wide, 10, True, False) is None  # there may be one with an output bias
    assert said("interpolates", wide, 10, True, False) == AGREES
    assert said("minimal-width", wide, 11, True, False) == SILENT
    below = dataclasses.replace(wide, side=Side.LOWER)
    assert said("impossible", below, 9, True, False) == AGREES
    assert said("minimal-width", below, 9, True, False) == CONTRADICTS
    assert said("impossible", dataclasses.replace(below, output_bias=False), 9, True, True) is None
    assert said("interpolates", wide, 10, True, True) == AGREES
    assert verdict("impossible", wide, Statement(Family("threshold", True, True, (10,))), SMALL) is None


def test_unnamed_constants_are_silent():
    theorem = dataclasses.replace(BASE, explicit_constants=False, width=None, quantifier=Quantifier.EVERY_DATASET)
    assert judge(theorem, 9, N, D)[0] == SILENT == judge_impossible(theorem, 9, N, D)[0]


def words(rows):
    return {row["theorem"]: (row["bound"], row["hypotheses"], row["word"]) for row in rows}


def test_constant_labels_are_exceptional():
    rows, text = compare([HERE / "accepted" / "constant"])
    assert {words(rows)[key] for key in words(rows) if words(rows)[key][0] is None} <= {
        (None, "hold", SILENT),
        (None, "undecided", SILENT),
    }
    assert {key: row for key, row in words(rows).items() if row[0] is not None} == {
        "param-count": (3, "hold", EXCEPTIONAL),
        "pairs-2n-over-d-plus-1": (5, "hold", AGREES),
        "relu-distinct-worst-case": (6, "hold", AGREES),
        "s-baum": (16, "hold", AGREES),
        "param-count-approx": (1, "hold", SILENT),
        "relu-growth": (1, "hold", SILENT),
        "bartlett2019-growth": (0, "hold", SILENT),
        "yun2019-necessity": (6, "hold", SILENT),
    }
    lines = text.splitlines()
    assert lines[0].endswith("constant (interpolates, n = 8, d = 2)")
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
    assert {key: row for key, row in words(rows).items() if row[0] is not None} == {
        "baum1988-threshold": (3, "hold", AGREES),
        "sakurai1992-threshold": (2, "hold", AGREES),
        "cover1965-count": (1, "hold", SILENT),
        "threshold-alternation": (2, "hold", SILENT),
        "huang1991-threshold-real": (2, "hold", AGREES),
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


def test_impossibilities_and_minimal_widths_of_files():
    """A point set of three points on a line: one neuron is impossible, two are the least width."""
    rows, text = compare([HERE / "accepted" / name for name in ("impossible-hat", "minimal-width-hat")])
    words = {(row["kind"], row["theorem"]): row["word"] for row in rows}
    assert words["impossible", "pairs-2n-over-d-plus-1"] == "agrees"
    assert words["impossible", "param-count"] == "agrees"
    assert words["minimal-width", "relu-distinct-worst-case"] == "agrees"
    assert "contradicts" not in words.values()
    assert "impossible" in text
