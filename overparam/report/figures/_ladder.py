"""The ladder: one rung a line, its width across, what stands behind it written beside it."""

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from overparam.report._fields import real
from overparam.report._ladders import Ladder
from overparam.report._words import best_certified, best_lower, for_almost_every, number, spoken, title, width_of
from overparam.report.figures._csv import table_csv
from overparam.report.figures._style import (
    FAINT,
    GRID,
    INCHES,
    SIDES,
    Columns,
    legible,
    new_figure,
    text_width,
    width_axis,
    wrapped,
)

_STRONG = ("certified", "theorem", "impossible")


def draw_ladder(ladder: Ladder, columns: Columns = "double") -> Figure | None:
    """The figure, or None where no rung has a number to draw."""
    rungs = sorted((r for r in ladder.rungs if _ends(r)), key=lambda r: (_ends(r)[-1], _ends(r)[0]))
    blank = [r for r in ladder.rungs if not _ends(r)]
    if not rungs:
        return None
    wide = INCHES[columns]
    titles, said = [legible(title(r["rung"])) for r in rungs], [legible(width_of(r)) for r in rungs]
    note = wrapped(", ".join(_noted(r) for r in blank), wide - 0.2, 7.5)
    keys = _keys(rungs, shaded=_gap(ladder) is not None)
    abreast = len(keys) if columns == "double" else 2
    below = 0.55 + 0.15 * (len(note) + 1 if note else 0)
    above = 0.16 + 0.19 * -(-len(keys) // abreast)
    words = [spoken(r["word"]) for r in rungs]
    size = 9.0 if columns == "double" else 7.5
    while wide - sum(_beside(titles, said, words, size)) < 0.75 and size > 5:  # inches that are left for the axis
        size -= 0.5
    left, numbers, after = _beside(titles, said, words, size)
    row = 0.29 if columns == "double" else 0.22
    figure = new_figure(columns, above + row * len(rungs) + below, margins=(left, numbers + after, below, above))
    axes = figure.add_subplot()
    room = int((wide - left - numbers - after) / 0.4)
    width_axis(axes, [end for rung in rungs for end in _ends(rung)], ticks=max(2, min(9, room)))
    axes.set_ylim(-0.75, len(rungs) - 0.25)
    if (gap := _gap(ladder)) is not None:  # between the best proved lower bound and the smallest certified width
        axes.axvspan(*gap, color=GRID, lw=0, zorder=0)
    for y, (rung, text) in enumerate(zip(rungs, said, strict=True)):
        _draw_rung(axes, y, rung)
        _say(axes, y, rung, text, at=72 * numbers, size=size)
    axes.set_yticks(range(len(rungs)), titles, fontsize=size)
    axes.tick_params(axis="x", labelsize=size - 0.5)
    axes.grid(axis="x", color=GRID, lw=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("hidden neurons", fontsize=size)
    figure.legend(
        handles=keys, loc="upper left", ncols=abreast, handletextpad=0.5, columnspacing=1.4, fontsize=size - 0.5
    )
    if note:
        text = "\n".join(["not on this ladder:", *note])
        figure.text(0.1 / wide, 0.08 / figure.get_figheight(), text, fontsize=7.5, color=FAINT, va="bottom")
    return figure


def _beside(titles: list[str], said: list[str], words: list[str], size: float) -> tuple[float, float, float]:
    """Inches that the texts take: titles before the frame, numbers and words behind it."""
    before, numbers, after = (max(text_width(text, size) for text in texts) for texts in (titles, said, words))
    return before + 0.2, numbers + 0.14, 1.12 * after + 0.2  # some words are bold


def ladder_csv(ladder: Ladder) -> str:
    """The rungs behind the figure, those without a number too."""
    fields = ("rung", "side", "width", "word", "quantifier", "family")
    rows = [(title(r["rung"]), *(r[field] for field in fields[1:]), *_confirmed(r)) for r in ladder.rungs]
    return table_csv((*fields, "low", "high"), rows)


def _confirmed(rung: dict) -> tuple[object, object]:
    """Those ends of an interval that were confirmed."""
    low, high = rung["interval"] or (None, None)
    return low if rung["low_confirmed"] else None, high


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


def _gap(ladder: Ladder) -> tuple[int, int] | None:
    """The best proved lower bound and the smallest certified width, where something lies between."""
    lower, upper = best_lower(ladder), best_certified(ladder)
    if for_almost_every(lower):  # then these labels may be among the exceptions, and nothing lies between
        return None
    if not (lower and upper and lower["width"] < upper["width"] and _ends(lower) and _ends(upper)):
        return None
    return lower["width"], upper["width"]


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


def _say(axes: Axes, y: int, rung: dict, text: str, *, at: float, size: float) -> None:
    """The number and the word beside the frame, the one ending and the other beginning near `at` points from it."""
    for said, x, side in ((text, at - 4, "right"), (spoken(rung["word"]), at + 4, "left")):
        axes.annotate(
            legible(said),
            (1, y),
            xycoords=("axes fraction", "data"),
            xytext=(x, 0),
            textcoords="offset points",
            ha=side,
            va="center",
            color=SIDES.get(str(rung["side"]), SIDES["upper"])[0],
            fontsize=size,
            fontweight="bold" if rung["word"] in _STRONG else "normal",
            annotation_clip=False,
        )


def _keys(rungs: list[dict], *, shaded: bool) -> list[Artist]:
    """What the marks mean."""
    sides = [side for side in SIDES if any(r["side"] == side for r in rungs)]
    handles: list[Artist] = [
        Line2D([], [], ls="", marker=SIDES[s][1], color=SIDES[s][0], ms=7, label=SIDES[s][2])
        if s != "threshold"
        else Line2D([], [], ls="-", lw=2.2, marker="|", ms=9, mew=2, color=SIDES[s][0], label=SIDES[s][2])
        for s in sides
    ]
    return handles + ([Patch(color=GRID, label="between the bounds")] if shaded else [])
