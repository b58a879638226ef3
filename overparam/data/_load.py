"""The one entry point: a spec in, a data set out."""

import numpy as np

from overparam.data._dataset import Dataset, from_arrays
from overparam.data._draws import draw_labels
from overparam.data._spec import DEFAULT_D, DEFAULT_N, DataSpec, validate


def load(spec: DataSpec) -> Dataset:
    """Draw or read the data set that `spec` names.

    Returns:
        points (n_samples, dim) and labels (n_samples,), float64, finite and read-only; no point has two labels.

    Raises:
        InputError: the spec contradicts itself, the file cannot be used, or no function fits the labels.

    >>> load(DataSpec("gaussian", n=40, d=5)).points.shape
    (40, 5)
    """
    validate(spec)
    rng = np.random.default_rng(spec.seed)
    if spec.kind == "generator":
        from overparam.data._generators import generate

        points, own, notes = generate(spec, rng)
    elif spec.kind == "real":
        from overparam.data._real import read_real

        points, own, notes = read_real(spec)
    elif spec.kind == "csv":
        from overparam.data._csv import read_csv

        points, own, notes = read_csv(spec)
    else:
        from overparam.data._npz import read_npz

        points, own, notes = read_npz(spec)
    labels, drawn = draw_labels(spec, rng, len(points), own)
    return from_arrays(points, labels, name=_name(spec, points.shape), notes=(*notes, *drawn))


def _name(spec: DataSpec, shape: tuple[int, ...]) -> str:
    if spec.kind == "generator":
        parts = [spec.data, f"n{spec.n or DEFAULT_N}", f"d{spec.d or DEFAULT_D}", f"seed{spec.seed}"]
        return "-".join(parts if spec.label_kind == "gaussian" else [*parts, spec.label_kind])
    stem = spec.data.replace("\\", "/").rsplit("/", 1)[-1]  # never the folder: files must not depend on where they lie
    parts = [stem, *spec.classes, *([f"{spec.one_vs_rest}-vs-rest"] if spec.one_vs_rest else [])]
    parts += [*(["numbers"] if spec.class_numbers else []), f"n{shape[0]}"]
    return "-".join(parts if spec.label_kind == "own" else [*parts, spec.label_kind, f"seed{spec.seed}"])
