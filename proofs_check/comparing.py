"""What certified widths say about the theorems: agrees, silent, contradicts, exceptional labels."""

import os
from collections.abc import Iterable

from proofs_check.answers import Answer, Malformed, OverBudget, Status, rejected, undecided
from proofs_check.budget import Budget
from proofs_check.checking import decide, read_folder
from proofs_check.reading import Dataset, Statement
from proofs_check.theorems import THEOREMS, Quantifier, Side, Theorem

AGREES, SILENT, CONTRADICTS, EXCEPTIONAL = "agrees", "silent", "contradicts", "exceptional labels"

_HYPOTHESES = {Status.ACCEPTED: "hold", Status.REJECTED: "fail", Status.UNDECIDED: "undecided"}
_COLUMNS = ("quantifier", "theorem", "side", "bound", "width", "hypotheses", "word")


def compare(folders: Iterable[str | os.PathLike[str]]) -> tuple[list[dict[str, object]], str]:
    """Hold each certified width against every theorem whose networks include the certified one.

    Args:
        folders: certificate folders.
    Returns:
        one row for each folder and theorem, and the rows as a text table.  A folder that is not accepted has a
        single row, with its answer and no theorem; an accepted one that no theorem speaks of has none.
    """
    rows = [row for folder in folders for row in _rows(os.fspath(folder))]
    return rows, _table(rows)


def judge(theorem: Theorem, width: int, n_samples: int, dim: int) -> tuple[str, str]:
    """What an exact fit at `width` says about a theorem whose hypotheses hold: a word, and why.

    One network is one success: it can support a bound from above, and can break only a bound from below that
    claims every labelling of the data set.
    """
    if theorem.quantifier is Quantifier.WITH_PROBABILITY:
        return SILENT, "one success among random draws; only an interval over many draws can speak"
    if not theorem.explicit_constants or theorem.width is None:
        return SILENT, "the theorem names no constants"
    bound = theorem.width(n_samples, dim)
    if theorem.quantifier in (Quantifier.SOME_DATASET, Quantifier.SOME_LABELLING):
        return SILENT, "the theorem speaks of some data set or labelling, perhaps not this one"
    if theorem.side is Side.UPPER:
        if width <= bound:
            return AGREES, f"a network of {width} <= {bound} neurons was certified"
        return SILENT, f"a network of {width} > {bound} neurons says nothing about smaller ones"
    if width >= bound:
        return AGREES, f"the certified width {width} is not below {bound}"
    if theorem.quantifier is Quantifier.ALMOST_EVERY_LABELLING:
        return EXCEPTIONAL, f"{width} < {bound}: these labels belong to the null set that the theorem leaves out"
    return CONTRADICTS, f"{width} < {bound}: first presume the mistake to be ours, and reread what `width` counts"


def _rows(folder: str) -> list[dict[str, object]]:
    budget = Budget()
    try:
        statement, dataset, net = read_folder(folder, budget)
        answer = decide(statement, dataset, net, budget)
    except OverBudget as error:
        return [_unproved(folder, undecided(str(error)), "undecided")]
    except Malformed as error:
        return [_unproved(folder, rejected(str(error)), "malformed")]
    if answer.status is not Status.ACCEPTED:
        return [_unproved(folder, answer, answer.status.value)]
    spoken_of = (theorem for theorem in THEOREMS.values() if theorem.is_about(statement.family))
    return [_row(folder, theorem, statement, dataset) for theorem in spoken_of]


def _row(folder: str, theorem: Theorem, statement: Statement, dataset: Dataset) -> dict[str, object]:
    hypotheses = theorem.holds_for(dataset)
    (width,) = statement.family.widths
    if hypotheses.status is Status.REJECTED:
        word, why = SILENT, f"the theorem does not speak of this data set: {hypotheses.reason}"
    elif hypotheses.status is Status.UNDECIDED:
        word, why = SILENT, f"not known whether the theorem speaks of this data set: {hypotheses.reason}"
    elif statement.tolerance != 0:
        word, why = SILENT, "the theorem is about exact fits and the certified network has a tolerance"
    else:
        word, why = judge(theorem, width, dataset.n_samples, dataset.dim)
    return {
        "folder": folder,
        "answer": Status.ACCEPTED.value,
        "dataset": dataset.sha256,
        "n_samples": dataset.n_samples,
        "dim": dataset.dim,
        "quantifier": theorem.quantifier.value,
        "theorem": theorem.key,
        "side": theorem.side.value,
        "bound": theorem.width(dataset.n_samples, dataset.dim) if theorem.width else None,
        "width": width,
        "hypotheses": _HYPOTHESES[hypotheses.status],
        "word": word,
        "why": why,
    }


def _unproved(folder: str, answer: Answer, word: str) -> dict[str, object]:
    return {"folder": folder, "answer": word, "theorem": None, "word": "nothing certified", "why": answer.reason}


def _table(rows: list[dict[str, object]]) -> str:
    """The rows for people: for each folder a heading, then the quantifier first in every line."""
    lines: list[str] = []
    folder = None
    for row in rows:
        if row["folder"] != folder:
            folder = row["folder"]
            about = f"n = {row['n_samples']}, d = {row['dim']}" if row["theorem"] else row["answer"]
            lines += ["", f"{folder} ({about})"]
            lines += ["  " + _line(_COLUMNS)] if row["theorem"] else []
        if row["theorem"]:
            lines.append("  " + _line([str(row[column]) for column in _COLUMNS]))
        lines.append(f"      {row['why']}")
    return "\n".join(lines[1:])


def _line(cells: Iterable[str]) -> str:
    widths = (24, 26, 7, 7, 7, 12, 0)
    return "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
