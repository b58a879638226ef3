"""What a construction hands back before it is checked, and how it refuses."""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction

from overparam.errors import InputError
from overparam.exact import ExactData, Form

MAX_ROWS_NAMED = 12


@dataclasses.dataclass(frozen=True)
class Built:
    """Neurons (v, form) and output bias; `notes` say in words which choices the data led to."""

    neurons: list[tuple[Fraction, Form]]
    c: Fraction
    notes: tuple[str, ...]


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
