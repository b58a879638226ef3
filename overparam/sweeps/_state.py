"""How far a sweep has come, read from names and last bytes of its shards: no JAX, no Parquet."""

import dataclasses
import json
import pathlib
from collections import Counter
from typing import Any, Literal

from overparam.errors import InputError
from overparam.files import read_file
from overparam.sweeps._agreement import spec_of
from overparam.sweeps._folder import Span, listed
from overparam.sweeps._header import header_of
from overparam.sweeps._spec import Cell, axes, cells, coordinate


@dataclasses.dataclass(frozen=True)
class CellState:
    """One cell of a sweep, as far as it has come."""

    cell: str
    coordinates: dict[str, Any]
    """Its values on the axes of the sweep."""
    wanted: int
    """Seeds asked for."""
    rows: int
    """Seeds whose rows are there."""
    outcomes: dict[str, int]
    """Rows by outcome: fitted, max_steps (censored), diverged, stuck."""
    unconfirmed: int
    """Rows of float32 runs that count as fitted there, but not in float64."""
    failure: str | None
    """What went wrong the last time, if it still stands."""
    unreadable: tuple[str, ...] = ()
    """Its shards that are there and say nothing of themselves: cut short, overwritten, or by a newer program."""

    @property
    def complete(self) -> bool:
        """Whether every seed has its row."""
        return self.rows >= self.wanted


def sweep_state(folder: str | pathlib.Path, *, newer: Literal["refuse", "skip"] = "refuse") -> list[CellState]:
    """Every cell in the order of the specification.

    Opens each shard once, at its end, and trusts what stands there; `overparam run` checks every byte.

    Args:
        folder: of the sweep.
        newer: what to do about shards that a newer program wrote: refuse the folder, or count them as unreadable.
    Raises:
        InputError: it is not the folder of a sweep, or a newer program wrote one of its shards.
    """
    home = pathlib.Path(folder)
    spec = spec_of(home)
    all_cells = cells(spec)
    columns = axes(all_cells)
    spans: dict[str, list[Span]] = {}
    for span in listed(home):
        spans.setdefault(span.cell, []).append(span)
    failures = _failures(home)
    skip = newer == "skip"
    return [_state(home, cell, spans.get(cell.id, []), columns, spec.seeds, failures, skip) for cell in all_cells]


def _state(
    home: pathlib.Path,
    cell: Cell,
    spans: list[Span],
    columns: list[str],
    wanted: int,
    failures: dict[str, str],
    skip: bool,
) -> CellState:
    outcomes: Counter[str] = Counter()
    rows = unconfirmed = 0
    headers = {span: header for span in spans if (header := _header(home, span, skip)) is not None}
    for span, skipped in without_overlap(list(headers)):
        header = headers[span]
        if skipped:  # two processes of different sizes met here; the rows know
            from overparam.sweeps._shards import counted, read_rows

            table = read_rows(home, span)
            if table is None:
                continue
            header = counted(table.slice(skipped))
        outcomes.update(header["outcomes"])
        unconfirmed += header["unconfirmed"]
        rows += span.count - skipped
    place = {axis: coordinate(cell, axis) for axis in columns}
    failure = failures.get(cell.id) if rows < wanted else None
    unreadable = tuple(f"{span.cell}/{span.first}-{span.count}.parquet" for span in spans if span not in headers)
    return CellState(cell.id, place, wanted, rows, dict(sorted(outcomes.items())), unconfirmed, failure, unreadable)


def _header(home: pathlib.Path, span: Span, skip: bool) -> dict[str, Any] | None:
    """The header of a shard; None if it has none, or is to be skipped because a newer program wrote it."""
    try:
        return header_of(home, span)
    except InputError:
        if not skip:
            raise
        return None


def without_overlap(spans: list[Span]) -> list[tuple[Span, int]]:
    """Spans of one cell that add seeds, and how many of their first seeds an earlier one has already."""
    found, reached = [], 0
    for span in sorted(spans, key=lambda span: (span.first, -span.count)):
        if span.first + span.count > reached:
            found.append((span, max(0, reached - span.first)))
            reached = span.first + span.count
    return found


def _failures(home: pathlib.Path) -> dict[str, str]:
    """The last recorded message of each cell that has failed."""
    found = {}
    for path in sorted((home / "failures").glob("[0-9a-f]*.json")):
        try:
            record = json.loads(read_file(path))
            found[record["cell"]] = record["message"]
        except (ValueError, KeyError, TypeError, OSError, RecursionError):
            continue
    return found
