"""Weights, bits and sizes of every construction against n: small panels by kind of network, with what counting asks."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from overparam.report._comparison import GROUPS, Comparison, reached
from overparam.report._plotting import FAINT, GRID, INK, new_figure, size_axis

_COLOURS = (
    "#0072b2",
    "#d55e00",
    "#00785a",
    "#8f3f71",
    "#000000",
    "#b07d00",
    "#3a9bd1",
    "#7a4b00",
    "#5b5bd6",
    "#6b7785",
    "#c04a6b",
    "#4a8f2a",
)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "h", "*", "p")
_PANELS = (
    ("nonzero", "nonzero weights and biases"),
    ("total_bits", "bits of all of them"),
    ("max_abs_weight", "largest of them"),
)
_ROW, _LEGEND = 1.75, 1.55  # inches


def draw_memorizers(comparison: Comparison) -> Figure | None:
    """The figure, or None where nothing was built, or at one n only.

    Filled: the network rounded to float64 keeps the labels; hollow: it does not.
    """
    groups = [g for g in GROUPS if any(r["group"] == g and r["sizes"] for r in comparison.rows)]
    if not groups or len(comparison.at) < 2:
        return None
    figure = new_figure(7.4, 0.75 + _ROW * len(groups) + 0.42, margins=(0.6, _LEGEND, 0.5, 0.67))
    axes = figure.subplots(len(groups), len(_PANELS), squeeze=False, sharex=True, sharey="col")
    figure.subplots_adjust(wspace=0.32, hspace=0.3)
    spans = [_span(comparison, field) for field, _ in _PANELS]
    for i, group in enumerate(groups):
        names = list(dict.fromkeys(r["construction"] for r in comparison.rows if r["group"] == group and r["sizes"]))
        for j, (field, label) in enumerate(_PANELS):
            panel = axes[i][j]
            _draw(panel, comparison, names, field)
            if spans[j]:
                size_axis(panel, spans[j])
            if field != "max_abs_weight":
                n = sorted(comparison.at)
                panel.plot(n, n, color=INK, lw=1, ls=(0, (4, 2)), zorder=1)
            _sizes_axis(panel, comparison.at)
            panel.grid(color=GRID, lw=0.6)
            panel.set_axisbelow(True)
            if i == 0:
                panel.set_title(label, loc="left", fontsize=8, pad=16)
            if i == len(groups) - 1:
                panel.set_xlabel("n")
        axes[i][0].text(0, 1.04, GROUPS[group], transform=axes[i][0].transAxes, fontsize=8, color=FAINT)
        axes[i][-1].legend(
            loc="center left", bbox_to_anchor=(1.02, 0.5), fontsize=6.8, handlelength=1.6, labelspacing=0.25
        )
    figure.text(0.6 / 7.4, 1 - 0.24 / figure.get_figheight(), _KEY, fontsize=6.9, color=FAINT)
    return figure


_KEY = (
    "Certified networks, unless a name says otherwise.  Dashed: n, the numbers that almost all real labels need, and\n"
    "the bits that all binary ones together need.  Filled: rounded to float64 it keeps its labels; hollow: it does not."
)


def _draw(panel: Axes, comparison: Comparison, names: list[str], field: str) -> None:
    for index, name in enumerate(names):
        rows = sorted((r for r in comparison.rows if r["construction"] == name), key=lambda r: r["n"])
        points = [(r["n"], size, r["survives"].get("float64") is True) for r in rows if (size := reached(r, field))]
        colour, marker = _COLOURS[index % 12], _MARKERS[index % 12]
        panel.plot([n for n, _, _ in points], [s for _, s, _ in points], color=colour, lw=0.9, alpha=0.7)
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
            )
        panel.plot([], [], color=colour, lw=0.9, marker=marker, ms=4, label=name + _unproved(rows))


def _unproved(rows: list[dict[str, Any]]) -> str:
    """What to say beside a construction whose networks the checker did not accept."""
    words = {str(row["word"]) for row in rows if row["sizes"]} - {"certified"}
    return f" ({', '.join(sorted(words))})" if words else ""


def _span(comparison: Comparison, field: str) -> list[float]:
    """All sizes of one column, so that its panels share an axis."""
    found = [size for row in comparison.rows if (size := reached(row, field)) is not None]
    return found + ([float(n) for n in comparison.at] if field != "max_abs_weight" else []) if found else []


def _sizes_axis(panel: Axes, at: list[int]) -> None:
    """A tick at each n, logarithmic if there are several."""
    low, high = min(at), max(at)
    if high > low > 0:
        panel.set_xscale("log")
        panel.set_xlim(low / 1.25, high * 1.25)
    panel.xaxis.set_major_locator(FixedLocator(sorted(at)))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
