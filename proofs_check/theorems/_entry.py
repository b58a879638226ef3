"""What a theorem entry says, and how its hypotheses are asked of a data set."""

import dataclasses
import enum
from collections.abc import Callable

from proofs_check.answers import Answer, Status, accepted
from proofs_check.layers import Family
from proofs_check.reading import Dataset


class Quantifier(enum.StrEnum):
    """Over what a bound runs; read it before the number."""

    EVERY_DATASET = "every data set"
    ALMOST_EVERY_LABELLING = "almost every labelling"
    SOME_DATASET = "some data set"
    SOME_LABELLING = "some labelling"
    WITH_PROBABILITY = "with probability"


class Side(enum.StrEnum):
    """From where the number bounds the minimal width."""

    UPPER = "upper"
    LOWER = "lower"


HYPOTHESES = {Status.ACCEPTED: "hold", Status.REJECTED: "fail", Status.UNDECIDED: "undecided"}  # as tables say it


@dataclasses.dataclass(frozen=True)
class Theorem:
    """One theorem on how large a network must be, or may be, to take the labels of a data set."""

    key: str  # the slug, unique in the project
    title: str  # a few words
    statement: str  # one or two sentences
    cite: str | None  # key in references.bib; None: the project's own
    locator: str  # where in the source
    family: str  # the networks, in words
    activations: tuple[str, ...]  # the theorem holds for each of them
    hidden_bias: bool
    output_bias: bool
    quantifier: Quantifier
    side: Side
    explicit_constants: bool  # False: there is no width
    hypotheses: tuple[Callable[[Dataset], Answer], ...]
    width: Callable[[int, int], int] | None  # (n_samples, dim) -> neurons of the one hidden layer
    proof: str  # the file of this project that proves it, or what proves it elsewhere
    allows: Callable[[tuple[int, ...], Dataset], bool] | None = None  # whether it promises a network of these widths
    nonzero: Callable[[tuple[int, ...], Dataset], int] | None = None  # and with at most so many nonzero numbers
    residual: bool = False  # about residual networks: the widths are those of the blocks

    @property
    def suffices(self) -> bool:
        """Whether it says which sizes are enough, so that a statement may name it."""
        return self.side is Side.UPPER and not (self.width is None and self.allows is None)

    def promises(self, widths: tuple[int, ...], dataset: Dataset) -> bool:
        """Whether a network of these hidden widths is within what the theorem says of data of this size."""
        if self.allows is not None:
            return self.allows(widths, dataset)
        return len(widths) == 1 and self.width is not None and widths[0] <= self.width(dataset.n_samples, dataset.dim)

    def holds_for(self, dataset: Dataset) -> Answer:
        """Whether the hypotheses hold: the first that fails, else the first that is undecided, else accepted."""
        answers = [hypothesis(dataset) for hypothesis in self.hypotheses]
        for status in (Status.REJECTED, Status.UNDECIDED):
            for answer in answers:
                if answer.status is status:
                    return answer
        return accepted(" ".join(answer.sentence for answer in answers) or "There is no hypothesis.")

    def is_about(self, family: Family) -> bool:
        """Whether every network of `family` is one of the theorem's networks."""
        return (
            self.allows is None
            and len(family.widths) == 1
            and family.activation in self.activations
            and self.hidden_bias >= family.hidden_bias
            and self.output_bias >= family.output_bias
        )

    def is_within(self, family: Family) -> bool:
        """Whether every one of the theorem's networks, of the width of `family`, belongs to it."""
        return (
            self.allows is None
            and len(family.widths) == 1
            and family.activation in self.activations
            and family.hidden_bias >= self.hidden_bias
            and family.output_bias >= self.output_bias
        )
