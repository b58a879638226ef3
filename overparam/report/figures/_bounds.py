"""Bounds on a width as vertical lines that end in labels above the frame: no line crosses a label."""

import dataclasses

from matplotlib.axes import Axes

from overparam.report.figures._style import INCHES, SIDES, Columns, wrapped

_LINE = 0.16  # inches a row of labels
_SIZE: dict[Columns, float] = {"single": 7, "double": 8}  # points
_DASHES = {"lower": (0, (5, 2)), "upper": "-", "exact": (0, (1, 1))}


@dataclasses.dataclass(frozen=True)
class Bound:
    """A width that something needs, or that suffices."""

    width: int
    name: str
    side: str  # lower, upper, exact
    word: str  # what stands behind it

    @property
    def label(self) -> str:
        """As it stands beside the line."""
        return f"{self.name}: {self.width} ({self.word})"


def room_above(bounds: list[Bound], columns: Columns) -> float:
    """Inches that the labels take above the frame."""
    return 0.14 + _LINE * sum(len(_lines(bound, columns)) for bound in bounds)


def draw_bounds(axes: Axes, bounds: list[Bound], columns: Columns) -> None:
    """Draw them; the limits of the axes must be set.  The smallest width has the topmost label."""
    wide = INCHES[columns]
    box = axes.get_position()
    below = sum(len(_lines(bound, columns)) for bound in bounds)
    for bound in bounds:
        lines = _lines(bound, columns)
        below -= len(lines)
        colour = SIDES[bound.side][0]
        share = axes.transAxes.inverted().transform(axes.transData.transform((bound.width, 0)))[0]
        at = wide * (box.x0 + share * box.width)  # inches from the left
        height = 72 * _LINE * (below + len(lines) / 2)
        late = at > wide / 2
        dash = _DASHES[bound.side]
        axes.axvline(bound.width, color=colour, lw=1.2, alpha=0.6, ls=dash, zorder=0.5)
        axes.annotate(
            "\n".join(lines),
            (bound.width, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-4 if late else 4, height),
            textcoords="offset points",
            ha="right" if late else "left",
            va="center",
            fontsize=_SIZE[columns],
            linespacing=1.15,
            color=colour,
            bbox={"fc": "white", "ec": "none", "pad": 0.5},
            annotation_clip=False,
        )
        axes.annotate(
            "",
            (bound.width, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, height + 4),
            textcoords="offset points",
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 1.2, "alpha": 0.6, "shrinkA": 0, "shrinkB": 0},
            annotation_clip=False,
        )


def _lines(bound: Bound, columns: Columns) -> list[str]:
    """The label in lines that fit beside any place of the line: half of the page."""
    return wrapped(bound.label, INCHES[columns] / 2 - 0.12, _SIZE[columns])
