"""The folder of a sweep as a record: cells, failures, what lies aside, and on what it was computed."""

import dataclasses
import json
import os
import pathlib
import re
from typing import Any

from overparam.errors import InputError
from overparam.files import read_file
from overparam.report._fields import as_table

_CELL, _SHARD = re.compile(r"[0-9a-f]{16}"), re.compile(r"[0-9]+-[0-9]+\.parquet")
_TOLD = 20  # names that are told one by one


@dataclasses.dataclass(frozen=True)
class Sweep:
    """A folder of `overparam run`, complete or not."""

    name: str
    rows: list[dict[str, Any]]  # one a cell, as in sweep.csv, see `_sweeps.sweep_csv`
    axes: list[str]  # columns of `rows` that are settings, such as "model.width"
    settings: dict[str, Any]  # the specification, parsed: root_seed, seeds, .., and the tables data, model, train
    spec: str  # the specification as TOML
    failures: list[dict[str, str]]  # cell, message: those that still stand
    quarantined: list[str]  # names of shards that were moved aside
    damaged: list[str]  # names of shards that cannot be read
    environments: dict[str, dict[str, Any]]  # fingerprint -> program and machine

    @property
    def partial(self) -> list[dict[str, Any]]:
        """The cells that lack seeds."""
        return [row for row in self.rows if row["state"] == "PARTIAL"]


def sweep_of(home: pathlib.Path) -> tuple[Sweep | None, list[str]]:
    """The sweep in a folder, None where there is none or it cannot be read, and in words what is missing.

    Every shard is opened once, at its end.
    """
    if not (home / "spec.toml").is_file():
        lost = (home / "shards").is_dir() or (home / "manifest.json").is_file() or os.path.lexists(home / "spec.toml")
        return None, ["spec.toml, which says what the shards are rows of, is not a file that is there"] if lost else []
    from overparam.report._sweeps import cell_rows  # with scipy, which only a sweep needs
    from overparam.sweeps import sweep_state
    from overparam.sweeps._agreement import spec_of
    from overparam.sweeps._spec import axes, cells

    try:
        spec = spec_of(home)
        states = sweep_state(home, newer="skip")
    except (InputError, OSError) as error:
        return None, [_plain(str(error), home)]
    found = Sweep(
        name=spec.name,
        rows=cell_rows(states),
        axes=axes(cells(spec)),
        settings=dataclasses.asdict(spec),
        spec=(home / "spec.toml").read_text(encoding="utf-8"),
        failures=[{"cell": state.cell, "message": state.failure} for state in states if state.failure],
        quarantined=_names(home / "quarantine"),
        damaged=[name for state in states for name in state.unreadable],
        environments=_environments(home),
    )
    return found, _troubles(found, home)


def _troubles(sweep: Sweep, home: pathlib.Path) -> list[str]:
    """What the banner says, a line each."""
    told = []
    if sweep.partial:
        lacking = sum(row["seeds"] - row["rows"] for row in sweep.partial)
        told.append(
            f"{len(sweep.partial)} of {len(sweep.rows)} cells lack {lacking} seeds between them; `overparam run` with "
            "the same specification goes on"
        )
    if sweep.failures:
        told.append(f"{len(sweep.failures)} of {len(sweep.rows)} cells failed; the reasons are listed below")
    if sweep.damaged:
        told.append(f"shards that cannot be read and are not counted: {_listed(sweep.damaged)}")
    if sweep.quarantined:
        told.append(f"shards moved aside since they were not whole, in quarantine/: {_listed(sweep.quarantined)}")
    if foreign := _foreign(home, {str(row["cell"]) for row in sweep.rows}):
        told.append(f"in shards/ and not of this sweep, so not counted: {_listed(foreign)}")
    damaged = sorted(name for name, record in sweep.environments.items() if not record)
    if damaged:
        told.append(f"records of machines that cannot be read, in environments/: {_listed(damaged)}")
    return told


def _foreign(home: pathlib.Path, cells: set[str]) -> list[str]:
    """Names among the shards that no cell of this sweep has; temporary files of a run in progress are not told."""
    found = []
    for folder in _names(home / "shards"):
        if folder not in cells or not (home / "shards" / folder).is_dir():
            found.append(folder)
            continue
        found += [f"{folder}/{name}" for name in _names(home / "shards" / folder) if not _SHARD.fullmatch(name)]
    return found


def _names(folder: pathlib.Path) -> list[str]:
    """Names in a folder without those that begin with a dot, sorted; none where there is no such folder."""
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return []


def _environments(home: pathlib.Path) -> dict[str, dict[str, Any]]:
    """Program and machine by fingerprint; empty where a record cannot be read."""
    found = {}
    for name in _names(home / "environments"):
        if _CELL.fullmatch(name.removesuffix(".json")) and name.endswith(".json"):
            try:
                record = json.loads(read_file(home / "environments" / name))
            except (OSError, ValueError, RecursionError):
                record = None
            found[name.removesuffix(".json")] = as_table(record)
    return found


def _listed(names: list[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(names[:_TOLD]) + more


def _plain(message: str, home: pathlib.Path) -> str:
    """An error without the folder's own path, which is not part of the run."""
    return message.replace(f"{home}{os.sep}", "").replace(str(home), "this folder")
