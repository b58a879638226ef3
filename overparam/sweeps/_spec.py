"""What a sweep is: cells (data, network, protocol), seeds, and the shape in which they are computed.  Free of JAX."""

import dataclasses
import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from overparam.data._spec import DataSpec
from overparam.data._spec import validate as validate_data
from overparam.errors import InputError, close_to
from overparam.sweeps._fields import TABLES, fields_of, fitted_value, is_axis
from overparam.training._spec import ModelSpec, TrainSpec
from overparam.training._spec import validate as validate_training

FORMAT = 1
MOST_CELLS = 100_000
MOST_PIECES = 1_000_000
_LARGEST = 2**32 - 1  # seeds are indices below 2**32


@dataclasses.dataclass(frozen=True)
class SweepSpec:
    """A sweep, as in the TOML file.  In the tables a list of values is an axis: the cells are all combinations."""

    name: str = "sweep"
    """Of the sweep, for people."""
    root_seed: int = 0
    """Of JAX's keys; seed s starts from the key of this root, the purpose and s."""
    seeds: int = 32
    """A cell: the seeds 0, 1, .., seeds - 1.  More of them later is a top-up."""
    chunk: int = 32
    """Seeds that share a compiled shape; part of the experiment, since another chunk rounds differently."""
    shard: int = 256
    """Seeds of one file, a multiple of chunk."""
    data_per_seed: bool = True
    """Seed s draws its own data with data.seed + s; else all seeds train on the data of data.seed."""
    data: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Fields of DataSpec."""
    model: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Fields of ModelSpec."""
    train: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Fields of TrainSpec."""
    grid: tuple[Mapping[str, Mapping[str, Any]], ...] = ()
    """Each a mapping of table names to fields that override those above; the cells are the union of the products."""


@dataclasses.dataclass(frozen=True)
class Cell:
    """One combination, with everything that its rows depend on except the seed."""

    data: DataSpec
    model: ModelSpec
    train: TrainSpec
    root_seed: int
    chunk: int
    data_per_seed: bool

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256 of the settings, so that new cells leave the others' names alone.

        Settings at their default do not enter, so a new option does not rename the cells that do not use it.
        """
        return hashlib.sha256(json.dumps(self.settings(), sort_keys=True).encode()).hexdigest()[:16]

    def settings(self) -> dict[str, Any]:
        """What differs from the defaults, by table, and what is not in a table."""
        tables = {name: _set_here(getattr(self, name)) for name in TABLES}
        return tables | {"root_seed": self.root_seed, "chunk": self.chunk, "data_per_seed": self.data_per_seed}


def validate(spec: SweepSpec) -> None:
    """Refuse a spec that contradicts itself: counts, tables, axes, and every cell of the grid.

    Raises:
        InputError: names the key, what it must be, and what it was.
    """
    for name, most in (("root_seed", 2**63 - 1), ("seeds", _LARGEST), ("chunk", 2**31 - 1), ("shard", _LARGEST)):
        least, value = 0 if name == "root_seed" else 1, getattr(spec, name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise InputError(f"{name} must be an integer from {least} to {most}, not {value!r}")
    if not isinstance(spec.data_per_seed, bool):
        raise InputError(f"data_per_seed must be true or false, not {spec.data_per_seed!r}")
    if not isinstance(spec.name, str) or not spec.name.isprintable() or not spec.name:
        raise InputError(f"name must be a line of text, not {spec.name!r}")
    if spec.shard % spec.chunk:
        nearest = -(-spec.shard // spec.chunk) * spec.chunk
        raise InputError(f"shard must be a multiple of chunk = {spec.chunk}, not {spec.shard}; take {nearest}")
    pieces = len(cells(spec)) * -(-spec.seeds // spec.shard)
    if pieces > MOST_PIECES:
        raise InputError(
            f"cells times seeds / shard, the files of the sweep, must be at most {MOST_PIECES}, not {pieces}; take a "
            "larger shard, or split it into several sweeps"
        )


def cells(spec: SweepSpec) -> list[Cell]:
    """The cells in the order of the file, each once.

    Raises:
        InputError: an unknown key, a value of another type, an empty axis, or settings that contradict each other.
    """
    found: dict[str, Cell] = {}
    for tables in _combinations(spec):
        cell = _cell(tables, spec)
        found.setdefault(cell.id, cell)
    return list(found.values())


def axes(all_cells: list[Cell]) -> list[str]:
    """The settings in which the cells differ, as "table.field", in the order of the dataclasses."""
    names = [f"{table}.{field.name}" for table in TABLES for field in dataclasses.fields(TABLES[table])]
    return [name for name in names if len({coordinate(cell, name) for cell in all_cells}) > 1]


def coordinate(cell: Cell, axis: str) -> Any:
    """A cell's value on the axis "table.field"."""
    table, field = axis.split(".")
    return getattr(getattr(cell, table), field)


def _combinations(spec: SweepSpec) -> Iterator[dict[str, dict[str, Any]]]:
    base = {name: _table(getattr(spec, name), name) for name in TABLES}
    grids = []
    for grid in spec.grid or ({},):
        if not isinstance(grid, Mapping):
            raise InputError(f"grid must be tables, each written [[grid]], not {grid!r}")
        for name in grid:
            if name not in TABLES:
                raise InputError(f"grid.{name} is not known: {close_to(name, list(TABLES))}")
        grids.append({name: base[name] | _table(grid.get(name, {}), f"grid.{name}") for name in TABLES})
    total = 0
    for tables in grids:
        choices = [_values(table, field, value) for table in TABLES for field, value in tables[table].items()]
        product = 1
        for values in choices:
            product *= len(values)
        if (total := total + product) > MOST_CELLS:
            raise InputError(f"the grid has more than {MOST_CELLS} cells; split it into several sweeps")
        for combination in itertools.product(*choices):
            chosen: dict[str, dict[str, Any]] = {name: {} for name in TABLES}
            for table, field, value in combination:
                chosen[table][field] = value
            yield chosen


def _table(table: Any, name: str) -> dict[str, Any]:
    if not isinstance(table, Mapping):
        raise InputError(f"{name} must be a table, written [{name}], not {table!r}")
    known = fields_of(name.removeprefix("grid."))
    for key in table:
        if key not in known:
            raise InputError(f"{name}.{key} is not known: {close_to(str(key), list(known))}")
    return dict(table)


def _values(table: str, field: str, value: Any) -> list[tuple[str, str, Any]]:
    hint = fields_of(table)[field]
    if not is_axis(value, hint):
        return [(table, field, fitted_value(value, hint, f"{table}.{field}"))]
    if not value:
        raise InputError(f"{table}.{field} is an axis without values; name at least one, or leave the key out")
    return [(table, field, fitted_value(one, hint, f"{table}.{field}")) for one in value]


def _cell(tables: dict[str, dict[str, Any]], spec: SweepSpec) -> Cell:
    specs: dict[str, Any] = {}
    for name, kind in TABLES.items():
        made = kind(**tables[name])
        try:
            (validate_data if name == "data" else validate_training)(made)
        except InputError as error:
            raise InputError(f"in [{name}]: {error}") from None
        specs[name] = made
    last = specs["data"].seed + (spec.seeds - 1 if spec.data_per_seed else 0)
    if last > 2**63 - 1:
        raise InputError(f"the seeds of the data must stay below 2**63, and the last is {last}; lower data.seed")
    return Cell(root_seed=spec.root_seed, chunk=spec.chunk, data_per_seed=spec.data_per_seed, **specs)


def _set_here(table: Any) -> dict[str, Any]:
    pairs = [(field, getattr(table, field.name)) for field in dataclasses.fields(table)]
    return {field.name: value for field, value in pairs if value != field.default}
