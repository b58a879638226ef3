"""Files that are read whole or refused, and appear whole or not at all."""

import errno
import os
import pathlib
import stat
import tempfile
from typing import BinaryIO


class NotAFile(OSError):
    """A pipe, a device, or links in a circle where a file is expected."""


def open_file(path: pathlib.Path) -> BinaryIO:
    """A regular file, to be read; nothing that would be waited for is.

    Raises:
        NotAFile: it is no file.
        OSError: it cannot be opened.
    """
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotAFile(errno.ELOOP, "links in a circle", str(path)) from None
        raise
    mode = os.fstat(number).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(number, "rb")
    os.close(number)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "a folder", str(path))
    raise NotAFile(errno.EINVAL, "no file, but a pipe or a device", str(path))


def read_file(path: pathlib.Path) -> bytes:
    """The bytes of a regular file; see `open_file` for what is raised."""
    with open_file(path) as stream:
        return stream.read()


def write_atomically(path: pathlib.Path, content: bytes | str) -> None:
    """Write a whole file or none: a temporary name beside it, synced, then renamed."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder stands where a file is to be written; move it", str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    # a name that is no text, such as a file's of foreign bytes, is written with escapes
    data = content.encode(errors="backslashreplace") if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        pathlib.Path(temporary).unlink(missing_ok=True)
        raise
