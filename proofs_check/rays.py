"""What networks without biases ask of the points: f(t x) = t f(x) for t >= 0, and f(x) - f(-x) is linear in x.

Networks x -> sum_j v_j relu(<u_j, x>) take all labels of the points exactly if no point is 0, no two points lie on one
ray from 0, and the lines that carry points on both sides of 0 are linearly independent (docs/theory/weights.md).
"""

import math

from proofs_check.answers import Answer, OverBudget, accepted, rejected, undecided
from proofs_check.budget import Budget, division_cost, gcd_cost
from proofs_check.exact import cleared
from proofs_check.position import WORK
from proofs_check.rank import rows_independent
from proofs_check.reading import Dataset

_DOING = "comparing the rays through the points"


def rays_distinct(dataset: Dataset) -> Answer:
    """No point is 0, and none is a positive multiple of another."""
    try:
        directions = _directions(dataset)
    except OverBudget as error:
        return undecided(str(error))
    if [] in directions:
        return rejected(f"the point {directions.index([])} (counting from 0) is 0")
    seen: dict[str, int] = {}
    for i, direction in enumerate(directions):
        if (j := seen.setdefault(_spelled(direction), i)) != i:
            return rejected(f"the points {j} and {i} (counting from 0) lie on one ray from 0")
    return accepted("No point is 0, and no two lie on one ray from 0.")


def opposites_independent(dataset: Dataset) -> Answer:
    """The lines through 0 that carry points on both sides of 0 are linearly independent."""
    budget = Budget(WORK)
    try:
        directions = {_spelled(direction): direction for direction in _directions(dataset) if direction}
        twice = [d for d in directions.values() if _positive(d) and _spelled([-t for t in d]) in directions]
        if rows_independent(twice, budget):
            return accepted(f"Of the lines through 0, {len(twice)} carry points on both sides; they are independent.")
    except OverBudget as error:
        return undecided(str(error))
    return rejected(f"{len(twice)} lines through 0 carry points on both sides of 0, and they are linearly dependent")


def _directions(dataset: Dataset) -> list[list[int]]:
    """Each point as integers without common factor; a point that is 0 as the empty list."""
    budget, found = Budget(WORK), []
    for point in dataset.points:
        whole, _ = cleared(point, budget)
        divisor = 0
        for t in whole:
            budget.spend(gcd_cost(t.bit_length(), divisor.bit_length()), _DOING)
            divisor = math.gcd(divisor, t)
        budget.spend(sum(division_cost(t.bit_length(), divisor.bit_length()) for t in whole), _DOING)
        found.append([t // divisor for t in whole] if divisor else [])
    return found


def _positive(direction: list[int]) -> bool:
    """Whether the first coordinate that is not 0 is positive."""
    return next(t for t in direction if t) > 0


def _spelled(direction: list[int]) -> str:
    """As text, whose hashes Python draws anew in every run: integers can be chosen to collide."""
    return " ".join(f"{t:x}" for t in direction)
