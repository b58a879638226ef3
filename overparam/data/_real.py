"""Real data that ships inside scikit-learn, so that nothing is downloaded: digits, breast_cancer, diabetes."""

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overparam.data._classes import select_classes, select_rows
from overparam.data._spec import DataSpec
from overparam.errors import InputError


def read_real(spec: DataSpec) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, tuple[str, ...]]:
    """Standardized points (n, d), own labels (n,) if the spec needs them, and notes.

    The rows of `spec.classes` first, of these the first `spec.samples` in file order.  Classes are +-1 in
    scikit-learn's own order of targets; diabetes keeps its real labels and takes its features in their original units.

    Raises:
        InputError: scikit-learn is missing, a class is unknown or ambiguous, or no feature varies over the rows.
    """
    bunch = _bunch(spec.data)
    features = np.ascontiguousarray(bunch.data, dtype=np.float64)
    source = f"source: {spec.data}, as packaged with scikit-learn"
    if spec.data == "diabetes":
        rows, picked = select_rows(len(features), spec), ()
        own = np.asarray(bunch.target, dtype=np.float64)[rows]
    else:
        names = [str(name) for name in bunch.target_names]
        rows, own, picked = select_classes([names[t] for t in bunch.target], names, spec)
    points, told = _standardized(features[rows], [str(name) for name in bunch.feature_names], spec)
    return points, own, (source, *picked, *told)


def _bunch(name: str) -> Any:
    try:
        datasets = importlib.import_module("sklearn.datasets")
    except ImportError:
        raise InputError(
            f"--data {name} comes from scikit-learn, which is not installed: install the extra `data`, "
            'as in pip install "overparam[data]"'
        ) from None
    return datasets.load_diabetes(scaled=False) if name == "diabetes" else getattr(datasets, f"load_{name}")()


def _standardized(
    features: NDArray[np.float64], names: list[str], spec: DataSpec
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """(x - mean) / deviation with these rows' own mean and population deviation; constant columns are dropped.

    Mean and deviation are taken of the whole C-ordered matrix: selecting columns first would change the memory order,
    with it the order of summation, and so the last bits.
    """
    varies = (features != features[0]).any(axis=0)
    if not varies.any():
        raise InputError(
            f"every feature of {spec.data} is constant over these {len(features)} rows: take more --samples"
        )
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    points = (features[:, varies] - mean[varies]) / deviation[varies]
    dropped = [name for name, kept in zip(names, varies, strict=True) if not kept]
    note = f"features: standardized by the mean and population deviation of these {len(features)} rows"
    return points, (note, *([f"constant columns dropped: {', '.join(dropped)}"] if dropped else []))
