"""What every command shares: where results go, how they are shown, how progress is told."""

import contextlib
import dataclasses
import json
import pathlib
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import tyro

from overparam.errors import InputError
from overparam.files import write_atomically
from overparam.records import as_json, by_newer_program


@dataclasses.dataclass(frozen=True)
class Output:
    """How results are shown and where they are kept."""

    json: bool = False
    """Print one JSON document on standard output instead of text; paths of certificates in it are absolute."""
    out: pathlib.Path | None = None
    """Folder for results; it is made if missing. Without it nothing is kept."""


Common = Annotated[Output, tyro.conf.arg(name="")]
COMMON = Output()


def show(output: Output, record: Any, text: str, name: str | None, *, printed: Any = None) -> None:
    """Print the record as text or JSON; with --out and a name, also write the JSON there.

    Args:
        output: the common flags.
        record: what is written, and printed with --json.
        text: what is printed otherwise.
        name: of the file, or None.
        printed: what --json prints instead, where it is not quite the record.
    """
    document = as_json(record)
    if output.out is not None and name is not None:
        usable(output.out)
        write_atomically(output.out / name, document)
    if output.json:
        _print(document if printed is None else as_json(printed), as_ascii=_ascii_json)
    else:
        _print(text if text.endswith("\n") else text + "\n", as_ascii=_ascii_text)


def _print(text: str, *, as_ascii: Callable[[str], str]) -> None:
    """The text on standard output, spelled in ASCII if its encoding has no better."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = as_ascii(text)
    sys.stdout.write(text)
    sys.stdout.flush()


def _ascii_json(document: str) -> str:
    return json.dumps(json.loads(document), sort_keys=True, indent=1) + "\n"


def _ascii_text(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


def at_hand(rows: list[dict[str, Any]], output: Output, *, absolute: bool) -> list[dict[str, Any]]:
    """Rows whose certificates can be found: None for those that were not kept.

    Args:
        rows: with a certificate relative to the output folder, or None.
        output: the common flags.
        absolute: with --out, give the whole path.
    """
    if output.out is None:
        return [row | {"certificate": None} for row in rows]
    home = output.out.resolve()
    return [row | {"certificate": str(home / row["certificate"])} if absolute and row["certificate"] else row
            for row in rows]  # fmt: skip


def certificates_in(out: pathlib.Path, folder: str | None) -> int | None:
    """How many certificates a claim's folder holds, so that a reader of its record misses those that get lost."""
    return None if folder is None else len(list((out / folder).rglob("statement.json")))


@contextlib.contextmanager
def kept(output: Output) -> Iterator[pathlib.Path]:
    """The output folder, or a scratch folder that is gone afterwards."""
    if output.out is not None:
        usable(output.out)
        yield output.out
        return
    with tempfile.TemporaryDirectory(prefix="overparam-") as scratch:
        yield pathlib.Path(scratch)


def usable(out: pathlib.Path) -> None:
    """Make the folder, and find out before any work whether files can be written there.

    Raises:
        InputError: it cannot be a folder, or cannot be written to.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"--out {out} cannot be used as a folder: {reason}; name another one") from None


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


def earlier_claims(out: pathlib.Path) -> list[dict[str, Any]]:
    """Claims that an earlier call left in the folder; none where they cannot be read.

    Raises:
        InputError: a newer program wrote them, and they would be lost.
    """
    path = out / "claims.json"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    if why := by_newer_program(rows):
        raise InputError(f"{path} {why}, or take a new folder")
    return [row for row in rows if isinstance(row, dict) and row.get("id")] if isinstance(rows, list) else []
