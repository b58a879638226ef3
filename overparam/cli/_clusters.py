"""Connections to schedulers, for as long as a command runs."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Any


@contextlib.contextmanager
def dask_executor(scheduler: str, tell: Callable[[str], None]) -> Iterator[Any]:
    """An executor at this scheduler; what goes wrong is told by this program, in sentences, and not by dask's log."""
    from overparam.sweeps import DaskExecutor

    log = logging.getLogger("distributed")
    before = log.level
    executor = None
    try:
        executor = DaskExecutor(scheduler, tell=tell)
        log.setLevel(logging.CRITICAL + 1)  # dask sets the level when it is loaded
        yield executor
    finally:
        if executor is not None:
            executor.close()
        log.setLevel(before)
