"""Folders that somebody meddled with: nothing is waited for, followed out of the folder, or let into the page."""

import hashlib
import json
import os

import pytest

from overparam.errors import InputError
from overparam.report import read_folder, write_report
from overparam.report._fields import whole
from overparam.report._words import safe
from overparam.report.figures import _kept, _success
from overparam.report.figures._files import write_figures
from overparam.report.figures._style import legible, wrapped
from tests.cli.commands import run
from tests.report.samples import LADDER, RICH_CLAIM, ladder, write_folder
from tests.sweeps.sweeping import computed, small

pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


@pytest.fixture
def few(monkeypatch):
    """Only the success figure, since what is tested is not how figures look."""
    from overparam.report.figures import _files

    drawings = _files._drawings
    monkeypatch.setattr(_files, "_drawings", lambda folder: [one for one in drawings(folder) if one[1] == "success"])


def troubles(out):
    return read_folder(out).missing


@pipes
@pytest.mark.parametrize("name", ["ladder-a.json", "claims.json"])
def test_a_pipe_in_the_place_of_a_record_is_told(tmp_path, name):
    os.mkfifo(tmp_path / name)
    assert any(f"{name} is not a file" in why for why in troubles(tmp_path))


@pytest.mark.parametrize("name", ["ladder-a.json", "claims.json", "spec.toml"])
def test_links_in_a_circle_are_told(tmp_path, name):
    (tmp_path / name).symlink_to(tmp_path / name)
    assert any(name in why for why in troubles(tmp_path))


def test_a_record_that_lies_elsewhere_is_not_read(tmp_path):
    (tmp_path / "secret.json").write_text(json.dumps(LADDER))
    out = tmp_path / "out"
    out.mkdir()
    (out / "ladder-a.json").symlink_to(tmp_path / "secret.json")
    folder = read_folder(out)
    assert folder.ladders == []
    assert "leads out of this folder" in folder.missing[0]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_record(tmp_path, word):
    (tmp_path / "ladder-a.json").write_text(json.dumps(LADDER).replace('"n": 40', f'"n": {word}'))
    assert f"{word} is no number" in troubles(tmp_path)[0]


@pytest.mark.parametrize("stated", [2.0, "2", True, [1], 2])
def test_a_format_that_is_none(tmp_path, stated):
    (tmp_path / "ladder-a.json").write_text(json.dumps(LADDER | {"format": stated}))
    assert read_folder(tmp_path).ladders == []
    assert "format" in troubles(tmp_path)[0]


def test_an_id_that_stands_twice_speaks_for_neither(tmp_path):
    rows = [RICH_CLAIM, RICH_CLAIM | {"verdict": "REFUTED"}, RICH_CLAIM | {"id": "another"}]
    write_folder(tmp_path, {}, rows)
    folder = read_folder(tmp_path)
    assert [claim["id"] for claim in folder.claims] == ["another"]
    assert RICH_CLAIM["id"] in folder.missing[0]


@pytest.mark.parametrize("names", [("a/b", "a b"), ("x" * 200, "x" * 201), ("\ud800", "\ud801"), ("", "?")])
def test_names_that_differ_keep_apart(names):
    first, second = map(safe, names)
    assert first != second
    assert max(len(first), len(second)) < 100
    assert safe("s-baum") == "s-baum"


@pytest.mark.parametrize("name", ["figures", "tables"])
def test_nothing_is_written_through_a_link(tmp_path, name):
    (tmp_path / "elsewhere").mkdir()
    out = write_folder(tmp_path / "out", {"g": LADDER}, None)
    (out / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="a folder of the report's own"):
        write_report(out)
    assert not any((tmp_path / "elsewhere").iterdir())


def test_a_folder_in_the_place_of_the_report(tmp_path, monkeypatch):
    monkeypatch.setattr("overparam.report._write.write_figures", lambda folder, out: ({}, []))
    out = write_folder(tmp_path, {"g": LADDER}, None)
    (out / "report.html").mkdir()
    result = run("report", out)
    assert result.code == 64
    assert "report.html" in result.err and "a folder stands where a file is to be written" in result.err


def test_report_has_no_other_folder(tmp_path):
    result = run("report", write_folder(tmp_path / "out", {"g": LADDER}), "--out", tmp_path / "q")
    assert result.code == 64
    assert "leave out --out" in result.err
    assert not (tmp_path / "q").exists()


FORGED = {
    "a script": b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script>alert(1)</script></svg>',
    "a handler": b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" onload="alert(1)"/>',
    "a link": b'<svg xmlns="http://www.w3.org/2000/svg"><use href="https://example.org/#a"/></svg>',
    "a style": b'<svg xmlns="http://www.w3.org/2000/svg"><path style="fill:url(https://example.org)"/></svg>',
    "an entity": b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text></svg>',
    "no picture": b"<html/>",
    "no text": b"\xff\xfe",
}


@pytest.mark.slow
@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("kind", ["a script", "no text"])
def test_a_forged_picture_is_drawn_again(tmp_path, kind):
    folder = read_folder(write_folder(tmp_path, {"g": LADDER}, None))
    first, _ = write_figures(folder, tmp_path)
    record = json.loads((tmp_path / "figures" / ".drawn.json").read_text())
    for name in ("success-g.svg", "success-g.single.svg"):
        (tmp_path / "figures" / name).write_bytes(FORGED[kind])
        ending = name.removeprefix("success-g.")
        record["figures"]["success-g"]["files"][ending] = hashlib.sha256(FORGED[kind]).hexdigest()
    (tmp_path / "figures" / ".drawn.json").write_text(json.dumps(record))
    assert write_figures(folder, tmp_path) == (first, [])


@pytest.mark.parametrize("kind", FORGED)
def test_pictures_that_are_not_ours(kind):
    assert not _kept._is_drawing(FORGED[kind])


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("files", [{"svg": "0"}, {"a\0": "0"}, {"a\ud800": "0"}, [], None])
def test_a_damaged_memory_of_figures_is_no_memory(tmp_path, files):
    folder = read_folder(write_folder(tmp_path, {"g": LADDER}, None))
    kept = _kept.Kept(tmp_path / "figures")
    of = folder.ladders[0]
    entry = {"of": hashlib.sha256(repr(of).encode()).hexdigest(), "files": files}
    record = {"program": kept.program, "figures": {"success-g": entry}}
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / ".drawn.json").write_text(json.dumps(record))
    assert _kept.Kept(tmp_path / "figures").files("success-g", of) is None


def test_a_figure_that_cannot_be_drawn_is_told_and_the_rest_is_drawn(tmp_path, monkeypatch):
    from overparam.report.figures import _files

    def draw(ladder, columns):
        if ladder.stem == "a":
            raise OverflowError("no room\non this axis")
        return _success.draw_success(ladder, columns)

    drawings = lambda folder: [(one.stem, "success", draw, _success.success_csv, one) for one in folder.ladders]  # noqa: E731
    monkeypatch.setattr(_files, "_drawings", drawings)
    folder = read_folder(write_folder(tmp_path, {"a": LADDER, "b": LADDER}, None))
    figures, failed = write_figures(folder, tmp_path)
    assert set(figures) == {"b"}
    assert failed == ["the figure success-a cannot be drawn from its numbers (no room)"]
    assert not list((tmp_path / "figures").glob("success-a*"))


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_widths_of_hundreds_of_digits_still_give_a_figure(tmp_path):
    made = ladder()
    made["rungs"][0]["width"] = -(10**400)
    made["searches"]["gd"]["trials"][0] |= {"width": 2**62, "trials": 2**62, "fitted": 2**62, "max_steps": 0}
    figures, failed = write_figures(read_folder(write_folder(tmp_path, {"a": made, "b": LADDER}, None)), tmp_path)
    assert set(figures) == {"a", "b"} and failed == []
    assert whole(10**301) is None and whole(10**60) == 10**60


def test_long_texts_are_cut_before_they_are_measured():
    assert len(legible("x" * 10**6)) < 500
    assert len(wrapped("x" * 10**6, 1.0, 8)) < 100


@pipes
def test_pipes_in_a_sweep_hang_nothing(tmp_path):
    """Each in its place: they count as damaged, and every command comes to its end."""
    out = tmp_path / "sweep"
    computed(small(seeds=8), out)
    shard = next((out / "shards").rglob("*.parquet"))
    (out / "failures").mkdir(exist_ok=True)
    for path in (shard, out / "manifest.json", next((out / "environments").iterdir()), out / "failures" / "a.json"):
        path.unlink(missing_ok=True)
        os.mkfifo(path)
    assert run("status", out).code == 0
    told = "; ".join(troubles(out))
    assert shard.name in told
    assert "records of machines that cannot be read" in told


def test_what_a_failure_says_does_not_steer_the_terminal(tmp_path):
    out = tmp_path / "sweep"
    computed(small(seeds=4), out)
    cell = next((out / "shards").iterdir()).name
    (out / "failures").mkdir(exist_ok=True)
    record = {"cell": cell, "message": "bad \x1b[2J news"}
    (out / "failures" / f"{cell}-0.json").write_text(json.dumps(record))
    text = (out / "spec.toml").read_text().replace("seeds = 4", "seeds = 8")
    (out / "spec.toml").write_text(text)
    told = run("status", out).out
    assert "news" in told and "\x1b" not in told
