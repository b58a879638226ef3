"""Check a certificate folder; write the statement of one."""

import json
import os
from collections.abc import Sequence
from fractions import Fraction

from proofs_check.answers import Answer, Malformed, OverBudget, Status, accepted, rejected, undecided
from proofs_check.budget import Budget
from proofs_check.claims.interpolates import interpolates
from proofs_check.exact import spell
from proofs_check.reading import (
    Dataset,
    Network,
    Statement,
    read_dataset,
    statement_from_bytes,
    witness_from_bytes,
)
from proofs_check.strict import read_file


def check(folder: str | os.PathLike[str]) -> Answer:
    """Decide the statement in a certificate folder.

    Args:
        folder: holds statement.json and witness.json; the data set, `<sha256>.json`, lies in it or beside it.
    Returns:
        accepted, with the statement in words; rejected, with the reason; undecided, with what is missing.
    Raises:
        Malformed: a file is missing or is not what docs/certificates.md describes.
    """
    budget = Budget()
    try:
        return decide(*read_folder(os.fspath(folder), budget), budget)
    except OverBudget as error:
        return undecided(str(error))


def read_folder(folder: str, budget: Budget) -> tuple[Statement, Dataset, Network]:
    """The three files of a certificate.

    Raises:
        Malformed: a file is missing or is not what docs/certificates.md describes.
        OverBudget: their numbers are too long to be read within the budget.
    """
    statement = statement_from_bytes(read_file(os.path.join(folder, "statement.json"), "the statement"), budget)
    named = f"{statement.dataset}.json"
    inside = os.path.join(folder, named)
    path = inside if os.path.lexists(inside) else os.path.join(folder, os.pardir, named)
    dataset = read_dataset(path, budget)
    net = witness_from_bytes(read_file(os.path.join(folder, "witness.json"), "the witness"), budget)
    return statement, dataset, net


def decide(statement: Statement, dataset: Dataset, net: Network, budget: Budget) -> Answer:
    """The answer once the files are read.

    Raises:
        Malformed: the statement names a theorem that this checker does not know or that is no upper bound.
        OverBudget: the numbers are too long to be evaluated within the budget.
    """
    if statement.theorem is None:
        return interpolates(statement, dataset, net, budget)
    within = _within_theorem(statement, dataset)
    if within.status is not Status.ACCEPTED:
        return within
    answer = interpolates(statement, dataset, net, budget)
    return accepted(f"{answer.sentence} {within.sentence}") if answer.status is Status.ACCEPTED else answer


def _within_theorem(statement: Statement, dataset: Dataset) -> Answer:
    """Whether the stated width and family are those of the named theorem; its hypotheses are not asked."""
    from proofs_check.citations import source_of  # the theorems are read only for statements that name one
    from proofs_check.theorems import THEOREMS, Side

    theorem = THEOREMS.get(statement.theorem or "")
    if theorem is None:
        raise Malformed(f"this checker knows no theorem {statement.theorem}; it knows {', '.join(THEOREMS)}")
    if theorem.side is not Side.UPPER or theorem.width is None:
        raise Malformed(f"{theorem.key} gives no width that suffices, so no statement can name it")
    family = statement.family
    theirs = (theorem.activation, theorem.hidden_bias, theorem.output_bias, 1)
    if (family.activation, family.hidden_bias, family.output_bias, len(family.widths)) != theirs:
        return rejected(f"the stated family is not that of {theorem.key}: {theorem.family}")
    bound, (width,) = theorem.width(dataset.n_samples, dataset.dim), family.widths
    if width > bound:
        return rejected(f"the width {width} is above {bound}, the bound of {theorem.key} for {dataset.size}")
    return accepted(
        f"The width {width} is within {bound}, the bound of {theorem.title} ({source_of(theorem)}) for {dataset.size}; "
        "whether the theorem's hypotheses hold was not asked."
    )


def state(
    kind: str,
    dataset_path: str | os.PathLike[str],
    *,
    widths: Sequence[int],
    activation: str = "relu",
    hidden_bias: bool = True,
    output_bias: bool = True,
    tolerance: Fraction = Fraction(0),
    theorem: str | None = None,
) -> bytes:
    """The bytes of a statement.json about a data set file.

    Args:
        kind: "interpolates", the only kind so far.
        dataset_path: a data set file, named by its hash.
        widths: neurons of each hidden layer; [0] is the constant network.
        theorem: key of an upper bound whose width and family the statement claims to keep.
    Raises:
        ValueError: no witness could make the statement acceptable, or it cannot be written.
        Malformed: the data set file is not one.
        OverBudget: the data set's numbers are too long to be read within the budget.
    """
    dataset = read_dataset(dataset_path)
    document = {
        "dataset": dataset.sha256,
        "family": {
            "activation": activation,
            "hidden_bias": hidden_bias,
            "output_bias": output_bias,
            "widths": list(widths),
        },
        "format": "overparam-statement-1",
        "kind": kind,
        "theorem": theorem,
        "tolerance": spell(Fraction(tolerance)),
    }
    data = (json.dumps(document, sort_keys=True, indent=1) + "\n").encode()
    try:
        statement = statement_from_bytes(data)
        within = accepted("") if theorem is None else _within_theorem(statement, dataset)
    except Malformed as error:
        raise ValueError(str(error)) from None
    if within.status is not Status.ACCEPTED:
        raise ValueError(within.reason)
    return data
