"""Files of a format that is not known yet: refused with a sentence, reported as missing, and never written over."""

import json
import pathlib
import shutil

import pytest

import proofs_check
from overparam.certificates import dataset_bytes
from overparam.records import FORMAT, by_newer_program, stamped
from overparam.report import write_report
from tests.cli.commands import files, one_sentence, run

OLD = pathlib.Path(__file__).parent / "v1"
POINTS = ("--data", "gaussian", "--n", "6", "--d", "2")


CLAIM = "s-alexnet-counts"


@pytest.fixture
def copied(tmp_path):
    """The run with one claim only, which has no figure, and the sweep."""
    shutil.copytree(OLD / "run", tmp_path / "run")
    shutil.copytree(OLD / "sweep", tmp_path / "sweep")
    path = tmp_path / "run" / "claims.json"
    path.write_text(json.dumps([row for row in json.loads(path.read_text()) if row["id"] == CLAIM]))
    return tmp_path


def only(copied, pattern):
    """The one file of that name, when the other records but the claims are gone, so that the report is quick."""
    (kept,) = (copied / "run").glob(pattern)
    for path in (copied / "run").glob("*-*.json"):
        path.unlink(missing_ok=True) if path != kept else None
    return kept


def changed(path, **fields):
    """The file with other values of some fields; returns its path."""
    path.write_text(json.dumps(json.loads(path.read_text()) | fields), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["ladder-*.json", "memorizers-*.json", "memorize-*.json", "prove-*.json", "kernel-*.json"]
)
def test_a_newer_record_is_told_and_the_rest_reported(copied, kind):
    path = only(copied, kind)
    changed(path, format=FORMAT + 1, rungs="in another shape")
    page = write_report(copied / "run").read_text()
    assert 'class="partial"' in page
    assert f"{path.name}" in page and "newer overparam" in page
    assert f"claim-{CLAIM}" in page, "the claims are there all the same"


def test_claims_of_a_newer_shape_are_told_and_kept(copied):
    path = only(copied, "prove-*.json").with_name("claims.json")
    path.write_text(json.dumps({"format": FORMAT + 1, "claims": []}))
    before = path.read_bytes()
    assert "newer overparam" in write_report(copied / "run").read_text()
    said = one_sentence("verify", CLAIM, "--no-report", "--out", copied / "run")
    assert "claims.json is of format 2, by a newer overparam" in said and "take a new folder" in said
    assert "newer overparam" in one_sentence("theorems", "--catalogue", copied / "run")
    assert path.read_bytes() == before


def test_a_newer_claim_among_others_is_told_and_kept(copied):
    """A newer program added a claim to the folder; this one adds another, and loses neither."""
    path = only(copied, "prove-*.json").with_name("claims.json")
    theirs = {"format": FORMAT + 1, "id": "of-the-future", "verdict": "CERTIFIED", "proof": "in another shape"}
    path.write_text(json.dumps([theirs, *json.loads(path.read_text())]))
    page = write_report(copied / "run").read_text()
    assert 'class="partial"' in page and "newer overparam" in page
    assert 'id="claim-of-the-future"' not in page and f'id="claim-{CLAIM}"' in page
    assert run("verify", CLAIM, "--no-report", "--out", copied / "run").code == 0
    assert theirs in json.loads(path.read_text())


def test_a_newer_comparison_is_not_written_over(copied):
    (path,) = (copied / "run").glob("memorizers-*.json")
    changed(path, format=FORMAT + 1)
    before = path.read_bytes()
    labels = ("--labels", "signs", "--construction", "all", "--at", "6")
    said = one_sentence("memorize", *POINTS, *labels, "--no-report", "--out", copied / "run")
    assert f"{path.name} is of format 2, by a newer overparam" in said
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["statement", "witness"])
def test_a_newer_certificate_is_malformed_and_says_so(copied, name):
    path = min((copied / "run").rglob(f"{name}.json"))
    changed(path, format=f"overparam-{name}-2", more=[])
    with pytest.raises(proofs_check.Malformed, match=f"not 'overparam-{name}-2'; a newer checker may read it"):
        proofs_check.check(path.parent)


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("dataset", "proofs_check.reading.dataset_from_bytes"),
        ("network", "proofs_check.layers.network_from_bytes"),
        ("matrix", "proofs_check.matrices.matrix_from_bytes"),
    ],
)
def test_a_newer_file_beside_it_is_malformed_whatever_else_it_holds(kind, read):
    import importlib

    room, function = read.rsplit(".", 1)
    newer = json.dumps({"format": f"overparam-{kind}-2", "tensors": []}, separators=(",", ":")).encode()
    with pytest.raises(proofs_check.Malformed, match=f"must be 'overparam-{kind}-1', not 'overparam-{kind}-2'"):
        getattr(importlib.import_module(room), function)(newer)


def test_the_checker_names_the_format_that_the_program_writes():
    import numpy as np

    written = dataset_bytes(np.ones((1, 1)), np.ones(1))
    assert json.loads(written)["format"] == "overparam-dataset-1"


def test_a_newer_specification_is_refused(copied):
    spec = copied / "spec.toml"
    spec.write_text((OLD / "spec.toml").read_text().replace("format = 1", "format = 2"))
    assert "format 2 is newer than this program" in one_sentence("run", spec, "--out", copied / "new")
    assert not (copied / "new").exists()


@pytest.mark.parametrize("command", ["status", "recheck"])
def test_the_folder_of_a_newer_sweep_is_refused_and_left_alone(copied, command):
    changed(copied / "sweep" / "manifest.json", format=FORMAT + 1)
    before = files(copied / "sweep")
    assert "newer overparam" in one_sentence(command, copied / "sweep")
    assert files(copied / "sweep") == before


def test_the_report_of_a_newer_sweep_says_so(copied):
    changed(copied / "sweep" / "manifest.json", format=FORMAT + 1)
    page = write_report(copied / "sweep").read_text()
    assert 'class="partial"' in page and "newer overparam" in page


@pytest.mark.parametrize("stated", [True, "2", 2.0, [2]])
def test_what_is_no_number_of_a_format_is_refused(stated):
    assert "states the format" in by_newer_program({"format": stated})


@pytest.mark.parametrize("stated", [None, 0, -1, 1])
def test_what_is_no_newer_format_is_read(stated):
    """A file of before formats were stated has none."""
    assert by_newer_program({"format": stated}) is None
    assert by_newer_program([{"format": 2}]) is None, "a list is asked row by row"


def test_a_record_is_stamped_once():
    assert stamped({"a": 1}) == {"format": FORMAT, "a": 1}
    assert stamped({"format": 7, "a": 1})["format"] == 7
