"""The result of a construction."""

import dataclasses
import functools
from collections.abc import Mapping
from fractions import Fraction

from overparam.exact import AnyNetwork, ExactData
from overparam.memorizers._catalogue import Claim
from overparam.memorizers._sizes import Sizes, sizes_of


@dataclasses.dataclass(frozen=True)
class Memorizer:
    """A network built for its data set, with what the construction claims of it.

    Attributes:
        name: the construction.
        network: rational weights.
        theorem: slug of the theorem entry that promises the size, if there is one.
        claim: "exact", "fits", "within", "near" or "observed"; see `Entry`.  The first three were checked without
            rounding when ReLU or threshold networks were built; `overparam.widths.certify` lets the checker decide.
        tolerance: 0 for "exact"; the sum of squared errors for "fits", the largest error for "within".
        free: for "near", the layers that move.
        hidden_bias: whether the family has hidden biases.
        output_bias: whether the family has an output bias.
        notes: choices that the data led to, in words.
        numbers: quantities of the construction that its theorem speaks of, by name.
        data: what was memorized.
        shared_direction: whether all neurons have one direction up to factors, which is then stored once.
    """

    name: str
    network: AnyNetwork
    theorem: str | None
    claim: Claim
    tolerance: Fraction
    free: tuple[int, ...]
    hidden_bias: bool
    output_bias: bool
    notes: tuple[str, ...]
    numbers: Mapping[str, int | float]
    data: ExactData
    shared_direction: bool

    @functools.cached_property
    def sizes(self) -> Sizes:
        """Sizes of the weights, and the errors in floats; runs the rounded network in JAX, so 64 bits must be on.

        Raises:
            PrecisionError: JAX is running without float64.
        """
        return sizes_of(
            self.network,
            self.data,
            hidden_bias=self.hidden_bias,
            output_bias=self.output_bias,
            shared_direction=self.shared_direction,
        )
