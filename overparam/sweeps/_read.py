"""Specification files: TOML in, `SweepSpec` out, and back."""

import dataclasses
import pathlib
import tomllib
from collections.abc import Mapping
from typing import Any

import tomli_w

from overparam.errors import InputError, close_to
from overparam.sweeps._fields import TABLES
from overparam.sweeps._spec import FORMAT, SweepSpec, validate

_MOST_BYTES = 2**24


def read_spec(path: str | pathlib.Path) -> SweepSpec:
    """Read a specification file.

    A relative path of a data file is taken from the folder of the specification.

    Raises:
        InputError: no such file, no TOML, an unknown key, a value that cannot be used, or a newer format.
    """
    path = pathlib.Path(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
        text = content.decode()
    except OSError as error:
        raise InputError(f"the specification {path} cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise InputError(f"the specification {path} is not text in UTF-8") from None
    if len(content) > _MOST_BYTES:
        raise InputError(f"the specification {path} has more than {_MOST_BYTES} bytes; is it another file?")
    try:
        return parse_spec(text, home=path.parent)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def parse_spec(text: str, *, home: pathlib.Path | None = None) -> SweepSpec:
    """The specification in a TOML text.

    Args:
        text: of the file.
        home: relative paths of data files are taken from here; as they are if not given.
    Raises:
        InputError: as `read_spec`.
    """
    try:
        document = tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, or an integer of thousands of digits
        raise InputError(f"not TOML: {error}") from None
    except RecursionError:
        raise InputError("not TOML that can be read: brackets are nested too deep") from None
    stated = document.pop("format", None)
    if stated is None:
        raise InputError(f"the key format is missing; write format = {FORMAT} in the first line")
    if isinstance(stated, bool) or not isinstance(stated, int) or stated < 1:
        raise InputError(f"format must be {FORMAT}, not {stated!r}")
    if stated > FORMAT:
        raise InputError(f"format {stated} is newer than this program, which reads format {FORMAT}; update overparam")
    known = [field.name for field in dataclasses.fields(SweepSpec)]
    for key in document:
        if key not in known:
            raise InputError(f"{key} is not known: {close_to(key, ['format', *known])}{_misplaced(key)}")
    if not isinstance(document.get("grid", []), list):
        raise InputError("grid must be tables, each written [[grid]] with two brackets")
    fields: dict[str, Any] = {key: tuple(value) if key == "grid" else value for key, value in _typed(document).items()}
    spec = SweepSpec(**fields)
    validate(spec)
    return spec if home is None else _placed(spec, home)


def spec_text(spec: SweepSpec) -> str:
    """The TOML text of a specification; reading it gives the specification back."""
    document = {"format": FORMAT} | {
        field.name: _plain(getattr(spec, field.name)) for field in dataclasses.fields(SweepSpec)
    }
    if not document["grid"]:
        del document["grid"]
    return tomli_w.dumps(document)


def _typed(document: dict[str, Any]) -> dict[str, Any]:
    """Refuse what the dataclass could not even hold."""
    for name in TABLES:
        if not isinstance(document.get(name, {}), dict):
            raise InputError(f"{name} must be a table, written [{name}], not {document[name]!r}")
    for grid in document.get("grid", []):
        for name, table in grid.items() if isinstance(grid, dict) else ():
            if not isinstance(table, dict):
                raise InputError(f"grid.{name} must be a table, written [grid.{name}], not {table!r}")
    for name, kind, word in _SCALARS:
        value = document.get(name, kind())
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise InputError(f"{name} must be {word}, not {value!r}")
    return document


_SCALARS = (
    ("name", str, "a text"),
    ("data_per_seed", bool, "true or false"),
    *((name, int, "an integer") for name in ("root_seed", "seeds", "chunk", "shard")),
)


def _misplaced(key: str) -> str:
    for table, kind in TABLES.items():
        if key in {field.name for field in dataclasses.fields(kind)}:
            return f"; {key} belongs below [{table}]"
    return ""


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items() if one is not None}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _placed(spec: SweepSpec, home: pathlib.Path) -> SweepSpec:
    """With absolute paths of data files, since the folder of results keeps a copy of the specification."""

    def table(data: Mapping[str, Any]) -> dict[str, Any]:
        return dict(data) | ({"data": _map(data["data"])} if "data" in data else {})

    def _map(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [_map(one) for one in value]
        is_file = isinstance(value, str) and pathlib.PurePath(value).suffix.lower() in (".csv", ".npz")
        try:
            return str((home / value).resolve()) if is_file else value
        except (OSError, RuntimeError, ValueError) as error:  # links in a circle, a NUL
            raise InputError(f"data.data {value!r} cannot be the path of a file: {error}") from None

    grid = tuple(dict(one) | ({"data": table(one["data"])} if "data" in one else {}) for one in spec.grid)
    return dataclasses.replace(spec, data=table(spec.data), grid=grid)
