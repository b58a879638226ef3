"""Each command does what it says: its record, its text, its files."""

import hashlib
import itertools
import json
import pathlib
from fractions import Fraction

import numpy as np
import pytest

import proofs_check
from overparam.data import DataSpec, load
from overparam.memorizers import memorize
from overparam.networks import Params, save_network
from proofs_check.exact import parse
from tests.cli.commands import RUNG_KEYS, SHORT, check_rungs, files, npz, one_sentence, run

SMALL = ("--data", "gaussian", "--n", "8", "--d", "2")
CLAIM_KEYS = {
    "id", "verdict", "claim", "evidence", "instances", "certificate", "topic", "refuted_by", "cites", "locator",
    "width", "links", "plots", "tables", "sentences", "roots",
}  # fmt: skip


def accepted(folder):
    return proofs_check.check(folder).status == "accepted"


@pytest.fixture
def few_instances(monkeypatch):
    """The first three data sets of every construction's list."""
    from overparam.studies import _constructions

    whole = _constructions.instances
    monkeypatch.setattr(_constructions, "instances", lambda *a, **kw: itertools.islice(whole(*a, **kw), 3))


def test_width(tmp_path):
    result = run("width", *SMALL, *SHORT, "--json", "--out", tmp_path)
    assert (result.code, result.err) == (0, "")
    rungs = check_rungs(result.json, tmp_path)
    data = result.json["data"]
    assert (data["n"], data["d"], data["labels"]) == (8, 2, "gaussian")
    home = tmp_path / "certificates" / data["sha256"][:12]
    canonical = (home / f"{data['sha256']}.json").read_bytes()
    assert hashlib.sha256(canonical).hexdigest() == data["sha256"]
    for rung in rungs.values():
        assert rung["certificate"] is None or accepted(rung["certificate"]), (
            "the printed path is one that `check` takes"
        )
    (kept,) = tmp_path.glob("ladder-*.json")
    stored = json.loads(kept.read_text())
    assert [r["certificate"] and str(tmp_path.resolve() / r["certificate"]) for r in stored["rungs"]] == [
        r["certificate"] for r in result.json["rungs"]
    ]
    assert {k: v for k, v in stored.items() if k != "rungs"} == {k: v for k, v in result.json.items() if k != "rungs"}


def test_width_without_out_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("width", *SMALL, *SHORT, "--json")
    check_rungs(result.json, None)
    text = run("width", *SMALL, *SHORT)
    assert text.code == 0
    assert "certificates/" not in text.out
    assert not files(tmp_path)


@pytest.mark.slow
def test_width_writes_its_report(tmp_path):
    assert run("width", *SMALL, *SHORT[:1], *SHORT[2:], "--out", tmp_path).code == 0
    assert {"report.html", "refs.bib"} <= set(files(tmp_path))
    hidden = [name for name in files(tmp_path) if "/." in name or name.startswith(".")]
    assert hidden == ["figures/.drawn.json"]  # which figures need not be drawn again; nothing temporary is left


def test_dry_run_runs_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("overparam.widths._ladder.constructed", None)
    result = run("width", *SMALL, "--dry-run", "--json", "--out", tmp_path)
    assert result.code == 0
    assert set(result.json) == {
        "samples", "dimension", "widths_searched", "levenberg_marquardt_flop", "gradient_descent_flop",
        "gradient_descent_trials", "memory_megabytes",
    }  # fmt: skip
    assert json.loads(files(tmp_path)["cost.json"]) == result.json
    assert list(files(tmp_path)) == ["cost.json"]
    assert "memory megabytes" in run("width", *SMALL, "--dry-run").out


@pytest.mark.slow
def test_width_with_gradient_descent(tmp_path):
    """A hundred steps fit nothing: the threshold is observed and open above."""
    flags = ("--starts", "8", "--lm-steps", "60", "--gd-steps", "100", "--gd-trials", "8", "--no-report")
    result = run("width", *SMALL, *flags, "--json", "--out", tmp_path)
    assert result.code == 0, result.err
    gd = check_rungs(result.json, tmp_path)["gd"]
    assert gd["interval"][0] >= 1 and gd["interval"][1] is None and gd["width"] is None
    assert result.json["searches"]["gd"]["verdict"] == "INCONCLUSIVE"
    assert "gradient descent" in run("width", *SMALL, *flags).out


def test_verify(tmp_path, few_instances):
    result = run("verify", "relu-distinct-worst-case", "relu-distinct-worst-case", "--json", "--out", tmp_path)
    (claim,) = result.json
    assert result.code == 0
    assert set(claim) == CLAIM_KEYS | {"format", "run", "certificates"}
    assert {"size", "overparam", "device", "dtype", "source"} <= set(claim["run"])
    assert (claim["id"], claim["verdict"]) == ("relu-distinct-worst-case", "CERTIFIED")
    folders = [path.parent for path in tmp_path.rglob("statement.json")]
    assert len(folders) == claim["instances"] == 3
    assert all(str(folder).startswith(claim["certificate"]) for folder in folders)
    assert json.loads(files(tmp_path)["claims.json"])[0]["certificate"] == "claims/relu-distinct-worst-case"
    assert {"report.html", "refs.bib", "tables/claims.tex"} <= set(files(tmp_path))


def test_verify_tells_how_long_everything_takes_and_nothing_else(monkeypatch):
    """The list of claims is put in the place of judging them."""
    monkeypatch.setattr("overparam.studies.verify", lambda *_, **__: iter(()))
    for arguments, told in (((), True), (("--all",), False), (("--size", "laptop"), False), (("lazy",), False)):
        assert ("all claims: six to twenty minutes" in run("verify", *arguments).err) is told, arguments


def test_verify_without_out_names_no_certificate(few_instances):
    (claim,) = run("verify", "relu-distinct-worst-case", "--json").json
    assert (claim["verdict"], claim["certificate"]) == ("CERTIFIED", None)
    text = run("verify", "relu-distinct-worst-case").out
    assert text.startswith("CERTIFIED") and "certificate:" not in text


@pytest.mark.parametrize("construction", ["pairs", "greedy", "distinct", "bubeck", "zhang", "baum", "sakurai"])
def test_memorize(tmp_path, construction):
    labels = ("--labels", "signs") if construction in ("baum", "sakurai") else ()
    result = run("memorize", *SMALL, *labels, "--construction", construction, "--json", "--out", tmp_path)
    assert result.code == 0, result.err
    told = {"claim", "data", "notes", "numbers", "versions"}
    assert set(result.json) == {"format", "construction", "theorem", "accepted", "certificate", "sizes", *told}
    assert (result.json["claim"], result.json["data"]["n"]) == ("exact", 8)
    assert accepted(result.json["certificate"])
    assert result.json["accepted"].startswith("Among the networks")
    (name,) = [name for name in files(tmp_path) if name.startswith(f"memorize-{construction}-")]
    stored = json.loads(files(tmp_path)[name])
    assert stored == result.json | {"certificate": stored["certificate"]}
    assert accepted(tmp_path / stored["certificate"])
    text = run("memorize", *SMALL, *labels, "--construction", construction)
    assert text.code == 0 and "certificate:" not in text.out


def test_certify(tmp_path):
    """A network that nearly fits, in the names of torch, becomes one that fits exactly."""
    rng = np.random.default_rng(1)
    params = Params(rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=3), np.array(0.5))
    points = rng.normal(size=(6, 2))
    labels = np.maximum(points @ params.u.T + params.b, 0) @ params.v + params.c
    data = npz(tmp_path, points, labels.astype(np.float32))  # rounded: the floats no longer fit
    save_network(tmp_path / "ours.npz", params)
    torch = {"0.weight": params.u, "0.bias": params.b, "2.weight": params.v[None], "2.bias": params.c[None]}
    np.savez(tmp_path / "torch.npz", **torch)
    for name in ("ours.npz", "torch.npz"):
        result = run("certify", tmp_path / name, "--data", data, "--json", "--out", tmp_path / name[:-4])
        assert result.code == 0, result.err
        told = {"construction", "theorem", "accepted", "certificate", "repair", "data", "versions"}
        assert set(result.json) == {"format"} | told
        (moved,) = result.json["repair"].values()
        assert 0 < float(moved) < 1e-5  # float32 rounding of the labels, through a well-conditioned system
        assert accepted(result.json["certificate"])
    witnesses = [path.read_bytes() for path in sorted(tmp_path.rglob("witness.json"))]
    assert len(witnesses) == 2
    assert witnesses[0].replace(b"ours.npz", b"torch.npz") == witnesses[1]


def test_theorems(tmp_path):
    result = run("theorems", "--json", "--out", tmp_path)
    assert [entry["id"] for entry in result.json] == list(proofs_check.THEOREMS)
    assert json.loads(files(tmp_path)["theorems.json"]) == result.json
    (one,) = run("theorems", "zhang2017-thm1", "--json").json
    assert one in result.json
    whole = run("theorems", "zhang2017-thm1").out
    assert "Theorem 1" in whole and "hypotheses" in whole


def test_report_of_a_folder(tmp_path):
    assert run("report", tmp_path).code == 0
    assert "report.html" in files(tmp_path)
    result = run("report", tmp_path, "--json")
    assert result.json["report"] == str(tmp_path / "report.html")
    assert "nothing that a command leaves is here" in result.json["missing"][0]


def test_doctor(tmp_path, monkeypatch):
    result = run("doctor", "--json", "--out", tmp_path)
    assert result.code == 0, result.out
    assert all(set(row) == {"name", "ok", "needed", "detail"} for row in result.json)
    assert json.loads(files(tmp_path)["doctor.json"]) == result.json
    assert "the checker accepted" in result.json[-1]["detail"]


@pytest.mark.parametrize(("missing", "code"), [("scikit-learn", 0), ("optax", 64)])
def test_doctor_finds_what_is_missing(monkeypatch, missing, code):
    import importlib.metadata

    known = importlib.metadata.version

    def version(package):
        if package == missing:
            raise importlib.metadata.PackageNotFoundError(package)
        return known(package)

    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setattr("overparam.cli._doctor._certificate", lambda: "not today")
    result = run("doctor")
    assert result.code == code
    assert "missing; " in result.out


def test_records_name_their_keys():
    """The documented columns of a rung, in the issue's words."""
    import dataclasses

    from overparam.records import Claim, Rung

    assert {field.name for field in dataclasses.fields(Rung)} == RUNG_KEYS
    assert {field.name for field in dataclasses.fields(Claim)} == CLAIM_KEYS


@pytest.mark.slow
def test_prove_everything_about_one_data_set(tmp_path):
    """Each subject ends in an accepted certificate whose numbers are rounded so that they stay true."""
    data = ("--data", "gaussian", "--n", "12", "--d", "3", "--labels", "signs")
    out = tmp_path / "out"
    for what in ("kernel", "rank", "lazy", "distinct", "affine", "linear"):
        result = run("prove", what, *data, "--json", "--out", out)
        assert result.code == 0, result
        answer = proofs_check.check(result.json["certificate"])
        assert (answer.status, answer.sentence) == ("accepted", result.json["accepted"])
        statement = json.loads((pathlib.Path(result.json["certificate"]) / "statement.json").read_text())
        for name, shown in result.json["repair"].items():
            key = name.replace(" ", "_")
            if key in statement:
                quoted, exact = Fraction(shown), parse(statement[key])
                assert quoted <= exact if key == "at_least" else quoted >= exact or key == "step"
                assert abs(quoted - exact) <= abs(exact) / 10**5
    assert {row["status"] for row in run("recheck", out, "--json").json} == {"accepted"}
    assert run("bundle", out, "--out", tmp_path / "sent").code == 0
    assert "--width must be at least 1" in one_sentence("prove", "lazy", *data, "--width", "0")
    assert "were not seen to reach rank 12" in one_sentence("prove", "rank", *data, "--width", "2")


def test_certify_a_network_as_it_is(tmp_path):
    """A float network's own error and margin, and an exact interpolator near it."""
    data = load(DataSpec(data="gaussian", n=10, d=4, labels="signs", seed=1))
    u, b, v, c = memorize(data.points, data.labels, construction="pairs").network.to_arrays()
    np.savez(tmp_path / "net.npz", u=u, b=b, v=v, c=c)
    flags = ("certify", tmp_path / "net.npz", "--data", "gaussian", "--n", "10", "--d", "4", "--labels", "signs")
    flags += ("--seed", "1", "--json", "--out", tmp_path / "out")
    error, margin, near = (run(*flags, "--claim", claim) for claim in ("error", "margin", "near"))
    assert (error.code, margin.code, near.code) == (0, 0, 0)
    assert float(error.json["repair"]["tolerance"]) < 1e-9
    assert 0.99 < float(margin.json["repair"]["margin"]) <= 1
    assert float(near.json["repair"]["distance"]) < 1e-6
    for result in (error, margin, near):
        assert proofs_check.check(result.json["certificate"]).status == "accepted"


@pytest.mark.slow
def test_width_exact_in_text_and_json(tmp_path):
    flags = ("width", "--data", "gaussian", "--n", "7", "--d", "2", "--labels", "gaussian", "--exact", *SHORT)
    result = run(*flags, "--json", "--out", tmp_path)
    rungs = check_rungs(result.json, tmp_path)
    assert (rungs["exact"]["width"], rungs["exact"]["word"]) == (3, "certified")
    assert (rungs["impossible"]["width"], rungs["impossible"]["word"]) == (3, "impossible")
    assert [row["outcome"] for row in result.json["searches"]["exact"]][:3] == ["impossible"] * 3
    assert "the minimal width of these data is exactly 3 (certified)" in " ".join(run(*flags).out.split())
    assert "--exact-cases must be an integer" in one_sentence(*flags, "--exact-cases", "0")
