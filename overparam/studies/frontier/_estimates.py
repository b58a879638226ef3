"""Joint thresholds of coupled networks as these studies print them: counted in pairs, told in neurons."""

import math
from collections.abc import Sequence

from overparam.records import Series
from overparam.widths import Cell, CellThreshold, ThresholdGrid, threshold_grid


def estimated(cells: Sequence[Cell], *, explore: int, confirm: int) -> ThresholdGrid:
    """Intervals of all cells at q = 1/2, jointly of confidence 95 %."""
    return threshold_grid(cells, q=0.5, level=0.95, explore=explore, confirm=confirm)


def spoken(cell: CellThreshold) -> str:
    """The interval of w* in neurons, [a, b] only where both ends were confirmed; another end is said to be open."""
    trials = f"({cell.threshold.trials} trials)"
    if cell.low is not None and cell.high is not None:
        return f"w* in [{2 * cell.low}, {2 * cell.high}] {trials}"
    low = "?" if cell.low is None else f"{2 * cell.low}"
    high = f"above {2 * cell.threshold.grid[-1]} or open" if cell.high is None else f"{2 * cell.high}"
    return f"w* from {low} to {high} {trials}"


def pictured(label: str, x: Sequence[float], cells: Sequence[CellThreshold]) -> Series:
    """Intervals in neurons with their middles by ratio, for a figure; a cell with an open end has no point."""
    ends = [(cell.low, cell.high) for cell in cells]
    whole = [(2.0 * low, 2.0 * high) if low is not None and high is not None else None for low, high in ends]
    return Series(
        label,
        tuple(map(float, x)),
        tuple(math.sqrt(pair[0] * pair[1]) if pair else None for pair in whole),
        tuple(pair[0] if pair else None for pair in whole),
        tuple(pair[1] if pair else None for pair in whole),
        joined=False,
        spread="95 % interval of w*, for all points at once",
    )


def apart(first: CellThreshold, second: CellThreshold) -> bool:
    """Whether two intervals have no width in common; an open end meets everything on its side."""
    return below(first, second) or below(second, first)


def below(first: CellThreshold, second: CellThreshold) -> bool:
    """Whether the first threshold is confirmed to be less than the second."""
    return first.high is not None and second.low is not None and first.high < second.low
