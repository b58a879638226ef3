"""Do the joint intervals of split-confirm hold as often as they say, and what do they cost next to a plain grid?

    python benchmarks/widths/coverage.py --out benchmarks/results/widths_coverage.json

Success probabilities with known thresholds, no training: five cells, 25 widths from 5 to 56, q = 1/2, intervals that
hold jointly with 95 %.  A repetition is covered if all five hold.  That coverage is at least 95 % is rejected where so
few covered repetitions, or fewer, have probability below 1e-3: an exact binomial test, its level set beforehand.

    probit    Phi((k - 20) / 4), the working model of the exploring stage
    step      0 below 12, then 1
    ramp      0.1 to 0.9 in a line: nowhere steep
    late      0.49 up to the widest, where it is 1: every width but the last tempts to an upper end too low
    early     0 at the narrowest, then 0.51: the same for the lower end

The plain grid tries every width equally often, and goes from the widest down as long as an exact binomial test at
alpha / (2 M) rejects p < q, then from the narrowest up: a fixed order needs no further correction, so this is the
cheapest plain grid with the same guarantee.  Its number of trials a width is the least, of multiples of 8, for which
its median interval, as a ratio, is no wider than split-confirm's.
"""

import argparse
import json
import pathlib
import sys
from collections.abc import Callable

import numpy as np
from scipy.stats import binom, norm

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from overparam.widths import Cell, threshold_grid, width_grid

Q, LEVEL, REJECT = 0.5, 0.95, 1e-3
WIDTHS = width_grid(5, 56)
CURVES: dict[str, Callable[[int], float]] = {
    "probit": lambda k: float(norm.cdf((k - 20) / 4)),
    "step": lambda k: float(k >= 12),
    "ramp": lambda k: 0.1 + 0.8 * (k - WIDTHS[0]) / (WIDTHS[-1] - WIDTHS[0]),
    "late": lambda k: 0.49 if k < WIDTHS[-1] else 1.0,
    "early": lambda k: 0.0 if k <= WIDTHS[0] else 0.51,
}


def threshold(curve: Callable[[int], float]) -> int:
    """The least width with success probability at least q; every width is looked at, not only those of the grid."""
    return next(k for k in range(WIDTHS[0], WIDTHS[-1] + 1) if curve(k) >= Q)


def trials(curve: Callable[[int], float], seed: tuple[int, ...]):
    """Trials that depend on their stage, width and index alone, as trained networks do."""
    chances = {width: curve(width) for width in WIDTHS}
    uniform: dict[tuple[str, int], np.ndarray] = {}

    def run(width: int, stage: str, first: int, count: int) -> np.ndarray:
        if (stage, width) not in uniform:
            uniform[stage, width] = np.random.default_rng([*seed, width, *stage.encode()]).random(256)
        return (uniform[stage, width][first : first + count] < chances[width]).astype(int)

    return run


def repeat(names: list[str], repetition: int):
    """One repetition of the whole procedure: the grid of thresholds, and whether each cell's interval holds."""
    cells = [Cell({"cell": 1 + i}, WIDTHS, trials(CURVES[name], (repetition, i))) for i, name in enumerate(names)]
    grid = threshold_grid(cells, q=Q, level=LEVEL)
    held = [
        (cell.low is None or cell.low <= threshold(CURVES[name]))
        and (cell.high is None or threshold(CURVES[name]) <= cell.high)
        for name, cell in zip(names, grid.cells, strict=True)
    ]
    return grid, held


def rejects(covered: int, repetitions: int) -> bool:
    """Whether so few covered repetitions reject a coverage of at least 95 % at level 1e-3."""
    return bool(binom.cdf(covered, repetitions, LEVEL) < REJECT)


def plain(curve: Callable[[int], float], each: int, alpha: float, rng: np.random.Generator) -> tuple[int, int]:
    """Interval of the plain grid; (narrowest, widest + 1) where nothing is rejected."""
    won = rng.binomial(each, [curve(width) for width in WIDTHS])
    fits = binom.sf(won - 1, each, Q) <= alpha / 2  # rejects p < q
    fails = binom.cdf(won, each, Q) <= alpha / 2  # rejects p >= q
    high = next((i for i in range(len(WIDTHS))[::-1] if not fits[i]), -1) + 1
    low = next((i for i in range(len(WIDTHS)) if not fails[i]), len(WIDTHS))
    return WIDTHS[low - 1] + 1 if low else WIDTHS[0], WIDTHS[high] if high < len(WIDTHS) else WIDTHS[-1] + 1


def plain_trials(curve: Callable[[int], float], ratio: float, alpha: float, repetitions: int = 200) -> int | None:
    """Trials of the plain grid whose median interval is no wider; None if 256 a width do not suffice."""
    for each in range(8, 257, 8):
        rng = np.random.default_rng(each)
        ends = [plain(curve, each, alpha, rng) for _ in range(repetitions)]
        if np.median([high / low for low, high in ends]) <= ratio:
            return each * len(WIDTHS)
    return None


def measure(repetitions: int) -> dict:
    """Coverage and costs."""
    names = list(CURVES)
    runs = [repeat(names, repetition) for repetition in range(repetitions)]
    held = np.array([held for _, held in runs])
    covered = int(held.all(axis=1).sum())
    cells = []
    for i, name in enumerate(names):
        found = [grid.cells[i] for grid, _ in runs]
        spent = [cell.threshold.trials for cell in found]
        # an open end counts as the end of the grid, for both procedures
        ratios = [(c.high or WIDTHS[-1] + 1) / (c.low or WIDTHS[0]) for c in found]
        median = float(np.median(ratios))
        cells.append(
            {
                "curve": name,
                "threshold": threshold(CURVES[name]),
                "covered": int(held[:, i].sum()),
                "open": sum(c.low is None or c.high is None for c in found),
                "median_ratio": median,
                "mean_trials": float(np.mean(spent)),
                "plain_trials": plain_trials(CURVES[name], median, (1 - LEVEL) / len(names)),
            }
        )
    return {
        "repetitions": repetitions,
        "covered": covered,
        "rejected": rejects(covered, repetitions),
        "cells": cells,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--smallest", action="store_true", help="five repetitions, as the tests run it")
    parser.add_argument("--out", type=pathlib.Path, help="write the record to this JSON file")
    options = parser.parse_args()
    record = {
        "question": (__doc__ or "").splitlines()[0],
        "command": "python benchmarks/widths/coverage.py",
        **measure(5 if options.smallest else options.repetitions),
    }
    text = json.dumps(record, indent=1) + "\n"
    if options.out:
        options.out.write_text(text)
    print(text, end="")


if __name__ == "__main__":
    main()
