"""The kind `not-polynomial`: no polynomial of total degree at most m in the coordinates takes all the labels.

Multipliers l_i prove it: if sum_i l_i x_i^alpha = 0 for every monomial of degree at most m, then sum_i l_i p(x_i) = 0
for every such polynomial p, and p(x_i) = y_i for all i would make sum_i l_i y_i = 0.  A network with one hidden layer
whose activation is a polynomial of degree at most m is such a polynomial of its input, whatever its width.
"""

import dataclasses
from typing import Any

from proofs_check.answers import Answer, accepted, rejected
from proofs_check.budget import Budget, product_cost
from proofs_check.claims._kind import Kind
from proofs_check.exact import cleared
from proofs_check.files import Files
from proofs_check.packed import Rows, longest
from proofs_check.reading import hash_of, integers_of
from proofs_check.strict import as_integer, require_keys

_DOING = "going through the monomials"


@dataclasses.dataclass(frozen=True)
class NotPolynomial:
    """No polynomial of total degree at most `degree` equals every label of the data set."""

    dataset: str
    degree: int


def statement_of(document: dict[str, Any], budget: Budget) -> NotPolynomial:
    """Read a statement of this kind.

    Raises:
        Malformed: it is none.
    """
    return NotPolynomial(hash_of(document["dataset"], "the data set"), as_integer(document["degree"], "the degree"))


def witness_of(document: dict[str, Any], budget: Budget) -> list[int]:
    """Read a witness of this kind: one multiplier for each point.

    Raises:
        Malformed: it is none.
    """
    require_keys(document, {"format", "multiplier", "provenance"}, "the witness")
    return integers_of(document["multiplier"], "the multiplier", budget)


def decide(statement: NotPolynomial, files: Files, multiplier: list[int], budget: Budget) -> Answer:
    """Accept iff the multiplier annihilates all the monomials and not the labels.

    Raises:
        Malformed: the data set is missing or is none.
        OverBudget: there are too many monomials, or the numbers are too long.
    """
    dataset = files.dataset(statement.dataset)
    if len(multiplier) != dataset.n_samples:
        return rejected(f"the multiplier has {len(multiplier)} integers for {dataset.size}")
    labels, _ = cleared(dataset.labels, budget)
    if sum(budget.product(l, y, _DOING) for l, y in zip(multiplier, labels, strict=True)) == 0:
        return rejected("the multiplier's sum with the labels is 0, so it says nothing against them")
    kept = [i for i, l in enumerate(multiplier) if l]
    # multiplying a coordinate by a common denominator changes no sum from 0, nor to 0
    columns = [cleared([dataset.points[i][j] for i in kept], budget)[0] for j in range(dataset.dim)]
    wrong = _degree_not_annihilated([multiplier[i] for i in kept], columns, statement.degree, budget)
    if wrong is not None:
        return rejected(f"the multiplier's sum with a monomial of degree {wrong} is not 0")
    return accepted(
        f"No polynomial of total degree at most {statement.degree} in the coordinates equals the label at every one of "
        f"the {dataset.size} of the data set with SHA-256 {dataset.sha256}; so no network with one hidden layer whose "
        f"activation is a polynomial of degree at most {statement.degree} does, of any width and with any biases."
    )


def _degree_not_annihilated(weights: list[int], columns: Rows, degree: int, budget: Budget) -> int | None:
    """The degree of some monomial of at most this degree whose sum with the weights is not 0, or None.

    A monomial is its coordinates in increasing order: each is multiplied by its last coordinate and by later ones.
    Beyond a monomial that vanishes at all points there is nothing to see.

    Raises:
        OverBudget: there are too many monomials, or the numbers are too long.
    """
    length, step = longest(weights), max(map(longest, columns))
    most = length + degree * step
    count = 1
    for i in range(1, min(degree, len(columns)) + 1):  # binom(degree + dim, i), at least doubled each time
        count = count * (max(degree, len(columns)) + i) // i
        if count > budget.allowed:
            break
    budget.spend(count * (100 + len(weights) * (product_cost(most, step) + most // 30)), _DOING)
    budget.hold(min(degree + 1, count) * len(weights) * most + 500 * min(count, (degree + 1) * len(columns)), _DOING)
    if sum(weights) != 0:
        return 0
    waiting = [(weights, j, 0) for j in range(len(columns))] if degree else []
    while waiting:
        before, last, done = waiting.pop()
        values = [a * x for a, x in zip(before, columns[last], strict=True)]
        if sum(values) != 0:
            return done + 1
        if done + 1 < degree and any(values):
            waiting += [(values, j, done + 1) for j in range(last, len(columns))]
    return None


KIND = Kind(keys=frozenset({"dataset", "degree"}), statement=statement_of, witness=witness_of, decide=decide)
