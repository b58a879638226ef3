"""Plain files and strict JSON: what is refused before anybody asks what a file means."""

import json
import os
import re
import stat
from collections.abc import Callable
from typing import Any

from proofs_check.answers import Malformed
from proofs_check.exact import quoted

FILE_LIMIT = 2**26  # bytes
LISTS, QUOTES = 2 * 10**6, 6 * 10**6  # in a file: what a byte costs in memory is bounded too

_SMALL = re.compile(r"0|[1-9][0-9]{0,8}")


def read_file(path: str, what: str) -> bytes:
    """The bytes of a regular file, which must not be reached through a symbolic link.

    Raises:
        Malformed: there is no such file, or it is too large or no plain file.
    """
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise Malformed(f"{what} {quoted(path)} must be a plain file, not a link, a folder or a device")
        with open(path, "rb") as stream:
            data = stream.read(FILE_LIMIT + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or "its name cannot be used"
        raise Malformed(f"{what} {quoted(path)} cannot be read: {reason}") from None
    if len(data) > FILE_LIMIT:
        raise Malformed(f"{what} {quoted(path)} is larger than {FILE_LIMIT} bytes")
    return data


def document_of(data: bytes, what: str) -> dict[str, Any]:
    """The JSON object in a file: UTF-8, no byte around it but one final newline, no key twice, no decimal number.

    Raises:
        Malformed: it is not that.
    """
    if len(data) > FILE_LIMIT:
        raise Malformed(f"{what} is larger than {FILE_LIMIT} bytes")
    if not data.startswith(b"{") or not data.removesuffix(b"\n").endswith(b"}"):
        raise Malformed(
            f"{what} must begin with {{ and end with }} and at most one newline: no byte order mark, no "
            "spaces around it, no trailing bytes"
        )
    if data.count(b"[") + data.count(b"{") > LISTS or data.count(b'"') > QUOTES:
        raise Malformed(f"{what} has more than {LISTS} lists and objects, or more than {QUOTES} quotation marks")
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_no_repeated_key,
            parse_int=_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except UnicodeDecodeError as error:
        raise Malformed(f"{what} is not UTF-8 text: byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"{what} is not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise Malformed(f"{what} is nested too deeply") from None


def _no_repeated_key(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for key, value in pairs:
        if key in document:
            raise Malformed(f"the key {quoted(key)} is repeated")
        document[key] = value
    return document


def _integer(text: str) -> int:
    if not _SMALL.fullmatch(text):
        raise Malformed(f"the JSON integer {quoted(text)} must be between 0 and 999999999, without sign")
    return int(text)


def _refuse_number(text: str) -> None:
    raise Malformed(f'{quoted(text)} is not allowed: numbers are exact strings such as "3*2^-2" or "1/3"')


def _typed(kind: type, name: str) -> Callable[[Any, str], Any]:
    def confirm(value: Any, what: str) -> Any:
        if type(value) is not kind:
            raise Malformed(f"{what} must be {name}")
        return value

    return confirm


as_object = _typed(dict, "a JSON object")
as_list = _typed(list, "a JSON list")
as_text = _typed(str, "a JSON string")
as_boolean = _typed(bool, "true or false")
as_integer = _typed(int, "a JSON integer")


def require_keys(document: dict[str, Any], expected: set[str], what: str) -> None:
    """Refuse a missing and an unknown key."""
    for key in sorted(expected - document.keys()):
        raise Malformed(f"{what} lacks the key {quoted(key)}")
    for key in sorted(document.keys() - expected):
        raise Malformed(f"{what} has the unknown key {quoted(key)}")


def require_format(document: dict[str, Any], expected: str, what: str) -> None:
    """Refuse another format, before the keys, which a newer one may have changed; none is a missing key."""
    stated = document.get("format", expected)
    if stated != expected:
        shown = quoted(stated) if type(stated) is str else "something else"
        raise Malformed(f"{what}'s format must be {quoted(expected)}, not {shown}; a newer checker may read it")
