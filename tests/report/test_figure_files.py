"""The folder of figures: every width and format, the numbers beside them, nothing drawn twice, nothing kept wrongly."""

import dataclasses
import json

import pytest

from overparam.report._ladders import ladder_of
from overparam.report._reading import Folder
from overparam.report.figures import _files, _kept
from overparam.report.figures._files import write_figures
from tests.report.samples import LADDER
from tests.report.sweep_samples import sweep

KINDS = ("pdf", "png", "svg")
ENDINGS = {"csv", *KINDS, *(f"single.{kind}" for kind in KINDS)}
LADDERS = Folder([ladder_of(LADDER, stem="a")], [], [], [])


@pytest.fixture
def drawings(monkeypatch):
    """How often something was drawn; the files hold a few letters."""
    count = []

    def draw_only(figure):
        count.append(figure)
        return dict.fromkeys(KINDS, b'<svg xmlns="http://www.w3.org/2000/svg"/>')

    monkeypatch.setattr(_files, "saved", draw_only)
    return count


@pytest.mark.slow
def test_every_width_and_format_and_the_numbers(tmp_path, drawings):
    figures, _ = write_figures(LADDERS, tmp_path)
    names = {path.name for path in (tmp_path / "figures").glob("[!.]*")}
    assert names == {f"{name}-a.{end}" for name in ("ladder", "success", "weights") for end in ENDINGS}
    assert set(figures) == {"a"}
    assert set(figures["a"]) == {"ladder", "success", "weights"}
    assert all(set(files) == {"svg", "single.svg", "csv"} for files in figures["a"].values())
    assert len(drawings) == 6


@pytest.mark.slow
def test_a_sweep_has_its_three(tmp_path, drawings):
    figures, _ = write_figures(Folder([], [], [], [], sweep=sweep()), tmp_path)
    assert set(figures["sweep"]) == {"shares", "thresholds", "phase"}
    assert (tmp_path / "figures" / "phase-sweep.single.pdf").exists()


@pytest.mark.slow
def test_what_is_there_is_not_drawn_again(tmp_path, drawings):
    first = write_figures(LADDERS, tmp_path)
    files = {path: path.read_bytes() for path in (tmp_path / "figures").iterdir()}
    assert write_figures(LADDERS, tmp_path) == first
    assert len(drawings) == 6
    assert {path: path.read_bytes() for path in (tmp_path / "figures").iterdir()} == files


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["number", "gone", "altered", "record", "program", "odd"])
def test_what_is_not_what_would_be_drawn_is_drawn_again(tmp_path, drawings, monkeypatch, harm):
    write_figures(LADDERS, tmp_path)
    folder, record = LADDERS, tmp_path / "figures" / ".drawn.json"
    if harm == "number":
        (ladder,) = LADDERS.ladders
        folder = dataclasses.replace(LADDERS, ladders=[dataclasses.replace(ladder, n=41)])
    elif harm == "gone":
        for path in (tmp_path / "figures").glob("*.single.png"):
            path.unlink()
    elif harm == "altered":
        for path in (tmp_path / "figures").glob("*.csv"):
            path.write_text("rung\n")
    elif harm == "record":
        record.write_text("{")
    elif harm == "odd":
        record.write_text(json.dumps(json.loads(record.read_text()) | {"figures": {"ladder-a": 3, "success-a": {}}}))
    else:
        monkeypatch.setattr(_kept, "source_hash", lambda: "another")
    write_figures(folder, tmp_path)
    assert len(drawings) == 12


def test_an_empty_folder_gets_no_figures(tmp_path, drawings):
    assert write_figures(Folder([], [], [], []), tmp_path) == ({}, [])
    assert not (tmp_path / "figures").exists()
