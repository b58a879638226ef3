"""Users' files: what is asked of every file before a byte of it is interpreted."""

import pathlib
import stat

from overparam.errors import InputError

MAX_BYTES = 2**26  # 64 MiB, for the file and for what a compressed file unpacks to


def read_bytes(path: str) -> bytes:
    """The bytes of a regular file of at most MAX_BYTES.

    Raises:
        InputError: no such file, not a regular file, not readable, empty, or too large.
    """
    try:
        place = pathlib.Path(path).expanduser()
        status = place.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(f"{path} is a folder; give the path of a file in it")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is not a regular file; copy its content into one")
        if status.st_size > MAX_BYTES:
            raise InputError(f"{path} has {status.st_size} bytes; files of at most {MAX_BYTES} bytes (64 MiB) are read")
        with place.open("rb") as stream:
            content = stream.read(status.st_size + 1)
    except FileNotFoundError:
        raise InputError(f"there is no file {path}") from None
    except (OSError, ValueError, RuntimeError) as error:  # permissions, a NUL in the path, an unknown ~user
        raise InputError(f"{path} cannot be read ({error})") from None
    if not content:
        raise InputError(f"{path} is empty")
    if len(content) != status.st_size:
        raise InputError(f"{path} changed while it was read; try again when it is complete")
    return content
