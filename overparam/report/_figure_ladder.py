"""The ladder: one rung a line, its width across, what stands behind it written beside it."""

import textwrap

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from overparam.report._plotting import FAINT, GRID, SIDES, legible, new_figure, width_axis
from overparam.report._reading import Ladder, real
from overparam.report._words import best_certified, best_lower, for_almost_every, number, spoken, title, width_of

_STRONG = ("certified", "theorem", "impossible")


def draw_ladder(ladder: Ladder) -> Figure | None:
    """The figure, or None where no rung has a number to draw."""
    rungs = sorted((r for r in ladder.rungs if _ends(r)), key=lambda r: (_ends(r)[-1], _ends(r)[0]))
    blank = [r for r in ladder.rungs if not _ends(r)]
    if not rungs:
        return None
    note = textwrap.wrap(", ".join(_noted(r) for r in blank), 88)
    below = 0.55 + 0.15 * (len(note) + 1 if note else 0)
    figure = new_figure(7.4, 0.45 + 0.29 * len(rungs) + below, margins=(1.8, 1.75, below, 0.45))
    axes = figure.add_subplot()
    width_axis(axes, [end for rung in rungs for end in _ends(rung)])
    axes.set_ylim(-0.75, len(rungs) - 0.25)
    shaded = _shade(axes, ladder)
    for y, rung in enumerate(rungs):
        _draw_rung(axes, y, rung)
    axes.set_yticks(range(len(rungs)), [legible(title(r["rung"])) for r in rungs])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("hidden neurons")
    _keys(figure, rungs, shaded=shaded)
    if note:
        text = legible("\n".join(["not on this ladder:", *note]))
        figure.text(0.02, 0.1 / figure.get_figheight(), text, fontsize=7.5, color=FAINT, va="bottom")
    return figure


def _noted(rung: dict) -> str:
    asked = f" {number(rung['width'])}," if rung["width"] is not None else ""
    return f"{title(rung['rung'])} ({(asked + ' ' + spoken(rung['word'])).strip()})"


def _ends(rung: dict) -> list[float]:
    """The numbers of a rung that an axis can hold: its interval, or else its width; none if it is vacuous."""
    if rung["word"] in ("vacuous", "undecided"):  # a width that nobody has would squeeze all others into a corner
        return []
    values = [rung["width"]]
    if rung["side"] == "threshold" and rung["interval"]:
        values = rung["interval"] if rung["low_confirmed"] else rung["interval"][1:]
    return [end for end in map(real, values) if end is not None and end < 1e15]


def _shade(axes: Axes, ladder: Ladder) -> bool:
    """The gap between the best proved lower bound and the smallest certified width."""
    lower, upper = best_lower(ladder), best_certified(ladder)
    if for_almost_every(lower):  # then these labels may be among the exceptions, and nothing lies between
        return False
    if not (lower and upper and lower["width"] < upper["width"] and _ends(lower) and _ends(upper)):
        return False
    axes.axvspan(lower["width"], upper["width"], color=GRID, lw=0, zorder=0)
    return True


def _draw_rung(axes: Axes, y: int, rung: dict) -> None:
    colour, marker, _ = SIDES.get(str(rung["side"]), SIDES["upper"])
    ends = _ends(rung)
    left, right = axes.get_xlim()
    strong = rung["word"] in _STRONG
    axes.axhline(y, color=GRID, lw=0.7, zorder=0)
    if rung["side"] == "threshold" and rung["interval"]:
        low, high = rung["interval"][0] if rung["low_confirmed"] else None, rung["interval"][1]
        axes.plot([left if low is None else low, right if high is None else high], [y, y],
                  color=colour, lw=2.2, ls="-" if low is not None and high is not None else (0, (1, 1)))  # fmt: skip
        axes.plot(ends, [y] * len(ends), ls="", marker="|", ms=11, mew=2, color=colour)
    else:
        towards = right if rung["side"] == "upper" else left
        if rung["side"] in ("lower", "upper"):  # the widths that the rung speaks of
            axes.plot([towards, ends[0]], [y, y], color=colour, lw=2.2, alpha=0.3, solid_capstyle="butt")
        axes.plot(ends, [y], ls="", marker=marker, ms=8, mew=1.6, color=colour, mfc=colour if strong else "white")
    for text, x, side in ((width_of(rung), 54, "right"), (spoken(rung["word"]), 62, "left")):
        axes.annotate(
            legible(text),
            (1, y),
            xycoords=("axes fraction", "data"),
            xytext=(x, 0),
            textcoords="offset points",
            ha=side,
            va="center",
            color=colour,
            fontweight="bold" if strong else "normal",
            annotation_clip=False,
        )


def _keys(figure: Figure, rungs: list[dict], *, shaded: bool) -> None:
    sides = [side for side in SIDES if any(r["side"] == side for r in rungs)]
    handles: list[Artist] = [
        Line2D([], [], ls="", marker=SIDES[s][1], color=SIDES[s][0], ms=7, label=SIDES[s][2])
        if s != "threshold"
        else Line2D([], [], ls="-", lw=2.2, marker="|", ms=9, mew=2, color=SIDES[s][0], label=SIDES[s][2])
        for s in sides
    ]
    if shaded:
        handles.append(Patch(color=GRID, label="between the bounds"))
    figure.legend(handles=handles, loc="upper left", ncols=len(handles), handletextpad=0.5, columnspacing=1.6)
