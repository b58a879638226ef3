"""Values of parsed JSON, field by field: what has another type than it should stands as missing, never as an error."""

import math
from typing import Any

_LARGEST = 10**300  # widths that theorems ask for are long; beyond this no float can stand for them


def whole(value: object) -> int | None:
    """The value if it is an integer that JSON wrote as one, of at most 300 digits."""
    known = isinstance(value, int) and not isinstance(value, bool) and -_LARGEST <= value < _LARGEST
    return value if known else None


def real(value: object) -> float | None:
    """The value as a finite float, if it is a number that fits."""
    try:
        number = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_table(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return dict(value) if isinstance(value, dict) else {}


def as_dicts(value: object) -> list[dict[str, Any]]:
    """Those entries of a list that are objects."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def as_text(value: object) -> str | None:
    """The value as text; None stays None."""
    return None if value is None else str(value)


def as_list(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return list(value) if isinstance(value, list) else []


def as_texts(value: object) -> list[str]:
    """The entries of a list as texts."""
    return [str(item) for item in value] if isinstance(value, list) else []


def as_words(value: object) -> dict[str, str]:
    """An object with texts as values."""
    return {str(key): str(item) for key, item in as_table(value).items()}


def of_data(data: dict[str, Any], stem: str) -> dict[str, Any]:
    """What every record says of its data: name, n, d, sha256, notes; the stem of the file where it has no name."""
    return {
        "name": str(data.get("name") or stem),
        "n": whole(data.get("n")),
        "d": whole(data.get("d")),
        "sha256": as_text(data.get("sha256")),
        "notes": as_texts(data.get("notes")),
    }


def as_pair(value: object) -> list[int | None] | None:
    """An interval [low, high or None]."""
    if isinstance(value, list) and len(value) == 2 and whole(value[0]) is not None:
        return [whole(value[0]), whole(value[1])]
    return None


_TEXTS = ("rung", "family", "side", "word", "quantifier", "theorem", "budget", "certificate", "id", "verdict", "stage")


def as_rows(value: object, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    """Those entries of a list that are objects, each with every one of these fields; names and words as texts."""
    known = [dict.fromkeys(fields) | row for row in as_dicts(value)]
    return [row | {field: as_text(row[field]) for field in _TEXTS if field in row} for row in known]
