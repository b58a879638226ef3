"""What few neurons cost in the size of the weights: the constructions and the found network compared."""

import math

from matplotlib.figure import Figure

from overparam.report._plotting import GRID, legible, new_figure, size_axis, width_axis
from overparam.report._reading import Ladder, real
from overparam.report._words import title

_COLOURS = ("#0072b2", "#d55e00", "#00785a", "#8f3f71", "#000000", "#b07d00", "#3a9bd1")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_PANELS = (("max_abs_weight", "largest weight"), ("bits", "bits of the longest fraction"))


def draw_weights(ladder: Ladder) -> Figure | None:
    """The figure, or None where no network's weights were measured."""
    rows = [row | {"neurons": at} for row in ladder.weights if (at := real(row["neurons"])) is not None and at < 1e9]
    panels = [(f, label) for f, label in _PANELS if any((real(r[f]) or 0) > 0 for r in rows)]
    if not panels:
        return None
    below = 0.55 + 0.2 * math.ceil(len(rows) / 4)
    figure = new_figure(7.4, 2.6 + below, margins=(0.75, 0.25, below, 0.35))
    figure.subplots_adjust(wspace=0.25)
    for place, (field, label) in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), place + 1)
        for index, row in enumerate(rows):
            size = real(row[field])
            if size is None or size <= 0:
                continue
            axes.plot(
                [row["neurons"]],
                [size],
                ls="",
                marker=_MARKERS[index % 7],
                color=_COLOURS[index % 7],
                mfc="none",
                ms=7 + (index % 3),
                mew=1.6,
                label=legible(title(str(row["rung"]))) if place == 0 else None,
                clip_on=False,
            )
        width_axis(axes, [r["neurons"] for r in rows])
        sizes = [s for r in rows if (s := real(r[field])) is not None and s > 0]
        size_axis(axes, sizes)
        axes.grid(color=GRID, lw=0.7)
        axes.set_axisbelow(True)
        axes.set_xlabel("hidden neurons")
        axes.set_title(label, loc="left", fontsize=9)
    figure.legend(loc="lower left", ncols=4, columnspacing=1.6, handletextpad=0.4)
    return figure
