"""Check a certificate folder: read the statement, then the files it names, then the witness, and decide."""

import os
from typing import Any, NamedTuple

from proofs_check.answers import Answer, OverBudget, undecided
from proofs_check.budget import START, Budget
from proofs_check.claims import kind_named
from proofs_check.claims._kind import Kind
from proofs_check.files import Files
from proofs_check.strict import require_keys


class Certificate(NamedTuple):
    """A certificate that has been read and not yet decided; `statement` and `witness` are the kind's own objects."""

    name: str
    kind: Kind
    statement: Any
    files: Files
    witness: Any
    budget: Budget

    def decide(self) -> Answer:
        """The answer.

        Raises:
            Malformed: a file that the statement names is missing or is not what docs/certificates.md describes.
            OverBudget: deciding would cost too much.
        """
        return self.kind.decide(self.statement, self.files, self.witness, self.budget)


def check(folder: str | os.PathLike[str]) -> Answer:
    """Decide the statement in a certificate folder.

    Args:
        folder: holds statement.json and witness.json; files named by their hashes lie in it or beside it.
    Returns:
        accepted, with the statement in words; rejected, with the reason; undecided, with what is missing.
    Raises:
        Malformed: a file is missing or is not what docs/certificates.md describes.
    """
    try:
        return read_folder(folder).decide()
    except OverBudget as error:
        return undecided(str(error))


def read_folder(folder: str | os.PathLike[str]) -> Certificate:
    """The certificate in a folder.

    Raises:
        Malformed: a file is missing or is not what docs/certificates.md describes.
        OverBudget: their numbers are too long to be read within the budget.
    """
    budget = Budget(START)
    files = Files(os.fspath(folder), budget)
    name, kind, statement = read_statement(files.statement(), budget)
    return Certificate(name, kind, statement, files, kind.witness(files.witness(), budget), budget)


def read_statement(document: dict[str, Any], budget: Budget) -> tuple[str, Kind, Any]:
    """A statement's kind, by name and as a table of what it needs, and the statement itself.

    Raises:
        Malformed: the JSON object is not a statement.
        OverBudget: its numbers are too long to be read within the budget.
    """
    require_keys(document, {"format", "kind"} | (document.keys() - {"format", "kind"}), "the statement")
    kind = kind_named(document["kind"])
    require_keys(document, {"format", "kind", *kind.keys}, "the statement")
    return document["kind"], kind, kind.statement(document, budget)
