"""From which width on gradient descent fits: of one data set or law, or of many laws with joint intervals."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import jax

from overparam.data import Dataset, DataSpec, load
from overparam.errors import InputError
from overparam.widths._grid import CENSORED, Cell, ThresholdGrid, threshold_grid
from overparam.widths._protocol import OPTIMIZERS, Protocol
from overparam.widths._second_look import SecondLook
from overparam.widths._threshold import Threshold, split_confirm, width_grid
from overparam.widths._trials import BATCH, Trials


@dataclasses.dataclass(frozen=True)
class DescentThreshold:
    """The threshold, and what every trial did."""

    protocol: Protocol
    threshold: Threshold
    counts: tuple[dict[str, Any], ...]  # width, stage, trials, and how they ended

    @property
    def verdict(self) -> str:
        """ESTIMATED if both ends were confirmed and few confirming trials were censored, else INCONCLUSIVE."""
        t = self.threshold
        both = t.high is not None and t.low_confirmed
        return "ESTIMATED" if both and t.coherent and t.censored_share <= CENSORED else "INCONCLUSIVE"

    @property
    def _tried(self) -> str:
        tried = [batch.width for batch in self.threshold.batches]
        return f"{min(tried)} to {max(tried)}"

    @property
    def sentence(self) -> str:
        t = self.threshold
        upper = (
            f"at width {t.high} {OPTIMIZERS[self.protocol.optimizer]} fits with probability at least {t.q:g} "
            f"(confidence {1 - (1 - t.level) / 2:g})"
            if t.high is not None
            else f"no width was confirmed to fit with probability at least {t.q:g}, of those tried, {self._tried}"
        )
        lower = (
            f"at width {t.low - 1} it fits with probability below {t.q:g} (same confidence)"
            if t.low_confirmed
            else f"no width was confirmed to be too small, so the lower end {t.low} is only where the search began"
        )
        together = (
            f"; if that probability does not fall as the width grows, the threshold lies in [{t.low}, {t.high}] with "
            f"confidence {t.level:g}"
            if t.low_confirmed and t.high is not None and t.coherent
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
            "tolerance": self.protocol.tolerance,
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
    _require_law(origin, protocol)
    trials = Trials(data, origin, protocol, root, tell)
    grid = width_grid(lowest, max(lowest, widest or 4 * len(data.labels)))
    threshold = split_confirm(
        trials,
        grid,
        q=protocol.q,
        level=protocol.level,
        explore=protocol.explore,
        confirm=protocol.confirm,
        batch=BATCH,
    )
    return DescentThreshold(protocol, threshold, tuple(trials.counts))


@dataclasses.dataclass(frozen=True)
class DescentGrid:
    """Thresholds of many laws, and what every trial did."""

    protocol: Protocol
    thresholds: ThresholdGrid
    counts: tuple[tuple[dict[str, Any], ...], ...]  # of each cell: width, stage, trials, step size, how they ended
    second_looks: tuple[SecondLook, ...]  # of each cell, at its confirming trials that ran out of steps

    def as_json(self) -> dict[str, Any]:
        found = self.thresholds.as_json()
        for cell, counts, look in zip(found["cells"], self.counts, self.second_looks, strict=True):
            cell["counts"] = [dict(c) for c in counts]
            if self.protocol.second_look:
                cell["second_look"] = look.as_json()
        return {"protocol": self.protocol.words, **found}


def descent_grid(
    origins: Sequence[DataSpec],
    protocol: Protocol,
    *,
    root: jax.Array,
    at: Callable[[DataSpec, Dataset], dict[str, float]] | None = None,
    lowest: int = 1,
    widest: float = 4.0,
    tell: Callable[[str], None] = lambda _: None,
) -> DescentGrid:
    """Where gradient descent starts to fit, for each law or data set, with intervals that hold jointly.

    Args:
        origins: a cell each.
        protocol: of all cells; its `level` is the joint one.
        root: typed key; cells share it, which joint intervals allow.
        at: what tells the cells apart; the number of samples "n" and the dimension "d" if not given.
        lowest: the smallest width considered.
        widest: the largest, as a multiple of the number of samples.
        tell: called with lines of progress.
    Raises:
        InputError: no cell, or a law is asked for, but some data come from no generator.
    """
    cells, runs = [], []
    for origin in origins:
        data = load(origin)
        _require_law(origin, protocol)
        runs.append(Trials(data, origin, protocol, root, tell))
        n, d = data.points.shape
        widths = width_grid(lowest, max(lowest, int(widest * n)))
        cells.append(Cell({"n": n, "d": d} if at is None else at(origin, data), widths, runs[-1]))
    thresholds = threshold_grid(
        cells, q=protocol.q, level=protocol.level, explore=protocol.explore, confirm=protocol.confirm, batch=BATCH,
        tell=tell,
    )  # fmt: skip
    counts, looks = tuple(tuple(run.counts) for run in runs), tuple(run.second_look for run in runs)
    return DescentGrid(protocol, thresholds, counts, looks)


def _require_law(origin: DataSpec, protocol: Protocol) -> None:
    if protocol.over == "law" and origin.kind != "generator":
        raise InputError(f"--gd-over law needs a generator to draw from; {origin.data} is one fixed data set")
