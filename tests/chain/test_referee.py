"""What leaves for a referee: recheck, bundle, cite."""

import io
import json
import shutil
import subprocess
import sys
import zipfile

import pytest

import proofs_check
from overparam.report import bundle, citations, recheck, worst
from tests.cli.commands import files, one_sentence, run

ACCEPTED = {"counting", "found", "rank", "greedy", "pairs", "distinct", "ceil-4n-d", "bubeck-4ceil", "zhang"}


@pytest.fixture
def copied(gaussian, tmp_path):
    """A copy that a test may damage."""
    return shutil.copytree(gaussian[0], tmp_path / "out")


def witness(folder, rung="found"):
    return next(folder.glob(f"certificates/*/{rung}/witness.json"))


def test_recheck_accepts_what_was_written(gaussian, tmp_path):
    result = run("recheck", gaussian[0], "--json", "--out", tmp_path)
    assert result.code == 0
    assert {row["certificate"].rsplit("/", 1)[-1] for row in result.json} == ACCEPTED - {"counting"}
    assert {row["status"] for row in result.json} == {"accepted"}
    assert json.loads(files(tmp_path)["recheck.json"]) == result.json
    assert "8 of 8 certificates accepted" in run("recheck", gaussian[0]).out


def last_digit(text):
    """One unit in the last place of the first weight."""
    start = text.index('"weights":[["') + len('"weights":[["')
    digit = next(i for i in range(start, len(text)) if text[i] in "/*") - 1
    return text[:digit] + ("3" if text[digit] != "3" else "5") + text[digit + 1 :]


DAMAGE = {
    "a digit": (lambda path: path.write_text(last_digit(path.read_text())), {10, 12}),
    "trailing bytes": (lambda path: path.write_bytes(path.read_bytes() + b"x"), {12}),
    "an empty witness": (lambda path: path.write_bytes(b""), {12}),
    "no witness": (lambda path: path.unlink(), {12}),
    "no statement": (lambda path: path.with_name("statement.json").unlink(), {12}),
    "a smaller width": (
        lambda path: path.with_name("statement.json").write_bytes(
            proofs_check.state("interpolates", next(path.parents[1].glob("*.json")), widths=[1])
        ),
        {10},
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_recheck_finds_damage(copied, name):
    damage, codes = DAMAGE[name]
    damage(witness(copied))
    result = run("recheck", copied, "--json")
    assert result.code in codes
    bad = [row for row in result.json if row["status"] != "accepted"]
    assert [row["certificate"].rsplit("/", 1)[-1] for row in bad] == ["found"]
    assert "7 of 8 certificates accepted" in run("recheck", copied).out
    assert "certificates" in one_sentence("bundle", copied), "nothing damaged is packed for a referee"
    assert not (copied / "bundle.zip").exists()


def test_recheck_reports_the_worst(copied):
    """As the checker does: malformed, then rejected, then undecided."""
    rows = [{"status": s} for s in ("accepted", "undecided", "rejected", "malformed")]
    assert [worst(rows[:k]) for k in range(5)] == [0, 0, 11, 10, 12]
    data = next(copied.glob("certificates/*/*.json"))
    data.write_bytes(data.read_bytes().replace(b"2^-5", b"2^-6", 1))
    assert run("recheck", copied).code == 12
    assert {row["status"] for row in recheck(copied)} == {"malformed"}


def test_bundle_is_all_a_referee_needs(gaussian, tmp_path):
    out = tmp_path / "sent"
    result = run("bundle", gaussian[0], "--json", "--out", out)
    assert result.code == 0
    assert list(files(out)) == ["bundle.zip"]
    with zipfile.ZipFile(out / "bundle.zip") as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == result.json["files"]
        archive.extractall(tmp_path / "received")
    received = tmp_path / "received"
    assert {name.split("/")[0] for name in files(received)} == {"README.txt", "certificates", "proofs_check", "records"}
    (name,) = (path.name for path in gaussian[0].glob("ladder-*.json"))
    assert (received / "records" / name).read_bytes() == (gaussian[0] / name).read_bytes()
    commands = [line.strip() for line in (received / "README.txt").read_text().splitlines() if line.startswith("    ")]
    assert len(commands) == 1 + 8
    for command in {commands[0], commands[-1]}:
        assert command.startswith("python -I -S proofs_check check ")
        words = [sys.executable, *command.split()[1:]]
        done = subprocess.run(words, cwd=received, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert "there is one whose output equals the label exactly at each of the 40 points" in done.stdout


def test_bundles_of_the_same_files_are_the_same_bytes(gaussian, copied):
    assert bundle(gaussian[0]) == bundle(copied)
    assert run("bundle", copied).code == 0
    first = (copied / "bundle.zip").read_bytes()
    assert run("bundle", copied).code == 0
    assert (copied / "bundle.zip").read_bytes() == first == bundle(gaussian[0])[0]


def test_one_certificate_may_be_sent_alone(gaussian, monkeypatch):
    """Its data set lies beside it, above the folder that was named."""
    folder = witness(gaussian[0]).parent
    for name in (folder, "."):
        monkeypatch.chdir(folder)
        content, _ = bundle(type(folder)(name))
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        assert {"found/statement.json", "found/witness.json"} <= set(names)
        assert any(len(n) == 64 + len(".json") for n in names)


def test_folder_names_with_spaces(copied, tmp_path):
    moved = copied / "certificates" / "a b; c"
    next((copied / "certificates").iterdir()).rename(moved)
    next(copied.glob("ladder-*.json")).unlink()  # which names the folder as it was
    content, _ = bundle(copied)
    readme = zipfile.ZipFile(io.BytesIO(content)).read("README.txt").decode()
    assert "check 'certificates/a b; c/" in readme


def test_citations(gaussian, tmp_path):
    result = run("cite", gaussian[0], "--json", "--out", tmp_path)
    used = {rung["theorem"] for rung in gaussian[1]["rungs"]} - {None}
    assert set(result.json.values()) == {proofs_check.bibtex(slug) for slug in used}
    assert list(result.json) == sorted(result.json)
    assert json.loads(files(tmp_path)["refs.json"]) == result.json
    text = run("cite", gaussian[0]).out
    assert all(entry in text for entry in result.json.values())


def test_citations_of_certificates_without_a_ladder(tmp_path):
    assert run("memorize", "--n", "4", "--d", "2", "--construction", "zhang", "--out", tmp_path).code == 0
    assert list(citations(tmp_path).values()) == [proofs_check.bibtex("zhang2017-thm1")]
    (tmp_path / "statement.json").write_bytes(b"\xff{")  # damaged files are the business of recheck
    assert len(citations(tmp_path)) == 1
