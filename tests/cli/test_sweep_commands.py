"""run and status, and recheck and report in the folder of a sweep: sentences, exit codes, nothing lost."""

import csv
import json

import numpy as np
import pytest

from overparam.sweeps import _rows as row_room
from overparam.widths import clopper_pearson
from tests.cli.commands import files, one_sentence, refused, run
from tests.sweeps.sweeping import TEXT, rows_of, small, written


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """A specification and its folder, complete."""
    home = tmp_path_factory.mktemp("sweep")
    spec = written(small(model={"width": [3, 4]}), home)
    result = run("run", spec, "--out", home / "out", "--json")
    assert result.code == 0
    assert result.json["computed"] == 6
    assert result.json["compilations"] > 0
    return spec, home / "out"


def table(folder):
    return list(csv.DictReader((folder / "sweep.csv").read_text().splitlines()))


def test_what_is_wrong_is_one_sentence_and_nothing_is_written(tmp_path):
    (tmp_path / "s.toml").write_text(TEXT.format(seeds=4, shard=4).replace("width = 4", "width = 0"))
    told = one_sentence("run", tmp_path / "s.toml", "--out", tmp_path / "out")
    assert "s.toml: in [model]: width must be an integer from 1" in told
    assert not (tmp_path / "out").exists()
    spec = written(small(), tmp_path)
    for flags, said in (
        (("--shard", "2/2"), "--shard i/N needs 0 <= i < N, not 2/2"),
        (("--shard", "half"), "--shard must be i/N, such as 0/8"),
        (("--shard", "0/" + "9" * 5000), "--shard must be i/N, such as 0/8"),
        (("--workers", "0"), "--workers must be at least 1, not 0"),
        (("--workers", "1" + "0" * 10), "--workers must be at most 4096, not 10000000000"),
        (("--threads", "0"), "--threads must be from 1 to"),
    ):
        assert said in one_sentence("run", spec, "--out", tmp_path / "out", *flags)
        assert not (tmp_path / "out").exists()
    assert "name it by --out" in one_sentence("run", spec)
    assert "--device" in refused("run", spec, "--out", tmp_path / "out", "--device", "abacus")


def test_a_number_that_is_none_in_the_users_data_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.array([[1.0], [np.nan]]), y=np.ones(2))
    spec = tmp_path / "s.toml"
    spec.write_text('format = 1\n[data]\ndata = "a.npz"\n[model]\nwidth = 2\n')
    assert "points[1, 0] is nan" in one_sentence("run", spec, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_status_tells_what_is_there(sweep, tmp_path):
    spec, out = sweep
    result = run("status", out)
    assert result.code == 0
    assert result.out.splitlines()[-1] == "complete: 2 of 2 cells, 24 of 24 rows"
    states = run("status", out, "--json").json
    counts = [sum(row["outcome"] == "fitted" for row in rows_of(out) if row["model.width"] == k) for k in (3, 4)]
    assert [state["outcomes"].get("fitted", 0) for state in states] == counts
    assert run("run", spec, "--out", tmp_path, "--shard", "0/2").code == 0
    assert run("status", tmp_path).out.splitlines()[-1].startswith("PARTIAL: ")
    assert "not the folder of a sweep" in one_sentence("status", tmp_path / "none")


@pytest.mark.slow
def test_the_report_counts_every_row_and_says_partial(sweep, tmp_path):
    spec, out = sweep
    assert "PARTIAL" not in run("report", out).out
    lines = table(out)
    for line in lines:
        rows = [row for row in rows_of(out) if row["cell"] == line["cell"]]
        fitted = sum(row["confirmed"] is True for row in rows)
        still = sum(row["outcome"] == "max_steps" or row["confirmed"] is False for row in rows)
        assert (int(line["rows"]), line["state"]) == (12, "complete")
        assert int(line["model.width"]) == rows[0]["model.width"]
        low, high = clopper_pearson(fitted, 12, censored=still)
        assert (float(line["fit_low"]), float(line["fit_high"])) == (low, high)
        assert line["budget_limited"] == str(still > 0.05 * 12)
    run("run", spec, "--out", tmp_path, "--shard", "0/2")
    assert "PARTIAL: " in run("report", tmp_path).out
    assert {line["state"] for line in table(tmp_path)} >= {"PARTIAL"}


def test_recheck_computes_again_and_compares_bits(sweep, monkeypatch):
    _, out = sweep
    result = run("recheck", out, "--all")
    assert result.code == 0
    assert "6 of 6 shards equal bit for bit" in result.out
    real = row_room.compute_rows

    def nearly(task, progress=None):
        table = real(task, progress)
        norms = table["residual_norm"].to_numpy().copy()
        norms[1] = np.nextafter(norms[1], np.inf)
        at = table.schema.get_field_index("residual_norm")
        return table.set_column(at, table.schema.field(at), [norms])

    monkeypatch.setattr("overparam.sweeps._recheck.compute_rows", nearly)
    result = run("recheck", out, "--sample", "1", "--json")
    assert result.code == 3
    (row,) = result.json
    assert row["differences"] == {str(row["first"] + 1): ["residual_norm"]}
    (environment,) = (out / "environments").iterdir()
    monkeypatch.setattr("overparam.sweeps._recheck.fingerprint", lambda _: "another")
    assert run("recheck", out, "--sample", "1").code == 5
    assert environment.exists()
    assert "--sample must be at least 1" in one_sentence("recheck", out, "--sample", "0")


def test_recheck_names_a_shard_that_is_not_whole(sweep, tmp_path):
    spec, _ = sweep
    run("run", spec, "--out", tmp_path, "--shard", "0/6")
    (shard,) = (tmp_path / "shards").rglob("*.parquet")
    shard.write_bytes(shard.read_bytes()[:-1])
    before = files(tmp_path)
    result = run("recheck", tmp_path)
    assert (result.code, result.out.split()[0]) == (3, "unreadable")
    assert files(tmp_path) == before


def test_a_cell_that_fails_ends_with_six(sweep, tmp_path, monkeypatch):
    spec, _ = sweep

    def failing(task, progress=None):
        raise ValueError("a bug")

    monkeypatch.setattr(row_room, "compute_rows", failing)
    result = run("run", spec, "--out", tmp_path)
    assert result.code == 6
    assert "ValueError: a bug" in result.out
    assert "FAILED: ValueError: a bug" in run("status", tmp_path).out


def test_the_summary_is_json_when_asked(sweep):
    spec, out = sweep
    summary = json.loads(run("run", spec, "--out", out, "--json").out)
    assert (summary["before"], summary["computed"], summary["exit_code"]) == (6, 0, 0)
