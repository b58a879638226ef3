"""Figures that are there already: equal numbers drawn by an equal program are not drawn again.

A report is written again whenever a command adds to its folder, and a hundred figures take a minute or two.  What is
kept is named by the numbers that went in and the program that drew them, and used only if every file is as it was.
"""

import hashlib
import json
import pathlib

import matplotlib

from overparam.provenance import source_hash
from overparam.records import as_json, write_atomically

_NAME = ".drawn.json"


class Kept:
    """The record of one folder of figures; what cannot be read counts as nothing."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.program = f"{source_hash()} {matplotlib.__version__}"
        self.now: dict[str, dict[str, object]] = {}
        try:
            raw = json.loads((folder / _NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            raw = None
        same = isinstance(raw, dict) and raw.get("program") == self.program
        figures = raw.get("figures") if same else None
        self.before = figures if isinstance(figures, dict) else {}

    def files(self, name: str, of: object) -> dict[str, bytes] | None:
        """The files of a figure by ending, if they are those that would be drawn."""
        entry = self.before.get(name)
        if not isinstance(entry, dict) or entry.get("of") != _digest(repr(of).encode()):
            return None
        digests, found = entry.get("files"), {}
        for ending, digest in digests.items() if isinstance(digests, dict) else ():
            try:
                content = (self.folder / f"{name}.{ending}").read_bytes()
            except OSError:
                return None
            if _digest(content) != digest:
                return None
            found[ending] = content
        return found or None

    def note(self, name: str, of: object, files: dict[str, bytes]) -> None:
        """Remember a figure that is there now."""
        digests = {ending: _digest(content) for ending, content in files.items()}
        self.now[name] = {"of": _digest(repr(of).encode()), "files": digests}

    def write(self) -> None:
        """Leave the record beside the figures, if there are any."""
        if self.now:
            write_atomically(self.folder / _NAME, as_json({"program": self.program, "figures": self.now}))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
