"""What few neurons cost in the size of the weights: the constructions and the found network compared."""

from matplotlib.figure import Figure

from overparam.report._fields import real
from overparam.report._ladders import Ladder
from overparam.report._words import spoken, title
from overparam.report.figures._csv import table_csv
from overparam.report.figures._style import (
    COLOURS,
    GRID,
    INCHES,
    MARKERS,
    Columns,
    legible,
    new_figure,
    size_axis,
    text_width,
    width_axis,
)

_PANELS = (("max_abs_weight", "largest weight"), ("bits", "bits of the longest fraction"))
_FIELDS = (
    "neurons",
    "raw_params",
    "effective_params",
    "nonzero",
    "max_abs_weight",
    "total_weight",
    "path_norm",
    "bits",
)


def draw_weights(ladder: Ladder, columns: Columns = "double") -> Figure | None:
    """The figure, or None where no network's weights were measured."""
    rows = [row | {"neurons": at} for row in ladder.weights if (at := real(row["neurons"])) is not None and at < 1e9]
    panels = [(f, label) for f, label in _PANELS if any((real(r[f]) or 0) > 0 for r in rows)]
    if not panels:
        return None
    labels = [legible(f"{title(str(row['rung']))} ({_word(ladder, row)})") for row in rows]
    wide = INCHES[columns]
    abreast = max(1, int((wide - 0.1) / (max(text_width(label, 8) for label in labels) + 0.5)))
    below = 0.55 + 0.18 * -(-len(rows) // abreast)
    down, across = (len(panels), 1) if columns == "single" else (1, len(panels))
    figure = new_figure(columns, 1.85 * down + below + 0.2, margins=(0.65, 0.2, below, 0.3))
    figure.subplots_adjust(wspace=0.25, hspace=0.35)
    for place, (field, label) in enumerate(panels):
        axes = figure.add_subplot(down, across, place + 1)
        for index, (row, name) in enumerate(zip(rows, labels, strict=True)):
            size = real(row[field])
            if size is None or size <= 0:
                continue
            axes.plot(
                [row["neurons"]],
                [size],
                ls="",
                marker=MARKERS[index % 12],
                color=COLOURS[index % 12],
                mfc="none",
                ms=7 + (index % 3),
                mew=1.6,
                label=name if place == 0 else None,
                clip_on=False,
            )
        width_axis(axes, [r["neurons"] for r in rows], ticks=6)
        size_axis(axes, [s for r in rows if (s := real(r[field])) is not None and s > 0])
        axes.grid(color=GRID, lw=0.7)
        axes.set_axisbelow(True)
        axes.tick_params(labelsize=8)
        if place == len(panels) - 1 or across > 1:
            axes.set_xlabel("hidden neurons", fontsize=8)
        axes.set_title(label, loc="left", fontsize=8.5)
    figure.legend(loc="lower left", ncols=abreast, columnspacing=1.2, handletextpad=0.4, fontsize=8, labelspacing=0.35)
    return figure


def weights_csv(ladder: Ladder) -> str:
    """The numbers behind the figure: a row a network."""
    rows = [(title(str(row["rung"])), _word(ladder, row), *(row[field] for field in _FIELDS)) for row in ladder.weights]
    return table_csv(("network", "word", *_FIELDS), rows)


def _word(ladder: Ladder, row: dict) -> str:
    """What stands behind the network whose weights these are."""
    rung = ladder.rung(str(row["rung"]))
    return spoken(rung["word"]) if rung else "observed"
