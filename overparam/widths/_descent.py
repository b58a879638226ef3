"""From which width on gradient descent fits: trials for the split-confirm procedure.

Everything that could change a success probability is part of the protocol and is printed: optimizer, step rule, budget,
tolerance, initialization, scale of the data, and over what the probability runs.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from overparam.data import Dataset, DataSpec, load
from overparam.errors import InputError
from overparam.training import Outcome, Run, train_seeds
from overparam.widths._scaling import unit_size
from overparam.widths._spec import WidthSpec
from overparam.widths._threshold import Threshold, Trial, split_confirm, width_grid

_STAGES = ("tune", "explore", "confirm-high", "confirm-low")  # each draws its own initializations, and data of a law
_LAW_SEEDS = 1_000_000  # data seeds between the stages of a law
_BATCH = 8
_TRIALS = {
    Outcome.FITTED: Trial.FITTED,
    Outcome.MAX_STEPS: Trial.CENSORED,
    Outcome.DIVERGED: Trial.FAILED,
    Outcome.STUCK: Trial.FAILED,
}


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
        )

    @property
    def quantifier(self) -> str:
        drawn = "these data, over initializations" if self.over == "init" else "the law, over data and initializations"
        return f"{drawn}: success probability at least {self.q:g}"

    @property
    def words(self) -> str:
        steps = ", ".join(f"{c:g}" for c in self.step_sizes)
        return (
            f"full-batch gradient descent in float64 from initializations of the law {self.law}, "
            f"at most {self.max_steps} steps; step c * 2 / sharpness with c in {{{steps}}} "
            f"chosen at each width on separate seeds; fitted means a residual "
            f"of at most {self.tolerance:g} of the labels' norm; points and labels in units of unit size; at most "
            f"{self.confirm} confirming trials a side"
        )


@dataclasses.dataclass(frozen=True)
class DescentThreshold:
    """The threshold, and what every trial did."""

    protocol: Protocol
    threshold: Threshold
    counts: tuple[dict[str, Any], ...]  # width, stage, trials, and how they ended

    @property
    def verdict(self) -> str:
        """ESTIMATED if both ends were confirmed and few confirming trials were censored, else INCONCLUSIVE."""
        both = self.threshold.high is not None and self.threshold.low_confirmed
        return "ESTIMATED" if both and self.threshold.censored_share <= 0.05 else "INCONCLUSIVE"

    @property
    def sentence(self) -> str:
        t = self.threshold
        upper = (
            f"at width {t.high} gradient descent fits with probability at least {t.q:g} (confidence "
            f"{1 - (1 - t.level) / 2:g})"
            if t.high is not None
            else f"no width up to {t.grid[-1]} was confirmed to fit with probability at least {t.q:g}"
        )
        lower = (
            f"at width {t.low - 1} it fits with probability below {t.q:g} (same confidence)"
            if t.low_confirmed
            else f"no width was confirmed to be too small, so the lower end {t.low} is only where the search began"
        )
        together = (
            f"; if that probability does not fall as the width grows, the threshold lies in [{t.low}, {t.high}] with "
            f"confidence {t.level:g}"
            if t.low_confirmed and t.high is not None
            else ""
        )
        censored = sum(c["max_steps"] for c in self.counts if c["stage"].startswith("confirm"))
        trials = sum(c["trials"] for c in self.counts if c["stage"].startswith("confirm"))
        out_of_steps = (
            f"; {censored} of {trials} confirming trials ran out of steps, which counts against the end that was being "
            "confirmed"
            if censored
            else ""
        )
        return f"{upper}; {lower}{together}{out_of_steps}."

    def as_json(self) -> dict[str, Any]:
        t = self.threshold
        return {
            "q": t.q,
            "level": t.level,
            "grid": list(t.grid),
            "step_sizes": list(self.protocol.step_sizes),
            "trials": [dict(c) for c in self.counts],
            "interval": [t.low, t.high],
            "low_confirmed": t.low_confirmed,
            "verdict": self.verdict,
            "sentence": self.sentence,
        }


def descent_threshold(
    data: Dataset,
    origin: DataSpec,
    protocol: Protocol,
    *,
    lowest: int,
    root: jax.Array,
    widest: int | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> DescentThreshold:
    """Where gradient descent starts to fit with probability q.

    Args:
        data: the data set; with `over` = "law", one draw of the law.
        origin: the law, for `over` = "law".
        lowest: the smallest width considered, at least 1.
        root: typed key.
        widest: the largest width considered; default four times the number of samples.
    Raises:
        InputError: a law is asked for, but the data come from no generator.
    """
    if protocol.over == "law" and origin.kind != "generator":
        raise InputError(f"--gd-over law needs a generator to draw from; {origin.data} is one fixed data set")
    trials = _Trials(data, origin, protocol, root, tell)
    grid = width_grid(lowest, max(lowest, widest or 4 * len(data.labels)))
    threshold = split_confirm(
        trials,
        grid,
        q=protocol.q,
        level=protocol.level,
        explore=protocol.explore,
        confirm=protocol.confirm,
        batch=_BATCH,
    )
    return DescentThreshold(protocol, threshold, tuple(trials.counts))


class _Trials:
    """Runs trials, remembers the step size chosen at each width and how every trial ended."""

    def __init__(
        self, data: Dataset, origin: DataSpec, protocol: Protocol, root: jax.Array, tell: Callable[[str], None]
    ) -> None:
        self.points, self.labels = unit_size(data.points), unit_size(data.labels)
        self.origin, self.protocol, self.root, self.tell = origin, protocol, root, tell
        self.step_size: dict[int, float] = {}
        self.counts: list[dict[str, Any]] = []

    def __call__(self, width: int, stage: str, first: int, count: int) -> np.ndarray:
        self.tell(f"gradient descent at width {width} ({stage})")
        run = self._run(width, stage, first, np.full(count, self._tuned(width)))
        ended = {outcome: int((run.stopped == outcome).sum()) for outcome in Outcome}
        self.counts.append(
            {
                "width": width,
                "stage": stage,
                "trials": count,
                "step_size": self.step_size[width],
                **{outcome.name.lower(): number for outcome, number in ended.items()},
            }
        )
        return np.array([_TRIALS[Outcome(int(stopped))] for stopped in run.stopped])

    def _tuned(self, width: int) -> float:
        """The step size with most fits at this width on seeds of their own; ties go to the smaller residual."""
        if width not in self.step_size:
            sizes = self.protocol.step_sizes
            each = max(1, _BATCH // len(sizes))
            run = self._run(width, "tune", 0, np.repeat(sizes, each))
            fits = (run.stopped == Outcome.FITTED).reshape(len(sizes), each).sum(axis=1)
            residuals = np.median(run.residual_norm.reshape(len(sizes), each), axis=1)
            self.step_size[width] = sizes[min(range(len(sizes)), key=lambda i: (-fits[i], residuals[i]))]
        return self.step_size[width]

    def _run(self, width: int, stage: str, first: int, sizes: np.ndarray) -> Run:
        number = _STAGES.index(stage)
        seeds = np.arange(first, first + len(sizes))
        points, labels = self.points, self.labels
        if self.protocol.over == "law":
            drawn = [self._draw(number * _LAW_SEEDS + int(seed)) for seed in seeds]
            points, labels = (np.stack(arrays) for arrays in zip(*drawn, strict=True))
        return train_seeds(
            points,
            labels,
            jax.random.fold_in(self.root, number),
            seeds,
            width=width,
            step_size=sizes,
            step_unit="sharpness",
            optimizer=self.protocol.optimizer,
            law=self.protocol.law,
            max_steps=self.protocol.max_steps,
            tolerance=self.protocol.tolerance,
            chunk=_BATCH,
            rows=_compiled_rows(width),
        )

    def _draw(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """A fresh data set of the law; the ladder's own seed is below every stage's."""
        data = load(dataclasses.replace(self.origin, seed=self.origin.seed + 1 + seed))
        return unit_size(data.points), unit_size(data.labels)


def _compiled_rows(width: int) -> int:
    """Few compiled shapes for many widths: 4, 8, 16, then 1.5 and 1 times the powers of two.

    >>> [_compiled_rows(width) for width in (3, 7, 17, 25, 40)]
    [4, 8, 24, 32, 48]
    """
    rows = 4
    while rows < width:
        rows = 2 * rows if rows < 16 else rows * 3 // 2 if rows & (rows - 1) == 0 else rows * 4 // 3
    return rows
