"""The kind `full-row-rank`: the rows of a given matrix, or of a relu network's Jacobian, are linearly independent."""

import dataclasses
from typing import Any

from proofs_check.answers import Answer, accepted, rejected
from proofs_check.budget import Budget
from proofs_check.claims._kind import Kind
from proofs_check.claims._objects import Given, Tangent, object_of
from proofs_check.exact import cleared
from proofs_check.files import Files
from proofs_check.rank import rows_independent
from proofs_check.strict import require_keys
from proofs_check.tangents import exact, exact_kernel


@dataclasses.dataclass(frozen=True)
class FullRowRank:
    """As many rows as the rank; `of` a tangent means its Jacobian."""

    of: Given | Tangent


def statement_of(document: dict[str, Any], budget: Budget) -> FullRowRank:
    """Read a statement of this kind.

    Raises:
        Malformed: it is none.
    """
    return FullRowRank(object_of(document["of"], ("given", "network"), ("relu",)))


def witness_of(document: dict[str, Any], budget: Budget) -> None:
    """Read a witness of this kind, which says nothing.

    Raises:
        Malformed: it says something.
    """
    require_keys(document, {"format", "provenance"}, "the witness")


def decide(statement: FullRowRank, files: Files, witness: None, budget: Budget) -> Answer:
    """Accept iff the rows are independent; for a Jacobian J the rows of J J^T, which has the same rank.

    Raises:
        Malformed: a file that the statement names is missing or is not what it should be.
        OverBudget: the numbers are too long.
    """
    thing = statement.of
    if isinstance(thing, Tangent):
        net, dataset, reason = thing.member(files)
        if reason:
            return rejected(reason)
        n = dataset.n_samples
        rows = exact_kernel(exact(net, dataset.points, budget), thing.family, thing.free, budget)
        named = f"{n} x p matrix of {thing.jacobian}"
    else:
        matrix = files.matrix(thing.matrix)
        n = len(matrix.rows)
        rows = [cleared(row, budget)[0] for row in matrix.rows]
        named = f"matrix with SHA-256 {matrix.sha256}, {matrix.size},"
    if rows_independent(rows, budget):
        return accepted(f"The {named} has rank {n}: its rows are linearly independent.")
    return rejected(f"the rows are linearly dependent: there are {n}, but the rank of the matrix is less")


KIND = Kind(keys=frozenset({"of"}), statement=statement_of, witness=witness_of, decide=decide)
