"""What a shard says about itself, read from its last bytes; no Parquet library is needed."""

import hashlib
import json
import os
import pathlib
import re
from typing import Any

from overparam.sweeps._folder import Span, shard_path
from overparam.sweeps._spec import FORMAT

KEY = "overparam"
PLACEHOLDER = "0" * 64
_TAIL = 16_384  # bytes; the key-value part of a Parquet footer is at its end
_MAGIC = b"PAR1"
_HEADER = re.compile(rb'\{"format": [0-9]+, "cell": .*?"sha256": "([0-9a-f]{64})"\}', re.DOTALL)


def header_of(folder: pathlib.Path, span: Span) -> dict[str, Any] | None:
    """The header of a shard from the end of its file, unchecked; None if it is not there."""
    try:
        with shard_path(folder, span).open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _TAIL))
            return _parsed(stream.read(), span)
    except FileNotFoundError:
        return None


def verified(folder: pathlib.Path, span: Span) -> dict[str, Any] | None:
    """The header of a shard if every byte of the file is as it was written, else None."""
    try:
        return checked(shard_path(folder, span).read_bytes(), span)
    except FileNotFoundError:
        return None


def checked(content: bytes, span: Span) -> dict[str, Any] | None:
    """The header in a shard's bytes if they have its checksum and belong to that span, else None."""
    header = _parsed(content[-_TAIL:], span)
    if header is None:
        return None
    digits = header["sha256"].encode()
    at = content.rindex(digits)
    blank = hashlib.sha256(content[:at])
    blank.update(PLACEHOLDER.encode())
    blank.update(memoryview(content)[at + len(digits) :])
    return header if blank.hexdigest().encode() == digits else None


def _parsed(tail: bytes, span: Span) -> dict[str, Any] | None:
    match = _HEADER.search(tail)
    if match is None or not tail.endswith(_MAGIC):
        return None
    try:
        header = json.loads(match[0])
    except ValueError:
        return None
    same = (header.get("cell"), header.get("first"), header.get("count")) == span
    return header if same and header.get("format") == FORMAT else None
