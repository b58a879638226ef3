"""The fields that a specification may set, and whether a value read from a file is of a field's type."""

import math
import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from overparam.data._spec import DataSpec
from overparam.errors import InputError, close_to
from overparam.training._spec import ModelSpec, TrainSpec

TABLES = {"data": DataSpec, "model": ModelSpec, "train": TrainSpec}
_HINTS = {name: get_type_hints(kind) for name, kind in TABLES.items()}


def fields_of(table: str) -> dict[str, Any]:
    """Fields of a table and their types."""
    return _HINTS[table]


def is_axis(value: Any, hint: Any) -> bool:
    """Whether a value stands for several: a list, or where lists are values, a list of lists."""
    if not isinstance(value, (list, tuple)):
        return False
    return get_origin(hint) is not tuple or (len(value) > 0 and all(isinstance(one, (list, tuple)) for one in value))


def fitted_value(value: Any, hint: Any, name: str) -> Any:
    """The value, as the field holds it: an integer where a float is asked for becomes one, a list a tuple.

    Raises:
        InputError: it is of another type.
    """
    if get_origin(hint) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        if value is None and len(kinds) < len(get_args(hint)):
            return None
        return fitted_value(value, kinds[0], name)
    if get_origin(hint) is Literal:
        known = [str(one) for one in get_args(hint)]
        if not isinstance(value, str) or value not in known:
            raise InputError(f"{name} must be one of {', '.join(known)}, not {value!r}{_near(value, known)}")
        return value
    if get_origin(hint) is tuple:
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            raise InputError(f'{name} must be a list of names, such as ["0", "1"], not {value!r}')
        return tuple(value)
    if hint is float:
        try:
            number = math.nan if isinstance(value, bool) or not isinstance(value, (int, float)) else float(value)
        except OverflowError:  # an integer beyond every float
            number = math.inf
        if not math.isfinite(number):
            raise InputError(f"{name} must be a finite number, not {value!r}")
        return number
    words = {int: "an integer", bool: "true or false", str: "a text"}[hint]
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise InputError(f"{name} must be {words}, not {value!r}")
    return value


def _near(value: Any, known: list[str]) -> str:
    return f"; {close_to(value, known)}" if isinstance(value, str) and "did you" in close_to(value, known) else ""
