"""What every command shares: where results go, how they are shown, how progress is told."""

import contextlib
import dataclasses
import pathlib
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

from overparam.errors import InputError
from overparam.records import as_json, write_atomically


@dataclasses.dataclass(frozen=True)
class Output:
    """How results are shown and where they are kept."""

    json: bool = False
    """Print one JSON document on standard output instead of text."""
    out: pathlib.Path | None = None
    """Folder for results; it is made if missing. Without it nothing is kept."""


def show(output: Output, record: Any, text: str, name: str | None) -> None:
    """Print the record as text or JSON; with --out and a name, also write the JSON there."""
    document = as_json(record)
    if output.out is not None and name is not None:
        _usable(output.out)
        write_atomically(output.out / name, document)
    sys.stdout.write(document if output.json else text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


@contextlib.contextmanager
def kept(output: Output) -> Iterator[pathlib.Path]:
    """The output folder, or a scratch folder that is gone afterwards."""
    if output.out is not None:
        _usable(output.out)
        yield output.out
        return
    with tempfile.TemporaryDirectory(prefix="overparam-") as scratch:
        yield pathlib.Path(scratch)


def _usable(out: pathlib.Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {out} cannot be used as a folder: {error.strerror}; name another one") from None


@contextlib.contextmanager
def teller() -> Iterator[Callable[[str], None]]:
    """Progress on standard error: a live line on a terminal, at most one line a minute elsewhere."""
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal:
        with console.status("starting") as status:
            yield status.update
        return
    last = [time.monotonic()]

    def tell(text: str) -> None:
        if time.monotonic() - last[0] >= 60:
            last[0] = time.monotonic()
            print(text, file=sys.stderr, flush=True)

    yield tell


def enable_float64() -> None:
    """The program, not the library, turns JAX's 64 bits on."""
    import jax

    jax.config.update("jax_enable_x64", True)


def file_name(name: str, sha256: str) -> str:
    """A readable name that is safe on every file system and distinct for distinct data."""
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')[:60] or 'data'}-{sha256[:8]}"
