"""Matrices of exact numbers, read from files that are named by their hash."""

import dataclasses
import hashlib

from proofs_check.answers import Malformed
from proofs_check.budget import Budget
from proofs_check.reading import Vector, numbers_of, refuse_other_spelling
from proofs_check.strict import as_list, document_of, require_format, require_keys


@dataclasses.dataclass(frozen=True)
class Matrix:
    """At least one row and one column of numbers; two matrices are the same if their files have the same hash."""

    sha256: str
    rows: tuple[Vector, ...] = dataclasses.field(compare=False, repr=False)

    @property
    def size(self) -> str:
        """In words: `3 x 2`."""
        return f"{len(self.rows)} x {len(self.rows[0])}"


def matrix_from_bytes(data: bytes, budget: Budget | None = None) -> Matrix:
    """The matrix that a matrix file with these bytes holds.

    Raises:
        Malformed: these are not the bytes of a matrix file.
        OverBudget: its numbers are too long to be read within the budget.
    """
    budget = budget or Budget()
    document = document_of(data, "the matrix file")
    require_format(document, "overparam-matrix-1", "the matrix file")
    require_keys(document, {"format", "rows"}, "the matrix file")
    rows = tuple(numbers_of(row, f"row {i}", budget) for i, row in enumerate(as_list(document["rows"], "the rows")))
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise Malformed("a matrix has at least one row and one column, and all rows are equally long")
    refuse_other_spelling(document, data, "the matrix file")
    return Matrix(hashlib.sha256(data).hexdigest(), rows)
