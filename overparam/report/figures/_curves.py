"""What a claim measured over a grid: points with intervals, formulas as lines, bounds as dashes, published as stars."""

import itertools
import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from overparam.records import Plot, Series
from overparam.report.figures._csv import table_csv
from overparam.report.figures._style import (
    COLOURS,
    DASHES,
    FAINT,
    GRID,
    INCHES,
    INK,
    MARKERS,
    Columns,
    legible,
    linear_axis,
    log_axis,
    new_figure,
    text_width,
    wrapped,
)

_HEIGHT: dict[Columns, float] = {"single": 1.9, "double": 2.5}  # inches, of the axes
_LEFT, _RIGHT, _BELOW, _LINE = 0.62, 0.18, 0.46, 0.135  # inches; a line of small text
_SIZE = 7  # points, of legend and marks
_DASHES: tuple[Any, ...] = ((0, (4, 2)), (0, (1, 1.2)), (0, (7, 1.5, 1, 1.5)), (0, (2, 2)))  # of bounds
_MANY = 40  # points from which markers are left out
_WORD = {"measured": "observed", "formula": "formula", "bound": "bound", "published": "published"}


def draw_curves(plot: Plot, columns: Columns = "double") -> Figure | None:
    """The figure, or None where no series has a number.

    Args:
        plot: what a study left.
        columns: of the paper that the figure is to fill.
    """
    shown = [series for series in plot.series if any(y is not None for y in series.y)]
    if not shown:
        return None
    wide = INCHES[columns]
    title = wrapped(plot.title, wide - 0.2, 9)
    labels = [wrapped(f"{series.label} ({_WORD[series.kind]})", wide - 1, _SIZE) for series in shown]
    abreast = 2 if all(text_width(line, _SIZE) < wide / 2 - 0.75 for lines in labels for line in lines) else 1
    bars = [line for told in _bars(shown) for line in wrapped(told, wide - 0.4, _SIZE)]
    legend = _LINE * (sum(max(map(len, pair)) for pair in _rows(labels, abreast)) + len(bars)) + 0.08
    sideways = wrapped(plot.y_label, _HEIGHT[columns] + 0.3, 8)
    left = _LEFT + 0.13 * len(sideways)
    marks = _places(plot, shown, wide - left - _RIGHT)
    above = 0.12 + 0.16 * len(title) + _LINE * (1 + max((row for _, _, row, _ in marks), default=-1))
    along = wrapped(plot.x_label, wide - left - _RIGHT, 8)
    below = _BELOW + 0.13 * (len(along) - 1)
    height = _HEIGHT[columns] + below + legend + above
    figure = new_figure(columns, height, margins=(left, _RIGHT, below + legend, above))
    axes = figure.subplots()
    theory = any(series.kind == "formula" for series in shown)  # then its line joins the points
    for index, (series, lines) in enumerate(zip(shown, labels, strict=True)):
        joined = series.joined and not (theory and len(series.x) <= _MANY)
        _draw(axes, series, index, "\n".join(lines), log_y=plot.log_y, joined=joined)
    axes.set_xlim(*_limits(plot, shown))
    for axis, wanted in ((axes.xaxis, plot.log_x), (axes.yaxis, plot.log_y)):
        log_axis(axis) if wanted else linear_axis(axis, 5 if columns == "single" else 7)
    axes.grid(color=GRID, lw=0.6)
    axes.set_axisbelow(True)
    _mark(axes, marks)
    axes.set_xlabel("\n".join(along), fontsize=8)
    axes.set_ylabel("\n".join(sideways), fontsize=8)
    axes.tick_params(labelsize=8)
    figure.text(0.1 / wide, 1 - 0.08 / height, "\n".join(title), fontsize=9, color=INK, ha="left", va="top")
    figure.text(0.25 / wide, 0.05 / height, "\n".join(bars), fontsize=_SIZE, color=FAINT, ha="left", va="bottom")
    figure.legend(
        *_by_rows(*axes.get_legend_handles_labels(), abreast),
        loc="lower left",
        bbox_to_anchor=(0.25 / wide, (0.04 + _LINE * len(bars)) / height),
        ncols=abreast,
        fontsize=_SIZE,
        handlelength=2.2,
        labelspacing=0.3,
        columnspacing=1.2,
        borderaxespad=0,
    )
    return figure


def _bars(shown: list[Series]) -> list[str]:
    """What the bars are; by name of the series where they are not the same everywhere."""
    spreads = {series.spread: [one.label for one in shown if one.spread == series.spread] for series in shown}
    spreads.pop("", None)
    if len(spreads) == 1:
        return [f"Bars: {spread}." for spread in spreads]
    return [f"Bars: {spread} ({', '.join(labels)})." for spread, labels in spreads.items()]


def _rows(labels: list[list[str]], abreast: int) -> list[list[list[str]]]:
    """Labels side by side."""
    return [labels[i : i + abreast] for i in range(0, len(labels), abreast)]


def _by_rows(handles: list, labels: list[str], abreast: int) -> tuple[list, list[str]]:
    """A legend fills its columns one after the other; in this order it reads along its rows."""
    order = [i for column in range(abreast) for i in range(column, len(labels), abreast)]
    return [handles[i] for i in order], [labels[i] for i in order]


def _limits(plot: Plot, shown: list[Series]) -> tuple[float, float]:
    """Ends of the x-axis: all abscissae that can be drawn, and some room."""
    at = [x for series in shown for x in series.x] + [x for x, _ in plot.marks]
    if plot.log_x:
        at = [x for x in at if x > 0] or [1.0]
        room = max((max(at) / min(at)) ** 0.04, 1.05)
        return min(at) / room, max(at) * room
    room = 0.04 * (max(at) - min(at)) or 0.5
    return min(at) - room, max(at) + room


def _places(plot: Plot, shown: list[Series], inches: float) -> list[tuple[float, float, int, str]]:
    """Marks as (abscissa, shift in inches, row above the frame, word): none covers another, none leaves the axes."""
    low, high = _limits(plot, shown)
    found: list[tuple[float, float, int, str]] = []
    ends: list[float] = []  # of the rows so far
    for x, word in sorted(plot.marks):
        if plot.log_x and x <= 0:
            continue
        share = math.log(x / low) / math.log(high / low) if plot.log_x else (x - low) / (high - low)
        half, middle = text_width(legible(word), _SIZE) / 2, share * inches
        shift = max(half - _LEFT / 2 - middle, 0.0) + min(inches - half - middle, 0.0)
        row = next((i for i, end in enumerate(ends) if end < middle + shift - half - 0.05), len(ends))
        ends[row : row + 1] = [middle + shift + half]
        found.append((x, shift, row, legible(word)))
    return found


def _mark(axes: Axes, marks: list[tuple[float, float, int, str]]) -> None:
    """A dotted line at each mark, its word above."""
    for x, shift, row, word in marks:
        axes.axvline(x, color=FAINT, lw=0.9, ls=(0, (1, 2)), zorder=1)
        axes.annotate(
            word,
            (x, 1),
            xycoords=blended_transform_factory(axes.transData, axes.transAxes),
            xytext=(72 * shift, 3 + 72 * _LINE * row),
            textcoords="offset points",
            fontsize=_SIZE,
            color=FAINT,
            va="bottom",
            ha="center",
            annotation_clip=False,
        )


def _draw(axes: Axes, series: Series, index: int, label: str, *, log_y: bool, joined: bool) -> None:
    nothing = (None,) * len(series.x)
    points = list(zip(series.x, series.y, series.low or nothing, series.high or nothing, strict=True))
    # a line breaks where there is no number, rather than joining its neighbours across a pole
    x, y = [p[0] for p in points], [math.nan if p[1] is None or (log_y and p[1] <= 0) else p[1] for p in points]
    colour, marker = COLOURS[index % len(COLOURS)], MARKERS[index % len(MARKERS)]
    if series.kind == "formula":
        axes.plot(x, y, color=colour, lw=1.2, ls=DASHES[index % 4], label=label, zorder=2)
        return
    if series.kind == "bound":
        axes.plot(x, y, color=colour, lw=1.1, ls=_DASHES[index % 4], label=label, zorder=2)
        return
    if series.kind == "published":
        axes.plot(x, y, color=colour, ls="", marker="*", ms=8, mfc="white", label=label, zorder=4)
        return
    whole = [(a, b, p[2], p[3]) for a, b, p in zip(x, y, points, strict=True) if None not in p and b == b]
    if whole:
        below = [max(b - low, 0.0) for _, b, low, _ in whole]
        above = [max(high - b, 0.0) for _, b, _, high in whole]
        axes.errorbar([p[0] for p in whole], [p[1] for p in whole], yerr=(below, above), fmt="none", ecolor=colour,
                      elinewidth=0.9, zorder=3)  # fmt: skip
    alone = len(x) == 1 or not joined or _lonely(y)
    axes.plot(
        x,
        y,
        color=colour,
        ls=DASHES[index % 4] if joined else "",
        lw=0.8,
        marker=marker if alone or len(x) <= _MANY else None,
        ms=3.6 if len(x) <= _MANY else 2,
        label=label,
        zorder=3,
    )


def _lonely(y: list[float]) -> bool:
    """Whether some number has none beside it, so that a line alone would not show it."""
    known = [False, *(value == value for value in y), False]
    return any(here and not (before or after) for before, here, after in zip(known, known[1:], known[2:], strict=False))


def curves_csv(plot: Plot) -> str:
    """The numbers behind the figure: a row a point."""
    rows = []
    for series in plot.series:
        for x, y, low, high in itertools.zip_longest(series.x, series.y, series.low, series.high):
            rows.append((series.label, series.kind, x, y, low, high, series.spread))
    return table_csv(("series", "kind", plot.x_label, plot.y_label, "low", "high", "what low and high are"), rows)
