"""From classes to labels: -1 and +1 for two of them, one against the rest, or their numbers; never a silent choice."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.data._spec import DataSpec
from overparam.errors import InputError


class Selection(NamedTuple):
    """Which rows stay, in file order, and their labels."""

    rows: NDArray[np.intp]
    labels: NDArray[np.float64] | None
    notes: tuple[str, ...]


def select_rows(n: int, spec: DataSpec) -> NDArray[np.intp]:
    """The first `samples` of `n` rows."""
    if spec.samples is not None and spec.samples > n:
        raise InputError(f"--samples {spec.samples} is more than the {n} rows that {spec.data} has for this choice")
    return np.arange(n if spec.samples is None else spec.samples)


def select_classes(of_row: Sequence[str], ordered: Sequence[str], spec: DataSpec) -> Selection:
    """Restrict to `spec.classes` first, then cut to `spec.samples` rows, then label them.

    Args:
        of_row: the class of each row.
        ordered: every class, in the order that decides which of two is +1 (the second) when the spec does not say.

    Raises:
        InputError: an unknown or repeated class, or more than two classes where labels are wanted.
    """
    listed = _listed(ordered)
    for name in [*spec.classes, *([spec.one_vs_rest] if spec.one_vs_rest is not None else [])]:
        if name not in ordered:
            raise InputError(f"{spec.data} has no class {name!r}; its classes are {listed}")
    if len(set(spec.classes)) != len(spec.classes):
        raise InputError(f"--classes {' '.join(spec.classes)} names a class twice")
    if spec.classes and spec.one_vs_rest is not None and spec.one_vs_rest not in spec.classes:
        raise InputError(f"--one-vs-rest {spec.one_vs_rest} is not among --classes {' '.join(spec.classes)}")
    chosen = list(spec.classes or ordered)
    wanted = set(chosen)
    candidates = np.array([i for i, name in enumerate(of_row) if name in wanted], dtype=np.intp)
    rows = candidates[select_rows(len(candidates), spec)]
    notes = [f"rows of the classes {_listed(chosen)} only"] if spec.classes else []
    if spec.label_kind in ("gaussian", "signs"):
        return Selection(rows, None, tuple(notes))
    if spec.class_numbers:
        number = [float(chosen.index(of_row[int(i)])) for i in rows]
        notes.append(f"labels are class numbers: {', '.join(f'{i} is {name!r}' for i, name in enumerate(chosen[:20]))}")
        return Selection(rows, np.array(number), tuple(notes))
    if spec.one_vs_rest is not None:
        plus, meaning = spec.one_vs_rest, f"+1 is class {spec.one_vs_rest!r}, -1 is any other class"
    elif len(chosen) == 2:
        plus, meaning = chosen[1], f"+1 is class {chosen[1]!r}, -1 is class {chosen[0]!r}"
    else:
        found = f"{len(chosen)} class{'es' * (len(chosen) > 1)} here ({_listed(chosen)})"
        raise InputError(
            f"{spec.data} has {found}, but labels are -1 and +1: name two with "
            "--classes, one against all others with --one-vs-rest, or their numbers with --class-numbers"
        )
    labels = np.array([1.0 if of_row[i] == plus else -1.0 for i in rows])
    notes.append(f"{meaning}: {int((labels > 0).sum())} of {len(labels)} rows are +1")
    return Selection(rows, labels, tuple(notes))


def _listed(names: Sequence[str], most: int = 20) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
