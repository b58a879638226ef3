"""Trials for the split-confirm procedure: networks trained from fresh starts, on one data set or on fresh draws.

Each stage has its own root key, and with a law its own data seeds, so that the starts that choose a step size or a
width never meet those that confirm it.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from overparam.data import Dataset, DataSpec, load
from overparam.keys import Purpose, key_for
from overparam.networks import Params, initialize
from overparam.training import Outcome, Run, levenberg_marquardt_seeds, train_seeds
from overparam.widths._protocol import APART, OPTIMIZERS, Protocol
from overparam.widths._scaling import unit_size
from overparam.widths._second_look import SecondLook, basin, is_doubled, own_time
from overparam.widths._threshold import Trial

_STAGES = ("tune", "explore", "confirm-high", "confirm-low")  # each draws its own initializations, and data of a law
_LAW_SEEDS = 1_000_000  # data seeds between the stages of a law
BATCH = 8
_TRIALS = {
    Outcome.FITTED: Trial.FITTED,
    Outcome.MAX_STEPS: Trial.CENSORED,
    Outcome.DIVERGED: Trial.FAILED,
    Outcome.STUCK: Trial.FAILED,
}


class Trials:
    """Runs trials, remembers the step size chosen at each width and how every trial ended."""

    def __init__(
        self, data: Dataset, origin: DataSpec, protocol: Protocol, root: jax.Array, tell: Callable[[str], None]
    ) -> None:
        self.points, self.labels = unit_size(data.points), unit_size(data.labels)
        self.origin, self.protocol, self.root, self.tell = origin, protocol, root, tell
        self.step_size: dict[int, float] = {}
        self.counts: list[dict[str, Any]] = []
        self.second_look = SecondLook()

    def __call__(self, width: int, stage: str, first: int, count: int) -> np.ndarray:
        self.tell(f"{OPTIMIZERS[self.protocol.optimizer]} at width {width} ({stage})")
        sizes, seeds = np.full(count, self._tuned(width)), np.arange(first, first + count)
        run = self._run(width, stage, seeds, sizes)
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
        if self.protocol.other_tolerances and stage.startswith("confirm"):
            self.counts[-1] |= self._at_other_tolerances(run, width, stage, seeds, sizes)
        if self.protocol.second_look and stage.startswith("confirm") and ended[Outcome.MAX_STEPS]:
            self.second_look += self._look_again(run, width, stage, seeds, sizes)
        return np.array([_TRIALS[Outcome(int(stopped))] for stopped in run.stopped])

    def _tuned(self, width: int) -> float:
        """The step size with most fits at this width on seeds of their own; ties go to the smaller residual."""
        if width not in self.step_size:
            sizes = self.protocol.step_sizes
            if len(sizes) == 1 or self.protocol.optimizer == "lm":
                self.step_size[width] = sizes[0]
                return sizes[0]
            each = max(1, BATCH // len(sizes))
            run = self._run(width, "tune", np.arange(each * len(sizes)), np.repeat(sizes, each))
            fits = (run.stopped == Outcome.FITTED).reshape(len(sizes), each).sum(axis=1)
            residuals = np.median(run.residual_norm.reshape(len(sizes), each), axis=1)
            self.step_size[width] = sizes[min(range(len(sizes)), key=lambda i: (-fits[i], residuals[i]))]
        return self.step_size[width]

    def _at_other_tolerances(
        self, run: Run, width: int, stage: str, seeds: np.ndarray, sizes: np.ndarray
    ) -> dict[str, int]:
        """How many of these trials fit to a looser and to a tighter tolerance, within the same steps.

        Looser: those that ended within it; a run that was within it only on the way is missed, so it is a lower bound.
        Tighter: those that fitted are run again; the others cannot.
        """
        fitted = run.stopped == Outcome.FITTED
        _, labels = self._data(stage, seeds)
        loose = self.protocol.tolerance * APART * np.linalg.norm(labels, axis=-1)
        tighter = 0
        if fitted.any():
            again = self._run(width, stage, seeds[fitted], sizes[fitted], tighter=APART)
            tighter = int((again.stopped == Outcome.FITTED).sum())
        return {"fitted_looser": int((fitted | (run.residual_norm <= loose)).sum()), "fitted_tighter": tighter}

    def _look_again(self, run: Run, width: int, stage: str, seeds: np.ndarray, sizes: np.ndarray) -> SecondLook:
        """At the trials of a batch that ran out of steps; see `SecondLook`."""
        out = run.stopped == Outcome.MAX_STEPS
        points, labels = self._data(stage, seeds)
        fits, flips = basin(points, labels, run.params)
        time, singular = np.full(len(seeds), np.inf), np.zeros(len(seeds), bool)
        if self.protocol.optimizer == "gd":  # whose clock this is
            time, singular = own_time(
                points, labels, self._start(width, stage, seeds), run.params,
                step_sizes=sizes, n_steps=run.n_steps, tolerance=self.protocol.tolerance,
            )  # fmt: skip
        number = _STAGES.index(stage)
        again = np.array([bool(o) and is_doubled(number, int(seed)) for o, seed in zip(out, seeds, strict=True)])
        changed = 0
        if again.any():
            more = self._run(width, stage, seeds, sizes, times=2)
            changed = int((again & (more.stopped != Outcome.MAX_STEPS)).sum())
        return SecondLook(
            looked=int(out.sum()),
            slow=int((out & fits & (flips <= 1)).sum()),
            elsewhere=int((out & fits & (flips > 1)).sum()),
            short=int((out & ~singular & (time < 1)).sum()),
            singular=int((out & singular).sum()),
            doubled=int(again.sum()),
            changed=changed,
        )

    def _run(
        self, width: int, stage: str, seeds: np.ndarray, sizes: np.ndarray, *, times: int = 1, tighter: float = 1.0
    ) -> Run:
        """These trials, one for each step size, with so many times the budget and so much less tolerance."""
        points, labels = self._data(stage, seeds)
        root, protocol = self._root(stage), self.protocol
        if protocol.optimizer == "lm":
            return levenberg_marquardt_seeds(
                points, labels, root, seeds, width=width, law=protocol.law, scale=1.0,
                max_steps=times * protocol.max_steps, tolerance=protocol.tolerance / tighter, chunk=BATCH,
            )  # fmt: skip
        return train_seeds(
            points,
            labels,
            root,
            seeds,
            width=width,
            step_size=sizes,
            step_unit="sharpness",
            optimizer=protocol.optimizer,
            law=protocol.law,
            max_steps=times * protocol.max_steps,
            tolerance=protocol.tolerance / tighter,
            chunk=BATCH,
            rows=_compiled_rows(width),
        )

    def _root(self, stage: str) -> jax.Array:
        return jax.random.fold_in(self.root, _STAGES.index(stage))

    def _start(self, width: int, stage: str, seeds: np.ndarray) -> Params:
        """The weights that these trials began with."""
        root, law, dim = self._root(stage), self.protocol.law, self.points.shape[1]
        one = lambda seed: initialize(key_for(root, Purpose.INIT, seed), law, width=width, dim=dim)  # noqa: E731
        return jax.vmap(one)(seeds.astype(np.uint32))

    def _data(self, stage: str, seeds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of these trials: the one data set, or a draw of the law for each."""
        if self.protocol.over == "init":
            return self.points, self.labels
        first = _STAGES.index(stage) * _LAW_SEEDS
        drawn = [self._draw(first + int(seed)) for seed in seeds]
        points, labels = (np.stack(arrays) for arrays in zip(*drawn, strict=True))
        return points, labels

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
