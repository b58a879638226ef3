"""The kind `separates`: a network of the stated family has, at every point, the label's sign by at least a margin."""

import dataclasses
from fractions import Fraction
from typing import Any

from proofs_check.answers import Answer, Malformed, Status, accepted, rejected
from proofs_check.budget import Budget, product_cost
from proofs_check.claims._kind import Kind
from proofs_check.claims.interpolates import witness_of
from proofs_check.exact import in_words
from proofs_check.files import Files
from proofs_check.layers import Family, Network, family_of
from proofs_check.network import foreign_to, values
from proofs_check.position import binary_labels
from proofs_check.reading import hash_of, number_of


@dataclasses.dataclass(frozen=True)
class Separates:
    """A network of `family` is at least `margin` where the label is 1, and at most minus that where it is -1 or 0."""

    dataset: str
    family: Family
    margin: Fraction


def statement_of(document: dict[str, Any], budget: Budget) -> Separates:
    """Read a statement of this kind.

    Raises:
        Malformed: it is none.
    """
    family = family_of(document["family"])
    margin = number_of(document["margin"], "the margin", budget)
    if margin <= 0:
        raise Malformed("the margin must be positive")
    return Separates(hash_of(document["dataset"], "the data set"), family, margin)


def decide(statement: Separates, files: Files, net: Network, budget: Budget) -> Answer:
    """Accept iff the labels are binary, the network is in the family, and every sign has the margin.

    Raises:
        Malformed: the data set is missing or is none.
        OverBudget: the numbers are too long to be evaluated within the budget.
    """
    dataset = files.dataset(statement.dataset)
    binary = binary_labels(dataset)
    if binary.status is not Status.ACCEPTED:
        return rejected(f"a margin is a matter of binary labels, but {binary.reason}")
    if reason := foreign_to(net, statement.family, dataset):
        return rejected(f"the witness is not in the stated family: {reason}")
    least, per = statement.margin.as_integer_ratio()
    outputs = values(net, statement.family.activation, dataset.points, budget)
    for i, ((above, below), label) in enumerate(zip(outputs, dataset.labels, strict=True)):
        budget.spend(product_cost(above.bit_length(), per.bit_length()), "comparing")
        budget.spend(product_cost(below.bit_length(), least.bit_length()), "comparing")
        if (above if label == 1 else -above) * per < least * below:
            return rejected(f"the network's value at sample {i} (counting from 0) lacks the sign or the margin")
    return accepted(
        f"Among the {statement.family}, there is one whose output is at least {in_words(statement.margin)} at each "
        f"point with label 1, and at most minus that at each other point, of the {dataset.size} of the data set with "
        f"SHA-256 {dataset.sha256}."
    )


KIND = Kind(keys=frozenset({"dataset", "family", "margin"}), statement=statement_of, witness=witness_of, decide=decide)
