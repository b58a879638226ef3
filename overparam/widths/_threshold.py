"""The width from which a random trial succeeds with probability at least q: split-confirm, with its interval.

Stage 1 explores and may do as it likes.  Stage 2 confirms one width from each side on fresh seeds, so that its error
probability does not depend on what stage 1 did.  If the success probability does not fall with the width, the interval
[low, high] holds the threshold with probability at least `level`.  Trials whose budget ended before they could be
judged (censored) count against the side being confirmed: a side that rests on them stays open.
"""

import dataclasses
import enum
import functools
from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import norm

from overparam.widths._statistics import evidence

_SHARES = (0.5, 0.25, 0.25)  # of one side's error probability, an attempt each
_HIGH_TARGETS = (0.7, 0.9, 0.97)  # aim for p = q + share (1 - q)
_LOW_TARGETS = (0.3, 0.1, 0.03)  # aim for p = share q
_TRUST = 16  # trials after which an attempt without any evidence is given up


class Trial(enum.IntEnum):
    """One trial as the threshold sees it; a censored trial is never coded as a failure."""

    FAILED = 0
    FITTED = 1
    CENSORED = 2


Run = Callable[[int, str, int, int], np.ndarray]
"""(width, stage, first seed, number of seeds) -> (number,) of `Trial`; each stage draws from its own seeds."""


@dataclasses.dataclass(frozen=True)
class Batch:
    """Trials of one width in one stage, in the order they were run."""

    width: int
    stage: str
    outcomes: tuple[Trial, ...]

    def count(self, trial: Trial) -> int:
        return self.outcomes.count(trial)


@dataclasses.dataclass(frozen=True)
class Threshold:
    """What was confirmed of w*_q, the least width of success probability q from grid[0] up.

    w*_q <= high unless `high` is None; low <= w*_q if `low_confirmed`, else `low` is grid[0], by definition.
    """

    q: float
    level: float
    grid: tuple[int, ...]
    low: int
    high: int | None
    low_confirmed: bool
    batches: tuple[Batch, ...]

    @property
    def coherent(self) -> bool:
        """Whether the two ends can both be right; if not, one of two rare errors has happened."""
        return self.high is None or self.low <= self.high

    @property
    def trials(self) -> int:
        """Trials of both stages."""
        return sum(len(b.outcomes) for b in self.batches)

    @property
    def censored(self) -> int:
        """Confirming trials that ended undecided."""
        return sum(b.count(Trial.CENSORED) for b in self.batches if b.stage.startswith("confirm"))

    @property
    def censored_share(self) -> float:
        """Of the confirming trials."""
        confirming = sum(len(b.outcomes) for b in self.batches if b.stage.startswith("confirm"))
        return self.censored / confirming if confirming else 0.0


def width_grid(smallest: int, largest: int, *, ratio: float = 1.1) -> tuple[int, ...]:
    """Every width up to about 1/(ratio - 1), then steps of `ratio`.

    >>> width_grid(7, 20)
    (7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)
    """
    grid, width = [], max(1, smallest)
    while width <= largest:
        grid.append(width)
        width = max(width + 1, round(width * ratio))
    return tuple(grid)


def split_confirm(
    run: Run,
    grid: Sequence[int],
    *,
    q: float = 0.5,
    level: float = 0.95,
    explore: int = 40,
    confirm: int = 40,
    batch: int = 8,
) -> Threshold:
    """Locate w*_q on `grid` and confirm an interval for it.

    Args:
        run: runs fresh trials; trial i of a stage must not depend on which trials were asked for before.
        grid: widths considered, ascending; nothing is said about others.
        q: the success probability that defines the threshold.
        level: coverage of the interval, both sides together.
        explore: trials of stage 1 after the doubling.
        confirm: most trials of stage 2 for each side, all attempts together.
        batch: trials run together.
    Source:
        Ville's inequality for each side, a union bound over sides and attempts; probit working model in stage 1.
    """
    grid = tuple(grid)
    batches = _double(run, grid, batch)
    batches += _bisect(run, grid, q, explore, batch, batches)
    curve = _posterior(grid, q, batches)[1]
    high, from_above = _confirm(run, grid, curve, q, level, confirm, batch, high=True)
    low, from_below = _confirm(run, grid, curve, q, level, confirm, batch, high=False)
    return Threshold(
        q=q,
        level=level,
        grid=grid,
        low=grid[0] if low is None else low + 1,  # not the next of the grid: widths between are not excluded
        high=high,
        low_confirmed=low is not None,
        batches=(*batches, *from_above, *from_below),
    )


def _trials(run: Run, width: int, stage: str, first: int, count: int) -> Batch:
    return Batch(width, stage, tuple(Trial(int(t)) for t in run(width, stage, first, count)))


def _double(run: Run, grid: Sequence[int], batch: int) -> list[Batch]:
    """Doubling widths until a batch mostly succeeds."""
    batches: list[Batch] = []
    width = grid[0]
    while True:
        batches.append(_trials(run, width, "explore", len(batches) * batch, batch))
        if batches[-1].count(Trial.FITTED) >= 0.75 * batch or width == grid[-1]:
            return batches
        width = max(w for w in grid if w <= max(2 * width, grid[grid.index(width) + 1]))


def _bisect(run: Run, grid: Sequence[int], q: float, explore: int, batch: int, before: list[Batch]) -> list[Batch]:
    """Batches at the middle, lower and upper posterior quartile of the threshold, in turn."""
    batches: list[Batch] = []
    for quantile in (0.5, 0.25, 0.75) * (explore // batch):
        if len(batches) * batch >= explore:
            break
        threshold, _ = _posterior(grid, q, [*before, *batches])
        width = grid[int(np.searchsorted(np.cumsum(threshold), quantile).clip(0, len(grid) - 1))]
        first = (len(before) + len(batches)) * batch
        batches.append(_trials(run, width, "explore", first, batch))
    return batches


def _posterior(grid: Sequence[int], q: float, batches: Sequence[Batch]) -> tuple[np.ndarray, np.ndarray]:
    """Law of the threshold over the grid, and the predicted success probability at each width.

    Working model p = Phi((index - tau)/s + z_q) in the grid's index, flat over tau and s in {1/2, 1, 2, 4, 8}.
    """
    p, log_p, log_rest = _working_model(len(grid), q)
    fitted, others = np.zeros(len(grid)), np.zeros(len(grid))
    for b in batches:
        row, won = grid.index(b.width), b.count(Trial.FITTED)
        fitted[row] += won
        others[row] += len(b.outcomes) - won
    log_weight = np.tensordot(fitted, log_p, 1) + np.tensordot(others, log_rest, 1)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    by_tau = weight.sum(axis=1)
    inside = by_tau[1:-1].copy()
    inside[0] += by_tau[0]
    inside[-1] += by_tau[-1]
    return inside, np.einsum("kts,ts->k", p, weight)


@functools.lru_cache(maxsize=64)
def _working_model(rows: int, q: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """p, log p and log(1 - p), (rows, tau, s)."""
    index = np.arange(rows, dtype=float)
    tau, scale = np.meshgrid(np.arange(-1.0, rows + 1), [0.5, 1.0, 2.0, 4.0, 8.0], indexing="ij")
    p = norm.cdf((index[:, None, None] - tau) / scale + norm.ppf(q)).clip(1e-9, 1 - 1e-9)
    return p, np.log(p), np.log1p(-p)


def _confirm(
    run: Run, grid: Sequence[int], curve: np.ndarray, q: float, level: float, confirm: int, batch: int, *, high: bool
) -> tuple[int | None, list[Batch]]:
    """Up to three attempts, each on fresh seeds, to show p(width) >= q (high) or p(width) < q (low)."""
    stage = "confirm-high" if high else "confirm-low"
    targets = [q + t * (1 - q) for t in _HIGH_TARGETS] if high else [t * q for t in _LOW_TARGETS]
    batches: list[Batch] = []
    last: int | None = None
    for share, target in zip(_SHARES, targets, strict=True):
        row = _candidate(grid, curve, target, last, high=high)
        used = sum(len(b.outcomes) for b in batches)
        if row is None or used >= confirm:
            break
        last, needed = row, 2 / (share * (1 - level))
        favourable: list[bool] = []
        while used < confirm:
            b = _trials(run, grid[row], stage, used, min(batch, confirm - used))
            batches.append(b)
            used += len(b.outcomes)
            # a censored trial counts against whichever claim is being confirmed
            wanted = Trial.FITTED if high else Trial.FAILED
            favourable += [t == wanted for t in b.outcomes]
            seen = evidence(favourable, q if high else 1 - q)
            if seen.max() >= needed:
                return grid[row], batches
            if len(seen) >= _TRUST and seen[-1] < 1:
                break
    return None, batches


def _candidate(grid: Sequence[int], curve: np.ndarray, target: float, last: int | None, *, high: bool) -> int | None:
    """Row of the width to confirm: where the curve meets the target, and a tenth beyond the attempt before.

    A curve that meets it nowhere was drawn from few trials: the outermost width is tried all the same.
    """
    if high:
        beyond = [i for i, width in enumerate(grid) if last is None or (i > last and width >= 1.1 * grid[last])]
        return next((i for i in beyond if curve[i] >= target), beyond[-1] if beyond else None)
    beyond = [i for i, width in enumerate(grid) if last is None or (i < last and width <= 0.9 * grid[last])]
    return next((i for i in reversed(beyond) if curve[i] <= target), beyond[0] if beyond else None)
