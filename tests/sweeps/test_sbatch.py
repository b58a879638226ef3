"""The script for Slurm: bash reads it, quotes hold, what returns to the queue, and all tasks together are the sweep."""

import itertools
import os
import pathlib
import signal
import subprocess
import sys

import pytest

from overparam.cli import main
from overparam.errors import InputError
from overparam.sweeps import plan, sbatch_script
from tests.sweeps.clusters import surroundings, until
from tests.sweeps.sweeping import computed, rows_of, small, written

AWKWARD = 'it\'s $HOME `x` "y" \\ ;&\n#SBATCH --x'  # a folder may be called so


@pytest.fixture
def place(tmp_path):
    """A specification of three pieces of work, in a folder with a name that needs quotes."""
    folder = tmp_path / AWKWARD
    folder.mkdir()
    return written(small(), folder), folder / "out"


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """Runs a script as Slurm does, with a `scontrol` that only notes what it is asked."""
    tools = tmp_path / "bin"
    tools.mkdir()
    asked = tmp_path / "asked"
    (tools / "scontrol").write_text(f'#!/bin/sh\necho "$@" >> {asked}\n')
    (tools / "scontrol").chmod(0o755)

    def start(script, task, **environment):
        return subprocess.Popen(
            ["bash", "-c", script], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
            env=surroundings(tmp_path / "cache") | {
                "PATH": f"{tools}:{os.environ['PATH']}", "SLURM_ARRAY_TASK_ID": str(task), "SLURM_JOB_ID": f"10{task}",
            } | environment,
        )  # fmt: skip

    start.asked = lambda: asked.read_text().splitlines() if asked.exists() else []
    return start


def program(tmp_path, monkeypatch, body):
    """Let the script start this instead of Python."""
    file = tmp_path / "a python"
    file.write_text(f"#!/bin/bash\n{body}\n")
    file.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(file))


def ended(process):
    out, err = process.communicate(timeout=240)
    return process.returncode, out, err


def test_bash_reads_it_and_every_word_of_the_command_arrives_whole(place, slurm, tmp_path, monkeypatch):
    spec, out = place
    program(tmp_path, monkeypatch, 'pwd; printf "<%s>\\n" "$@"')
    script = sbatch_script(spec, out, shards=3, run_options=("--workers", "2"))
    assert subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=True).stderr == ""
    # Slurm reads directives up to the first command, so that no name of a folder can be one.
    directives = list(itertools.takewhile(lambda line: line.startswith("#") or not line, script.splitlines()))
    assert {"#SBATCH --array=0-2", "#SBATCH --signal=B:TERM@90", "#SBATCH --requeue"} <= set(directives)
    assert "#SBATCH --x" not in directives
    code, text, err = ended(slurm(script, 2))
    assert (code, err) == (0, "")
    words = ["-m", "overparam", "run", str(spec), "--out", str(out), "--workers", "2", "--shard", "2/3"]
    assert text == f"{pathlib.Path.cwd()}\n" + "".join(f"<{word}>\n" for word in words)
    assert slurm.asked() == []


@pytest.mark.parametrize(
    ("body", "restarted", "code", "returns"),
    [
        ("exit 0", 0, 0, False),
        ("exit 6", 0, 6, False),
        ("exit 64", 0, 64, False),
        ("exit 75", 3, 75, True),
        ("exit 75", 4, 75, False),  # not for ever
        ("kill -TERM $$", 0, 143, False),  # a signal that was not for the script
        ("kill -KILL $$", 0, 137, False),  # out of memory: the next time would be the same
    ],
)
def test_what_returns_to_the_queue(place, slurm, tmp_path, monkeypatch, body, restarted, code, returns):
    program(tmp_path, monkeypatch, body)
    script = sbatch_script(*place, shards=2, restarts=4)
    assert ended(slurm(script, 1, SLURM_RESTART_COUNT=str(restarted)))[0] == code
    assert slurm.asked() == (["requeue 101"] if returns else [])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("trap 'sleep 0.3; exit 75' TERM", 75),  # as overparam run does: some seconds to finish
        ("trap 'sleep 0.3; exit 0' TERM", 0),  # it was done
        ("", 75),  # the signal came before the program listened
    ],
)
def test_slurm_tells_the_script_and_the_script_the_program(place, slurm, tmp_path, monkeypatch, body, code):
    ready = tmp_path / "ready"
    program(tmp_path, monkeypatch, f"{body}\ntouch {ready}\nwhile :; do sleep 0.05; done")
    process = slurm(sbatch_script(*place, shards=2), 1)
    until(ready.exists, "the program is there")
    process.send_signal(signal.SIGTERM)
    assert ended(process)[0] == code
    assert slurm.asked() == (["requeue 101"] if code == 75 else [])


def test_a_script_run_by_hand_says_what_it_is_for(place):
    script = sbatch_script(*place, shards=2)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SLURM")}
    run = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode != 0 and "submit this script with sbatch" in run.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"shards": 0}, "--shards must be at least 1, not 0"),
        ({"shards": 4}, "--shards must be at most 3, not 4"),
        ({"cpus": 0}, "--cpus must be at least 1"),
        ({"restarts": -1}, "--restarts must be at least 0"),
        ({"time": "1 hour"}, "--time must be one plain word, as Slurm writes it, not '1 hour'"),
        ({"time": ""}, "--time must be one plain word"),
        ({"partition": "a\n#SBATCH --uid=0"}, "must be one plain word"),
        ({"partition": ""}, "--partition must not be empty"),
        ({"options": ("array=0-0",)}, "--sbatch-options must not set array"),
        ({"options": ("--no-requeue",)}, "must not set no-requeue"),
        ({"options": ("mem=8G", "comment=a b")}, "must be one plain word, as Slurm writes it, not 'comment=a b'"),
    ],
)
def test_what_would_not_be_a_script_is_refused(place, options, words):
    with pytest.raises(InputError, match=words):
        sbatch_script(*place, **({"shards": 2} | options))


def test_a_path_that_is_no_text_is_refused(place):
    with pytest.raises(InputError, match="not text in UTF-8"):
        sbatch_script(place[0], pathlib.Path(os.fsdecode(b"/tmp/\xff")), shards=1)


def test_the_command_writes_the_script_and_refuses_in_a_sentence(place, tmp_path, capsys):
    spec, out = place
    file = tmp_path / "job one.sh"
    given = ["sbatch", str(spec), "--out", str(out), "--shards", "2"]
    options = ["--gpu", "--mixed", "--partition", "short", "--sbatch-options", "mem=8G", "account=a"]
    assert main([*given, *options, "--write", str(file)]) == 0
    assert capsys.readouterr().out == f"script: {file}; next: sbatch '{file}'\n"
    assert not out.exists()
    text = file.read_text()
    for line in ("--partition=short", "--gres=gpu:1", "--mem=8G", "--account=a", "--cpus-per-task=4"):
        assert f"\n#SBATCH {line}\n" in text
    assert "--device gpu --mixed --shard" in text
    assert main(given) == 0
    assert capsys.readouterr().out.startswith("#!/bin/bash\n#SBATCH --job-name=small\n#SBATCH --array=0-1\n")
    for wrong, words in (
        (["--workers", "5"], "--workers must be from 1 to 4, the --cpus of a task, not 5"),
        (["--threads", "0"], "--threads must be from 1 to 4"),
        (["--shards", "9"], "--shards must be at most 3"),
    ):
        assert main([*given, *wrong]) == 64
        assert words in capsys.readouterr().err
    assert main(["sbatch", str(spec)]) == 64
    assert "by --out" in capsys.readouterr().err
    assert main(["sbatch", str(tmp_path / "none.toml"), "--out", str(out)]) == 64


@pytest.mark.slow
def test_all_tasks_of_the_array_together_are_the_sweep(place, slurm, tmp_path):
    spec, out = place
    whole = computed(small(), tmp_path / "whole")
    script = sbatch_script(spec, out, shards=2)
    shares = [len(plan(small(), (), part=(i, 2))) for i in range(2)]
    assert sorted(shares) == [1, 2]
    for task, share in enumerate(shares):
        code, text, err = ended(slurm(script, task))
        assert code == 0, err
        assert f"{share} computed" in text
    assert rows_of(out) == whole
    assert slurm.asked() == []


@pytest.mark.slow
def test_a_task_that_is_told_to_stop_returns_and_goes_on(tmp_path, slurm):
    long = {"seeds": 16, "shard": 4, "train": {"max_steps": 60_000, "tolerance": 1e-12, "check_every": 5_000}}
    spec, out = written(small(**long), tmp_path), tmp_path / "out"
    script = sbatch_script(spec, out, shards=1)
    first = slurm(script, 0)
    until(lambda: list((out / "shards").glob("*/[0-9]*.parquet")), "a shard is there")
    first.send_signal(signal.SIGTERM)
    assert ended(first)[0] == 75
    assert slurm.asked() == ["requeue 100"]
    code, text, _ = ended(slurm(script, 0, SLURM_RESTART_COUNT="1"))
    assert code == 0 and " 0 missing" in text and not text.startswith("1 cells; 0 shards were there")
    assert rows_of(out) == computed(small(**long), tmp_path / "whole")
