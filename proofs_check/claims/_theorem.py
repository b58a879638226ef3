"""The theorem that a statement may name: then its network must also be one that the theorem promises."""

import re
from typing import TYPE_CHECKING, Any

from proofs_check.answers import Answer, Malformed, accepted, rejected
from proofs_check.exact import quoted
from proofs_check.layers import Family
from proofs_check.reading import Dataset
from proofs_check.strict import as_text

if TYPE_CHECKING:  # the theorems are read only for statements that name one
    from proofs_check.theorems import Theorem

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_UNASKED = "whether the theorem's hypotheses hold was not asked."


def theorem_of(value: Any) -> str | None:
    """The theorem that a statement names: null, or a key.

    Raises:
        Malformed: it is neither.
    """
    if value is not None and not _SLUG.fullmatch(as_text(value, "the theorem")):
        raise Malformed(f"the theorem must be null or a key such as zhang2017-thm1, not {quoted(value)}")
    return value


def within_theorem(key: str | None, family: Family, dataset: Dataset, *, residual: bool = False) -> Answer:
    """Whether the stated family and widths are those of the named theorem, if any; its hypotheses are not asked.

    Raises:
        Malformed: this checker knows no such theorem, or it does not say which sizes are enough.
    """
    if key is None:
        return accepted("")
    from proofs_check.citations import source_of
    from proofs_check.theorems import THEOREMS

    theorem = THEOREMS.get(key)
    if theorem is None:
        raise Malformed(f"this checker knows no theorem {key}; the command bounds lists those that it knows")
    if not theorem.suffices:
        raise Malformed(f"{key} gives no width that suffices, so no statement can name it")
    biases = family.hidden_bias, family.output_bias
    known = family.activation in theorem.activations and biases == (theorem.hidden_bias, theorem.output_bias)
    if not known or residual is not theorem.residual or (theorem.width is not None and len(family.widths) != 1):
        return rejected(f"the stated family is not that of {key}: {theorem.family}")
    if theorem.width is not None:
        return _within_width(theorem, family.widths[0], dataset)
    if not theorem.promises(family.widths, dataset):
        return rejected(f"the widths are not within those that {key} promises for {dataset.size}")
    what = "widths of the blocks (the stream was not compared)" if residual else "widths"
    return accepted(
        f"The {what} are within those that {theorem.title} ({source_of(theorem)}) promises for {dataset.size}; "
        f"{_UNASKED}"
    )


def _within_width(theorem: "Theorem", width: int, dataset: Dataset) -> Answer:
    """The same for a theorem on networks of one hidden layer, where the width is all."""
    from proofs_check.citations import source_of

    bound = theorem.width(dataset.n_samples, dataset.dim) if theorem.width else 0
    if width > bound:
        return rejected(f"the width {width} is above {bound}, the bound of {theorem.key} for {dataset.size}")
    return accepted(
        f"The width {width} is within {bound}, the bound of {theorem.title} ({source_of(theorem)}) for {dataset.size}; "
        f"{_UNASKED}"
    )
