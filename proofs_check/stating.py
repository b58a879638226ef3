"""Write the statement of a certificate, so that no search composes the claim it will be judged by."""

import json
import os
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from proofs_check.answers import Malformed, OverBudget
from proofs_check.budget import Budget
from proofs_check.checking import read_statement
from proofs_check.claims import kind_named
from proofs_check.exact import spell
from proofs_check.layers import network_from_bytes
from proofs_check.matrices import matrix_from_bytes
from proofs_check.reading import named_by_hash, read_dataset
from proofs_check.strict import document_of, read_file

Path = str | os.PathLike[str]

_WHOLE = {"degree", "statistics", "stream", "trainable"}  # JSON integers, not numbers spelled in strings


def state(
    kind: str,
    dataset: Path | None = None,
    *,
    network: Path | None = None,
    matrix: Path | None = None,
    **fields: Any,
) -> bytes:
    """The bytes of a statement.json.

    Args:
        kind: one of `proofs_check.claims.KINDS`.
        dataset: a data set file, named by its hash, for the kinds whose statements name one.
        network: a network file, likewise.
        matrix: a matrix file, likewise.
        fields: what else statements of this kind say (docs/certificates.md): numbers as integers or fractions.  The
            family is given as widths (a list; [0] is the constant network), activation ("relu"), hidden_bias (True)
            and output_bias (True); the matrix that a statement is about as gram ("given", "relu-limit" or "network"),
            with the files and the fields that this gram needs.
    Raises:
        ValueError: a field is missing, unknown or wrong, or no witness could make the statement acceptable.
        Malformed: a file is not one.
        OverBudget: a file's numbers are too long to be read within the budget.
    """
    given: dict[str, Any] = {}
    data = None
    if dataset is not None:
        data = read_dataset(dataset)
        given["dataset"] = data.sha256
    for name, path, read in (("network", network, network_from_bytes), ("matrix", matrix, matrix_from_bytes)):
        if path is not None:
            given[name] = _object(os.fspath(path), f"the {name} file", read).sha256
    try:
        keys = kind_named(kind).keys
        if "family" in keys:
            given["family"] = _family(fields)
        if "of" in keys:
            given = {"of": _of(given, fields)}
        defaults = {key: value for key, value in kind_named(kind).defaults.items() if key not in given}
        document = {"format": "overparam-statement-1", "kind": kind} | _spelled(defaults | given | fields)
        content = (json.dumps(document, sort_keys=True, indent=1) + "\n").encode()
        _, table, statement = read_statement(document_of(content, "the statement"), Budget())
        try:
            hopeless = None if table.hopeless is None or data is None else table.hopeless(statement, data)
        except OverBudget:  # too much work for the checker too: undecided, but it may be stated
            hopeless = None
    except Malformed as error:
        raise ValueError(str(error)) from None
    if hopeless:
        raise ValueError(hopeless)
    return content


def _object(path: str, what: str, read: Callable[[bytes, Budget], Any]) -> Any:
    return named_by_hash(path, read_file(path, what), what, read, Budget())


def _family(fields: dict[str, Any]) -> dict[str, Any]:
    if "widths" not in fields:
        raise ValueError("the family needs widths, one for each hidden layer")
    return {
        "activation": fields.pop("activation", "relu"),
        "hidden_bias": fields.pop("hidden_bias", True),
        "output_bias": fields.pop("output_bias", True),
        "widths": list(fields.pop("widths")),
    }


def _of(given: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    """The matrix that a statement is about: its gram, its files, and what else that gram needs."""
    if "gram" not in fields:
        raise ValueError("the matrix needs a gram: given, relu-limit or network")
    thing = {"gram": fields.pop("gram")} | given
    if thing["gram"] == "network":
        thing |= {"family": _family(fields), "free": list(fields.pop("free", []))}
    if thing["gram"] == "relu-limit":
        thing["hidden_bias"] = fields.pop("hidden_bias", True)
    return thing


def _spelled(fields: dict[str, Any]) -> dict[str, Any]:
    def spelled(key: str, value: Any) -> Any:
        number = isinstance(value, Fraction) or (type(value) is int and key not in _WHOLE)
        return spell(Fraction(value)) if number else value

    return {key: spelled(key, value) for key, value in fields.items()}
