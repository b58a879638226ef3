"""Data that are read and not drawn: refused before anything starts, and recognized when a run goes on."""

import hashlib
import pathlib

from overparam.data import load
from overparam.data._spec import DataSpec
from overparam.errors import InputError
from overparam.sweeps._spec import Cell


def read_shapes(cells: list[Cell]) -> dict[DataSpec, tuple[int, int]]:
    """(n_samples, dim) of every data set that is read; the seed aside, each is read once.

    Raises:
        InputError: a file that cannot be used: missing, not-a-number, two labels at one point.
    """
    found: dict[DataSpec, tuple[int, int]] = {}
    for spec in {cell.data: None for cell in cells if cell.data.kind != "generator"}:
        points = load(spec).points
        found[spec] = (len(points), points.shape[1])
    return found


def data_files(cells: list[Cell]) -> dict[str, str]:
    """SHA-256 of every data file, by path."""
    paths = sorted({cell.data.data for cell in cells if cell.data.kind in ("csv", "npz")})
    return {path: _digest(path) for path in paths}


def _digest(path: str) -> str:
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def require_unchanged(cell: Cell, digest: str | None) -> None:
    """Refuse rows of a file that has changed while the sweep runs; asked before and after they are computed.

    Raises:
        InputError: names the file.
    """
    if digest is not None and _digest(cell.data.data) != digest:
        raise InputError(f"{cell.data.data} has changed since the sweep began; put the old one back and run again")


def require_same(before: dict[str, str], now: dict[str, str]) -> None:
    """Refuse to go on with a file that has changed.

    Raises:
        InputError: names the file.
    """
    changed = sorted(path for path, digest in now.items() if before.get(path, digest) != digest)
    if changed:
        raise InputError(
            f"{changed[0]} is not the file that the folder's rows were computed from; put the old one back, or take "
            "a new folder"
        )
