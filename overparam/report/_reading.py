"""What an output folder holds, as records with every field; what is missing or unreadable is said, never raised."""

import dataclasses
import json
import os
import pathlib
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from overparam.files import NotAFile, read_file
from overparam.records import Verdict, by_newer_program
from overparam.report._claim_rows import claims_of
from overparam.report._ladders import Comparison, Ladder, comparison_of, ladder_of
from overparam.report._singles import Kernel, Network, kernel_of, network_of
from overparam.report._sweep_folder import Sweep, sweep_of

COMMANDS = ("memorize", "certify", "prove")  # which leave one network or one proof a file
VERDICTS = frozenset(Verdict)
Record = TypeVar("Record")


@dataclasses.dataclass(frozen=True)
class Folder:
    """All that an output folder holds for the report; `missing` says in words why it is partial."""

    ladders: list[Ladder]
    claims: list[dict[str, Any]]
    comparisons: list[Comparison]  # of constructions
    missing: list[str]
    kernels: list[Kernel] = dataclasses.field(default_factory=list)
    networks: list[Network] = dataclasses.field(default_factory=list)  # of memorize, certify and prove, one a file
    sweep: Sweep | None = None


def read_folder(out: pathlib.Path) -> Folder:
    """Read what `verify`, `width`, `memorize`, `certify`, `prove`, `kernel` and `run` leave; each is a whole run.

    Nothing is raised for what a folder lacks or for what is damaged in it: `missing` says so.
    """
    missing: list[str] = []
    ladders = _each(out, "ladder-*.json", ladder_of, missing)
    comparisons = _each(out, "memorizers-*.json", comparison_of, missing)
    kernels = _each(out, "kernel-*.json", kernel_of, missing)
    networks = [one for command in COMMANDS for one in _each(out, f"{command}-*.json", network_of, missing)]
    missing += [f"ladder-{ladder.stem}.json holds no rungs" for ladder in ladders if not ladder.rungs]
    missing += [
        f"memorizers-{one.stem}.json is not finished; run the same command again"
        for one in comparisons
        if not one.complete
    ]
    missing += [f"kernel-{one.stem}.json holds no eigenvalue" for one in kernels if not one.says_something]
    missing += [f"{one.stem}.json does not say what was accepted" for one in networks if not one.says]
    claims = _claims(out, missing)
    sweep, troubles = sweep_of(out)
    missing += troubles
    found = Folder(
        [ladder for ladder in ladders if ladder.rungs],
        claims,
        [one for one in comparisons if one.rows],
        missing,
        kernels=[one for one in kernels if one.says_something],
        networks=[one for one in networks if one.says],
        sweep=sweep,
    )
    if not missing and found == Folder([], [], [], []):
        missing.append(
            "nothing that a command leaves is here: no ladder-*.json, memorizers-*.json, memorize-*.json, "
            "kernel-*.json, claims.json, and no spec.toml of a sweep"
        )
    return found


def record_files(out: pathlib.Path) -> list[pathlib.Path]:
    """The files in JSON that commands leave at the top of an output folder, sorted."""
    kinds = ("ladder", "memorizers", "kernel", *COMMANDS)
    found = [path for kind in kinds for path in out.glob(f"{kind}-*.json")]
    return sorted(path for path in (*found, out / "claims.json") if path.is_file())


def _each(out: pathlib.Path, pattern: str, read: Callable[..., Record], missing: list[str]) -> list[Record]:
    """The records of all files of one kind, by name; those that cannot be read are told."""
    kind, found = pattern.partition("-")[0], []
    for path in sorted(out.glob(pattern)):
        raw, trouble = _parsed(path)
        if trouble is None and not isinstance(raw, dict):
            trouble = f"{path.name} is not the record of a run"
        if trouble is not None:
            missing.append(trouble)
            continue
        stem = path.stem if kind in COMMANDS else path.stem.removeprefix(f"{kind}-")
        found.append(read(raw, stem=stem))
    return found


def _no_number(name: str) -> None:
    """Python would read what is no JSON."""
    raise ValueError(f"{name} is no number")


def _claims(out: pathlib.Path, missing: list[str]) -> list[dict[str, Any]]:
    if not os.path.lexists(path := out / "claims.json"):
        return []
    raw, trouble = _parsed(path)
    if trouble is not None:
        missing.append(trouble)
        return []
    rows = raw if isinstance(raw, list) else []
    newer = [why for row in rows if (why := by_newer_program(row))]
    claims = claims_of([row for row in rows if not by_newer_program(row)])
    known = [claim for claim in claims if claim["id"] and claim["verdict"] in VERDICTS]
    if twice := sorted(one for one, count in Counter(str(claim["id"]) for claim in known).items() if count > 1):
        missing.append(
            f"claims.json: {len(twice)} ids stand there more than once and are left out: {', '.join(twice[:5])}"
        )
    if newer:
        missing.append(f"claims.json: {len(newer)} of {len(rows)} entries are left out; the first {newer[0]}")
    if not rows:
        missing.append("claims.json holds no claims")
    elif odd := len(rows) - len(newer) - len(known):
        missing.append(f"claims.json: {odd} entries are no claims, since they lack an id or one of the seven verdicts")
    return [claim for claim in known if str(claim["id"]) not in twice]


def _parsed(path: pathlib.Path) -> tuple[object, str | None]:
    try:
        if not path.resolve().is_relative_to(path.parent.resolve()):
            return None, f"{path.name} is a link that leads out of this folder, so it was not read"
        raw = json.loads(read_file(path), parse_constant=_no_number)
    except IsADirectoryError:
        return None, f"{path.name} is not a file that can be read, but a folder"
    except (NotAFile, RuntimeError) as error:  # RuntimeError: Python 3.11 of links in a circle, and of deep nesting
        return None, f"{path.name} is not a file that can be read ({str(error).splitlines()[0]})"
    except (OSError, ValueError) as error:
        return None, f"{path.name} cannot be read ({str(error).splitlines()[0]})"
    why = by_newer_program(raw)
    return (None, f"{path.name} {why}") if why else (raw, None)
