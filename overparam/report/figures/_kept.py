"""Figures that are there already: equal numbers drawn by an equal program are not drawn again.

A report is written again whenever a command adds to its folder, and a hundred figures take a minute or two.  What is
kept is named by the numbers that went in and the program that drew them, and used only if every file is as it was.
"""

import hashlib
import json
import pathlib
import re
import xml.etree.ElementTree as ET

import matplotlib

from overparam.files import read_file, write_atomically
from overparam.provenance import source_hash
from overparam.records import as_json

_NAME = ".drawn.json"
ENDINGS = {"csv"} | {f"{before}{kind}" for before in ("", "single.") for kind in ("pdf", "png", "svg")}
_SVG, _HREF = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_ELEMENTS = {
    f"{_SVG}{name}" for name in ("clipPath", "defs", "g", "path", "pattern", "rect", "svg", "text", "tspan", "use")
}
_ATTRIBUTES = re.compile(
    "x|y|d|id|width|height|viewBox|href|transform|style|opacity|clip-path|patternUnits|text-anchor|"
    "fill(-opacity)?|stroke(-width|-linejoin|-linecap|-dasharray|-dashoffset|-miterlimit|-opacity)?|font-(size|weight|family)"
)


class Kept:
    """The record of one folder of figures; what cannot be read counts as nothing."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.program = f"{source_hash()} {matplotlib.__version__}"
        self.now: dict[str, dict[str, object]] = {}
        try:
            raw = json.loads(read_file(folder / _NAME))
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
        if not isinstance(digests, dict) or set(digests) != ENDINGS:
            return None
        for ending, digest in digests.items():
            try:
                content = read_file(self.folder / f"{name}.{ending}")
            except (OSError, ValueError):
                return None
            if _digest(content) != digest or (ending.endswith("svg") and not _is_drawing(content)):
                return None
            found[ending] = content
        return found

    def note(self, name: str, of: object, files: dict[str, bytes]) -> None:
        """Remember a figure that is there now."""
        digests = {ending: _digest(content) for ending, content in files.items()}
        self.now[name] = {"of": _digest(repr(of).encode()), "files": digests}

    def write(self) -> None:
        """Leave the record beside the figures, if there are any."""
        if self.now:
            write_atomically(self.folder / _NAME, as_json({"program": self.program, "figures": self.now}))


def _is_drawing(svg: bytes) -> bool:
    """Whether a picture holds nothing but what `slim` writes: whoever can write here must not write into the page."""
    try:
        root = ET.fromstring(svg)
    except (ET.ParseError, ValueError, LookupError):  # LookupError: an encoding that nobody knows
        return False
    for element in root.iter():
        if element.tag not in _ELEMENTS:
            return False
        for name, value in element.attrib.items():
            if not _ATTRIBUTES.fullmatch(name) and not (name == _HREF and value.startswith("#")):
                return False
            if name == "href" and not value.startswith("#"):
                return False
            if "url(" in value and not value.startswith("url(#"):
                return False
    return b"<!DOCTYPE" not in svg


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
