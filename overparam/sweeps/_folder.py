"""The folder of a sweep: which shards lie there, and files that appear whole or not at all.

spec.toml                              the specification, as grown so far
manifest.json                          when, where and with what it was computed
environments/<fingerprint>.json        each kind of machine and program that wrote shards
shards/<cell>/<first>-<count>.parquet  rows of the seeds first, .., first + count - 1
failures/<cell>-<first>.json           what went wrong, until it goes right
quarantine/                            shards that could not be read, moved out of the way
"""

import contextlib
import os
import pathlib
import re
import secrets
import time
from collections.abc import Iterator
from typing import NamedTuple

from overparam.files import write_atomically

_NAME = re.compile(r"([0-9]+)-([0-9]+)\.parquet")
_CELL = re.compile(r"[0-9a-f]{16}")
_TEMPORARY = re.compile(r"\..+\.(toml|json|csv|parquet)\.[a-z0-9_]{8}")  # as `write_atomically` names them
_STALE = 24 * 3600.0  # seconds after which a temporary file belongs to nobody


class Span(NamedTuple):
    """The seeds first, first + 1, .., first + count - 1 of one cell."""

    cell: str
    first: int
    count: int


def shard_path(folder: pathlib.Path, span: Span) -> pathlib.Path:
    """Where the rows of a span lie."""
    return folder / "shards" / span.cell / f"{span.first}-{span.count}.parquet"


def failure_path(folder: pathlib.Path, span: Span) -> pathlib.Path:
    """Where the failure of a span is recorded."""
    return folder / "failures" / f"{span.cell}-{span.first}.json"


def listed(folder: pathlib.Path) -> list[Span]:
    """The shards in a folder by their names, in order; no file is opened."""
    found = []
    for cell in _entries(folder / "shards"):
        if not _CELL.fullmatch(cell.name):
            continue
        for entry in _entries(cell.path):
            if match := _NAME.fullmatch(entry.name):
                found.append(Span(cell.name, int(match[1]), int(match[2])))
    return sorted(found, key=lambda span: (span.cell, span.first, -span.count))


def write_durably(path: pathlib.Path, content: bytes | str) -> None:
    """Write a whole file or none, so that it outlasts a power cut: synced, renamed, and the folder synced."""
    new = not path.parent.is_dir()
    write_atomically(path, content)
    sync_folder(path.parent)
    if new:
        sync_folder(path.parent.parent)


def write_first(path: pathlib.Path, content: str) -> bool:
    """The same for a file that nobody else has written yet; False if another process was faster.

    Where the system has no hard links, two at the same moment are not told apart.
    """
    whole = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    write_durably(whole, content)
    try:
        os.link(whole, path)
    except FileExistsError:
        return False
    except OSError:
        write_durably(path, content)
    finally:
        whole.unlink()
    sync_folder(path.parent)
    return True


def sync_folder(folder: pathlib.Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def set_aside(folder: pathlib.Path, span: Span) -> pathlib.Path | None:
    """Move a shard to quarantine/; None if another process was faster."""
    aside = folder / "quarantine"
    aside.mkdir(exist_ok=True)
    name = f"{span.cell}-{span.first}-{span.count}"
    number = len(list(aside.glob(f"{name}.*")))
    target = aside / f"{name}.{number}.parquet"
    try:
        shard_path(folder, span).rename(target)
    except FileNotFoundError:
        return None
    return target


def sweep_out(folder: pathlib.Path) -> None:
    """Remove temporary files that a killed process left a day ago or earlier; younger ones may be in use.

    Other files whose names begin with a dot are not ours, and stay.
    """
    now = time.time()
    cells = [folder / "shards" / entry.name for entry in _entries(folder / "shards") if _CELL.fullmatch(entry.name)]
    for place in [folder, *(folder / name for name in ("environments", "failures")), *cells]:
        for entry in _entries(place):
            if _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(FileNotFoundError):  # another process has just renamed it
                    if now - entry.stat().st_mtime > _STALE:
                        pathlib.Path(entry.path).unlink()


def _entries(folder: str | pathlib.Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except (FileNotFoundError, NotADirectoryError):
        return
