"""Weights, bits and sizes of every construction against n: small panels by kind of network, with what counting asks."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from overparam.report._comparison import GROUPS, Comparison, reached
from overparam.report.figures._csv import table_csv
from overparam.report.figures._style import (
    COLOURS,
    FAINT,
    GRID,
    INCHES,
    INK,
    MARKERS,
    Columns,
    legible,
    new_figure,
    size_axis,
    text_width,
    wrapped,
)

_PANELS = (
    ("nonzero", "nonzero weights and biases"),
    ("total_bits", "bits of all of them"),
    ("max_abs_weight", "largest of them"),
)
_KEY = (
    "Certified networks, unless a name says otherwise. Dashed: n, the numbers that almost all real labels need, and "
    "the bits that all binary ones together need (theorem). Filled: rounded to float64 it keeps its labels; hollow: it "
    "does not."
)
_ROW, _SIZE, _LINE = 1.0, 6.8, 0.125  # inches of a panel; points; inches of a line of that size
_FIELDS = ("nonzero", "total_bits", "max_abs_weight", "bits", "neurons", "raw_params")


def draw_memorizers(comparison: Comparison, columns: Columns = "double") -> Figure | None:
    """The figure, or None where nothing was built, or at one n only.

    In one column of a paper there is room for the numbers of weights; bits and largest weights are in the wide figure.
    """
    labels = {group: found for group in GROUPS if (found := _labels(comparison, group))}
    if not labels or len(comparison.at) < 2:
        return None
    key = wrapped(_KEY, INCHES[columns] - 0.2, _SIZE)
    figure = _wide(comparison, labels, len(key)) if columns == "double" else _narrow(comparison, labels, len(key))
    place = 0.1 / INCHES[columns], 1 - 0.06 / figure.get_figheight()
    figure.text(*place, "\n".join(key), fontsize=_SIZE, color=FAINT, va="top")
    return figure


def _wide(comparison: Comparison, labels: dict[str, dict[str, str]], lines: int) -> Figure:
    """A row of three panels a kind of network, its legend beside it."""
    wide = INCHES["double"]
    names = [text for each in labels.values() for text in each.values()]
    left, right = 0.5, max(text_width(text, _SIZE) for text in names) + 0.45
    head, foot, gap = 0.22 + _LINE * lines, 0.36, 0.36
    figure = new_figure("double", head + (_ROW + gap) * len(labels) + foot, margins=(left, right, foot, head))
    tall = figure.get_figheight()
    across = (wide - left - right + 0.42) / len(_PANELS)  # of a panel with the room for its numbers
    for i, (group, mine) in enumerate(labels.items()):
        top = tall - head - (_ROW + gap) * (i + 1)
        for j, (field, label) in enumerate(_PANELS):
            panel = figure.add_axes(((left + j * across) / wide, top / tall, (across - 0.42) / wide, _ROW / tall))
            _fill(panel, comparison, mine, field)
            if i == 0:
                panel.set_title(label, loc="left", fontsize=7.5, pad=13)
            if i == len(labels) - 1:
                panel.set_xlabel("n", fontsize=7.5, labelpad=1)
            if j == 0:
                panel.text(0, 1.04, GROUPS[group], transform=panel.transAxes, fontsize=7.5, color=FAINT)
        place = ((wide - right + 0.05) / wide, (top + _ROW / 2) / tall)
        figure.legend(*panel.get_legend_handles_labels(), fontsize=_SIZE, handlelength=1.6, labelspacing=0.15,
                      borderaxespad=0, loc="center left", bbox_to_anchor=place)  # fmt: skip
    return figure


def _narrow(comparison: Comparison, labels: dict[str, dict[str, str]], lines: int) -> Figure:
    """Two kinds of network abreast, one panel each, its legend below it."""
    wide, left, gap = INCHES["single"], 0.42, 0.5
    across = (wide - left - 0.1 - gap) / 2
    names = {group: wrapped(GROUPS[group], across, _SIZE) for group in labels}
    groups = list(labels)
    pairs = [groups[i : i + 2] for i in range(0, len(groups), 2)]
    above = [0.06 + _LINE * max(len(names[group]) for group in pair) for pair in pairs]  # of a panel: its name
    below = [0.45 + _LINE * max(len(labels[group]) for group in pair) for pair in pairs]  # numbers and legend
    head = 0.36 + _LINE * lines
    tall = head + sum(above) + _ROW * len(pairs) + sum(below)
    figure = new_figure("single", tall, margins=(left, 0.1, 0.1, head))
    figure.text(0.1 / wide, 1 - (head - 0.14) / tall, f"{_PANELS[0][1]}, against n", fontsize=8, va="center")
    top = tall - head
    for pair, over, under in zip(pairs, above, below, strict=True):
        foot = top - over - _ROW
        for j, group in enumerate(pair):
            at = left + j * (across + gap)
            panel = figure.add_axes((at / wide, foot / tall, across / wide, _ROW / tall))
            _fill(panel, comparison, labels[group], _PANELS[0][0])
            name = "\n".join(names[group])
            panel.text(0, 1.03, name, transform=panel.transAxes, fontsize=_SIZE, color=FAINT, va="bottom")
            place = ((at - 0.2) / wide, (foot - 0.22) / tall)
            figure.legend(*panel.get_legend_handles_labels(), fontsize=_SIZE, handlelength=1.6, labelspacing=0.15,
                          borderaxespad=0, loc="upper left", bbox_to_anchor=place)  # fmt: skip
        top = foot - under
    return figure


def memorizers_csv(comparison: Comparison) -> str:
    """The numbers behind the figure: a row a network that was built."""
    rows = [
        (r["group"], r["construction"], r["word"], r["n"], *(r["sizes"].get(f) for f in _FIELDS),
         r["survives"].get("float64"))
        for r in comparison.rows
        if r["sizes"]
    ]  # fmt: skip
    return table_csv(("group", "construction", "word", "n", *_FIELDS, "survives_float64"), rows)


def _labels(comparison: Comparison, group: str) -> dict[str, str]:
    """The constructions of a group, each with what to say beside its name where the checker did not accept it."""
    found = {}
    for row in comparison.rows:
        if row["group"] == group and row["sizes"]:
            name = row["construction"]
            mine = [r for r in comparison.rows if r["construction"] == name and r["sizes"]]
            words = {str(r["word"]) for r in mine} - {"certified"}
            found[name] = legible(f"{name} ({', '.join(sorted(words))})" if words else name)
    return found


def _fill(panel: Axes, comparison: Comparison, labels: dict[str, str], field: str) -> None:
    """One panel: lines, what counting asks, axes."""
    for index, (name, label) in enumerate(labels.items()):
        _draw(panel, comparison, name, label, index, field)
    if span := _span(comparison, field):
        size_axis(panel, span)
    if field != "max_abs_weight":
        n = sorted(comparison.at)
        panel.plot(n, n, color=INK, lw=1, ls=(0, (4, 2)), zorder=1)
    _sizes_axis(panel, comparison.at)
    panel.grid(color=GRID, lw=0.6)
    panel.tick_params(labelsize=7)
    panel.set_axisbelow(True)


def _draw(panel: Axes, comparison: Comparison, name: str, label: str, index: int, field: str) -> None:
    rows = sorted((r for r in comparison.rows if r["construction"] == name), key=lambda r: r["n"])
    points = [(r["n"], size, r["survives"].get("float64") is True) for r in rows if (size := reached(r, field))]
    colour, marker = COLOURS[index % 12], MARKERS[index % 12]
    panel.plot([n for n, _, _ in points], [s for _, s, _ in points], color=colour, lw=0.8, clip_on=False)
    for kept in (True, False):
        chosen = [(n, s) for n, s, k in points if k is kept]
        panel.plot(
            [n for n, _ in chosen],
            [s for _, s in chosen],
            ls="",
            marker=marker,
            ms=4.2,
            mew=1,
            color=colour,
            mfc=colour if kept else "white",
            clip_on=False,
        )
    panel.plot([], [], color=colour, lw=0.9, marker=marker, ms=4, label=label)


def _span(comparison: Comparison, field: str) -> list[float]:
    """All sizes of one column, so that its panels share an axis."""
    found: list[float] = [size for row in comparison.rows if (size := reached(row, field)) is not None]
    return found + ([float(n) for n in comparison.at] if field != "max_abs_weight" else []) if found else []


def _sizes_axis(panel: Axes, at: list[int]) -> None:
    """A tick at each n, logarithmic if there are several."""
    low, high = min(at), max(at)
    if high > low > 0:
        panel.set_xscale("log")
        panel.set_xlim(low / 1.25, high * 1.25)
    ticks = sorted(set(at))
    while len(ticks) > 5:
        ticks = ticks[::2]
    panel.xaxis.set_major_locator(FixedLocator(ticks))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
