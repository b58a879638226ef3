"""Whether a specification may go on in a folder: the same sweep, or a larger one."""

import difflib
import json
import pathlib

from overparam.errors import InputError
from overparam.files import read_file
from overparam.sweeps._folder import write_durably, write_first
from overparam.sweeps._read import parse_spec, spec_text
from overparam.sweeps._spec import FORMAT, SweepSpec, cells

_FIXED = ("name", "root_seed", "chunk", "shard", "data_per_seed")


def is_sweep(folder: pathlib.Path) -> bool:
    """Whether a folder is that of a sweep."""
    return (folder / "spec.toml").is_file()


def spec_of(folder: pathlib.Path) -> SweepSpec:
    """The specification of a folder.

    Raises:
        InputError: it is not the folder of a sweep, or its specification cannot be read.
    """
    if not is_sweep(folder):
        raise InputError(f"{folder} is not the folder of a sweep; make one with `overparam run SPEC.toml --out DIR`")
    _require_known(folder)
    try:
        return parse_spec((folder / "spec.toml").read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise InputError(f"{folder / 'spec.toml'} is not text in UTF-8; put the old one back") from None
    except InputError as error:
        raise InputError(f"{folder / 'spec.toml'}: {error}") from None


def _require_known(folder: pathlib.Path) -> None:
    """Refuse a folder that a newer program wrote; a manifest that is damaged is written anew by the next run."""
    try:
        record = json.loads(read_file(folder / "manifest.json"))
    except (OSError, ValueError, RecursionError):
        return
    stated = record.get("format") if isinstance(record, dict) else None
    if type(stated) is int and stated > FORMAT:
        raise InputError(f"{folder} was written by a newer overparam (format {stated}); update this one")


def agree(spec: SweepSpec, folder: pathlib.Path) -> None:
    """Write the specification into the folder, if the folder has none or the new one only adds seeds or cells.

    Raises:
        InputError: it changes or drops something, with the difference line by line.
    """
    text = spec_text(spec)
    if not is_sweep(folder):
        started = (folder / "shards").exists()
        if not started and write_first(folder / "spec.toml", text):
            return
        if not is_sweep(folder):  # else two began at the same moment, and the other was faster
            if started:
                raise InputError(f"{folder} has shards but no spec.toml; put it back, or take a new folder")
            raise InputError(f"{folder / 'spec.toml'} is no file; move it away, or take a new folder")
    before = spec_of(folder)
    old = spec_text(before)
    if why := _contradiction(before, spec):
        lines = difflib.unified_diff(old.splitlines(), text.splitlines(), "in the folder", "now", lineterm="", n=1)
        raise InputError(
            f"{folder} holds another sweep: {why}.  More seeds and more cells may be added, nothing else changed; "
            "take a new folder for a new sweep.\n" + "\n".join(lines)
        )
    if text != old:
        write_durably(folder / "spec.toml", text)


def _contradiction(before: SweepSpec, now: SweepSpec) -> str | None:
    for name in _FIXED:
        if getattr(before, name) != getattr(now, name):
            return f"{name} is {getattr(before, name)!r} there and {getattr(now, name)!r} here"
    if now.seeds < before.seeds:
        return f"seeds is {before.seeds} there and only {now.seeds} here"
    kept = {cell.id for cell in cells(now)}
    gone = [cell for cell in cells(before) if cell.id not in kept]
    if gone:
        return f"{len(gone)} of its {len(cells(before))} cells are not among the {len(kept)} here"
    return None
