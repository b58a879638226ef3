"""Connections to schedulers, for as long as a command runs."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Any


@contextlib.contextmanager
def dask_executor(scheduler: str, tell: Callable[[str], None]) -> Iterator[Any]:
    """An executor at this scheduler; what goes wrong is told by this program, in sentences, and not by dask's log."""
    from overparam.sweeps import DaskExecutor, load_dask

    load_dask()  # which sets the level of its log
    log = logging.getLogger("distributed")
    before = log.level
    executor = None
    try:
        log.setLevel(logging.CRITICAL + 1)
        executor = DaskExecutor(scheduler, tell=tell)
        yield executor
    finally:
        if executor is not None:
            executor.close()
        log.setLevel(before)
