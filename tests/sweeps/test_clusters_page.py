"""docs/clusters.md: every command and program on the page runs and does what the page says."""

import re
import shlex
import subprocess
import sys

import pytest

from tests.house.sources import ROOT
from tests.sweeps.clusters import end, surroundings, until
from tests.sweeps.sweeping import command, finished, rows_of, small, written

pytestmark = pytest.mark.slow
pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
pytest.importorskip("submitit", reason="the extra `cluster` is not installed")
PAGE = (ROOT / "docs" / "clusters.md").read_text()
SPEC = small(seeds=16, shard=4)


def blocks(kind):
    return re.findall(rf"(?s)```{kind}\n(.*?)```", PAGE)


LINES = [line for block in blocks("sh") for line in block.splitlines()]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The page's specification, computed once without a cluster."""
    home = tmp_path_factory.mktemp("page")
    written(SPEC, home).rename(home / "signs.toml")
    assert finished(command("run", home / "signs.toml", "--out", home / "out", cache=home / "cache"))[0] == 0
    return home


def overparam(line, home):
    words = shlex.split(line)
    assert words[0] == "overparam"
    code, out, err = finished(command(*words[1:], cache=home / "cache"))
    assert code == 0, err
    return out


def test_the_page_has_the_commands_that_are_run_here():
    assert [" ".join(line.split()[:2]) for line in LINES] == [
        "overparam sbatch", "sbatch job.sh", "overparam sbatch", "dask scheduler", "dask worker", "overparam run",
    ]  # fmt: skip


def test_the_array_job(home, monkeypatch):
    monkeypatch.chdir(home)
    assert overparam(LINES[0], home) == "script: job.sh; next: sbatch job.sh\n"
    environment = surroundings(home / "cache") | {"SLURM_JOB_ID": "1"}
    for task in range(4):
        subprocess.run(["bash", "job.sh"], env=environment | {"SLURM_ARRAY_TASK_ID": str(task)}, check=True)
    assert rows_of(home / "out-array") == rows_of(home / "out")
    script = overparam(LINES[2], home)
    assert "#SBATCH --constraint=zen4\n#SBATCH --mem=16G\n" in script
    assert "--workers 8 --threads 1 --shard" in script


def test_dask(home, monkeypatch):
    monkeypatch.chdir(home)
    quiet = {"env": surroundings(home / "cache"), "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = []
    try:
        for line in LINES[3:5]:
            words = [*shlex.split(line)[1:], "--host", "127.0.0.1", "--no-dashboard"]
            words += ["--port", "0"] if words[0] == "scheduler" else []
            started.append(subprocess.Popen([sys.executable, "-m", "dask", *words], start_new_session=True, **quiet))
            until((home / "scheduler.json").is_file, "the scheduler has begun")
        overparam(LINES[5], home)
    finally:
        for process in started:
            end(process)
    assert rows_of(home / "out-dask") == rows_of(home / "out")


def test_submitit(home, monkeypatch, capsys):
    monkeypatch.chdir(home)
    for name, value in surroundings(home / "cache").items():
        monkeypatch.setenv(name, value)
    exec(compile(blocks("python")[0], "docs/clusters.md", "exec"), {})
    assert capsys.readouterr().out == "0\n"
    assert rows_of(home / "out-jobs") == rows_of(home / "out")


def test_the_program_that_needs_a_cluster_is_python():
    compile(blocks("py")[0], "docs/clusters.md", "exec")
