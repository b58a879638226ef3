"""The trusted checker: exact decisions about plain files, on Python's standard library alone.

Whoever wants to believe a certified width has to believe this package, the theorems it cites and Python; see
docs/trust.md.  Files and their meaning are described in docs/certificates.md.  It never imports `overparam`.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # type checkers read it as true; importing `typing` would cost more than all the rest
if TYPE_CHECKING:
    from typing import Any

_HOME = {
    "Answer": "answers",
    "Malformed": "answers",
    "OverBudget": "answers",
    "Status": "answers",
    "Dataset": "reading",
    "dataset_from_bytes": "reading",
    "read_dataset": "reading",
    "check": "checking",
    "state": "stating",
    "compare": "comparing",
    "bounds": "bounding",
    "bibtex": "citations",
    "references": "citations",
    "THEOREMS": "theorems",
    "Quantifier": "theorems",
    "Side": "theorems",
    "Theorem": "theorems",
}

__all__ = [*_HOME]  # noqa: PLE0604 - the table above is the one list of names


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'proofs_check' has no attribute {name!r}")
    return getattr(importlib.import_module(f"proofs_check.{_HOME[name]}"), name)
