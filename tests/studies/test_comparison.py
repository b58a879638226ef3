"""Constructions compared: every row says what was built, what the checker said, and what floats keep."""

import json
import pathlib
from fractions import Fraction

import numpy as np
import pytest

import proofs_check
from overparam.data import from_arrays
from overparam.errors import InputError
from overparam.memorizers import CATALOGUE, memorize
from overparam.studies import compare_memorizers
from overparam.studies._comparison import SURVIVES, _root_above, _survival, default_sizes, promised
from tests.memorizers.datasets import gaussian

CHOSEN = ("pairs", "zhang", "baum")


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    out = tmp_path_factory.mktemp("compared")
    data = from_arrays(*gaussian(9, 2), name="nine points")
    return data, out, compare_memorizers(data, out, "memorizers-nine.json", at=(1, 4, 9), constructions=CHOSEN)


def test_a_row_for_each_construction_and_size(compared):
    _, out, record = compared
    assert [(r["construction"], r["n"]) for r in record["rows"]] == [(c, n) for n in (1, 4, 9) for c in CHOSEN]
    assert record["complete"]
    assert json.loads((out / "memorizers-nine.json").read_text()) == record
    assert [c["neurons"] for c in record["counting"]] == [0, 1, 3]


def test_certified_rows_are_accepted_again_and_others_say_why(compared):
    data, out, record = compared
    for row in record["rows"]:
        if row["word"] == "certified":
            answer = proofs_check.check(out / row["certificate"])
            assert (answer.status, answer.sentence) == ("accepted", row["says"])
            assert row["promised"] is True
            network = memorize(data.points[: row["n"]], data.labels[: row["n"]], row["construction"]).network
            assert row["sizes"]["neurons"] == sum(network.widths)
        else:
            assert (row["construction"], row["word"]) == ("baum", "vacuous")
            assert "at most two values" in row["says"]
            assert row["sizes"] is row["certificate"] is row["promised"] is None
    assert sum(row["word"] == "certified" for row in record["rows"]) == 7


def test_survival_is_read_off_the_errors(compared):
    data, _, record = compared
    for row in record["rows"]:
        if row["sizes"]:
            labels = data.labels[: row["n"]]
            limit = float(SURVIVES) * (np.ptp(labels) or abs(labels).max())
            for dtype in ("float32", "float64"):
                assert row["survives"][dtype] == (row["sizes"][f"{dtype}_error"] <= limit)
    rows = [{"construction": "x", "n": n, "survives": {"float32": n < 3, "float64": n != 4}} for n in (1, 2, 4, 8)]
    found = _survival("x", rows)
    assert found["float32"] == {"up_to": 2, "lost_at": 4}
    assert found["float64"] == {"up_to": 2, "lost_at": 4}  # that a later one fits again is luck
    assert _survival("y", rows)["float32"] == {"up_to": None, "lost_at": None}


def test_a_stopped_run_goes_on_and_rows_without_certificates_are_built_again(compared, tmp_path, monkeypatch):
    data, _, record = compared
    (tmp_path / "memorizers-nine.json").write_text(json.dumps(record | {"rows": record["rows"][:4]}))
    built = []
    monkeypatch.setattr(
        "overparam.studies._comparison.memorize", lambda *a: built.append((a[2], len(a[1]))) or memorize(*a)
    )
    again = compare_memorizers(data, tmp_path, "memorizers-nine.json", at=(1, 4, 9), constructions=CHOSEN)
    assert again == record
    assert ("baum", 1) in built  # its certificate is not here
    built.clear()
    compare_memorizers(data, tmp_path, "memorizers-nine.json", at=(1, 4, 9), constructions=CHOSEN)
    assert not built
    compare_memorizers(data, tmp_path, "memorizers-nine.json", at=(1, 4), constructions=CHOSEN)
    assert built  # another command


def test_a_network_larger_than_its_theorem_is_told(compared):
    data, _, _ = compared
    memorizer = memorize(data.points, data.labels, "zhang")
    assert promised(memorizer, data) is True
    fewer = from_arrays(data.points[:8], data.labels[:8])
    assert promised(memorizer, fewer) is False
    assert promised(memorize(data.points, data.labels, "greedy"), data) is None


@pytest.mark.parametrize("number", [0, 1, 2, 10**9, Fraction(1, 10**20), Fraction(10**40, 7)])
def test_the_root_is_rounded_up(number):
    root = _root_above(Fraction(number))
    assert number <= root * root
    assert (root - Fraction(1, 2**29)) ** 2 <= number or root < Fraction(1, 2**28)


def test_sizes():
    assert default_sizes(1) == (1,)
    assert default_sizes(5) == (1, 2, 5)
    data = from_arrays(*gaussian(3, 1))
    with pytest.raises(InputError, match="between 1 and 3"):
        compare_memorizers(data, pathlib.Path(), "x", at=(4,))


def test_the_catalogue_names_theorems_and_groups_that_exist():
    from overparam.report._comparison import GROUPS

    for name, entry in CATALOGUE.items():
        assert entry.build.split(".")[0] in GROUPS
        assert entry.theorem is None or entry.theorem in proofs_check.THEOREMS, name
        assert entry.claim == "observed" or entry.claim in ("exact", "fits", "within", "near")
