"""What the records say of the programs and machines that wrote them, one entry for each that differs."""

from typing import Any

from overparam.report._reading import Folder
from overparam.report._words import number

_WANTED = {"overparam": "version", "device": "device", "dtype": "dtype", "source": "state of the source"}
_TITLES = {
    "source": "state of the source (SHA-256, first digits)",
    "checker": "state of the checker's source (SHA-256, first digits)",
    "code": "state of the source that decides rows (SHA-256, first digits)",
    "revision": "git revision",
    "x64": "64 bits on",
    "size": "size of the studies",
    "dtype": "precision, where no protocol says otherwise",
}


def provenance(folder: Folder) -> list[dict[str, Any]]:
    """Each set of versions once, with the records that were written under it and what these do not say."""
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for name, stated in _stated(folder):
        groups.setdefault(tuple(sorted(stated.items())), []).append(name)
    return [
        {
            "of": _named(names),
            "stated": [(_TITLES.get(key, key), value) for key, value in stated],
            "lacks": _lacks(dict(stated)),
        }
        for stated, names in groups.items()
    ]


def _stated(folder: Folder) -> list[tuple[str, dict[str, str]]]:
    found = [(f"ladder-{one.stem}.json", one.versions) for one in folder.ladders]
    found += [(f"memorizers-{one.stem}.json", one.versions) for one in folder.comparisons]
    found += [(f"{one.stem}.json", one.versions) for one in folder.networks]
    found += [(f"kernel-{one.stem}.json", one.versions) for one in folder.kernels]
    found += [(str(claim["id"]), claim["run"]) for claim in folder.claims]
    if folder.sweep is not None:
        for name, record in folder.sweep.environments.items():
            found.append((f"environments/{name}.json", _flat(record)))
    return found


def _flat(record: dict[str, Any]) -> dict[str, str]:
    """An environment of a sweep, without what is empty."""
    plain = {key: value for key, value in record.items() if value not in (None, "", {})}
    return {key: number(value) if not isinstance(value, dict) else _pairs(value) for key, value in plain.items()}


def _pairs(value: dict[str, Any]) -> str:
    return ", ".join(f"{key} = {item}" for key, item in value.items())


def _named(names: list[str]) -> str:
    """The records; of many, the first few."""
    shown = ", ".join(names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"


def _lacks(stated: dict[str, str]) -> str:
    """What a referee would ask for and the record does not hold."""
    known = set(stated) | ({"source"} if "code" in stated else set()) | ({"dtype"} if "x64" in stated else set())
    return ", ".join(words for key, words in _WANTED.items() if key not in known)
