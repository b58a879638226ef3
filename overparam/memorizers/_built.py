"""What a construction is given besides the data, what it hands back before it is checked, and how it refuses."""

import dataclasses
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from overparam.errors import InputError
from overparam.exact import AnyNetwork, ExactData, ExactNetwork, Form
from overparam.memorizers._catalogue import Claim

MAX_ROWS_NAMED = 12
DEFAULT_EPS = 0.1  # the share of the squared labels that may be missed, where the caller does not say


@dataclasses.dataclass(frozen=True)
class Options:
    """What a caller may choose; each construction says which of these it takes, and None is its own choice.

    Attributes:
        depth: how many hidden layers, or blocks.
        eps: the error that is allowed.
        activation: of the hidden units.
        width: of a hidden layer.
        seed: of the random directions or features, where the construction draws them.
    """

    depth: int | None = None
    eps: float | Fraction | None = None
    activation: Literal["relu", "threshold", "tanh", "erf", "gelu"] | None = None
    width: int | None = None
    seed: int = 0


@dataclasses.dataclass(frozen=True)
class Built:
    """A network and what is claimed of it.

    Attributes:
        network: rational weights.
        notes: in words, which choices the data led to.
        tolerance: 0 where every label is met; else what the claim allows: the sum of squared errors for `fits`, the
            largest error for `within`.
        free: for `near`, the layers that move to the exact interpolator; the output layer is the last.
        claim: where an option changed it: the entry's, if None.
        numbers: quantities of the construction that its theorem speaks of, by name (steps, groups, bits of a code).
    """

    network: AnyNetwork
    notes: tuple[str, ...]
    tolerance: Fraction = Fraction(0)
    free: tuple[int, ...] = ()
    claim: Claim | None = None
    numbers: Mapping[str, int | float] = dataclasses.field(default_factory=dict)


def two_layer(
    neurons: Sequence[tuple[Fraction, Form]],
    c: Fraction,
    dim: int,
    *notes: str,
    activation: Literal["relu", "threshold"] = "relu",
) -> Built:
    """The network c + sum of v activation(form) over the neurons (v, form), exact on every label."""
    return Built(ExactNetwork.from_forms(activation, neurons, c, dim), notes)


def shifted(form: Form, number: Fraction) -> Form:
    """The form plus a number."""
    return (*form[:-1], form[-1] + number)


def combined(one: Form, factor: Fraction, other: Form) -> Form:
    """The form `one + factor * other`."""
    return tuple(a + factor * b for a, b in zip(one, other, strict=True))


def along(direction: Sequence[int], threshold: Fraction) -> Form:
    """The form <direction, x> - threshold."""
    return (*map(Fraction, direction), -threshold)


def named_rows(data: ExactData, which: Sequence[int]) -> str:
    """Points by their rows in the caller's data, at most a dozen of them."""
    rows = sorted(data.rows[i] for i in which)
    more = f" and {len(rows) - MAX_ROWS_NAMED} more" if len(rows) > MAX_ROWS_NAMED else ""
    return ", ".join(map(str, rows[:MAX_ROWS_NAMED])) + more


def refusal(construction: str, why: str, instead: str) -> InputError:
    """A refusal that names the construction, the reason and what to use instead."""
    return InputError(f"the {construction} construction does not apply to these data: {why}; use {instead} instead")
