"""The phase plane of a sweep: samples over dimension against the width, the share that fitted as shade."""

import itertools
import math

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from overparam.report._sweep_folder import Sweep
from overparam.report.figures._cells import Point, cells_csv, grouped, needed, points_of
from overparam.report.figures._csv import table_csv
from overparam.report.figures._style import (
    INCHES,
    INK,
    SIDES,
    Columns,
    legible,
    new_figure,
    text_width,
    width_axis,
    wrapped,
)

_SHADES = LinearSegmentedColormap.from_list("share", ["#f4f7fa", "#9cc3e6", "#2f77b8", "#0a2f5c"])  # lighter: fewer
_HALF = 0.5
_ROW: dict[Columns, float] = {"single": 0.24, "double": 0.3}  # inches


def draw_phase(sweep: Sweep, columns: Columns = "double") -> Figure | None:
    """The figure, or None where the cells do not differ in both n or d and in the width.

    A mark says what a cell's own 95 % interval shows: full where at least half of all seeds fit, hollow where fewer
    do, a dot where neither is shown.  Cells without a row stay empty.
    """
    found = _plane(sweep)
    if found is None:
        return None
    other, rows, left_out = found
    wide = INCHES[columns]
    title = "Share of seeds that fitted" + (f", {legible(other)}" if other else "")
    title += f" (the other {left_out} settings are in the CSV)" if left_out else ""
    lines = wrapped(title, wide - 0.2, 8.5)
    keys = _keys(wide - 0.7, counts=any(p.counts for mine in rows.values() for p in mine))
    abreast = 2 if columns == "double" else 1
    above, below = 0.12 + 0.15 * len(lines), 0.5 + 0.135 * (-(-len(keys) // abreast) + (columns == "single"))
    names = [f"{n / d:.4g}  ({n}/{d})" for n, d in rows]
    left = 0.34 + max(text_width(name, 7) for name in names)
    figure = new_figure(columns, above + _ROW[columns] * len(rows) + below, margins=(left, 0.62, below, above))
    axes = figure.add_subplot()
    widths = sorted({p.width for mine in rows.values() for p in mine})
    width_axis(axes, [float(w) for w in widths], room=0.08, ticks=9 if columns == "double" else 4)
    axes.set_ylim(-0.5, len(rows) - 0.5)
    for y, mine in enumerate(rows.values()):
        for point, (start, end) in zip(mine, _edges([p.width for p in mine], axes), strict=True):
            _cell(axes, y, point, start, end)
    _bound(axes, rows)
    axes.set_yticks(range(len(rows)), names, fontsize=7)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=7.5)
    axes.set_xlabel("hidden neurons", fontsize=8)
    axes.set_ylabel("n / d", fontsize=8)
    _scale(figure, axes)
    figure.text(0.1 / wide, 1 - 0.07 / figure.get_figheight(), "\n".join(lines), fontsize=8.5, va="top")
    figure.legend(handles=keys, loc="lower left", ncols=abreast, fontsize=7, labelspacing=0.35, borderaxespad=0.3,
                  columnspacing=1.4, handletextpad=0.5)  # fmt: skip
    return figure


def phase_csv(sweep: Sweep) -> str:
    """Every cell of the sweep, those of other settings too."""
    return table_csv(*cells_csv(points_of(sweep)))


def _plane(sweep: Sweep) -> tuple[str, dict[tuple[int, int], list[Point]], int] | None:
    """The settings drawn, in words; (n, d) -> its points by width, in the order of n / d; settings left out."""
    points = [p for p in points_of(sweep) if p.n and p.d]
    by_setting = {key[0]: mine for key, mine in grouped(points, "other").items()}
    planes = {}
    for other, mine in by_setting.items():
        rows = {(key[0], key[1]): cells for key, cells in grouped(mine, "n", "d").items()}
        if len(rows) > 1 and any(len(cells) > 1 for cells in rows.values()):
            planes[other] = dict(sorted(rows.items(), key=lambda item: (item[0][0] / item[0][1], item[0])))
    if not planes or not any(p.rows for p in points):
        return None
    other = max(planes, key=lambda setting: sum(p.rows for mine in planes[setting].values() for p in mine))
    return other, planes[other], len(planes) - 1


def _edges(widths: list[int], axes: Axes) -> list[tuple[float, float]]:
    """Where the cells of a row begin and end: halfway to their neighbours, on a logarithmic axis by ratio."""
    log = axes.get_xscale() == "log"
    at = [math.log(w) if log else float(w) for w in widths]
    gaps = [b - a for a, b in itertools.pairwise(at)] or [0.5]
    cuts = [at[0] - gaps[0] / 2, *((a + b) / 2 for a, b in itertools.pairwise(at)), at[-1] + gaps[-1] / 2]
    cuts = [math.exp(cut) if log else cut for cut in cuts]
    return list(itertools.pairwise(cuts))


def _cell(axes: Axes, y: int, point: Point, start: float, end: float) -> None:
    share = point.share
    if share is None:
        axes.add_patch(Rectangle((start, y - 0.5), end - start, 1, fc="none", ec="#c9d1d9", lw=0.4, hatch="////"))
        return
    axes.add_patch(Rectangle((start, y - 0.5), end - start, 1, fc=_SHADES(share), ec="white", lw=0.5))
    low, high = point.interval()
    dark = share > 0.55
    colour = "white" if dark else INK
    decided = low >= _HALF or high < _HALF
    fill = "none" if high < _HALF else colour
    marker, size = ("o", 3.4) if decided else (".", 2)
    axes.plot([point.width], [y], ls="", marker=marker, mec=colour, mfc=fill, ms=size, mew=0.8)


def _bound(axes: Axes, rows: dict[tuple[int, int], list[Point]]) -> None:
    """The counting bound as a stair: to the left of it are the cells with fewer neurons."""
    x, ys = [], []
    for y, ((n, d), mine) in enumerate(rows.items()):
        if mine[0].counts:
            edges = _edges([p.width for p in mine], axes)
            within = [start for p, (start, _) in zip(mine, edges, strict=True) if p.width >= needed(n, d)]
            x += [within[0] if within else edges[-1][1]] * 2
            ys += [y - 0.5, y + 0.5]
    axes.plot(x, ys, color="white", lw=3, zorder=3)
    axes.plot(x, ys, color=SIDES["lower"][0], lw=1.6, ls=(0, (4, 1)), zorder=4)


def _keys(inches: float, *, counts: bool) -> list:
    keys: list = [
        Line2D([], [], ls="", marker="o", ms=4, color=INK, label="at least half fit, 95 % (observed)"),
        Line2D([], [], ls="", marker="o", ms=4, color=INK, mfc="none", label="fewer than half, 95 % (observed)"),
        Line2D([], [], ls="", marker=".", ms=3, color=INK, label="neither is shown (observed)"),
        Patch(fc="none", ec="#c9d1d9", hatch="////", lw=0.4, label="no row yet"),
    ]
    if counts:
        line = Line2D([], [], color=SIDES["lower"][0], lw=1.6, ls=(0, (4, 1)))
        label = "left of it: fewer neurons than exact fits of almost all labels need (theorem)"
        line.set_label("\n".join(wrapped(label, inches, 7)))
        keys.append(line)
    return keys


def _scale(figure: Figure, axes: Axes) -> None:
    """The shades beside the frame, with their shares."""
    box = axes.get_position()
    wide = figure.get_figwidth()
    scale = figure.add_axes((box.x1 + 0.12 / wide, box.y0, 0.1 / wide, box.height))
    for i in range(10):
        scale.add_patch(Rectangle((0, i / 10), 1, 0.1, fc=_SHADES((i + 0.5) / 10), lw=0))
    scale.set_xlim(0, 1)
    scale.set_xticks([])
    scale.set_yticks([0, 0.5, 1], ["0", "1/2", "1"], fontsize=7)
    scale.yaxis.tick_right()
    for spine in scale.spines.values():
        spine.set_visible(False)
