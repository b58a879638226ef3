"""Files of format 1, made by version 0.1.0: today's program reads, re-checks, cites, packs and reports them."""

import csv
import json
import pathlib
import shutil
import zipfile

import pytest

import proofs_check
from overparam.report import write_report
from overparam.sweeps import parse_spec, read_spec, spec_text, sweep_rows, sweep_state
from tests.cli.commands import files, run

OLD = pathlib.Path(__file__).parent / "v1"
KINDS = ("ladder-*.json", "memorizers-*.json", "memorize-*.json", "prove-*.json", "kernel-*.json", "claims.json")


def read(pattern):
    (path,) = (OLD / "run").glob(pattern)
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """A copy of the run with its report."""
    out = tmp_path_factory.mktemp("old") / "run"
    shutil.copytree(OLD / "run", out)
    write_report(out)
    return out


def test_there_are_files_of_every_kind_and_they_are_small():
    assert all(len(list((OLD / "run").glob(kind))) == 1 for kind in KINDS)
    assert list((OLD / "sweep").glob("shards/**/*.parquet")) and list((OLD / "sweep").glob("environments/*.json"))
    assert sum(map(len, files(OLD).values())) < 300_000


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "claims.json"])
def test_every_record_states_its_format(kind):
    assert read(kind)["format"] == 1


def test_every_claim_states_its_format():
    """Each for itself, since one file may hold claims of several calls."""
    assert {claim["format"] for claim in read("claims.json")} == {1}


def test_every_certificate_is_accepted():
    folders = sorted({path.parent for path in OLD.rglob("statement.json")})
    kinds = {json.loads((folder / "statement.json").read_text())["kind"] for folder in folders}
    assert len(folders) > 10 and len(kinds) > 2
    for folder in folders:
        assert proofs_check.check(folder).status == "accepted", folder
    assert run("recheck", OLD / "run").code == 0


@pytest.mark.slow
def test_the_report_is_whole(reported):
    page = (reported / "report.html").read_text()
    assert 'class="partial"' not in page
    for claim in read("claims.json"):
        assert claim["id"] in page and claim["verdict"] in page
    for kind in KINDS[:5]:
        assert read(kind)["data"]["name"] in page
    assert (reported / "refs.bib").read_text().count("@") >= 2


@pytest.mark.slow
def test_the_report_shows_the_numbers_of_the_records(reported):
    page = (reported / "report.html").read_text()
    ladder = read("ladder-*.json")
    assert ladder["data"]["sha256"] in page
    certified = [rung for rung in ladder["rungs"] if rung["word"] == "certified"]
    assert certified and all(rung["certificate"] in page for rung in certified)
    assert all(row["certificate"] in page for row in read("memorizers-*.json")["rows"] if row["certificate"])


def test_the_sources_are_found():
    result = run("cite", OLD / "run")
    assert result.code == 0 and "zhang2017" in result.out


def test_a_referee_gets_all_of_it(tmp_path):
    result = run("bundle", OLD / "run", "--out", tmp_path)
    assert result.code == 0, result.err
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        packed = [name for name in archive.namelist() if name.endswith("/statement.json")]
    assert len(packed) == len(list((OLD / "run").rglob("statement.json")))


def test_the_catalogue_takes_its_verdicts():
    result = run("theorems", "--catalogue", OLD / "run")
    assert result.code == 0 and "CERTIFIED" in result.out


def test_the_specification_means_what_it_meant():
    spec = read_spec(OLD / "spec.toml")
    assert (spec.name, spec.seeds, spec.chunk, spec.shard, spec.root_seed) == ("random-signs", 4, 2, 2, 0)
    assert parse_spec(spec_text(spec)) == spec
    assert parse_spec((OLD / "sweep" / "spec.toml").read_text()) == spec


def test_every_row_of_the_sweep_is_read():
    states = sweep_state(OLD / "sweep")
    assert [state.complete for state in states] == [True, True]
    rows = sweep_rows(OLD / "sweep").to_pylist()
    assert len(rows) == sum(state.rows for state in states) == 8
    for state in states:
        outcomes = [row["outcome"] for row in rows if row["cell"] == state.cell]
        assert {name: outcomes.count(name) for name in set(outcomes)} == {k: n for k, n in state.outcomes.items() if n}


@pytest.mark.slow
def test_the_sweep_is_reported(tmp_path):
    shutil.copytree(OLD / "sweep", tmp_path / "sweep")
    assert run("status", tmp_path / "sweep").code == 0
    assert run("report", tmp_path / "sweep").code == 0
    table = list(csv.DictReader((tmp_path / "sweep" / "sweep.csv").read_text().splitlines()))
    assert [row["state"] for row in table] == ["complete", "complete"]


@pytest.mark.slow
def test_the_sweep_is_computed_again():
    """The same bits where machine and program are the same (0), else a sentence that says that they differ (5)."""
    assert run("recheck", OLD / "sweep", "--all").code in (0, 5)
