"""Who does the work: anything with `.submit(function, *args)` whose future has `.result()`.

Without an executor the process does it itself.  `SpawnPool` is the standard library's process pool, with workers that
leave when their parent dies and a way to begin anew after a worker has died.
"""

import concurrent.futures
import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.context import SpawnContext
from typing import Any, Protocol, runtime_checkable

from overparam.errors import InputError

_INTERRUPTED = 75
_MOST_WORKERS = 4096


@runtime_checkable
class Future(Protocol):
    """What `submit` hands back."""

    def result(self) -> Any:
        """The function's value, or the exception it raised; waits for it."""


@runtime_checkable
class Executor(Protocol):
    """The interface of concurrent.futures; for dask and submitit there are `DaskExecutor` and `SubmititExecutor`."""

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Any:
        """Start `function(*args)` somewhere; a `Future`."""


class SpawnPool:
    """Worker processes of this machine, started afresh so that each has its own JAX.

    Args:
        workers: how many processes.
        threads: processors of each, which is how many threads XLA starts there; not limited if not given.  Part of
            the experiment: bits are equal only at equal numbers of threads.
    Raises:
        InputError: more threads than processors, or a system on which processes cannot be bound to processors.
    """

    def __init__(self, workers: int, threads: int | None = None) -> None:
        if workers < 1:
            raise InputError(f"--workers must be at least 1, not {workers}")
        if workers > _MOST_WORKERS:
            raise InputError(f"--workers must be at most {_MOST_WORKERS}, not {workers}")
        if threads is not None:
            processors(threads)
        self._workers, self._threads = workers, threads
        self._context: SpawnContext = multiprocessing.get_context("spawn")
        self._pool = self._begin()

    def submit(self, function: Callable[..., Any], /, *args: Any) -> concurrent.futures.Future[Any]:
        """Start `function(*args)` in a worker."""
        return self._pool.submit(function, *args)

    def renew(self) -> None:
        """Begin with new workers, after one has died and taken the pool with it."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._begin()

    def close(self) -> None:
        """Let the workers go; what they are doing is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self) -> concurrent.futures.ProcessPoolExecutor:
        number = self._context.Value("i", 0)
        return concurrent.futures.ProcessPoolExecutor(
            self._workers, self._context, initializer=_begin_worker, initargs=(number, self._threads)
        )


def processors(threads: int, place: int = 0) -> set[int]:
    """The processors of the process at this place, when each takes so many; they wrap around.

    Raises:
        InputError: there are fewer, or this system does not bind processes to processors.
    """
    if not hasattr(os, "sched_getaffinity"):
        raise InputError("--threads needs a system that binds processes to processors, such as Linux; leave it out")
    mine = sorted(os.sched_getaffinity(0))
    if not 1 <= threads <= len(mine):
        raise InputError(f"--threads must be from 1 to {len(mine)}, the processors at hand, not {threads}")
    return {mine[(place * threads + i) % len(mine)] for i in range(threads)}


def _begin_worker(number: Any, threads: int | None) -> None:
    """In a new worker: take its processors, leave signals of the terminal to the parent, and leave with it."""
    import signal

    with number.get_lock():
        place, number.value = number.value, number.value + 1
    if threads is not None:
        os.sched_setaffinity(0, processors(threads, place))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(_INTERRUPTED)  # shards appear whole or not at all
