"""Labels, drawn after the points from the same generator."""

import numpy as np
from numpy.typing import NDArray

from overparam.data._spec import DataSpec
from overparam.errors import InputError


def draw_labels(
    spec: DataSpec, rng: np.random.Generator, n: int, own: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The labels that `spec` asks for, and notes.

    gaussian is `rng.normal(size=n)`; signs is `2 rng.integers(0, 2, size=n) - 1`; shuffled is
    `own[rng.permutation(n)]`.

    Args:
        own: (n,), the labels that came with the data, if any did.
    """
    kind, drawn_by = spec.label_kind, f"numpy.random.default_rng({spec.seed}), after the points"
    if kind == "gaussian":
        return rng.normal(size=n), (f"labels: independent standard normal, {drawn_by}",)
    if kind == "signs":
        return np.where(rng.integers(0, 2, size=n) == 1, 1.0, -1.0), (f"labels: independent fair signs, {drawn_by}",)
    if own is None:
        raise InputError(f"{spec.data} holds no labels, so --labels {kind} means nothing: choose gaussian or signs")
    if kind == "shuffled":
        return own[rng.permutation(n)], (f"labels: the data's own, permuted by {drawn_by}",)
    return own, ("labels: the data's own",)
