"""Files whose length is known beforehand: the length is checked first, and never more is read or unpacked."""

import gzip
import io
import pathlib
import stat
import zlib
from collections.abc import Callable
from typing import NamedTuple

from overparam.errors import InputError

_HEAD = 16  # bytes that tell what a file is
_FOREIGN = (  # none of these is how an image file of a known format begins
    (b"\x80", "a pickle (the python version); unpickling runs code, so it is never read: get the binary version"),
    (b"\x1f\x8b", "packed with gzip: unpack it with gunzip"),
    (b"PK\x03\x04", "a zip archive: unpack it"),
    (b"<", "a web page: get the file again"),
)


class Content(NamedTuple):
    """What a file holds."""

    unpacked: bytes
    stored: bytes
    """as it lies on the disk; differs if the name ends in .gz"""


def read_exactly(
    path: pathlib.Path, length: int, what: str, wrong_start: Callable[[bytes], str] = lambda head: ""
) -> Content:
    """The bytes of a regular file, `length` of them, after unpacking if its name ends in .gz.

    Args:
        path: only read.
        length: in bytes.
        what: the content in words, for messages, such as "10,000 records of 3,073 bytes".
        wrong_start: from the first 16 bytes, or fewer, to what is wrong with them in words, or "".
    Raises:
        InputError: anything else, before memory for it is allocated.
    """
    wanted, size = f"{path}: expected {what}, {length:,} bytes", _size(path)
    try:
        with path.open("rb") as stream:
            if path.suffix != ".gz":
                content = stored = _start(stream, wanted, wrong_start)
                if size == length:
                    content = stored = content + stream.read(length - len(content) + 1)
                    size = len(content)
            else:
                if size > length + length // 1000 + 2**16:  # what cannot be compressed grows by less
                    raise InputError(f"{wanted} when unpacked, found {size:,} packed ones; get the file again")
                stored = stream.read(size)
                content = _unpacked(stored, length, wanted, wrong_start)
                size = len(content)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error})") from None
    if size != length:
        more = path.suffix == ".gz" and size > length  # unpacking stopped there
        found = "more" if more else f"{size:,}"
        raise InputError(f"{wanted}, found {found}; {'it is cut short: ' * (size < length)}get the file again")
    return Content(content, stored)


def _size(path: pathlib.Path) -> int:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise InputError(f"there is no file {path}, or it is a link to nothing; copy the file there") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error})") from None
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
        raise InputError(f"{path} is {kind}; a file of that name was expected, so copy the file there")
    return status.st_size


def _start(stream: io.BufferedIOBase, wanted: str, wrong_start: Callable[[bytes], str]) -> bytes:
    head = stream.read(_HEAD)
    for start, meaning in _FOREIGN:
        if head.startswith(start):
            raise InputError(f"{wanted}; found {meaning}")
    if wrong := wrong_start(head):
        raise InputError(f"{wanted}; found {wrong}")
    return head


def _unpacked(stored: bytes, length: int, wanted: str, wrong_start: Callable[[bytes], str]) -> bytes:
    """At most length + 1 bytes."""
    if not stored.startswith(b"\x1f\x8b"):
        raise InputError(f"{wanted}, packed with gzip; found a file that is not packed although its name ends in .gz")
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(stored)) as stream:
            head = _start(stream, wanted, wrong_start)
            return head + stream.read(length - len(head) + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{wanted}; its packing is damaged ({error}): get the file again") from None
