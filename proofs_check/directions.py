"""Exact predicates on the directions of the points, hypotheses of the theorems."""

import functools

from proofs_check.answers import Answer, OverBudget, accepted, rejected, undecided
from proofs_check.budget import Budget, product_cost
from proofs_check.exact import cleared
from proofs_check.position import WORK
from proofs_check.reading import Dataset


@functools.lru_cache(maxsize=32)
def apart(dataset: Dataset) -> Answer:
    """<x_i, x_j> < <x_i, x_i> for all i != j: no other point is as far in the direction of x_i as x_i itself."""
    budget, doing = Budget(WORK), "comparing all inner products of the points"
    try:
        rows = [cleared(point, budget) for point in dataset.points]
        bits = [max(x.bit_length() for x in row) for row, _ in rows]
        most, scale = max(bits), max(s.bit_length() for _, s in rows)
        each = dataset.dim * product_cost(most, most) + 2 * product_cost(2 * most + 64, scale)
        budget.spend(dataset.n_samples**2 * each, doing)
    except OverBudget as error:
        return undecided(str(error))
    for i, (row, scale_i) in enumerate(rows):
        own = sum(x * x for x in row)
        for j, (other, scale_j) in enumerate(rows):
            # <x_i, x_j> = row.other / (scale_i scale_j) and <x_i, x_i> = own / scale_i^2
            if i != j and sum(x * y for x, y in zip(row, other, strict=True)) * scale_i >= own * scale_j:
                return rejected(
                    f"point {j} is at least as far as point {i} (counting from 0) in the direction of point {i}"
                )
    return accepted(
        f"No other point is as far in the direction of one of the {dataset.n_samples} points as that itself."
    )
