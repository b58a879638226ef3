"""Thresholds of many cells at once: split-confirm in each, with intervals that hold jointly.

A cell is a law of trials (so many points, of such a dimension, trained so) with widths to choose from.  At the level
1 - alpha, each of M cells is confirmed at 1 - alpha/M: by the union bound all intervals hold together with probability
1 - alpha, however the cells depend on one another, so they may share data and starts.  The price is small, since
evidence of 4 M / alpha is reached in time of the order of log M.
"""

import dataclasses
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from overparam.errors import InputError
from overparam.widths._threshold import Run, Threshold, split_confirm

CENSORED = 0.05  # share of undecided confirming trials from which a cell is limited by its budget


@dataclasses.dataclass(frozen=True)
class Cell:
    """Where to look for one threshold.

    Attributes:
        at: what tells the cells apart, as positive numbers: {"n": 40, "d": 5}.
        widths: those considered, ascending.
        run: its trials; those of a confirming stage must be independent of those of the exploring one.
    """

    at: Mapping[str, float]
    widths: Sequence[int]
    run: Run


@dataclasses.dataclass(frozen=True)
class CellThreshold:
    """What was confirmed about one cell."""

    at: Mapping[str, float]
    threshold: Threshold

    @property
    def low(self) -> int | None:
        """w* >= low; None where no width was confirmed to be too small."""
        return self.threshold.low if self.threshold.low_confirmed else None

    @property
    def high(self) -> int | None:
        """w* <= high; None where no width was confirmed to suffice."""
        return self.threshold.high

    @property
    def budget_limited(self) -> bool:
        """Whether more than 5 % of the confirming trials ended undecided; its interval still holds."""
        return self.threshold.censored_share > CENSORED

    @property
    def verdict(self) -> str:
        """ESTIMATED with both ends and few undecided trials, else INCONCLUSIVE."""
        settled = self.low is not None and self.high is not None and self.threshold.coherent
        return "ESTIMATED" if settled and not self.budget_limited else "INCONCLUSIVE"

    @property
    def note(self) -> str:
        """Why the cell is not settled; empty if it is."""
        t = self.threshold
        ends = ["below"] * (self.low is None) + ["above"] * (self.high is None)
        notes = [f"open {' and '.join(ends)}"] if ends else []
        if not t.coherent:
            notes.append("the two ends contradict each other: one of them is a rare error")
        if self.budget_limited:
            notes.append(f"budget-limited: {t.censored} confirming trials undecided")
        return "; ".join(notes)

    def as_json(self) -> dict[str, Any]:
        t = self.threshold
        return {
            "at": dict(self.at),
            "interval": [self.low, self.high],
            "verdict": self.verdict,
            "note": self.note,
            "widths": list(t.grid),
            "trials": t.trials,
            "censored": t.censored,
            "batches": [
                {"width": b.width, "stage": b.stage, "outcomes": [int(outcome) for outcome in b.outcomes]}
                for b in t.batches
            ],
        }


@dataclasses.dataclass(frozen=True)
class ThresholdGrid:
    """Intervals of all cells, which hold jointly."""

    q: float
    level: float
    cells: tuple[CellThreshold, ...]

    @property
    def trials(self) -> int:
        return sum(cell.threshold.trials for cell in self.cells)

    @property
    def sentence(self) -> str:
        """What the intervals claim, and what is left of it if success can fall as the width grows."""
        settled = sum(cell.verdict == "ESTIMATED" for cell in self.cells)
        return (
            f"If the success probability of no cell falls as the width grows, all {len(self.cells)} intervals hold the "
            f"least width of success probability {self.q:g} together with confidence {self.level:g}; if it can fall, "
            f"each upper end still has success probability at least {self.q:g}, and the width before each lower end "
            f"less, with the same joint confidence. {settled} of {len(self.cells)} cells are settled; {self.trials} "
            "trials."
        )

    def table(self) -> str:
        """The cells as aligned text."""
        names = list(self.cells[0].at)
        rows = [[*names, "interval", "trials", "censored", "verdict", "note"]]
        for cell in self.cells:
            low, high = ("?" if end is None else str(end) for end in (cell.low, cell.high))
            numbers = [f"{cell.at[name]:g}" for name in names]
            counts = [str(cell.threshold.trials), str(cell.threshold.censored)]
            rows.append([*numbers, f"[{low}, {high}]", *counts, cell.verdict, cell.note])
        sizes = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = ("  ".join(text.rjust(size) for text, size in zip(row[:-1], sizes, strict=False)) for row in rows)
        return "\n".join(f"{line}  {row[-1]}".rstrip() for line, row in zip(lines, rows, strict=True))

    def as_json(self) -> dict[str, Any]:
        return {
            "q": self.q,
            "level": self.level,
            "sentence": self.sentence,
            "cells": [cell.as_json() for cell in self.cells],
        }

    def dumps(self) -> str:
        """`as_json` as text."""
        return json.dumps(self.as_json(), indent=1, allow_nan=False) + "\n"


def threshold_grid(
    cells: Sequence[Cell],
    *,
    q: float = 0.5,
    level: float = 0.95,
    explore: int = 40,
    confirm: int = 150,
    batch: int = 8,
    tell: Callable[[str], None] = lambda _: None,
) -> ThresholdGrid:
    """The threshold of every cell, with intervals that hold jointly.

    Args:
        cells: at least one; all are told apart by the same names.
        q: success probability that defines the threshold, strictly between 0 and 1.
        level: joint coverage.
        explore: trials of a cell's first stage after the doubling.
        confirm: most trials a side of a cell; at 30 cells a width that always fits takes 14, in batches 16.
        batch: trials run together.
        tell: called with a line before each cell.
    Raises:
        InputError: arguments out of range, or cells that do not go together.

    >>> import numpy as np
    >>> step = Cell({"n": 10}, range(1, 30), lambda width, stage, first, count: np.full(count, int(width >= 7)))
    >>> grid = threshold_grid([step])
    >>> grid.cells[0].low <= 7 <= grid.cells[0].high
    True
    """
    _refuse(cells, q, level, confirm, batch)
    found = []
    for number, cell in enumerate(cells):
        tell(f"cell {number + 1} of {len(cells)}: {', '.join(f'{name} = {v:g}' for name, v in cell.at.items())}")
        threshold = split_confirm(
            cell.run,
            cell.widths,
            q=q,
            level=1 - (1 - level) / len(cells),
            explore=explore,
            confirm=confirm,
            batch=batch,
        )
        found.append(CellThreshold(dict(cell.at), threshold))
    return ThresholdGrid(q, level, tuple(found))


def _refuse(cells: Sequence[Cell], q: float, level: float, confirm: int, batch: int) -> None:
    if not cells:
        raise InputError("cells must hold at least one cell")
    for name, value in (("q", q), ("level", level)):
        if not 0 < value < 1:
            raise InputError(f"{name} must be a number strictly between 0 and 1, such as 0.5, not {value!r}")
    for name, value in (("confirm", confirm), ("batch", batch)):
        if value < 1:
            raise InputError(f"{name} must be at least 1, not {value!r}")
    names = set(cells[0].at)
    for cell in cells:
        if set(cell.at) != names:
            raise InputError(f"all cells must be told apart by {sorted(names)}, but one by {sorted(cell.at)}")
        if not all(0 < number < float("inf") for number in cell.at.values()):
            raise InputError(f"a cell must be told apart by positive numbers, not by {dict(cell.at)}")
        widths = list(cell.widths)
        if not widths or widths[0] < 1 or any(b <= a for a, b in itertools.pairwise(widths)):
            raise InputError(f"widths of a cell must be positive and ascending, not {widths}")
