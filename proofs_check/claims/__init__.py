"""One kind of statement a file, each offering a `KIND`; read only when a certificate asks for it."""

import importlib
from typing import Any

from proofs_check.answers import Malformed
from proofs_check.exact import quoted
from proofs_check.strict import as_text

_HOME = {
    "interpolates": "interpolates",
    "interpolates-near": "interpolates_near",
    "interpolates-residual": "interpolates_residual",
    "exact-lazy": "exact_lazy",
    "fits": "fits",
    "full-row-rank": "full_row_rank",
    "impossible": "impossible",
    "least-eigenvalue": "least_eigenvalue",
    "minimal-width": "minimal_width",
    "not-polynomial": "not_polynomial",
    "parameter-count": "parameter_count",
    "position": "position",
    "separates": "separates",
}

KINDS = tuple(_HOME)


def kind_named(value: Any) -> Any:
    """The `Kind` of this name.

    Raises:
        Malformed: there is none.
    """
    name = as_text(value, "the statement's kind")
    if name not in _HOME:
        raise Malformed(f"the statement's kind must be one of {', '.join(_HOME)}, not {quoted(name)}")
    return importlib.import_module(f"proofs_check.claims.{_HOME[name]}").KIND
