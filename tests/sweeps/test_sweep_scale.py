"""Ten thousand shards: status and the start of a run look at each file once, and status needs neither JAX nor Arrow."""

import hashlib
import os
import subprocess
import sys

import pytest

from overparam.sweeps import _tasks as tasks
from overparam.sweeps import cells, run, spec_text, sweep_state
from overparam.sweeps._folder import Span
from overparam.sweeps._header import PLACEHOLDER
from overparam.sweeps._shards import ROW, shard_bytes
from tests.house.sources import ROOT
from tests.sweeps.sweeping import small
from tests.sweeps.test_sweep_shards import rows

FIRST, SHARDS = 10_000, 10_000  # seeds from 10,000 on: names and numbers of one length
SPEC = small(seeds=FIRST + 4 * SHARDS)
OPENED: list[str] = []


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """As left by a run of ten thousand shards, those of the first 10,000 seeds missing."""
    home = tmp_path_factory.mktemp("large")
    cell = cells(SPEC)[0]
    place = home / "shards" / cell.id
    place.mkdir(parents=True)
    (home / "spec.toml").write_text(spec_text(SPEC))
    table = rows(range(4)).set_column(0, ROW.field("cell"), [[cell.id] * 4])
    template = shard_bytes(table, Span(cell.id, FIRST, 4), cell, (), "0" * 16)
    head, _, tail = template.rpartition(b'"sha256": "')
    template = head + b'"sha256": "' + PLACEHOLDER.encode() + tail[64:]
    for first in range(FIRST, FIRST + 4 * SHARDS, 4):
        content = template.replace(b'"first": %d' % FIRST, b'"first": %d' % first)
        digest = hashlib.sha256(content).hexdigest().encode()
        at = content.rindex(PLACEHOLDER.encode())
        (place / f"{first}-4.parquet").write_bytes(content[:at] + digest + content[at + 64 :])
    return home


@pytest.fixture
def opened():
    """Shards that are opened, whichever way."""
    if not OPENED:
        sys.addaudithook(_note)
        OPENED.append("")
    del OPENED[1:]
    yield OPENED
    del OPENED[1:]


def _note(event, arguments):
    if event == "open" and OPENED and str(arguments[0]).endswith(".parquet"):
        OPENED.append(str(arguments[0]))


@pytest.mark.slow
def test_status_opens_each_shard_once(folder, opened):
    (state,) = sweep_state(folder)
    assert (state.rows, state.wanted) == (4 * SHARDS, FIRST + 4 * SHARDS)
    assert state.outcomes == dict.fromkeys(("fitted", "max_steps", "diverged", "stuck"), SHARDS)
    assert len(opened) - 1 == len(set(opened[1:])) == SHARDS


@pytest.mark.slow
def test_a_run_reads_each_shard_once_before_it_starts(folder, opened, monkeypatch):
    """And looks at each of them a bounded number of times, not once for every block."""
    looked = []
    gaps = tasks._gaps
    monkeypatch.setattr(tasks, "_gaps", lambda start, end, spans: looked.append(len(spans)) or gaps(start, end, spans))

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(SPEC, folder, check=stop, mixed=True)
    assert len(opened) - 1 == len(set(opened[1:])) == SHARDS
    assert sum(looked) == SHARDS
    assert not (folder / "quarantine").exists()


def test_status_needs_neither_jax_nor_arrow(folder):
    program = (
        "import sys; from overparam.cli import main; code = main(['status', sys.argv[1]]);"
        "print(sorted({'jax', 'pyarrow', 'scipy'} & set(sys.modules)), code)"
    )
    asked = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert asked.stdout.splitlines()[-2:] == ["PARTIAL: 0 of 1 cells, 40000 of 50000 rows", "[] 0"]
