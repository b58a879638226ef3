"""What a run says about itself, gathered over its records: data, versions and machines, certificates, protocols."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from overparam.data._spec import DataSpec
from overparam.report._fields import as_words
from overparam.report._reading import Folder
from overparam.report._singles import Network
from overparam.report._sweep_folder import Sweep
from overparam.training._spec import ModelSpec, TrainSpec

# a single construction's notes are those of its data and its own together; these words begin the data's
_OF_DATA = ("source", "points", "labels", "features", "rows", "constant", "boolean", "+1", "-1", "repeated")
_TABLES: dict[str, Any] = {"data": DataSpec, "model": ModelSpec, "train": TrainSpec}


@dataclasses.dataclass(frozen=True)
class Points:
    """One data set of the run, as far as the records describe it."""

    name: str
    n: int | None
    d: int | None
    sha256: str | None
    notes: tuple[str, ...]

    @property
    def source(self) -> str:
        """Where it came from: drawn, a packaged source, or a file of the user's."""
        if sources := [note for note in self.notes if note.startswith("source:")]:
            return "; ".join(sources)
        return "drawn by the program" if any("default_rng" in note for note in self.notes) else "not recorded"


def data_sets(folder: Folder) -> list[Points]:
    """The data sets of ladders, constructions, kernels and single networks, each once."""
    records = (*folder.ladders, *folder.comparisons, *folder.kernels, *folder.networks)
    found: dict[tuple[str, str | None], Points] = {}
    for record in records:
        if record.name is None:
            continue
        notes = tuple(getattr(record, "notes", ()))
        if isinstance(record, Network):
            notes = tuple(note for note in notes if note.startswith(_OF_DATA))
        one = Points(record.name, record.n, record.d, getattr(record, "sha256", None), notes)
        known = found.setdefault((one.name, one.sha256), one)
        if not known.notes and notes:
            found[one.name, one.sha256] = one
    named = {one.name for one in found.values() if one.sha256 is not None}
    return [one for one in found.values() if one.sha256 is not None or one.name not in named]


def versions(folder: Folder) -> dict[str, list[str]]:
    """Software, device and state of the code: name -> every value that a record of the run gives."""
    tables: list[Mapping[str, str]] = [
        record.versions for record in (*folder.ladders, *folder.comparisons, *folder.kernels, *folder.networks)
    ]
    tables += [claim["run"] for claim in folder.claims]
    if folder.sweep is not None:
        tables += [as_words(environment) for environment in folder.sweep.environments.values()]
    found: dict[str, list[str]] = {}
    for name, value in ((name, value) for table in tables for name, value in sorted(table.items())):
        if name not in ("size", "jax_config", "x64") and value not in ("", "None"):
            known = found.setdefault(name, [])
            known += [value] if value not in known else []
    return found


def sizes(folder: Folder) -> list[str]:
    """The sizes (ci, laptop, paper) at which ladders and claims were run."""
    asked = [ladder.protocol.get("size", "") for ladder in folder.ladders]
    asked += [claim["run"].get("size", "") for claim in folder.claims]
    return sorted({size for size in asked if size})


def roots(folder: Folder) -> list[str]:
    """The root seeds that claims were measured with, in the order in which they come up."""
    return list(dict.fromkeys(root for claim in folder.claims for root in claim["roots"]))


def certificates(folder: Folder) -> list[str]:
    """The folders of certificates that the records name, sorted, each once."""
    rows: Iterable[Any] = (
        *(rung["certificate"] for ladder in folder.ladders for rung in ladder.rungs),
        *(row["certificate"] for comparison in folder.comparisons for row in comparison.rows),
        *(network.certificate for network in folder.networks),
        *(kernel.certified["certificate"] for kernel in folder.kernels),
        *(claim["certificate"] for claim in folder.claims),
    )
    return sorted({str(path) for path in rows if path})


def setting(sweep: Sweep, axis: str) -> list[Any]:
    """The values that a sweep's cells have on `table.field`, in the order of the cells; one where they agree."""
    if axis in sweep.axes:
        return list(dict.fromkeys(row[axis] for row in sweep.rows))
    table, field = axis.split(".")
    grids = sweep.settings.get("grid") or ()
    tables = [*(grid.get(table) or {} for grid in grids), sweep.settings.get(table) or {}]
    default: Any = next(one.default for one in dataclasses.fields(_TABLES[table]) if one.name == field)
    value: Any = next((one[field] for one in tables if field in one), default)
    single = isinstance(value, (list, tuple)) and len(value) == 1 and field != "classes"  # an axis of one value
    return [value[0] if single else value]
