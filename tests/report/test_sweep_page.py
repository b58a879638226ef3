"""The folder of a sweep, whole, damaged, with foreign files, and with thousands of shards, as a page."""

import json
import pathlib
import subprocess
import sys

import pytest

from overparam.report import read_folder
from overparam.report.page import _html
from overparam.report.page import _sweep as shown
from overparam.sweeps import cells, spec_text
from overparam.sweeps._folder import Span
from overparam.sweeps._header import header_of
from overparam.sweeps._shards import ROW, shard_bytes
from tests.report.test_report import Page
from tests.sweeps.sweeping import small
from tests.sweeps.test_sweep_scale import folder as large  # noqa: F401  a fixture
from tests.sweeps.test_sweep_shards import rows

SPEC = small(seeds=8, model={"width": [3, 4]})


@pytest.fixture
def folder(tmp_path):
    """Two cells of two shards each, as a run leaves them."""
    (tmp_path / "spec.toml").write_text(spec_text(SPEC))
    for cell in cells(SPEC):
        place = tmp_path / "shards" / cell.id
        place.mkdir(parents=True)
        for first in (0, 4):
            made = rows(range(first, first + 4)).set_column(0, ROW.field("cell"), [[cell.id] * 4])
            content = shard_bytes(made, Span(cell.id, first, 4), cell, ("model.width",), "0" * 16)
            (place / f"{first}-4.parquet").write_bytes(content)
    (tmp_path / "environments").mkdir()
    record = {"overparam": "0.1.0", "device": "cpu", "code": "ab" * 8, "x64": True}
    (tmp_path / "environments" / f"{'0' * 16}.json").write_text(json.dumps(record))
    return tmp_path


def page_of(folder):
    read = read_folder(folder)
    return read, Page(_html.page(read, {}, []))


def test_every_cell_is_there_with_its_counts(folder):
    read, page = page_of(folder)
    assert read.missing == []
    assert read.sweep.axes == ["model.width"]
    head, *lines = page.rows("cells")
    assert head[:3] == ["model.width", "seeds", "fitted"]
    for line, cell, row in zip(lines, cells(SPEC), read.sweep.rows, strict=True):
        headers = [header_of(folder, Span(cell.id, first, 4)) for first in (0, 4)]
        fitted = sum(header["outcomes"].get("fitted", 0) for header in headers if header is not None)
        assert line[0] == str(cell.model.width)
        assert line[1] == "8 of 8"
        assert (int(line[2]), row["rows"]) == (fitted, 8)
        low, high = (float(end) for end in line[8].strip("[]").split(","))
        assert low <= float(line[7]) <= high
    text = " ".join(" ".join(page.text).split())
    assert "2 of 2 cells are complete" in text
    assert "Not recorded" not in text, "device, precision and code are known"
    assert "PARTIAL" not in text


def test_what_is_damaged_missing_or_foreign_is_told_and_the_rest_counted(folder):
    one, two = (cell.id for cell in cells(SPEC))
    (folder / "shards" / one / "0-4.parquet").write_bytes(b"PAR1 cut short")
    (folder / "shards" / one / "notes.txt").write_text("mine")
    (folder / "shards" / one / ".0-4.parquet.abcdefgh").write_text("a write in progress is no news")
    (folder / "shards" / two / "4-4.parquet").unlink()
    (folder / "shards" / ("f" * 16)).mkdir()
    (folder / "quarantine").mkdir()
    (folder / "quarantine" / "x.0.parquet").write_bytes(b"")
    (folder / "failures").mkdir()
    (folder / "failures" / f"{two}-4.json").write_text(json.dumps({"cell": two, "message": "out of <memory>"}))
    (folder / "environments" / f"{'1' * 16}.json").write_text("{")
    read, page = page_of(folder)
    told = "\n".join(read.missing)
    for words in (
        "2 of 2 cells lack 8 seeds between them", "1 of 2 cells failed",
        f"cannot be read and are not counted: {one}/0-4.parquet",
        "in quarantine/: x.0.parquet", f"{one}/notes.txt", "f" * 16, f"in environments/: {'1' * 16}",
    ):  # fmt: skip
        assert words in told, words
    assert "abcdefgh" not in told
    assert [row["rows"] for row in read.sweep.rows] == [4, 4]
    text = " ".join(" ".join(page.text).split())
    assert "PARTIAL" in text and "out of <memory>" in text


@pytest.mark.parametrize("content", ["", "format = 2\n", "format = 1\n[data]\nn = -1\n", "]["])
def test_a_specification_that_cannot_be_read_is_told(folder, content):
    (folder / "spec.toml").write_text(content)
    read, page = page_of(folder)
    assert read.sweep is None
    assert len(read.missing) == 1 and read.missing[0].startswith("spec.toml")
    assert "PARTIAL" in "".join(page.text)
    (folder / "spec.toml").unlink()
    assert "spec.toml" in read_folder(folder).missing[0]


def test_a_newer_shard_is_left_out_and_told(folder, monkeypatch):
    monkeypatch.setattr("overparam.sweeps._header.FORMAT", 0)
    read, _ = page_of(folder)
    assert [row["rows"] for row in read.sweep.rows] == [0, 0]
    assert "cannot be read and are not counted" in "\n".join(read.missing)


def test_of_very_many_cells_the_first_are_shown(folder, monkeypatch):
    monkeypatch.setattr(shown, "MOST_CELLS", 1)
    _, page = page_of(folder)
    assert len(page.rows("cells")) == 2
    assert "Here are the first 1 cells; 1 more are there." in " ".join(" ".join(page.text).split())


_REPORT = """
import sys, time
from overparam.cli import main
from overparam.report.figures import _files
_files.saved = lambda figure: {}
code = main(["report", sys.argv[1]])
(most,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(code, time.process_time(), most, file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not pathlib.Path("/proc/self/status").exists(), reason="this system does not tell a process's memory"
)
def test_ten_thousand_shards_take_less_than_a_minute_and_two_gigabytes(large):  # noqa: F811
    """Figures aside, whose number does not grow with the shards; in a process of its own, whose memory is counted.

    By /proc: what `resource` calls the greatest memory of a process began with that of the process that started it.
    """
    done = subprocess.run([sys.executable, "-c", _REPORT, str(large)], capture_output=True, text=True, timeout=300,
                          check=True)  # fmt: skip
    code, seconds, kibibytes = map(float, done.stderr.split()[-3:])
    assert (code, seconds < 60, kibibytes < 2 * 2**20) == (0, True, True), done.stderr
    assert "lack 10000 seeds between them" in done.stdout
    assert (large / "report.html").stat().st_size < 2_000_000
