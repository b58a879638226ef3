"""The kind `fits`: the squared errors of a network of the stated family sum to at most a bound."""

import dataclasses
from fractions import Fraction
from typing import Any

from proofs_check.answers import Answer, Malformed, accepted, rejected, undecided
from proofs_check.budget import Budget, product_cost
from proofs_check.claims._kind import Kind
from proofs_check.claims._smooth import OPEN, PRECISIONS, enclosed_values, error_between
from proofs_check.claims.interpolates import witness_of
from proofs_check.exact import common_multiple, in_words
from proofs_check.files import Files
from proofs_check.layers import RATIONAL, SMOOTH, Family, Network, family_of
from proofs_check.network import foreign_to, values
from proofs_check.reading import Dataset, hash_of, number_of

_DOING = "adding the squared errors"


@dataclasses.dataclass(frozen=True)
class Fits:
    """A network of `family` has squared errors at the points of the data set that sum to at most `at_most`."""

    dataset: str
    family: Family
    at_most: Fraction


def statement_of(document: dict[str, Any], budget: Budget) -> Fits:
    """Read a statement of this kind.

    Raises:
        Malformed: it is none.
    """
    family = family_of(document["family"], RATIONAL + SMOOTH)
    dataset = hash_of(document["dataset"], "the data set")
    at_most = number_of(document["at_most"], "the bound at_most", budget)
    if at_most < 0:
        raise Malformed("the bound at_most must not be negative")
    if at_most == 0 and family.activation in SMOOTH:
        raise Malformed(
            "with a smooth activation the bound at_most must be above 0: enclosures cannot show that errors are 0"
        )
    return Fits(dataset, family, at_most)


def decide(statement: Fits, files: Files, net: Network, budget: Budget) -> Answer:
    """Accept iff the network is in the stated family and its squared errors sum to at most the bound.

    Raises:
        Malformed: the data set is missing or is none.
        OverBudget: the numbers are too long to be evaluated within the budget.
    """
    dataset = files.dataset(statement.dataset)
    if reason := foreign_to(net, statement.family, dataset):
        return rejected(f"the witness is not in the stated family: {reason}")
    within = _enclosed if statement.family.activation in SMOOTH else _exactly
    small = within(statement, dataset, net, budget)
    if small is None:
        return undecided(OPEN)
    bound = in_words(statement.at_most)
    if not small:
        return rejected(f"the network's squared errors sum to more than {bound}")
    return accepted(
        f"Among the {statement.family}, there is one whose squared errors at the {dataset.size} of the data set with "
        f"SHA-256 {dataset.sha256} sum to at most {bound}."
    )


def _exactly(statement: Fits, dataset: Dataset, net: Network, budget: Budget) -> bool:
    """Whether the sum is at most the bound, for an activation that keeps numbers rational."""
    errors, units = [], []
    outputs = values(net, statement.family.activation, dataset.points, budget)
    for (above, below), label in zip(outputs, dataset.labels, strict=True):
        p, q = label.as_integer_ratio()
        error = budget.product(above, q, _DOING) - budget.product(p, below, _DOING)
        if error != 0:
            errors.append(error)
            units.append(budget.product(below, q, _DOING))
    unit = common_multiple(units, budget)
    total = 0
    for error, below in zip(errors, units, strict=True):
        whole = budget.product(error, budget.quotient(unit, below, _DOING), _DOING)
        total += budget.product(whole, whole, _DOING)
    allowed, per = statement.at_most.as_integer_ratio()
    square = budget.product(unit, unit, _DOING)
    return budget.product(total, per, _DOING) <= budget.product(allowed, square, _DOING)


def _enclosed(statement: Fits, dataset: Dataset, net: Network, budget: Budget) -> bool | None:
    """The same for a smooth activation, by balls of more and more places; None if they leave it open."""
    allowed, per = statement.at_most.as_integer_ratio()
    for bits in PRECISIONS:
        balls = enclosed_values(net, statement.family.activation, list(dataset.points), bits, budget)
        pairs = [error_between(ball, y, budget) for ball, y in zip(balls, dataset.labels, strict=True)]
        length = max(most.bit_length() for _, most in pairs)
        size = 2 * length + len(pairs).bit_length() + 2 * bits
        budget.spend(2 * len(pairs) * product_cost(length, length), _DOING)
        budget.spend(3 * product_cost(size, max(allowed, per).bit_length()), _DOING)
        bound = allowed << (2 * bits)
        if sum(most * most for _, most in pairs) * per <= bound:
            return True
        if sum(least * least for least, _ in pairs) * per > bound:
            return False
    return None


KIND = Kind(keys=frozenset({"at_most", "dataset", "family"}), statement=statement_of, witness=witness_of, decide=decide)
