"""Thresholds against n (or d), from the shares of a sweep, and the power laws through all of them."""

import math
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from overparam.report._sweep_folder import Sweep
from overparam.report.figures._cells import Point, enough, grouped, needed, points_of
from overparam.report.figures._csv import table_csv
from overparam.report.figures._style import (
    COLOURS,
    DASHES,
    GRID,
    INCHES,
    MARKERS,
    SIDES,
    Columns,
    legible,
    log_axis,
    new_figure,
    wrapped,
)
from overparam.widths import CellThreshold, Threshold, ThresholdGrid, fitted_range, power_law, rounded

_Q, _LEVEL = 0.5, 0.95
_MOST = 6  # settings of one figure
_LINE = 0.128  # inches
_COLOUR = 3  # the first of the curves, that of thresholds in every other figure


class Law(NamedTuple):
    """Thresholds of the cells of one setting, and what they say together."""

    other: str  # the setting, in words
    grid: ThresholdGrid
    names: list[str]  # of n and d those that vary
    points: list[Point]  # one for each cell of the grid


def draw_thresholds(sweep: Sweep, columns: Columns = "double") -> Figure | None:
    """The figure, or None where no setting has thresholds at two sizes of data.

    All widths of all cells are judged at once, each at 1 - 0.05 / (their number), so the intervals hold together.
    """
    laws = _laws(sweep)
    if not laws:
        return None
    wide = INCHES[columns]
    shown = laws[:: -(-len(laws) // _MOST)]
    along = "n" if any("n" in law.names for law in laws) else "d"
    title = "Least width from which at least half of the seeds fit; intervals hold jointly with 95 %, if that share "
    title += "does not fall with the width"
    title += f"; {len(shown)} of {len(laws)} settings" if len(shown) < len(laws) else ""
    head = wrapped(title, wide - 0.2, 8)
    said = [_exponents(law, wide) for law in shown]
    bounds = _bounds(shown, along)
    rows = sum(map(len, said)) + sum(len(_curves(law, along)) for law in shown) + len(bounds)
    above, below = 0.12 + 0.145 * len(head), 0.46 + _LINE * rows + 0.04
    tall = 2.8 if columns == "double" else 2.0
    figure = new_figure(columns, tall + above + below, margins=(0.62, 0.2, below, above))
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.set_yscale("log")
    index = _COLOUR
    for law, lines in zip(shown, said, strict=True):
        label: str | None = "\n".join(lines)
        for rest, cells in _curves(law, along).items():
            _draw(axes, cells, along, index, legible(", ".join(filter(None, [law.other, rest]))))
            _band(axes, law, cells, along, index, label)
            index, label = index + 1, None
    for (label, side), (x, y) in bounds.items():
        dash = (0, (4, 2)) if side == "lower" else "-"
        axes.plot(x, y, color=SIDES[side][0], lw=1.1, ls=dash, label=label, zorder=1)
    log_axis(axes.xaxis)
    log_axis(axes.yaxis)
    axes.grid(color=GRID, lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8)
    axes.set_xlabel("samples n" if along == "n" else "dimension d", fontsize=8)
    axes.set_ylabel("hidden neurons", fontsize=8)
    figure.text(0.1 / wide, 1 - 0.06 / figure.get_figheight(), "\n".join(head), fontsize=8, va="top")
    figure.legend(loc="lower left", fontsize=7, labelspacing=0.3, borderaxespad=0.2, handletextpad=0.5)
    return figure


def thresholds_csv(sweep: Sweep) -> str:
    """The intervals, then what is known of each exponent."""
    rows: list[tuple[object, ...]] = []
    for law in _laws(sweep):
        for cell, point in zip(law.grid.cells, law.points, strict=True):
            rows.append((law.other, "threshold", point.n, point.d, "observed", cell.low, cell.high))
        found = power_law(law.grid, law.names)
        for name, ends in [*found.exponents.items(), ("factor", found.factor)]:
            low, high = (end if math.isfinite(end) else None for end in ends)
            kind = f"exponent of {name}" if name in law.names else name
            rows.append((law.other, kind if found.possible else f"{kind}: no law", None, None, "observed", low, high))
    return table_csv(("settings", "what", "n", "d", "word", "low", "high"), rows)


def _laws(sweep: Sweep) -> list[Law]:
    points = [p for p in points_of(sweep) if p.n and p.d and p.rows]
    level = 1 - (1 - _LEVEL) / max(len(points), 1)
    found = []
    for (other,), mine in grouped(points, "other").items():
        cells, firsts = [], []
        for (n, d), widths in grouped(mine, "n", "d").items():
            if (threshold := judged(widths, level)) is not None:
                cells.append(CellThreshold({"n": n, "d": d}, threshold))
                firsts.append(widths[0])
        names = [name for name in ("n", "d") if len({cell.at[name] for cell in cells}) > 1]
        if names:
            found.append(Law(other, ThresholdGrid(_Q, _LEVEL, tuple(cells)), names, firsts))
    return found


def judged(widths: list[Point], level: float) -> Threshold | None:
    """What the shares of one size of data confirm, each width at this level; None if neither end."""
    ends = [(p.width, *p.interval(level)) for p in widths]
    high = min((width for width, low, _ in ends if low >= _Q), default=None)
    below = max((width for width, _, up in ends if up < _Q), default=None)
    if high is None and below is None:
        return None
    grid = tuple(width for width, _, _ in ends)
    low = grid[0] if below is None else below + 1
    return Threshold(_Q, level, grid, low, high, below is not None, ())


def _curves(law: Law, along: str) -> dict[str, list[CellThreshold]]:
    """What is fixed on a curve, in words -> its cells."""
    across = "d" if along == "n" else "n"
    found: dict[str, list[CellThreshold]] = {}
    for cell in sorted(law.grid.cells, key=lambda cell: (cell.at[across], cell.at[along])):
        found.setdefault(f"{across} = {cell.at[across]:g}", []).append(cell)
    return found


def _exponents(law: Law, wide: float) -> list[str]:
    """The exponents as a label."""
    found = power_law(law.grid, law.names)
    letters = dict(zip(law.names, "bc", strict=False))
    formula = "⌈a " + " ".join(f"{name}^{letter}" for name, letter in letters.items()) + "⌉"
    if not found.possible:
        return wrapped(f"no law {formula} passes all intervals (observed, 95 %)", wide - 0.7, 7)
    ends = ", ".join(f"{letter} in {rounded(found.exponents[name])}" for name, letter in letters.items())
    return wrapped(
        f"shaded: every law {formula} that passes all intervals, without ⌈⌉; {ends} (observed, 95 %)", wide - 0.7, 7
    )


def _draw(axes: Axes, cells: list[CellThreshold], along: str, index: int, label: str) -> None:
    """Intervals; an end that is open is an arrow from the one that is known."""
    colour, marker = COLOURS[index % len(COLOURS)], MARKERS[index % len(MARKERS)]
    for cell in cells:
        x = cell.at[along]
        if cell.low is not None and cell.high is not None:
            axes.plot([x, x], [cell.low, cell.high], color=colour, lw=1.4, marker="_", ms=5, zorder=3)
            middle = math.sqrt(cell.low * cell.high)
            axes.plot([x], [middle], ls="", color=colour, marker=marker, ms=4.2, zorder=4)
        else:
            known = cell.low if cell.high is None else cell.high
            axes.plot([x], [known], ls="", color=colour, marker="^" if cell.high is None else "v", mfc="white", ms=5,
                      zorder=3)  # fmt: skip
    axes.plot([], [], color=colour, lw=1.4, marker=marker, ms=4.2, label=f"{label}: intervals (observed)")


def _band(axes: Axes, law: Law, cells: list[CellThreshold], along: str, index: int, label: str | None) -> None:
    """Between the least and the greatest value of any power law through all intervals."""
    low, high = min(cell.at[along] for cell in cells), max(cell.at[along] for cell in cells)
    x = [low * (high / low) ** (i / 12) for i in range(13)] if high > low else [low]
    ends = [fitted_range(law.grid, dict(cells[0].at) | {along: at}, law.names) for at in x]
    colour = COLOURS[index % len(COLOURS)]
    shown = [(at, *pair) for at, pair in zip(x, ends, strict=True) if pair is not None and math.isfinite(sum(pair))]
    if not shown or min(pair[1] for pair in shown) <= 0:
        axes.plot([], [], ls="", label=label)
        return
    at, bottom, top = zip(*shown, strict=True)
    axes.fill_between(at, bottom, top, color=colour, alpha=0.15, lw=0, zorder=1)
    axes.plot(at, bottom, color=colour, lw=0.7, ls=DASHES[1 + index % 3], label=label, zorder=2)
    axes.plot(at, top, color=colour, lw=0.7, ls=DASHES[1 + index % 3], zorder=2)


def _bounds(laws: list[Law], along: str) -> dict[tuple[str, str], tuple[list[float], list[float]]]:
    """Theorems as lines, where all cells differ in one of n and d only: (label, side) -> abscissae, widths."""
    points = [point for law in laws for point in law.points]
    across = "d" if along == "n" else "n"
    if len({getattr(point, across) for point in points}) != 1:
        return {}
    at = sorted({(p.n, p.d) for p in points if p.n and p.d})
    x = [float(n if along == "n" else d) for n, d in at]
    found: dict[tuple[str, str], tuple[list[float], list[float]]] = {}
    if all(point.counts for point in points):
        label = "exact fits of almost all labels need (theorem)"
        found[(label, "lower")] = (x, [float(needed(n, d)) for n, d in at])
    if all(point.general for point in points):
        found[("enough for any labels in general position (theorem)", "upper")] = (
            x,
            [float(enough(n, d)) for n, d in at],
        )
    return found
