"""A script for Slurm: an array job whose tasks share one folder and return to the queue until they are done."""

import pathlib
import re
import shlex
import sys

from overparam.errors import InputError
from overparam.records import EXIT_INTERRUPTED
from overparam.sweeps._read import read_spec
from overparam.sweeps._spec import cells

_WORD = re.compile(r"[A-Za-z0-9_.,:=@%/+&|\[\]*-]+")  # what may stand in a line #SBATCH without quotes
_OURS = {"array", "cpus-per-task", "no-requeue", "ntasks", "open-mode", "requeue", "signal", "time", "wrap"}
_SCRIPT = """\
#!/bin/bash
#SBATCH --job-name={name}
#SBATCH --array=0-{last}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={cpus}
#SBATCH --time={time}
#SBATCH --signal=B:TERM@90
#SBATCH --requeue
#SBATCH --open-mode=append
{options}
# Each task of the array does one of {shards} parts of the work.  90 seconds before its time is up Slurm tells this
# script, and the script the program: what is finished is kept, the program ends with {interrupted}, and the task
# returns to the queue, where it goes on.
: "${{SLURM_ARRAY_TASK_ID:?submit this script with sbatch}}"
cd {home} || exit
told= child=
trap 'told=1; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM
{command} --shard "$SLURM_ARRAY_TASK_ID/{shards}" &
child=$!
[ -z "$told" ] || kill -TERM "$child" 2>/dev/null
wait "$child"
code=$?
while [ "$code" -gt 128 ] && kill -0 "$child" 2>/dev/null; do  # the signal ended the wait, not the program
  wait "$child"
  code=$?
done
if [ -n "$told" ] && [ "$code" -eq 143 ]; then code={interrupted}; fi  # told before the program listened
if [ "$code" -eq {interrupted} ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt {restarts} ]; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
"""


def sbatch_script(
    path: pathlib.Path,
    out: pathlib.Path,
    *,
    shards: int,
    time: str = "04:00:00",
    cpus: int = 4,
    gpu: bool = False,
    partition: str | None = None,
    options: tuple[str, ...] = (),
    run_options: tuple[str, ...] = (),
    restarts: int = 100,
) -> str:
    """The text of the script, for `sbatch`; the paths in it are absolute, and it works from the present folder.

    Args:
        path: of the specification.
        out: the folder of the sweep, on a disk that all machines see.
        shards: tasks of the array, each with its part of the work.
        time: limit of a task, as Slurm writes it.
        cpus: processors of a task.
        gpu: whether a task asks for one.
        partition: of the cluster.
        options: more of sbatch's own, such as mem=8G.
        run_options: more words for `overparam run`.
        restarts: how often a task may return to the queue.
    Raises:
        InputError: a number that is none, more tasks than pieces of work, a word that would not be one in the script,
            or a specification that cannot be run.
    """
    for name, value, least in (("shards", shards, 1), ("cpus", cpus, 1), ("restarts", restarts, 0)):
        if value < least:
            raise InputError(f"--{name} must be at least {least}, not {value}")
    spec = read_spec(path)
    pieces = len(cells(spec)) * -(-spec.seeds // spec.shard)
    if shards > pieces:
        raise InputError(
            f"--shards must be at most {pieces}, not {shards}: the sweep has no more pieces of work, which are "
            "cells times seeds / shard"
        )
    extra = ([f"partition={partition}"] if partition is not None else []) + (["gres=gpu:1"] if gpu else [])
    extra += [option.removeprefix("--") for option in options]
    for name, word in (("time", time), *(("sbatch-options", option) for option in extra)):
        if not _WORD.fullmatch(word):
            raise InputError(f"--{name} must be one plain word, as Slurm writes it, not {word!r}")
        if name == "sbatch-options" and (key := word.partition("=")[0]) in _OURS:
            raise InputError(f"--sbatch-options must not set {key}, on which the script relies; leave it out")
        if name == "sbatch-options" and word.endswith("="):
            raise InputError(f"--{word.removesuffix('=')} must not be empty; leave it out")
    command = [sys.executable, "-m", "overparam", "run", path.resolve(), "--out", out.resolve()]
    command += [*(["--device", "gpu"] if gpu else []), *run_options]
    return _SCRIPT.format(
        name=re.sub(r"[^A-Za-z0-9_-]+", "-", spec.name).strip("-") or "sweep",
        last=shards - 1, cpus=cpus, time=time, options="".join(f"#SBATCH --{option}\n" for option in extra),
        shards=shards, interrupted=EXIT_INTERRUPTED, home=_quoted(pathlib.Path.cwd()), restarts=restarts,
        command=" ".join(_quoted(word) for word in command),
    )  # fmt: skip


def _quoted(word: object) -> str:
    """One word of the shell.

    Raises:
        InputError: it cannot stand in a text file.
    """
    text = str(word)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(f"the path {text!r} is not text in UTF-8 and cannot stand in a script; rename it") from None
    return shlex.quote(text)
