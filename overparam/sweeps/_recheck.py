"""Shards computed once more, and compared bit for bit."""

import dataclasses
import hashlib
import pathlib
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from overparam.records import EXIT_OK, EXIT_OPEN, EXIT_REFUTED
from overparam.sweeps._agreement import spec_of
from overparam.sweeps._environment import describe, environments, fingerprint
from overparam.sweeps._folder import listed
from overparam.sweeps._header import verified
from overparam.sweeps._rows import compute_rows
from overparam.sweeps._shards import ROW, read_rows
from overparam.sweeps._spec import cells
from overparam.sweeps._tasks import Device, Task


@dataclasses.dataclass(frozen=True)
class Rechecked:
    """One shard and what came of computing it again."""

    cell: str
    first: int
    count: int
    answer: str
    """equal, different, or unreadable: the file is not as it was written."""
    differences: dict[int, list[str]]
    """The columns that differ, by seed."""
    same_environment: bool
    """Whether program and machine are those that wrote it; otherwise bits may differ."""

    @property
    def exit_code(self) -> int:
        """0 if equal; 5 if different elsewhere, which was not promised otherwise; 3 if a promise is broken."""
        if self.answer == "equal":
            return EXIT_OK
        return EXIT_REFUTED if self.same_environment or self.answer == "unreadable" else EXIT_OPEN


def recheck_sweep(
    folder: str | pathlib.Path,
    *,
    sample: int | None = 3,
    device: Device = "auto",
    tell: Callable[[str], None] = lambda text: None,
) -> list[Rechecked]:
    """Compute shards again and compare every row bit for bit.

    Args:
        folder: of a sweep; nothing in it is changed.
        sample: how many shards, the same ones each time; all of them if None.
        device: on which.
        tell: is told of the progress.
    Raises:
        InputError: it is not the folder of a sweep.
    """
    home = pathlib.Path(folder)
    by_name = {cell.id: cell for cell in cells(spec_of(home))}
    spans = [span for span in listed(home) if span.cell in by_name]
    spans.sort(key=lambda span: hashlib.sha256(f"{span.cell}/{span.first}".encode()).digest())
    mine = fingerprint(describe(device)) if spans else ""
    found = []
    for number, span in enumerate(chosen := spans[:sample], start=1):
        header = verified(home, span)
        old = None if header is None else read_rows(home, span)
        if header is None or old is None:
            found.append(Rechecked(*span, "unreadable", {}, mine in environments(home)))
            continue
        new = compute_rows(Task(by_name[span.cell], span.first, span.count, device=device))
        different = _differences(old, new)
        answer = "different" if different else "equal"
        found.append(Rechecked(*span, answer, different, header["environment"] == mine))
        tell(f"{number} of {len(chosen)} shards computed again; {span.cell} from seed {span.first}: {answer}")
    return found


def _differences(old: pa.Table, new: pa.Table) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for name in ROW.names:
        unequal = np.flatnonzero(~_same_bits(old[name], new[name]))
        for row in unequal:
            found.setdefault(old["seed"][int(row)].as_py(), []).append(name)
    return found


def _same_bits(one: pa.ChunkedArray, other: pa.ChunkedArray) -> np.ndarray:
    missing = _values(one.is_null()) == _values(other.is_null())
    if pa.types.is_floating(one.type):
        bits = [_values(column.fill_null(0.0)).view(np.int64) for column in (one, other)]
        return missing & (bits[0] == bits[1])
    a, b = (np.asarray(column.to_pylist(), dtype=object) for column in (one, other))
    return missing & (a == b)


def _values(column: pa.ChunkedArray) -> np.ndarray:
    return np.ascontiguousarray(column.to_numpy())
