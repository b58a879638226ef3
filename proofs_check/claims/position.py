"""The kind `position`: the points of a data set are distinct, or in affine or linear general position."""

import dataclasses
import itertools
from collections.abc import Callable
from math import gcd
from typing import Any

from proofs_check.answers import Answer, Malformed, Status, accepted, rejected
from proofs_check.budget import Budget, gcd_cost
from proofs_check.claims._kind import Kind
from proofs_check.exact import cleared, quoted
from proofs_check.files import Files
from proofs_check.position import general_position, points_distinct
from proofs_check.reading import Dataset, hash_of, integers_of
from proofs_check.strict import as_text, require_keys

_ALONG = "projecting the points"


@dataclasses.dataclass(frozen=True)
class Position:
    """The points of the data set have the property: `distinct`, `affine` or `linear`."""

    dataset: str
    property: str


def statement_of(document: dict[str, Any], budget: Budget) -> Position:
    """Read a statement of this kind.

    Raises:
        Malformed: it is none.
    """
    name = as_text(document["property"], "the property")
    if name not in _ASKED:
        raise Malformed(f"the property must be one of {', '.join(_ASKED)}, not {quoted(name)}")
    return Position(hash_of(document["dataset"], "the data set"), name)


def witness_of(document: dict[str, Any], budget: Budget) -> list[int] | None:
    """Read a witness: a direction, or None.

    Raises:
        Malformed: it is none.
    """
    require_keys(document, {"direction", "format", "provenance"}, "the witness")
    return None if document["direction"] is None else integers_of(document["direction"], "the direction", budget)


def decide(statement: Position, files: Files, direction: list[int] | None, budget: Budget) -> Answer:
    """Accept iff the property holds and, where a direction is given, that shows it.

    Raises:
        Malformed: the data set is missing or is none.
        OverBudget: deciding would cost too much.
    """
    dataset = files.dataset(statement.dataset)
    if direction is not None and statement.property != "distinct":
        return rejected(f"a direction shows that points are distinct, not that they are {statement.property}")
    answer = (
        _shown(dataset, direction, budget) if direction is not None else _ASKED[statement.property](dataset, budget)
    )
    if answer.status is not Status.ACCEPTED:
        return answer
    return accepted(
        f"The {dataset.size} of the data set with SHA-256 {dataset.sha256} are {_meaning(statement.property, dataset)}."
    )


def _meaning(name: str, dataset: Dataset) -> str:
    some = min(dataset.n_samples, dataset.dim + (name == "affine"))
    if name == "distinct":
        return "distinct"
    if some == 1:
        return f"in {name} general position" + (": none of them is 0" if name == "linear" else "")
    return f"in {name} general position: any {some} of them are {name}ly independent"


def _shown(dataset: Dataset, direction: list[int], budget: Budget) -> Answer:
    """Whether no two points have the same inner product with the direction."""
    if len(direction) != dataset.dim:
        return rejected(f"the direction has dimension {len(direction)} and the points have dimension {dataset.dim}")
    values = []
    for i, point in enumerate(dataset.points):
        row, scale = cleared(point, budget)
        above = sum(budget.product(u, x, _ALONG) for u, x in zip(direction, row, strict=True))
        budget.spend(2 * gcd_cost(above.bit_length(), scale.bit_length()), _ALONG)
        common = gcd(above, scale)
        values.append((above // common, scale // common, i))
    # Equal values have equal terms.  Sorted, not put into a set: integers can be chosen to collide in Python's hashing.
    longest = max(max(above.bit_length(), below.bit_length()) for above, below, _ in values)
    budget.spend(len(values) * len(values).bit_length() * (longest // 15 + 200), "sorting the projections")
    values.sort()
    for before, after in itertools.pairwise(values):
        if before[:2] == after[:2]:
            return rejected(
                f"points {before[2]} and {after[2]} (counting from 0) have the same inner product with the direction"
            )
    return accepted("")


def _compared(dataset: Dataset, budget: Budget) -> Answer:
    lengths = (x.numerator.bit_length() + x.denominator.bit_length() for point in dataset.points for x in point)
    budget.spend(sum(1000 + bits for bits in lengths), "comparing the points")
    return points_distinct(dataset)


_ASKED: dict[str, Callable[[Dataset, Budget], Answer]] = {
    "distinct": _compared,
    "affine": lambda dataset, budget: general_position(dataset, budget, affine=True),
    "linear": lambda dataset, budget: general_position(dataset, budget, affine=False),
}

KIND = Kind(keys=frozenset({"dataset", "property"}), statement=statement_of, witness=witness_of, decide=decide)
