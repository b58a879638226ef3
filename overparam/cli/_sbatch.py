"""The command sbatch: a sweep as an array job of Slurm."""

import dataclasses
import pathlib
import shlex
from typing import Annotated

import tyro

from overparam.cli._output import COMMON, Common, show
from overparam.errors import InputError
from overparam.files import write_atomically
from overparam.records import EXIT_OK


@dataclasses.dataclass(frozen=True)
class Sbatch:
    """Print a script for Slurm that runs a specification as an array job: `overparam sbatch .. | sbatch`.

    A task that is told to stop, or interrupted, returns to the queue and goes on where it was.
    """

    spec: Annotated[pathlib.Path, tyro.conf.Positional]
    """The specification, a TOML file."""
    shards: int = 8
    """Tasks of the array, each with its part of the work."""
    time: str = "04:00:00"
    """Limit of a task; what it has not finished by then, it goes on with after the next start."""
    cpus: int = 4
    """Processors of a task."""
    workers: int | None = None
    """Processes of a task, as in `overparam run`."""
    threads: int | None = None
    """Processors of each process, as in `overparam run`."""
    gpu: bool = False
    """Ask for one GPU a task, and compute there."""
    mixed: bool = False
    """Let the tasks run on machines of different kinds, whose rows need not agree bit by bit."""
    partition: str | None = None
    """Of the cluster."""
    sbatch_options: tuple[str, ...] = ()
    """More of sbatch's own options, without the leading --, such as mem=8G account=a constraint=zen4."""
    restarts: int = 100
    """How often a task may return to the queue."""
    write: pathlib.Path | None = None
    """File for the script, instead of printing it."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.sweeps import sbatch_script

        if self.common.out is None:
            raise InputError("name the folder of the sweep, on a disk that all machines see, by --out")
        for name, value in (("workers", self.workers), ("threads", self.threads)):
            if value is not None and not 1 <= value <= self.cpus:
                raise InputError(f"--{name} must be from 1 to {self.cpus}, the --cpus of a task, not {value}")
        words = [("--workers", self.workers), ("--threads", self.threads)]
        given = [word for name, value in words if value is not None for word in (name, str(value))]
        script = sbatch_script(
            self.spec, self.common.out, shards=self.shards, time=self.time, cpus=self.cpus, gpu=self.gpu,
            partition=self.partition, options=self.sbatch_options, restarts=self.restarts,
            run_options=(*given, *(["--mixed"] if self.mixed else [])),
        )  # fmt: skip
        text = script
        if self.write is not None:
            write_atomically(self.write, script)
            text = f"script: {self.write}; next: sbatch {shlex.quote(str(self.write))}"
        show(self.common, {"script": script}, text, None)
        return EXIT_OK
