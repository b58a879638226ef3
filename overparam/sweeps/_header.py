"""What a shard says about itself, read from its last bytes; no Parquet library is needed."""

import hashlib
import json
import os
import pathlib
import re
from typing import Any

from overparam.errors import InputError
from overparam.files import NotAFile, open_file, read_file
from overparam.sweeps._folder import Span, shard_path
from overparam.sweeps._spec import FORMAT

KEY = "overparam"
PLACEHOLDER = "0" * 64
_END = 8  # bytes at the end of a Parquet file: the length of the footer before them, and the magic number
_MAGIC = b"PAR1"
_OUTCOMES = {"fitted", "max_steps", "diverged", "stuck"}
_HEADER = re.compile(rb'\{"format": [0-9]+, "cell": .*?"sha256": "([0-9a-f]{64})"\}', re.DOTALL)


def header_of(folder: pathlib.Path, span: Span) -> dict[str, Any] | None:
    """The header of a shard from the end of its file, unchecked; None if it is not there."""
    try:
        with open_file(shard_path(folder, span)) as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _END))
            stream.seek(max(0, size - _tail(stream.read())))
            header = _parsed(stream.read(), span)
    except (FileNotFoundError, IsADirectoryError, NotAFile):
        return None
    return verified(folder, span) if header is not None and header["format"] > FORMAT else header


def verified(folder: pathlib.Path, span: Span) -> dict[str, Any] | None:
    """The header of a shard if every byte of the file is as it was written, else None."""
    try:
        return checked(read_file(shard_path(folder, span)), span)
    except (FileNotFoundError, IsADirectoryError, NotAFile):  # what has a shard's name and is none is damaged
        return None


def checked(content: bytes, span: Span) -> dict[str, Any] | None:
    """The header in a shard's bytes if they have its checksum and belong to that span, else None.

    Raises:
        InputError: the shard is whole, and of a format that is newer than this program.
    """
    header = _parsed(content[-_tail(content[-_END:]) :], span)
    if header is None:
        return None
    digits = header["sha256"].encode()
    at = content.rindex(digits)
    blank = hashlib.sha256(content[:at])
    blank.update(PLACEHOLDER.encode())
    blank.update(memoryview(content)[at + len(digits) :])
    if blank.hexdigest().encode() != digits:
        return None
    if header["format"] > FORMAT:
        number = header["format"]
        raise InputError(f"{span} is a shard of format {number}, by a newer overparam; update this one to read it")
    return header


def _parsed(tail: bytes, span: Span) -> dict[str, Any] | None:
    match = _HEADER.search(tail)
    if match is None or not tail.endswith(_MAGIC):
        return None
    try:
        header = json.loads(match[0])
    except (ValueError, RecursionError):
        return None
    if type(header.get("format")) is int and header["format"] > FORMAT:
        return header
    same = (header.get("cell"), header.get("first"), header.get("count")) == span
    return header if same and header.get("format") == FORMAT and _adds_up(header, span) else None


def _tail(end: bytes) -> int:
    """Bytes of a Parquet file from its footer on, which the last of them tell."""
    return int.from_bytes(end[:4], "little") + _END


def _adds_up(header: dict[str, Any], span: Span) -> bool:
    """Whether every row has its outcome, so that what is counted from headers is a count."""
    outcomes, unconfirmed = header.get("outcomes"), header.get("unconfirmed")
    if not isinstance(header.get("environment"), str) or not isinstance(outcomes, dict):
        return False
    counts = [*outcomes.values(), unconfirmed]
    if not set(outcomes) <= _OUTCOMES or not all(type(count) is int and count >= 0 for count in counts):
        return False
    return sum(outcomes.values()) == span.count and unconfirmed <= outcomes.get("fitted", 0)
