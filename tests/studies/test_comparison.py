"""Constructions compared: every row says what was built, what the checker said, and what floats keep."""

import inspect
import json
import pathlib

import numpy as np
import pytest

import proofs_check
from overparam.data import from_arrays
from overparam.errors import InputError
from overparam.memorizers import CATALOGUE, memorize
from overparam.studies import _comparison, compare_memorizers
from overparam.studies._comparison import SURVIVES, _survival, default_sizes, promised
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


def test_a_fit_up_to_squares_survives_by_its_own_outputs(tmp_path):
    """Errors as large as the labels' range are no survival, whatever sum of squares is allowed."""
    rng = np.random.default_rng(0)
    data = from_arrays(rng.normal(size=(16, 3)), rng.choice([-1.0, 1.0], size=16))
    (row,) = compare_memorizers(data, tmp_path, "x.json", at=(16,), constructions=("clipped",))["rows"]
    assert row["sizes"]["float64_error"] > 0.1
    assert row["survives"] == {"float32": True, "float64": True}
    spoilt = _comparison.float_error
    try:
        _comparison.float_error = lambda network, data, dtype: 0.01
        (row,) = compare_memorizers(data, tmp_path, "y.json", at=(16,), constructions=("clipped",))["rows"]
    finally:
        _comparison.float_error = spoilt
    assert row["survives"] == {"float32": False, "float64": False}


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


def test_an_edited_record_is_built_again(tmp_path):
    """A row that this program did not write, or whose certificate was changed, is not believed."""
    data, name = from_arrays(*gaussian(4, 2)), "r.json"
    first = compare_memorizers(data, tmp_path, name, at=(4,), constructions=("pairs", "zhang"))
    for spoil in (
        lambda row: row["sizes"].update(neurons=1),
        lambda row: row.pop("survives"),
        lambda row: row.update(survives={}),
        lambda row: row.update(sizes="abc"),
        lambda row: row.update(certificate="../.."),
        lambda row: row.update(word="certified", says="anything"),
    ):
        record = json.loads((tmp_path / name).read_text())
        spoil(record["rows"][0])
        (tmp_path / name).write_text(json.dumps(record))
        assert compare_memorizers(data, tmp_path, name, at=(4,), constructions=("pairs", "zhang")) == first
    witness = tmp_path / first["rows"][1]["certificate"] / "witness.json"
    witness.write_text("{}")
    assert compare_memorizers(data, tmp_path, name, at=(4,), constructions=("pairs", "zhang")) == first
    assert proofs_check.check(witness.parent).status == "accepted"


def test_what_is_no_comparison_is_refused(tmp_path):
    data = from_arrays(*gaussian(3, 1))
    for wrong in ({"constructions": ["foo"]}, {"constructions": "pairs"}, {"at": [2.5]}):
        with pytest.raises(InputError):
            inspect.unwrap(compare_memorizers)(data, tmp_path, "x", **wrong)


def test_labels_beyond_floats_end_in_rows(tmp_path):
    data = from_arrays([[0.0], [1.0], [2.0]], [8.5e307, -8.5e307, 1.0])
    rows = compare_memorizers(data, tmp_path, "x", at=(3,), constructions=("clipped-bias", "zhang-deep", "zhang"))[
        "rows"
    ]
    assert [row["construction"] for row in rows] == ["clipped-bias", "zhang-deep", "zhang"]
    assert rows[2]["word"] == "certified"
