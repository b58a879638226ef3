"""Every bound of the theorem library on one data set: the quantifier first, then the number and whether it applies."""

import os
import textwrap
from typing import Any

from proofs_check.citations import OWN
from proofs_check.reading import Dataset, read_dataset
from proofs_check.theorems import HYPOTHESES, THEOREMS, Quantifier, Theorem

_COLUMNS = {"theorem": 28, "side": 7, "bound": 7, "hypotheses": 12, "cite": 12}
_LINE = 100


def bounds(dataset: Dataset | str | os.PathLike[str]) -> tuple[list[dict[str, Any]], str]:
    """Evaluate every theorem on a data set.

    Args:
        dataset: a data set, or its file, named by its hash.
    Returns:
        one row for each theorem, and the rows as a text table.  `bound` is the number of neurons that the theorem's
        formula gives for these n and d, None where it gives none; `hypotheses` says whether they hold, fail or are
        undecided for these points and labels, and `why` the same as a sentence.
    Raises:
        Malformed: the file is not one.
        OverBudget: its numbers are too long.
    """
    data = dataset if isinstance(dataset, Dataset) else read_dataset(dataset)
    rows = [_row(theorem, data) for theorem in THEOREMS.values()]
    return rows, _table(rows, data)


def _row(theorem: Theorem, dataset: Dataset) -> dict[str, Any]:
    hypotheses = theorem.holds_for(dataset)
    return {
        "quantifier": theorem.quantifier.value,
        "theorem": theorem.key,
        "side": theorem.side.value,
        "bound": theorem.width(dataset.n_samples, dataset.dim) if theorem.width else None,
        "hypotheses": HYPOTHESES[hypotheses.status],
        "why": _sentence(hypotheses.reason or hypotheses.sentence),
        "networks": theorem.family,
        "title": theorem.title,
        "cite": theorem.cite or OWN,
        "locator": theorem.locator,
        "explicit_constants": theorem.explicit_constants,
        "dataset": dataset.sha256,
        "n_samples": dataset.n_samples,
        "dim": dataset.dim,
    }


_NO_WIDTH = {  # by whether the theorem names its constants
    True: "Its number is not one width for n points in dimension d: see `overparam theorems`.",
    False: "The theorem names no constants; for display only.",
}


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:].rstrip(".") + "."


def _table(rows: list[dict[str, Any]], dataset: Dataset) -> str:
    """The rows for people: for each quantifier and kind of network a heading, then a line a theorem."""
    lines = [f"{dataset.size} (SHA-256 {dataset.sha256})", ""]
    lines += textwrap.wrap(
        "A width counts hidden neurons. An upper bound: so many suffice, if the hypotheses hold. A lower bound: fewer "
        "do not, for the data that the quantifier names.",
        _LINE,
    )
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["quantifier"], row["networks"]), []).append(row)
    for quantifier, networks in sorted(groups, key=lambda group: list(Quantifier).index(Quantifier(group[0]))):
        lines += ["", f"{quantifier}; {networks}", "  " + _line(_COLUMNS)]
        for row in groups[quantifier, networks]:
            lines.append("  " + _line("-" if row[column] is None else str(row[column]) for column in _COLUMNS))
            if row["hypotheses"] != "hold":
                lines += textwrap.wrap(row["why"], _LINE, initial_indent="      ", subsequent_indent="      ")
            if row["bound"] is None:
                lines += textwrap.wrap(_NO_WIDTH[row["explicit_constants"]], _LINE, initial_indent=" " * 6)
    return "\n".join(lines)


def _line(cells: Any) -> str:
    return "".join(cell.ljust(width) for cell, width in zip(cells, _COLUMNS.values(), strict=True)).rstrip()
