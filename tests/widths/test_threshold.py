"""Split-confirm on simulated trials whose threshold is known."""

import itertools

import numpy as np
import pytest
from scipy.stats import norm

from overparam.widths import Trial, split_confirm, width_grid

GRID = width_grid(5, 120)


def trials(p, seed):
    rng = np.random.default_rng(seed)
    return lambda width, stage, first, count: (rng.random(count) < p(width)).astype(int)


@pytest.mark.parametrize(
    ("p", "truth"),
    [
        (lambda k: norm.cdf((k - 15) / 2), 15),
        (lambda k: float(k >= 12), 12),
        (lambda k: norm.cdf((k - 30) / 15), 30),
        (lambda k: 1.0, 5),
    ],
)
def test_interval_covers_the_threshold(p, truth):
    """Each side errs with probability at most 1/40; 40 runs, at most 6 misses a side by chance 1e-4."""
    results = [split_confirm(trials(p, seed), GRID) for seed in range(40)]
    assert sum(r.low > truth for r in results) <= 6
    assert sum(r.high is not None and r.high < truth for r in results) <= 6
    assert sum(r.high is not None for r in results) >= 20  # and it does find an upper end


def test_nothing_ever_fits():
    result = split_confirm(trials(lambda k: 0.0, 0), GRID)
    assert result.high is None
    assert result.low == GRID[-1] + 1  # confirmed: even the widest fails


def test_censored_trials_confirm_neither_side():
    """All trials out of budget: no upper end, and no lower end either, for censored is not failed."""
    result = split_confirm(lambda width, stage, first, count: np.full(count, Trial.CENSORED), GRID)
    assert (result.high, result.low, result.low_confirmed) == (None, GRID[0], False)
    assert result.censored_share == 1


def test_stages_and_attempts_use_fresh_trials():
    """Within a stage no trial index is used twice, and the confirming stages keep to their limit."""
    seen: dict[str, list[int]] = {}

    def run(width, stage, first, count):
        seen.setdefault(stage, []).extend(range(first, first + count))
        return (np.random.default_rng([first, width]).random(count) < norm.cdf((width - 20) / 10)).astype(int)

    split_confirm(run, GRID, explore=24, confirm=40)
    assert set(seen) == {"explore", "confirm-high", "confirm-low"}
    for stage, used in seen.items():
        assert len(used) == len(set(used)), stage
        assert stage == "explore" or len(used) <= 40


def test_grid_ascends_and_starts_with_every_width():
    grid = width_grid(3, 500)
    assert list(grid) == sorted(set(grid))
    assert grid[:10] == tuple(range(3, 13))
    assert all(b <= max(a + 1, 1.1 * a + 1) for a, b in itertools.pairwise(grid))
