"""The kind `minimal-width`: the stated width suffices, and one neuron less does not."""

from fractions import Fraction
from typing import Any, NamedTuple

from proofs_check.answers import Answer, Status, accepted, rejected
from proofs_check.budget import Budget
from proofs_check.claims._kind import Kind
from proofs_check.claims.impossible import Impossible, impossible, proof_of
from proofs_check.claims.impossible import Proof as ProofBelow
from proofs_check.claims.impossible import statement_of as impossible_statement
from proofs_check.claims.interpolates import Interpolates, interpolates
from proofs_check.files import Files
from proofs_check.layers import Network, network_of
from proofs_check.strict import as_object, require_keys


class MinimalWidth(Impossible):
    """The least width of a network with these biases that equals all labels is exactly that of `family`."""


class Proof(NamedTuple):
    """A network of the stated width, and why one neuron less is not enough (unless the width is 0)."""

    net: Network
    below: ProofBelow | None


def statement_of(document: dict[str, Any], budget: Budget) -> MinimalWidth:
    """Read a statement of this kind.

    Raises:
        Malformed: it is none.
    """
    same = impossible_statement(document, budget)
    return MinimalWidth(same.dataset, same.family)


def witness_of(document: dict[str, Any], budget: Budget) -> Proof:
    """Read a witness of this kind.

    Raises:
        Malformed: it is none.
    """
    require_keys(document, {"below", "format", "layers", "provenance"}, "the witness")
    net = network_of(document["layers"], budget)
    below = document["below"]
    return Proof(net, None if below is None else proof_of(as_object(below, "the proof below"), budget))


def decide(statement: MinimalWidth, files: Files, proof: Proof, budget: Budget) -> Answer:
    """Accept iff the network interpolates and the proof rules out one neuron less.

    Raises:
        Malformed: the data set is missing or is none.
        OverBudget: the proof takes too much work.
    """
    dataset = files.dataset(statement.dataset)
    exactly = Interpolates(statement.dataset, statement.family, Fraction(0), None)
    answer = interpolates(exactly, dataset, proof.net, budget)
    if answer.status is not Status.ACCEPTED:
        return answer
    (width,) = statement.family.widths
    if width > 0:
        if proof.below is None:
            return rejected(f"the witness does not say why {width - 1} neurons are not enough")
        answer = impossible(dataset, statement.family, width - 1, proof.below, budget)
        if answer.status is not Status.ACCEPTED:
            return answer
    return accepted(
        f"Among the {statement.family}, there is one whose output equals the label exactly at each of the "
        f"{dataset.size} of the data set with SHA-256 {dataset.sha256}, and no network with one hidden layer of fewer "
        f"ReLU neurons and the same biases does: {width} is the minimal width of one hidden layer."
    )


KIND = Kind(keys=frozenset({"dataset", "family"}), statement=statement_of, witness=witness_of, decide=decide)
