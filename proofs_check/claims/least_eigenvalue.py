"""The kind `least-eigenvalue`: bounds of the least eigenvalue of a given matrix, of a limit, or of a tangent kernel."""

import dataclasses
from fractions import Fraction
from typing import Any, NamedTuple

from proofs_check.answers import Answer, Malformed, accepted, rejected
from proofs_check.budget import Budget
from proofs_check.claims._kind import Kind
from proofs_check.claims._objects import Given, Limit, Tangent, enclosure_of, factor_of, object_of, shortly
from proofs_check.files import Files
from proofs_check.gram import Factor, precision, quotient_at_most, unproved
from proofs_check.layers import SMOOTH
from proofs_check.reading import integers_of, number_of
from proofs_check.strict import require_keys


@dataclasses.dataclass(frozen=True)
class LeastEigenvalue:
    """The least eigenvalue of `of` is at least `at_least` and at most `at_most`, where these are not None."""

    at_least: Fraction | None
    at_most: Fraction | None
    of: Given | Limit | Tangent

    def __str__(self) -> str:
        least = [] if self.at_least is None else [f"at least {shortly(self.at_least, up=False)}"]
        most = [] if self.at_most is None else [f"at most {shortly(self.at_most, up=True)}"]
        return f"The least eigenvalue of {self.of} is {' and '.join(least + most)}."


class Witness(NamedTuple):
    """A factor of the matrix minus the lower bound; a vector whose Rayleigh quotient keeps the upper bound."""

    factor: Factor | None
    vector: list[int] | None


def statement_of(document: dict[str, Any], budget: Budget) -> LeastEigenvalue:
    """Read a statement of this kind.

    Raises:
        Malformed: it is none.
    """
    bounds = {
        key: None if document[key] is None else number_of(document[key], f"the bound {key}", budget)
        for key in ("at_least", "at_most")
    }
    if all(bound is None for bound in bounds.values()):
        raise Malformed("at_least and at_most must not both be null")
    thing = object_of(document["of"], ("given", "relu-limit", "network"), ("relu", *SMOOTH))
    return LeastEigenvalue(of=thing, **bounds)


def witness_of(document: dict[str, Any], budget: Budget) -> Witness:
    """Read a witness of this kind.

    Raises:
        Malformed: it is none.
    """
    require_keys(document, {"factor", "format", "provenance", "vector"}, "the witness")
    factor, vector = document["factor"], document["vector"]
    return Witness(
        None if factor is None else factor_of(factor, "the factor", budget),
        None if vector is None else integers_of(vector, "the vector", budget),
    )


def decide(statement: LeastEigenvalue, files: Files, witness: Witness, budget: Budget) -> Answer:
    """Accept iff the factor proves the lower bound and the vector the upper bound.

    Raises:
        Malformed: a file that the statement names is missing or is not what it should be.
        OverBudget: the numbers are too long.
    """
    bounds = [bound for bound in (statement.at_least, statement.at_most) if bound is not None]
    bits = precision(*bounds, factors=() if witness.factor is None else (witness.factor,))
    matrix = enclosure_of(statement.of, files, bits, budget)
    if isinstance(matrix, str):
        return rejected(matrix)
    if statement.at_least is not None:
        if witness.factor is None:
            return rejected("the witness has no factor, which a lower bound needs")
        if reason := unproved(1, matrix, statement.at_least, witness.factor, budget):
            return rejected(f"the lower bound is not proved: {reason}")
    if statement.at_most is not None:
        if witness.vector is None or not any(witness.vector):
            return rejected("the witness has no vector other than 0, which an upper bound needs")
        if len(witness.vector) != len(matrix.rows):
            return rejected(f"the vector has {len(witness.vector)} numbers, but the matrix has {len(matrix.rows)} rows")
        if not quotient_at_most(matrix, witness.vector, statement.at_most, budget):
            return rejected("the upper bound is not proved: the vector's Rayleigh quotient is not certainly within")
    return accepted(str(statement))


KIND = Kind(
    keys=frozenset({"at_least", "at_most", "of"}),
    statement=statement_of,
    witness=witness_of,
    decide=decide,
    defaults={"at_least": None, "at_most": None},
)
