"""A dask scheduler and its workers as processes of their own, on this machine only; none outlives its test."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from tests.house.sources import ROOT


def surroundings(cache: pathlib.Path) -> dict[str, str]:
    """Environment of a process that finds this source tree, and keeps its compiled programs for the next one."""
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "JAX_PLATFORMS": "cpu",
        "JAX_COMPILATION_CACHE_DIR": str(cache),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


class Cluster:
    """A scheduler, and whatever workers were started for it.

    Each is the leader of a process group of its own, so that a signal reaches it and all that it has started.
    """

    def __init__(self, folder: pathlib.Path, cache: pathlib.Path) -> None:
        self.file = folder / "scheduler.json"
        self._folder, self._cache = folder, cache
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start the scheduler on a free port."""
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(self.file))
        until(self.file.is_file, "the scheduler has begun")

    def worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Start one more worker, without the nanny that would start it again."""
        place = str(self._folder / "scratch")
        given = ("--scheduler-file", str(self.file), "--nthreads", "1", "--no-nanny", "--local-directory", place)
        return self._start("worker", *given, *options)

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--host", "127.0.0.1", "--no-dashboard"]
        with (self._folder / f"{what}-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [*command, *options], env=surroundings(self._cache), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def logs(self) -> str:
        """What they have written."""
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("*.log")))


def end(process: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> None:
    """Send a signal to a process and its children, and wait for it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
    try:
        process.wait(30)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def cluster(folder: pathlib.Path, cache: pathlib.Path) -> Iterator[Cluster]:
    """A scheduler without workers yet; all of its processes are gone afterwards."""
    folder.mkdir(parents=True)
    made = Cluster(folder, cache)
    try:
        made.start()
        yield made
    finally:
        for process in made.processes:
            end(process)


def until(holds: Callable[[], object], what: str, limit: float = 120.0) -> None:
    """Wait for something; the limit only guards against a hang."""
    stop = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < stop, f"waited in vain: {what}"
        time.sleep(0.02)


def shards_in(folder: pathlib.Path) -> int:
    """How many shards are there."""
    return len(list((folder / "shards").glob("*/[0-9]*.parquet")))
