"""What one trial of gradient descent is: what decides a success probability, in words."""

import dataclasses

from overparam.widths import _second_look as second_look
from overparam.widths._spec import WidthSpec

OPTIMIZERS = {
    "gd": "gradient descent",
    "momentum": "gradient descent with momentum",
    "adam": "Adam",
    "lm": "Levenberg-Marquardt",
}
APART = 10.0  # factor between a tolerance and the looser and the tighter one beside it
_EVERY = {"gd": "100 steps", "momentum": "100 steps", "adam": "100 steps", "lm": "step"}


@dataclasses.dataclass(frozen=True)
class Protocol:
    """What one trial is, and how many there may be."""

    optimizer: str
    law: str
    step_sizes: tuple[float, ...]
    max_steps: int
    tolerance: float
    over: str
    q: float
    level: float
    explore: int
    confirm: int
    second_look: bool = False
    """Whether confirming trials that ran out of steps are looked at again; their class stays what it was."""
    other_tolerances: bool = False
    """Whether confirming trials are also counted at `APART` times the tolerance, and at the tolerance over `APART`."""

    @classmethod
    def of(cls, spec: WidthSpec) -> "Protocol":
        filled = spec.filled()
        return cls(
            optimizer="gd",
            law="he",
            step_sizes=filled.gd_step_sizes,
            max_steps=filled.gd_steps,
            tolerance=1e-6,
            over=spec.gd_over,
            q=spec.gd_quantile,
            level=0.95,
            explore=filled.gd_trials,
            confirm=filled.gd_trials,
            other_tolerances=True,
        )

    @property
    def quantifier(self) -> str:
        drawn = "these data, over initializations" if self.over == "init" else "the law, over data and initializations"
        return f"{drawn}: success probability at least {self.q:g}"

    @property
    def words(self) -> str:
        steps = ", ".join(f"{c:g}" for c in self.step_sizes)
        rule = f"step c * 2 / sharpness with c in {{{steps}}} chosen at each width on separate seeds; "
        return (
            f"full-batch {OPTIMIZERS[self.optimizer]} in float64 from initializations of the law {self.law}, "
            f"at most {self.max_steps} steps; {rule if self.optimizer != 'lm' else ''}fitted means a residual "
            f"of at most {self.tolerance:g} of the labels' norm, looked at every {_EVERY[self.optimizer]}; stuck and "
            f"diverged runs count as failed; points and labels in units of unit size; at most "
            f"{self.confirm} confirming trials a side" + (f"; {second_look.WORDS}" if self.second_look else "")
        )
