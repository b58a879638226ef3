"""Distinct points, and labels that a function can have: both decided by sorting, without rounding."""

import numpy as np

from overparam.data._dataset import Dataset, conflict, grouped
from overparam.data._finding import Finding


def distinct_points(dataset: Dataset) -> Finding:
    """Whether no two rows are the same point; -0.0 equals 0.0."""
    order, same = grouped(dataset.points)
    n = len(dataset.points)
    if not same.any():
        return Finding("distinct points", "holds", "exact", f"{n} points, all different")
    pairs = [(int(order[k]), int(order[k + 1])) for k in np.flatnonzero(same)]
    i, j = min(pairs)
    return Finding(
        "distinct points", "fails", "exact", f"{n - len(pairs)} different points; rows {i} and {j} are equal"
    )


def consistent_labels(dataset: Dataset) -> Finding:
    """Whether equal points have equal labels, without which no function fits."""
    clash = conflict(dataset.points, dataset.labels)
    if clash is None:
        return Finding("consistent labels", "holds", "exact", "no point has two different labels")
    return Finding(
        "consistent labels", "fails", "exact", f"rows {clash[0]} and {clash[1]} are one point with two labels"
    )
