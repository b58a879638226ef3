"""The kind `interpolates`: a network of the stated family differs from every label by at most the tolerance."""

import dataclasses
from fractions import Fraction
from typing import Any

from proofs_check.answers import Answer, Malformed, Status, accepted, rejected, undecided
from proofs_check.budget import Budget, product_cost
from proofs_check.claims._kind import Kind
from proofs_check.claims._smooth import OPEN, PRECISIONS, enclosed_values, error_between
from proofs_check.claims._theorem import theorem_of, within_theorem
from proofs_check.exact import in_words
from proofs_check.files import Files
from proofs_check.layers import RATIONAL, SMOOTH, Family, Network, family_of, network_of
from proofs_check.network import foreign_to, values
from proofs_check.reading import Dataset, hash_of, number_of
from proofs_check.strict import require_keys


@dataclasses.dataclass(frozen=True)
class Interpolates:
    """A network of `family` differs from the labels of the data set by at most `tolerance`; see `_theorem`."""

    dataset: str
    family: Family
    tolerance: Fraction
    theorem: str | None


def statement_of(document: dict[str, Any], budget: Budget) -> Interpolates:
    """Read a statement of this kind.

    Raises:
        Malformed: it is none.
    """
    family = family_of(document["family"], RATIONAL + SMOOTH)
    dataset = hash_of(document["dataset"], "the data set")
    tolerance = tolerance_of(document["tolerance"], budget)
    if tolerance == 0 and family.activation in SMOOTH:
        raise Malformed(
            "with a smooth activation the tolerance must be above 0: enclosures cannot show that two real numbers are "
            "equal; that an exact interpolator exists is a statement of the kind interpolates-near"
        )
    return Interpolates(dataset, family, tolerance, theorem_of(document["theorem"]))


def tolerance_of(value: Any, budget: Budget) -> Fraction:
    """How far a network may be from a label.

    Raises:
        Malformed: it is no number, or negative.
    """
    tolerance = number_of(value, "the tolerance", budget)
    if tolerance < 0:
        raise Malformed("the tolerance must not be negative")
    return tolerance


def witness_of(document: dict[str, Any], budget: Budget) -> Network:
    """Read a witness that is a network.

    Raises:
        Malformed: it is none.
    """
    require_keys(document, {"format", "layers", "provenance"}, "the witness")
    return network_of(document["layers"], budget)


def decide(statement: Interpolates, files: Files, net: Network, budget: Budget) -> Answer:
    """Accept iff the network interpolates, and the width and family are within the named theorem's, if any.

    Raises:
        Malformed: the statement names a theorem that this checker does not know or that is no upper bound.
        OverBudget: the numbers are too long to be evaluated within the budget.
    """
    dataset = files.dataset(statement.dataset)
    within = within_theorem(statement.theorem, statement.family, dataset)
    if within.status is not Status.ACCEPTED:
        return within
    answer = interpolates(statement, dataset, net, budget)
    return accepted(f"{answer.sentence} {within.sentence}".strip()) if answer.status is Status.ACCEPTED else answer


def interpolates(statement: Interpolates, dataset: Dataset, net: Network, budget: Budget) -> Answer:
    """Accept iff the network is in the stated family and errs by at most the tolerance at every point.

    Raises:
        OverBudget: the numbers are too long to be evaluated within the budget.
    """
    if reason := foreign_to(net, statement.family, dataset):
        return rejected(f"the witness is not in the stated family: {reason}")
    if statement.family.activation in SMOOTH:
        if reason := _far(statement, dataset, net, budget):
            return undecided(reason) if reason == OPEN else rejected(reason)
    else:
        outputs = values(net, statement.family.activation, dataset.points, budget)
        if reason := first_miss(outputs, dataset, statement.tolerance, budget):
            return rejected(reason)
    return accepted(in_full(str(statement.family), statement.tolerance, dataset))


def first_miss(outputs: list[tuple[int, int]], dataset: Dataset, tolerance: Fraction, budget: Budget) -> str | None:
    """Which label is missed by more than the tolerance, if any.

    Args:
        outputs: numerator and positive denominator of the value at each point.
        dataset: its labels.
        tolerance: at least 0.
        budget: pays.
    Raises:
        OverBudget: the numbers are too long to be compared within the budget.
    """
    allowed, per = tolerance.as_integer_ratio()
    for i, ((above, below), label) in enumerate(zip(outputs, dataset.labels, strict=True)):
        # |above/below - p/q| <= allowed/per, all denominators positive, multiplied across
        p, q = label.as_integer_ratio()
        bits = max(above.bit_length() + q.bit_length(), below.bit_length() + max(p.bit_length(), q.bit_length()))
        budget.spend(4 * product_cost(bits, bits) + 2 * product_cost(bits, max(allowed, per).bit_length()), "comparing")
        error, unit = abs(above * q - p * below), below * q
        if error * per > allowed * unit:
            size = error.bit_length() - unit.bit_length()
            return (
                f"the network misses the label of sample {i} (counting from 0) by more than the tolerance "
                f"{in_words(tolerance)}: its error lies between 2^{size - 1} and 2^{size + 1}"
            )
    return None


def _far(statement: Interpolates, dataset: Dataset, net: Network, budget: Budget) -> str | None:
    """Which label a smooth network certainly misses, or that this stays open; None if all are certainly met.

    Where the balls of one precision leave a sample open, they are tried again with twice as many places.
    """
    allowed, per = statement.tolerance.as_integer_ratio()
    waiting = list(range(dataset.n_samples))
    for bits in PRECISIONS:
        points = [dataset.points[i] for i in waiting]
        balls = enclosed_values(net, statement.family.activation, points, bits, budget)
        left = []
        for i, ball in zip(waiting, balls, strict=True):
            least, most = error_between(ball, dataset.labels[i], budget)
            budget.spend(3 * product_cost(most.bit_length() + bits, max(allowed, per).bit_length()), "comparing")
            if least * per > allowed << bits:
                return (
                    f"the network certainly misses the label of sample {i} (counting from 0) by more than the "
                    f"tolerance {in_words(statement.tolerance)}"
                )
            if most * per > allowed << bits:
                left.append(i)
        waiting = left
        if not waiting:
            return None
    return OPEN


def in_full(networks: str, tolerance: Fraction, dataset: Dataset) -> str:
    """That one of these networks fits, in words: the sentence that a paper quotes."""
    within = f"differs from the label by at most {in_words(tolerance)}"
    fit = "equals the label exactly" if tolerance == 0 else within
    each = "the" if dataset.n_samples == 1 else "each of the"
    return (
        f"Among the {networks}, there is one whose output {fit} at {each} {dataset.size} of the data set with SHA-256 "
        f"{dataset.sha256}."
    )


KIND = Kind(
    keys=frozenset({"dataset", "family", "theorem", "tolerance"}),
    statement=statement_of,
    witness=witness_of,
    decide=decide,
    defaults={"theorem": None, "tolerance": Fraction(0)},
    hopeless=lambda statement, dataset: within_theorem(statement.theorem, statement.family, dataset).reason,
)
