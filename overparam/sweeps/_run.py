"""Start, resume and top up: compute what the folder lacks."""

import dataclasses
import json
import pathlib
from typing import Any

from overparam.errors import InputError
from overparam.files import NotAFile, read_file
from overparam.records import EXIT_INTERRUPTED, EXIT_OK, EXIT_PARTIAL, as_json
from overparam.sweeps._agreement import agree
from overparam.sweeps._drive import Check, Driven, Lost, Tell, drive_executor, drive_here
from overparam.sweeps._environment import admitted, describe, device_memory, environments, fingerprint, now
from overparam.sweeps._executors import Executor
from overparam.sweeps._files import data_files, read_shapes, require_same
from overparam.sweeps._folder import listed, set_aside, sweep_out, write_durably
from overparam.sweeps._header import verified
from overparam.sweeps._memory import memory_here, require_memory
from overparam.sweeps._spec import FORMAT, Cell, SweepSpec, axes, cells, validate
from overparam.sweeps._tasks import Device, plan, require_part
from overparam.sweeps._work import Unwritable


@dataclasses.dataclass(frozen=True)
class Summary:
    """What a run found, did and left."""

    cells: int
    before: int
    """Shards that were there."""
    computed: int
    """Shards that were written now."""
    rows: int
    """Rows that were written now."""
    missing: int
    """Shards of this part that are still to do."""
    failures: dict[str, str]
    """What went wrong, by cell and first seed; the records are in failures/."""
    quarantined: tuple[str, ...]
    """Shards that were not whole and were moved to quarantine/."""
    compilations: int
    stopped: str | None = None
    """Why it could not go on, if so."""

    @property
    def exit_code(self) -> int:
        """0 if everything is there, 6 if cells failed, 75 if the run could not go on."""
        if self.stopped is not None:
            return EXIT_INTERRUPTED
        return EXIT_PARTIAL if self.failures or self.missing else EXIT_OK


def run(
    spec: SweepSpec,
    folder: str | pathlib.Path,
    *,
    executor: Executor | None = None,
    part: tuple[int, int] = (0, 1),
    device: Device = "auto",
    mixed: bool = False,
    tell: Tell = lambda text: None,
    note: Tell | None = None,
    check: Check = lambda: None,
) -> Summary:
    """Compute what the folder lacks; starting, resuming and topping up are the same call.

    Args:
        spec: the sweep; one that is in the folder already may have grown, not changed.
        folder: for the results; made if missing.
        executor: who computes the shards; this process if not given.  Workers must see the folder under its path.
        part: (i, N): only every N-th piece of work, from i on, for many machines without a scheduler.
        device: on which.
        mixed: let rows of different programs and machines stand in one folder, which are then not equal bit by bit.
        tell: is told of the progress.
        note: is told what a person should not miss, such as a worker that died; `tell` if not given.
        check: called between segments where this process computes; what it raises ends the run, with work saved.
    Raises:
        InputError: the specification, the data, the folder, the machine or the device cannot be used; says what to do.
    """
    home, note = pathlib.Path(folder), note or tell
    validate(spec)
    all_cells = cells(spec)
    require_part(part)
    shapes = read_shapes(all_cells)
    limits = [memory_here(), None if executor is not None else device_memory(device)]
    require_memory(all_cells, shapes, spec.shard, min((one for one in limits if one is not None), default=None))
    files, record = data_files(all_cells), _manifest(home)
    require_same(record.get("data_files", {}), files)
    agree(spec, home)
    sweep_out(home)
    done, aside, used = [], [], set()
    for span in listed(home):
        header = verified(home, span)
        if header is not None:
            done.append(span)
            used.add(header["environment"])
        elif (moved := set_aside(home, span)) is not None:
            note(f"cell {span.cell}, seeds from {span.first}: the shard is not whole; moved to {moved}")
            aside.append(moved.name)
    known = set(environments(home))
    for name in known - used:
        (home / "environments" / f"{name}.json").unlink(missing_ok=True)
    lost = used - known
    if lost and executor is None:
        lost.discard(fingerprint(describe(device)))  # written again with the next rows
    if lost and not mixed:
        raise InputError(
            f"{home} has shards of the environment {min(lost)}, and no environments/{min(lost)}.json says what that "
            "was; put the file back, move those shards away, or mix on purpose with --mixed"
        )
    tasks = [
        dataclasses.replace(task, data_file=files.get(task.cell.data.data))
        for task in plan(spec, done, part=part, device=device, mixed=mixed)
    ]
    driven, stopped = Driven(len(tasks), tell, note), None
    try:
        _write_manifest(home, spec, all_cells, files)
        if tasks:
            if executor is None:
                admitted(home, device, mixed)
                drive_here(home, tasks, driven, check)
            else:
                drive_executor(home, tasks, driven, executor)
        _write_manifest(home, spec, all_cells, files)
    except Lost as error:
        stopped = str(error)
    except (Unwritable, OSError) as error:
        where = f" {error.filename}" if error.filename else ""
        stopped = f"cannot write{where}: {error.strerror or error}"
    missing = len(tasks) - driven.computed - driven.met
    return Summary(
        len(all_cells), len(done), driven.computed, driven.rows, missing, driven.failures, tuple(aside),
        driven.compilations, stopped,
    )  # fmt: skip


def _manifest(home: pathlib.Path) -> dict[str, Any]:
    try:
        record = json.loads(read_file(home / "manifest.json"))
    except (FileNotFoundError, NotADirectoryError, NotAFile, ValueError, RecursionError):
        return {}
    if not isinstance(record, dict) or not isinstance(record.get("format"), int):
        return {}
    files, started = record.get("data_files"), record.get("started")
    return {
        "data_files": files if isinstance(files, dict) else {},
        "started": started if isinstance(started, str) else now(),
    }


def _write_manifest(home: pathlib.Path, spec: SweepSpec, all_cells: list[Cell], files: dict[str, str]) -> None:
    record = {
        "format": FORMAT,
        "name": spec.name,
        "started": _manifest(home).get("started", now()),
        "updated": now(),
        "axes": axes(all_cells),
        "cells": {cell.id: cell.settings() for cell in all_cells},
        "data_files": files,
        "environments": environments(home),
    }
    write_durably(home / "manifest.json", as_json(record))
