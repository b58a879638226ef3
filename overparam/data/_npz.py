"""NPZ files: a zip of plain arrays X (or points) and y (or labels)."""

import numpy as np
from numpy.typing import NDArray

from overparam.arrays import exact_float64, read_arrays, shown
from overparam.data._classes import select_classes, select_rows
from overparam.data._spec import DataSpec
from overparam.errors import InputError

_POINTS, _LABELS = ("X", "points"), ("y", "labels")
_SAVE = "save it with numpy.savez(path, X=points, y=labels)"


def read_npz(spec: DataSpec) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, tuple[str, ...]]:
    """Points (n, d), labels (n,) if the spec needs them, and notes.

    Boolean labels become -1 and +1.  With `classes` or `one_vs_rest` the labels are classes, named by their shortest
    spelling: 3 for 3 and for 3.0.

    Raises:
        InputError: not an NPZ file of plain arrays of the right names, shapes and dtypes, or a damaged one.
    """
    arrays = _arrays(spec.data)
    points = exact_float64(arrays["points"], f"array X of {spec.data}: points")
    if points.ndim != 2:
        hint = "; reshape one feature to (n, 1)" if points.ndim == 1 else ""
        raise InputError(f"array X of {spec.data} must have shape (n, d), one row a sample, not {points.shape}{hint}")
    source = f"source: {len(points)} rows of an NPZ file"
    raw = arrays.get("labels")
    if raw is None or (not spec.by_class and spec.label_kind in ("gaussian", "signs")):
        if spec.by_class:
            raise InputError(f"{spec.data} holds no array y, so it has no classes")
        return points[select_rows(len(points), spec)], None, (source,)
    if raw.shape != points.shape[:1]:
        raise InputError(f"array y of {spec.data} must have shape ({len(points)},), one label a row, not {raw.shape}")
    truth = raw.dtype.kind == "b"
    values = np.where(raw, 1.0, -1.0) if truth else exact_float64(raw, f"array y of {spec.data}: labels")
    if spec.by_class:
        names = [str(value) for value in raw.tolist()] if truth else [_spelled(value) for value in values.tolist()]
        chosen = select_classes(names, sorted(set(names)), spec)
        return points[chosen.rows], chosen.labels, (source, *chosen.notes)
    rows = select_rows(len(points), spec)
    told = ("boolean labels: True is +1, False is -1",) if truth else ()
    return points[rows], values[rows], (source, *told)


def _spelled(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _arrays(path: str) -> dict[str, np.ndarray]:
    """The arrays by role, "points" and "labels"."""

    def choose(names: list[str]) -> list[str]:
        roles = ["points" if name in _POINTS else "labels" if name in _LABELS else None for name in names]
        if None in roles or len(set(roles)) < len(roles):
            raise InputError(
                f"{path} holds {shown(names)}; it must hold one array X (or points) and one y (or labels); {_SAVE}"
            )
        if "points" not in roles:
            raise InputError(f"{path} holds {shown(names) or 'nothing'}; the array X (or points) is missing; {_SAVE}")
        return names

    read = read_arrays(path, advice=_SAVE, choose=choose)
    return {"points" if name in _POINTS else "labels": array for name, array in read.items()}
