"""What a ladder is allowed to spend.  Free of JAX, since these fields are also the command's flags."""

import dataclasses
from typing import Literal

Size = Literal["ci", "laptop", "paper"]


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
    gd: bool = True
    """Look for the width that gradient descent wants."""
    gd_over: Literal["init", "law"] = "init"
    """init: probability over initializations, these data; law: over data (generators only) and initializations."""
    gd_steps: int | None = None
    """Most gradient steps of one trial."""
    gd_trials: int | None = None
    """Most confirming trials on each side of the threshold."""
    gd_quantile: float = 0.5
    """The threshold is the least width whose success probability reaches this."""

    def filled(self) -> "Filled":
        lm_steps, gd_steps, gd_trials, step_sizes = _BUDGETS[self.size]
        return Filled(
            lm_steps=self.lm_steps or lm_steps,
            gd_steps=self.gd_steps or gd_steps,
            gd_trials=self.gd_trials or gd_trials,
            gd_step_sizes=step_sizes,
        )


@dataclasses.dataclass(frozen=True)
class Filled:
    """The numbers that a size stands for."""

    lm_steps: int
    gd_steps: int
    gd_trials: int
    gd_step_sizes: tuple[float, ...]  # in units of 2 / (largest eigenvalue of the tangent kernel at the start)


_BUDGETS: dict[str, tuple[int, int, int, tuple[float, ...]]] = {
    "ci": (300, 40_000, 40, (0.5, 0.9)),
    "laptop": (1000, 200_000, 80, (0.25, 0.5, 0.9, 1.5)),
    "paper": (3000, 2_000_000, 150, (0.25, 0.5, 0.9, 1.5)),
}
