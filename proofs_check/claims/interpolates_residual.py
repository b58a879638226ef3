"""The kind `interpolates-residual`: a residual network differs from every label by at most the tolerance."""

import dataclasses
from fractions import Fraction
from typing import Any

from proofs_check.answers import Answer, Malformed, Status, accepted, rejected
from proofs_check.budget import Budget
from proofs_check.claims._kind import Kind
from proofs_check.claims._residual import Residual, residual_of, residual_values
from proofs_check.claims._theorem import theorem_of, within_theorem
from proofs_check.claims.interpolates import first_miss, in_full, tolerance_of
from proofs_check.files import Files
from proofs_check.layers import Family, family_of
from proofs_check.reading import Dataset, hash_of
from proofs_check.strict import as_integer


@dataclasses.dataclass(frozen=True)
class InterpolatesResidual:
    """A residual network with blocks of the family's widths and a stream of so many numbers; see `_theorem`."""

    dataset: str
    family: Family
    stream: int
    tolerance: Fraction
    theorem: str | None


def statement_of(document: dict[str, Any], budget: Budget) -> InterpolatesResidual:
    """Read a statement of this kind.

    Raises:
        Malformed: it is none.
    """
    family = family_of(document["family"])
    stream = as_integer(document["stream"], "the stream")
    if stream == 0:
        raise Malformed("the stream must have at least one number")
    return InterpolatesResidual(
        hash_of(document["dataset"], "the data set"),
        family,
        stream,
        tolerance_of(document["tolerance"], budget),
        theorem_of(document["theorem"]),
    )


def decide(statement: InterpolatesResidual, files: Files, net: Residual, budget: Budget) -> Answer:
    """Accept iff the network interpolates, and the widths and family are among the named theorem's, if any.

    Raises:
        Malformed: the statement names a theorem that this checker does not know or that says of no size it suffices.
        OverBudget: the numbers are too long to be evaluated within the budget.
    """
    dataset = files.dataset(statement.dataset)
    within = within_theorem(statement.theorem, statement.family, dataset, residual=True)
    if within.status is not Status.ACCEPTED:
        return within
    if reason := _foreign(net, statement, dataset):
        return rejected(f"the witness is not in the stated family: {reason}")
    outputs = residual_values(net, statement.family.activation, dataset.points, budget)
    if reason := first_miss(outputs, dataset, statement.tolerance, budget):
        return rejected(reason)
    return accepted(f"{in_full(_named(statement), statement.tolerance, dataset)} {within.sentence}".strip())


def _foreign(net: Residual, statement: InterpolatesResidual, dataset: Dataset) -> str | None:
    """Why the network is not in the family or does not read these points, or None if it is and does."""
    family = statement.family
    if len(net.bias) != statement.stream:
        return f"its stream has dimension {len(net.bias)}, not {statement.stream}"
    if tuple(len(block.bias) for block in net.blocks) != family.widths:
        return "its blocks have other widths"
    if not family.hidden_bias and any(
        b != 0 for bias in (net.bias, *(block.bias for block in net.blocks)) for b in bias
    ):
        return "it has a nonzero bias before the output"
    if not family.output_bias and net.output_bias != 0:
        return "it has a nonzero output bias"
    if len(net.weights[0]) != dataset.dim:
        return f"it reads {len(net.weights[0])} coordinates, but the points have {dataset.dim}"
    return None


def _named(statement: InterpolatesResidual) -> str:
    """The networks, in words: those of the family, with blocks for layers."""
    widths = str(statement.family).partition(" of exactly ")[2]
    n_blocks = len(statement.family.widths)
    blocks = "one block" if n_blocks == 1 else f"{n_blocks} blocks"
    return f"residual networks with a stream of dimension {statement.stream} and {blocks} of exactly {widths}"


KIND = Kind(
    keys=frozenset({"dataset", "family", "stream", "theorem", "tolerance"}),
    statement=statement_of,
    witness=residual_of,
    decide=decide,
    defaults={"theorem": None, "tolerance": Fraction(0)},
    hopeless=lambda statement, dataset: (
        within_theorem(statement.theorem, statement.family, dataset, residual=True).reason
    ),
)
