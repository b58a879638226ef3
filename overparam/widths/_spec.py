"""What a ladder is allowed to spend.  Free of JAX, since these fields are also the command's flags."""

import dataclasses
import math
import operator
from typing import Literal, get_args

from overparam.data import DataSpec
from overparam.errors import InputError

Size = Literal["ci", "laptop", "paper"]
Over = Literal["init", "law"]
CHECK_EVERY = 100  # gradient steps between two looks at a run, so budgets are multiples of it
_LARGEST = 2**31 - 1  # counts travel as 32-bit integers


@dataclasses.dataclass(frozen=True)
class WidthSpec:
    """Budget of the searches; `size` fills what is not set. Sizes differ in numbers only."""

    size: Size = "ci"
    """ci: seconds to a minute on two cores; laptop: minutes; paper: for an accelerator."""
    root_seed: int = 0
    """Root of every random key: initializations only, the data have their own seed."""
    starts: int = 64
    """Levenberg-Marquardt starts at each width."""
    lm_steps: int | None = None
    """Levenberg-Marquardt iterations of one start."""
    widest: int | None = None
    """Largest width searched; default: one below the smallest construction."""
    exact: bool = False
    """Decide widths from 0 upwards by cases of activation patterns: proofs of impossibility, the minimal width."""
    exact_cases: int | None = None
    """Most cases that --exact looks at, for each width."""
    gd: bool = True
    """Look for the width that gradient descent wants."""
    gd_over: Over = "init"
    """init: probability over initializations, these data; law: over data (generators only) and initializations."""
    gd_steps: int | None = None
    """Most gradient steps of one trial, a multiple of 100."""
    gd_trials: int | None = None
    """Most confirming trials on each side of the threshold."""
    gd_quantile: float = 0.5
    """The threshold is the least width whose success probability reaches this."""

    def filled(self) -> "Filled":
        """The numbers that stand for this budget.

        Raises:
            InputError: a field is out of its range.
        """
        validate(self)
        lm_steps, exact_cases, gd_steps, gd_trials, step_sizes = _BUDGETS[self.size]
        return Filled(
            lm_steps=lm_steps if self.lm_steps is None else self.lm_steps,
            exact_cases=exact_cases if self.exact_cases is None else self.exact_cases,
            gd_steps=gd_steps if self.gd_steps is None else self.gd_steps,
            gd_trials=gd_trials if self.gd_trials is None else self.gd_trials,
            gd_step_sizes=step_sizes,
        )


@dataclasses.dataclass(frozen=True)
class Filled:
    """The numbers that a size stands for."""

    lm_steps: int
    exact_cases: int
    gd_steps: int
    gd_trials: int
    gd_step_sizes: tuple[float, ...]  # in units of 2 / (largest eigenvalue of the tangent kernel at the start)


_BUDGETS: dict[str, tuple[int, int, int, int, tuple[float, ...]]] = {
    "ci": (300, 1000, 40_000, 40, (0.5, 0.9)),
    "laptop": (1000, 20_000, 200_000, 80, (0.25, 0.5, 0.9, 1.5)),
    "paper": (3000, 500_000, 2_000_000, 150, (0.25, 0.5, 0.9, 1.5)),
}


def validate(spec: WidthSpec, origin: DataSpec | None = None) -> None:
    """Refuse a budget that means nothing, before anything is computed.

    Args:
        spec: the budget.
        origin: where the data come from; a law can be drawn anew, a fixed data set cannot.
    Raises:
        InputError: a field is out of its range, or does not go with these data; names the flag and what to give.
    """
    for field, choices in (("size", get_args(Size)), ("gd_over", get_args(Over))):
        if getattr(spec, field) not in choices:
            raise InputError(f"{_flag(field)} must be one of {', '.join(choices)}, not {getattr(spec, field)!r}")
    _count(spec, "root_seed", 0, 2**32 - 1)
    _count(spec, "starts", 1)
    least = {"lm_steps": 1, "exact_cases": 1, "widest": 0, "gd_steps": 1, "gd_trials": 1}
    for field, smallest in least.items():
        if getattr(spec, field) is not None:
            _count(spec, field, smallest)
    if spec.gd_steps is not None and spec.gd_steps % CHECK_EVERY:
        nearest = -(-spec.gd_steps // CHECK_EVERY) * CHECK_EVERY
        raise InputError(
            f"--gd-steps must be a multiple of {CHECK_EVERY}, since a run is looked at every {CHECK_EVERY} steps, not "
            f"{spec.gd_steps}; take {nearest}"
        )
    q = spec.gd_quantile
    if not (isinstance(q, (int, float)) and math.isfinite(q) and 0 < q < 1):
        raise InputError(f"--gd-quantile must be a probability strictly between 0 and 1, such as 0.5, not {q!r}")
    if origin is not None and spec.gd and spec.gd_over == "law" and origin.kind != "generator":
        raise InputError(
            f"--gd-over law needs a generator to draw from, and {origin.data} is one fixed data set; use --gd-over init"
        )


def search_from(counting: int, spec: WidthSpec, *, constant_labels: bool) -> int:
    """Where the search begins: the counting bound, or 0 for constant labels, which the constant network takes.

    Raises:
        InputError: the budget leaves no width to search.
    """
    lowest = 0 if constant_labels else counting
    if spec.widest is not None and spec.widest < lowest:
        raise InputError(
            f"--widest {spec.widest} leaves no width to search: parameter counting asks for {lowest} neurons, where "
            f"the search begins; take at least {lowest}, or leave it out"
        )
    return lowest


def _count(spec: WidthSpec, field: str, least: int, most: int = _LARGEST) -> None:
    value = getattr(spec, field)
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or not least <= number <= most:
        raise InputError(f"{_flag(field)} must be an integer from {least} to {most}, not {value!r}")


def _flag(field: str) -> str:
    return "--" + field.replace("_", "-")
