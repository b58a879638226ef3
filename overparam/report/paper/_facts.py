"""What a run says about itself, gathered over its records: data, versions and machines, certificates, protocols."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from overparam.data._spec import DataSpec
from overparam.report._fields import as_words
from overparam.report._reading import Folder
from overparam.report._singles import Network
from overparam.report._sweep_folder import Sweep
from overparam.report.paper._stated import eigenvalue_ends
from overparam.training._spec import ModelSpec, TrainSpec

# a single construction's notes are those of its data and its own together; these words begin the data's
_OF_DATA = ("source", "points", "labels", "features", "rows", "constant", "boolean", "+1", "-1", "repeated")
PROVED = ("certified", "theorem", "impossible")  # words of rungs on which something may rest
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


def sizes_told(claims: Sequence[Mapping[str, Any]]) -> str:
    """At which sizes (ci, laptop, paper) claims were run, as far as they say."""
    return _tally([size for claim in claims if (size := claim["run"].get("size"))], len(claims))


def roots_told(claims: Sequence[Mapping[str, Any]]) -> str:
    """The root seeds that claims were measured with, as far as they say, and where a second one was used."""
    told = _tally([root for claim in claims for root in claim["roots"][:1]], len(claims))
    again = sum(len(claim["roots"]) > 1 for claim in claims)
    roots = sorted({root for claim in claims for root in claim["roots"][1:]})
    if not again:
        return told
    return (
        f"{told}; of {again}, where the first measurement did not agree with the claim, a second measurement with "
        f"root {', '.join(roots)}"
    )


def evidence_told(claims: Sequence[Mapping[str, Any]]) -> str:
    """Where it stands what was measured, and on which data."""
    lacking = sum(not claim["evidence"] for claim in claims)
    certified = sum(bool(claim["certificate"]) for claim in claims)
    told = "Each claim's evidence says what was measured or proved"
    told += f", but for {lacking} without any." if lacking else "."
    if certified:
        told += f"  {certified} of {len(claims)} name certificates; the data sets of these are files of exact numbers."
    return f"{told}  How data were made is in the source file of each study."


def _tally(values: Sequence[str], of: int) -> str:
    """Each value with how many have it, where they differ; and how many of all have none."""
    counts = {value: values.count(value) for value in dict.fromkeys(values)}
    if not counts:
        return "not recorded"
    alone = len(counts) == 1 and len(values) == of
    told = [value if alone else f"{value} (of {count})" for value, count in counts.items()]
    left = of - len(values)
    return ", ".join(told) + (f"; none recorded for {left} of {of}" if left else "")


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


def words(folder: Folder) -> list[str]:
    """The words of all records but claims, each as often as it stands there."""
    found = [str(rung["word"]) for ladder in folder.ladders for rung in ladder.rungs]
    found += [str(row["word"]) for one in folder.comparisons for row in one.largest()]
    found += [one.word for one in (*folder.networks, *folder.kernels)]
    return found + ["certified" for kernel in folder.kernels if eigenvalue_ends(kernel) != (None, None)]
