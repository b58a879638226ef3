"""What a claim measured over a grid: points with intervals, formulas as lines, bounds as dashes, published as stars."""

import csv
import io
import math
import textwrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from overparam.records import Plot, Series
from overparam.report._plotting import FAINT, GRID, INK, legible, log_axis, new_figure

# Okabe and Ito's colours in an order that stays apart in grey; shapes and dashes keep them apart without colour.
_COLOURS = ("#0072b2", "#d55e00", "#00785a", "#8f3f71", "#000000", "#b07d00", "#3a9bd1", "#7a4b00")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
_DASHES = ("-", (0, (6, 1.5)), (0, (3, 1.2)), (0, (8, 1.5, 1.5, 1.5)))
_WIDTH, _HEIGHT, _LINE = 5.2, 2.9, 0.17  # inches; a legend line


def draw_curves(plot: Plot) -> Figure | None:
    """The figure, or None where no series has a number."""
    shown = [series for series in plot.series if any(y is not None for y in series.y)]
    if not shown:
        return None
    columns = 1 if max(len(series.label) for series in shown) > 34 else 2
    rows = -(-len(shown) // columns)
    figure = new_figure(_WIDTH, _HEIGHT + _LINE * rows, margins=(0.72, 0.2, 0.62 + _LINE * rows, 0.5))
    axes = figure.subplots()
    for index, series in enumerate(shown):
        _draw(axes, series, index, log_y=plot.log_y)
    for axis, wanted in ((axes.xaxis, plot.log_x), (axes.yaxis, plot.log_y)):
        if wanted:
            log_axis(axis)
    axes.grid(color=GRID, lw=0.6)
    axes.set_axisbelow(True)
    top = axes.get_ylim()[1]
    for x, word in plot.marks:
        axes.axvline(x, color=FAINT, lw=0.9, ls=(0, (1, 2)), zorder=1)
        axes.text(x, top, f" {legible(word)}", fontsize=7, color=FAINT, va="bottom", ha="center")
    axes.set_xlabel(legible(plot.x_label))
    axes.set_ylabel(textwrap.fill(legible(plot.y_label), 34))
    figure.text(0.02, 1 - 0.2 / figure.get_figheight(), legible(plot.title), fontsize=9, color=INK, ha="left")
    figure.legend(
        *axes.get_legend_handles_labels(),
        loc="lower left",
        bbox_to_anchor=(0.72 / _WIDTH - 0.02, 0.01),
        ncols=columns,
        fontsize=7,
        handlelength=2.2,
        labelspacing=0.3,
        columnspacing=1.2,
        borderaxespad=0,
    )
    return figure


def _draw(axes: Axes, series: Series, index: int, *, log_y: bool) -> None:
    points = [
        (x, y, low, high)
        for x, y, low, high in zip(
            series.x,
            series.y,
            series.low or (None,) * len(series.x),
            series.high or (None,) * len(series.x),
            strict=True,
        )
    ]
    # a line breaks where there is no number, rather than joining its neighbours across a pole
    x, y = [p[0] for p in points], [math.nan if p[1] is None or (log_y and p[1] <= 0) else p[1] for p in points]
    colour, label = _COLOURS[index % 8], f"{legible(series.label)} ({_WORD[series.kind]})"
    if series.kind == "formula":
        axes.plot(x, y, color=colour, lw=1.2, ls=_DASHES[index % 4], label=label, zorder=2)
        return
    if series.kind == "bound":
        axes.plot(x, y, color=colour, lw=1.1, ls=(0, (4, 2)), label=label, zorder=2)
        return
    if series.kind == "published":
        axes.plot(x, y, color=colour, ls="", marker="*", ms=8, mfc="white", label=label, zorder=4)
        return
    whole = [(a, b, p[2], p[3]) for a, b, p in zip(x, y, points, strict=True) if None not in p and b == b]
    if whole:
        below = [max(b - low, 0.0) for _, b, low, _ in whole]
        above = [max(high - b, 0.0) for _, b, _, high in whole]
        axes.errorbar([p[0] for p in whole], [p[1] for p in whole], yerr=(below, above), fmt="none", ecolor=colour,
                      elinewidth=0.9, capsize=1.8, zorder=3)  # fmt: skip
    many = len(x) > 40
    axes.plot(x, y, color=colour, lw=0.8, alpha=0.8, marker=None if many else _MARKERS[index % 8], ms=3.6, label=label,
              zorder=3)  # fmt: skip


_WORD = {"measured": "observed", "formula": "formula", "bound": "bound", "published": "published"}


def curves_csv(plot: Plot) -> str:
    """The numbers behind the figure: a row a point."""
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(("series", "kind", plot.x_label, plot.y_label, "low", "high"))
    for series in plot.series:
        for i, (x, y) in enumerate(zip(series.x, series.y, strict=True)):
            low = series.low[i] if i < len(series.low) else None
            high = series.high[i] if i < len(series.high) else None
            rows.writerow([series.label, series.kind, *("" if v is None else repr(v) for v in (x, y, low, high))])
    return stream.getvalue()
