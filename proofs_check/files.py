"""The files of a certificate: two in its folder, and those the statement names by their hashes, in it or beside it."""

import os
from collections.abc import Callable
from typing import Any

from proofs_check.budget import Budget
from proofs_check.layers import Network, network_from_bytes
from proofs_check.matrices import Matrix, matrix_from_bytes
from proofs_check.reading import Dataset, dataset_from_bytes, named_by_hash
from proofs_check.strict import as_object, as_text, document_of, read_file, require_format


class Files:
    """Reads the files of one certificate, and adds the work that their size is worth to the budget.

    Each method raises Malformed where a file is missing or is not what docs/certificates.md describes, and OverBudget
    where its numbers are too long.
    """

    def __init__(self, folder: str, budget: Budget) -> None:
        self._folder = folder
        self._budget = budget

    def statement(self) -> dict[str, Any]:
        """The JSON object in statement.json."""
        document = document_of(self._bytes(self._inside("statement.json"), "the statement"), "the statement")
        require_format(document, "overparam-statement-1", "the statement")
        return document

    def witness(self) -> dict[str, Any]:
        """The JSON object in witness.json; its provenance is read and forgotten."""
        document = document_of(self._bytes(self._inside("witness.json"), "the witness"), "the witness")
        require_format(document, "overparam-witness-1", "the witness")
        for value in as_object(document.get("provenance", {}), "the provenance").values():
            as_text(value, "each value of the provenance")
        return document

    def dataset(self, sha256: str) -> Dataset:
        """The data set of this hash."""
        return self._named(sha256, "the data set file", dataset_from_bytes)

    def network(self, sha256: str) -> Network:
        """The network of this hash."""
        return self._named(sha256, "the network file", network_from_bytes)

    def matrix(self, sha256: str) -> Matrix:
        """The matrix of this hash."""
        return self._named(sha256, "the matrix file", matrix_from_bytes)

    def _named(self, sha256: str, what: str, read: Callable[[bytes, Budget], Any]) -> Any:
        inside = self._inside(f"{sha256}.json")
        path = inside if os.path.lexists(inside) else os.path.join(self._folder, os.pardir, f"{sha256}.json")
        return named_by_hash(path, self._bytes(path, what), what, read, self._budget)

    def _bytes(self, path: str, what: str) -> bytes:
        data = read_file(path, what)
        self._budget.grant(len(data))
        return data

    def _inside(self, name: str) -> str:
        return os.path.join(self._folder, name)
