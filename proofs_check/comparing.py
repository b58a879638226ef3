"""What certified widths say about the theorems: agrees, silent, contradicts, exceptional labels."""

import os
from collections.abc import Iterable
from typing import Any, Protocol

from proofs_check.answers import Answer, Malformed, OverBudget, Status, rejected, undecided
from proofs_check.checking import read_folder
from proofs_check.layers import Family
from proofs_check.reading import Dataset
from proofs_check.theorems import HYPOTHESES, THEOREMS, Quantifier, Side, Theorem

AGREES, SILENT, CONTRADICTS, EXCEPTIONAL = "agrees", "silent", "contradicts", "exceptional labels"

_PARTICULAR = (Quantifier.SOME_DATASET, Quantifier.SOME_LABELLING)
_COLUMNS = ("quantifier", "theorem", "side", "bound", "width", "hypotheses", "word")


class Certified(Protocol):
    """An accepted statement about one hidden layer: a network of that width, that there is none, or the least width."""

    dataset: str
    family: Family


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
    if reason := _says_nothing(theorem):
        return SILENT, reason
    if theorem.quantifier in _PARTICULAR:
        return SILENT, "the theorem speaks of some data set or labelling, perhaps not this one"
    bound = _bound(theorem, n_samples, dim)
    if theorem.side is Side.UPPER:
        if width <= bound:
            return AGREES, f"a network of {width} <= {bound} neurons was certified"
        return SILENT, f"a network of {width} > {bound} neurons says nothing about smaller ones"
    if width >= bound:
        return AGREES, f"the certified width {width} is not below {bound}"
    return _broken(theorem, f"{width} < {bound}")


def judge_impossible(theorem: Theorem, width: int, n_samples: int, dim: int) -> tuple[str, str]:
    """What the proof that no network of at most `width` neurons fits says about a theorem whose hypotheses hold.

    These data need at least width + 1 neurons: that can support a bound from below, unless it speaks of some labelling
    by signs, and can break only a bound from above that claims every labelling of the data set.
    """
    if reason := _says_nothing(theorem):
        return SILENT, reason
    bound = _bound(theorem, n_samples, dim)
    if theorem.quantifier is Quantifier.SOME_LABELLING:
        return SILENT, "the theorem speaks of some labelling by signs, perhaps not this one"
    if theorem.side is Side.LOWER:
        if bound <= width + 1:
            return AGREES, f"at least {width + 1} >= {bound} neurons are needed"
        return SILENT, f"that {width} neurons are too few says nothing about {width + 1} < {bound}"
    if theorem.quantifier in _PARTICULAR:
        return SILENT, "the theorem speaks of some data set or labelling, perhaps not this one"
    if bound > width:
        return AGREES, f"{width} < {bound} neurons are too few, and the theorem does not say otherwise"
    return _broken(theorem, f"{width} >= {bound} neurons are too few")


def _says_nothing(theorem: Theorem) -> str:
    """Why one exact statement cannot speak about the theorem at all, or nothing."""
    if theorem.quantifier is Quantifier.WITH_PROBABILITY:
        return "one success among random draws; only an interval over many draws can speak"
    if not theorem.explicit_constants:
        return "the theorem names no constants"
    if theorem.width is None:
        return "the theorem gives no width for n points in dimension d"
    return ""


def _bound(theorem: Theorem, n_samples: int, dim: int) -> int:
    return theorem.width(n_samples, dim) if theorem.width else 0


def _broken(theorem: Theorem, how: str) -> tuple[str, str]:
    if theorem.quantifier is Quantifier.ALMOST_EVERY_LABELLING:
        return EXCEPTIONAL, f"{how}: these labels belong to the null set that the theorem leaves out"
    return CONTRADICTS, f"{how}: first presume the mistake to be ours, and reread what `width` counts"


def verdict(kind: str, theorem: Theorem, statement: Certified, dataset: Dataset) -> tuple[str, str] | None:
    """What an accepted statement says about a theorem whose hypotheses hold; None where their networks differ.

    A certified network is one of the theorem's if all networks of the family are; a width ruled out in the family is
    ruled out among the theorem's networks if all of them are in the family.  A least width k says both: there is a
    network of k neurons, and none of k - 1.
    """
    (width,) = statement.family.widths
    size = dataset.n_samples, dataset.dim
    theirs = theorem.is_about(statement.family)
    ruled_out = theirs if theorem.side is Side.LOWER else theorem.is_within(statement.family)
    words = []
    if kind in ("interpolates", "minimal-width") and theirs:
        words.append(judge(theorem, width, *size))
    if kind == "impossible" and ruled_out:
        words.append(judge_impossible(theorem, width, *size))
    if kind == "minimal-width" and ruled_out and width > 0:
        words.append(judge_impossible(theorem, width - 1, *size))
    return min(words, key=lambda word: _STRENGTH.index(word[0]), default=None)


_STRENGTH = (CONTRADICTS, EXCEPTIONAL, AGREES, SILENT)
_KINDS = ("interpolates", "impossible", "minimal-width")


def _rows(folder: str) -> list[dict[str, object]]:
    try:
        certificate = read_folder(folder)
        answer = certificate.decide()
    except OverBudget as error:
        return [_unproved(folder, undecided(str(error)), "undecided")]
    except Malformed as error:
        return [_unproved(folder, rejected(str(error)), "malformed")]
    if answer.status is not Status.ACCEPTED:
        return [_unproved(folder, answer, answer.status.value)]
    if certificate.name not in _KINDS or len(certificate.statement.family.widths) != 1:
        return []
    dataset = certificate.files.dataset(certificate.statement.dataset)
    rows = (_row(folder, certificate.name, theorem, certificate.statement, dataset) for theorem in THEOREMS.values())
    return [row for row in rows if row is not None]


def _row(folder: str, kind: str, theorem: Theorem, statement: Any, dataset: Dataset) -> dict[str, object] | None:
    judged = verdict(kind, theorem, statement, dataset)
    if judged is None:
        return None
    word, why = judged
    hypotheses = theorem.holds_for(dataset)
    if hypotheses.status is Status.REJECTED:
        word, why = SILENT, f"the theorem does not speak of this data set: {hypotheses.reason}"
    elif hypotheses.status is Status.UNDECIDED:
        word, why = SILENT, f"not known whether the theorem speaks of this data set: {hypotheses.reason}"
    elif kind == "interpolates" and statement.tolerance != 0:
        word, why = SILENT, "the theorem is about exact fits and the certified network has a tolerance"
    (width,) = statement.family.widths
    return {
        "folder": folder,
        "answer": Status.ACCEPTED.value,
        "kind": kind,
        "dataset": dataset.sha256,
        "n_samples": dataset.n_samples,
        "dim": dataset.dim,
        "quantifier": theorem.quantifier.value,
        "theorem": theorem.key,
        "side": theorem.side.value,
        "bound": theorem.width(dataset.n_samples, dataset.dim) if theorem.width else None,
        "width": width,
        "hypotheses": HYPOTHESES[hypotheses.status],
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
            about = f"{row['kind']}, n = {row['n_samples']}, d = {row['dim']}" if row["theorem"] else row["answer"]
            lines += ["", f"{folder} ({about})"]
            lines += ["  " + _line(_COLUMNS)] if row["theorem"] else []
        if row["theorem"]:
            lines.append("  " + _line("-" if row[column] is None else str(row[column]) for column in _COLUMNS))
        lines.append(f"      {row['why']}")
    return "\n".join(lines[1:])


def _line(cells: Iterable[str]) -> str:
    widths = (24, 28, 7, 7, 7, 12, 0)
    return "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
