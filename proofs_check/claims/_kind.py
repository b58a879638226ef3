"""What each kind of statement brings: how its statement and its witness are read, and how it is decided."""

from collections.abc import Callable
from typing import Any, NamedTuple

from proofs_check.answers import Answer
from proofs_check.budget import Budget
from proofs_check.files import Files
from proofs_check.reading import Dataset


class Kind(NamedTuple):
    """One kind of statement.

    `statement` and `witness` make objects of the kind's own from JSON objects, and raise Malformed; `decide` asks for
    the files that the statement names, and may raise Malformed and OverBudget.  `keys` are those of a statement besides
    format and kind.  For `state`: `defaults` are taken where a field is not given, and `hopeless` says why no witness
    could make a statement about these data acceptable, or None.
    """

    keys: frozenset[str]
    statement: Callable[[dict[str, Any], Budget], Any]
    witness: Callable[[dict[str, Any], Budget], Any]
    decide: Callable[[Any, Files, Any, Budget], Answer]
    defaults: dict[str, Any] = {}  # noqa: RUF012 - never changed
    hopeless: Callable[[Any, Dataset], str | None] | None = None
