"""The kind `impossible`: no network of the stated family interpolates the data set."""

import dataclasses
from typing import Any, NamedTuple

from proofs_check.answers import Answer, Malformed, Status, accepted
from proofs_check.budget import Budget
from proofs_check.claims._kind import Kind
from proofs_check.claims.branches import Branches, branches_of, closes_every_pattern
from proofs_check.exact import quoted
from proofs_check.files import Files
from proofs_check.layers import Family, family_of
from proofs_check.reading import Dataset, hash_of
from proofs_check.strict import as_text, require_keys


@dataclasses.dataclass(frozen=True)
class Impossible:
    """No network of `family`, one hidden ReLU layer, equals all labels of the data set."""

    dataset: str
    family: Family


class Line(NamedTuple):
    """The proof that needs no witness: the points lie on a line."""


Proof = Branches | Line


def statement_of(document: dict[str, Any], budget: Budget) -> Impossible:
    """Read a statement of this kind.

    Raises:
        Malformed: it is none.
    """
    family = family_of(document["family"], ("relu",))
    if len(family.widths) != 1:
        raise Malformed("an impossibility or a minimal width is stated for one hidden layer")
    return Impossible(hash_of(document["dataset"], "the data set"), family)


def witness_of(document: dict[str, Any], budget: Budget) -> Proof:
    """Read a witness of this kind: a tree of cases, or none where the points lie on a line.

    Raises:
        Malformed: it is none.
    """
    require_keys(document, {"format", "provenance"} | (document.keys() - {"format", "provenance"}), "the witness")
    return proof_of({key: value for key, value in document.items() if key not in ("format", "provenance")}, budget)


def proof_of(document: dict[str, Any], budget: Budget) -> Proof:
    """Read the part of a witness that shows an impossibility; see `witness_of`."""
    require_keys(document, {"method"} | (document.keys() - {"method"}), "the proof of impossibility")
    method = as_text(document["method"], "the method")
    if method == "line":
        require_keys(document, {"method"}, "a proof on a line")
        return Line()
    if method == "branches":
        require_keys(document, {"method", "roots"}, "a proof by branches")
        return branches_of(document["roots"], budget)
    raise Malformed(f'the method must be "branches" or "line", not {quoted(method)}')


def decide(statement: Impossible, files: Files, proof: Proof, budget: Budget) -> Answer:
    """Accept iff the proof rules out every network of the family.

    Raises:
        Malformed: the data set is missing or is none.
        OverBudget: the proof takes too much work.
    """
    dataset = files.dataset(statement.dataset)
    (width,) = statement.family.widths
    answer = impossible(dataset, statement.family, width, proof, budget)
    if answer.status is not Status.ACCEPTED:
        return answer
    return accepted(f"None of the {statement.family} equals the label at each of the {dataset.size} of the data set "
                    f"with SHA-256 {dataset.sha256}; hence no such network with fewer neurons does.")  # fmt: skip


def impossible(dataset: Dataset, family: Family, width: int, proof: Proof, budget: Budget) -> Answer:
    """Whether the proof rules out that `width` neurons interpolate; the family gives the biases.

    Raises:
        OverBudget: the proof takes too much work.
    """
    if isinstance(proof, Branches):
        return closes_every_pattern(dataset, family, width, proof, budget)
    from proofs_check.claims.line import needs_more_than  # read only where it is needed

    return needs_more_than(dataset, family, width, budget)


KIND = Kind(keys=frozenset({"dataset", "family"}), statement=statement_of, witness=witness_of, decide=decide)
