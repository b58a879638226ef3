"""One shard, from the task to the file: the function that every executor is handed."""

import dataclasses
import pathlib
import traceback
from collections.abc import Callable

from overparam.errors import InputError
from overparam.programs import spare_mappings
from overparam.records import as_json
from overparam.sweeps._compilations import compilations
from overparam.sweeps._environment import admitted, now
from overparam.sweeps._files import require_unchanged
from overparam.sweeps._folder import failure_path, shard_path, write_durably
from overparam.sweeps._header import verified
from overparam.sweeps._tasks import Task


class Unwritable(OSError):
    """The folder of results cannot be written to: a full disk, a missing permission."""


@dataclasses.dataclass(frozen=True)
class Done:
    """What became of a task."""

    task: Task
    failure: str | None = None
    """In one line, if there are no rows; the record in failures/ has the whole."""
    met: bool = False
    """Whether another process had written the shard by the end."""
    compiled: int = 0
    """Programs that XLA compiled for it."""


def work(folder: str, task: Task, progress: Callable[[int, int], None] | None = None) -> Done:
    """Compute one shard and write it; a cell that fails leaves a record instead.

    Idempotent: a shard that is there is left alone, and two processes at the same task write the same rows.

    Args:
        folder: of the sweep, which exists.
        task: what to compute.
        progress: called with (seeds done, seeds in all) between segments; what it raises ends the work.
    Raises:
        InputError: no such device here, or this machine must not add rows to this folder.
        Unwritable: the folder cannot be written to; what is there stays whole.
    """
    home, span = pathlib.Path(folder), task.span
    spare_mappings()
    start = compilations()
    if verified(home, span) is not None:
        return Done(task, met=True)
    environment = _environment(home, task)
    from overparam.sweeps._rows import compute_rows
    from overparam.sweeps._shards import shard_bytes

    try:
        require_unchanged(task.cell, task.data_file)
        rows = compute_rows(task, progress)
        require_unchanged(task.cell, task.data_file)
    except Exception as error:  # whatever goes wrong in one cell, the others go on
        line = _in_one_line(error)
        record = {
            "cell": span.cell,
            "first": span.first,
            "count": span.count,
            "settings": task.cell.settings(),
            "error": type(error).__name__,
            "message": line,
            "traceback": "" if isinstance(error, InputError) else "".join(traceback.format_exception(error)),
            "environment": environment,
            "time": now(),
        }
        _write(failure_path(home, span), as_json(record))
        return Done(task, failure=line, compiled=compilations() - start)
    met = verified(home, span) is not None
    if not met:
        _environment(home, task)  # a machine of another kind may have begun here in the meantime
        _write(shard_path(home, span), shard_bytes(rows, span, task.cell, task.axes, environment))
    failure_path(home, span).unlink(missing_ok=True)
    return Done(task, met=met, compiled=compilations() - start)


def _environment(home: pathlib.Path, task: Task) -> str:
    """Fingerprint of this machine, whose rows may stand in the folder."""
    try:
        return admitted(home, task.device, task.mixed)
    except OSError as error:
        raise Unwritable(error.errno, error.strerror, error.filename) from error


def _write(path: pathlib.Path, content: bytes | str) -> None:
    try:
        write_durably(path, content)
    except OSError as error:
        raise Unwritable(error.errno, error.strerror, error.filename or str(path)) from error


def _in_one_line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in text or "out of memory" in text.lower():
        return f"out of memory; take a smaller chunk, which is another experiment ({text[:300]})"
    return text[:1000] if isinstance(error, InputError) else f"{type(error).__name__}: {text[:1000]}"
