"""How often a search and gradient descent fit, against the width, between the bounds."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from overparam.report._plotting import FAINT, GRID, SIDES, legible, new_figure, width_axis
from overparam.report._reading import Ladder, real, whole
from overparam.report._words import counts_relu, title
from overparam.widths import clopper_pearson

_SERIES = {  # colour, marker, filled
    "found": ("#0072b2", "o", True),
    "explore": ("#8f3f71", "D", False),
    "confirm": ("#8f3f71", "D", True),
}
_LINE = 0.17  # inches a row of labels


def draw_success(ladder: Ladder) -> Figure | None:
    """The figure, or None where nothing was tried."""
    series = [
        ("found", "Levenberg–Marquardt starts", _counts(ladder.found, "starts", "fitted")),
        ("explore", "gradient descent, exploring", _counts(_staged(ladder, "explore"), "trials", "fitted")),
        ("confirm", "gradient descent, confirming", _counts(_staged(ladder, "confirm"), "trials", "fitted")),
    ]
    series = [entry for entry in series if entry[2]]
    if not series:
        return None
    tried = [width for _, _, counts in series for width, _, _ in counts]
    bounds = _bounds(ladder, max(tried))
    above = 0.2 + _LINE * len(bounds)
    figure = new_figure(7.4, 3.6 + above, margins=(0.75, 1.1, 0.85, above))
    axes = figure.add_subplot()
    width_axis(axes, [float(w) for w in tried + [width for width, _, _ in bounds]], room=0.06)
    axes.set_ylim(-0.06, 1.06)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "1/4", "1/2", "3/4", "1"])
    axes.grid(axis="y", color=GRID, lw=0.7)
    axes.set_axisbelow(True)
    for index, (kind, label, counts) in enumerate(series):
        _draw_series(axes, kind, label, counts, shift=4.0 * (index - (len(series) - 1) / 2))
    q = real(ladder.gd.get("q"))
    if q is not None:
        axes.axhline(q, color=FAINT, lw=1, ls=(0, (4, 3)))
        axes.annotate(
            f"asked: {q:g}",
            (1, q),
            xycoords=("axes fraction", "data"),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=FAINT,
        )
    _draw_bounds(axes, bounds)
    axes.set_xlabel("hidden neurons")
    axes.set_ylabel("share that fitted within the step limit")
    figure.legend(loc="lower left", ncols=3, columnspacing=1.6, handletextpad=0.4)
    return figure


def _staged(ladder: Ladder, stage: str) -> list[dict]:
    return [row for row in ladder.gd.get("trials", []) if str(row["stage"]).startswith(stage)]


def _counts(rows: list[dict], trials: str, successes: str) -> list[tuple[int, int, int]]:
    """(width, trials, successes) of the rows that have all three and make sense, those of one width together."""
    pooled: dict[int, tuple[int, int]] = {}
    for row in rows:
        width, tried, fitted = whole(row["width"]), whole(row[trials]), whole(row[successes])
        if width is not None and tried and fitted is not None and 0 <= fitted <= tried and 0 <= width < 10**9:
            before = pooled.get(width, (0, 0))
            pooled[width] = (before[0] + tried, before[1] + fitted)
    return [(width, *counts) for width, counts in sorted(pooled.items())]


def _bounds(ladder: Ladder, top: int) -> list[tuple[int, str, str]]:
    """(width, names, side) of the bounds near the widths tried, those of equal width under one name."""
    grouped: dict[tuple[int, str], list[str]] = {}
    for rung in ladder.rungs:
        width = whole(rung["width"])
        if width is None or width > max(1.25 * top, top + 2) or rung["word"] in ("vacuous", "undecided"):
            continue
        if rung["side"] in ("lower", "upper", "exact") and rung["rung"] != "found" and counts_relu(rung):
            grouped.setdefault((width, str(rung["side"])), []).append(title(rung["rung"]))
    return [(width, _named(names), side) for (width, side), names in sorted(grouped.items())]


def _named(names: list[str]) -> str:
    """Two names at most, so that the label stays on the page."""
    return " / ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def _draw_series(axes: Axes, kind: str, label: str, counts: list[tuple[int, int, int]], *, shift: float) -> None:
    """Points with intervals; series are moved aside by `shift` points of the page so that they do not hide another."""
    colour, marker, filled = _SERIES[kind]
    moved = axes.transData + ScaledTranslation(shift / 72, 0, axes.figure.dpi_scale_trans)
    shares = [s / t for _, t, s in counts]
    ends = [clopper_pearson(s, t) for _, t, s in counts]
    below = [share - low for share, (low, _) in zip(shares, ends, strict=True)]
    above = [high - share for share, (_, high) in zip(shares, ends, strict=True)]
    axes.errorbar(
        [w for w, _, _ in counts],
        shares,
        yerr=[below, above],
        fmt=marker,
        color=colour,
        mfc=colour if filled else "white",
        ms=5.5,
        lw=1.1,
        capsize=2,
        label=label,
        transform=moved,
    )


def _draw_bounds(axes: Axes, bounds: list[tuple[int, str, str]]) -> None:
    """Lines up to labels above the frame, one label a row, the smallest width on top: no line crosses a label."""
    for row, (width, names, side) in enumerate(bounds):
        colour = SIDES[side][0]
        late = axes.transAxes.inverted().transform(axes.transData.transform((width, 0)))[0] > 0.6
        axes.axvline(width, color=colour, lw=1.2, alpha=0.6, zorder=0.5)
        height = 72 * _LINE * (len(bounds) - row - 0.5)
        axes.annotate(
            legible(f"{names}: {width}"),
            (width, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-4 if late else 4, height),
            textcoords="offset points",
            ha="right" if late else "left",
            va="center",
            fontsize=8,
            color=colour,
            bbox={"fc": "white", "ec": "none", "pad": 1},
            annotation_clip=False,
        )
        axes.annotate(
            "",
            (width, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, height + 4),
            textcoords="offset points",
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 1.2, "alpha": 0.6, "shrinkA": 0, "shrinkB": 0},
            annotation_clip=False,
        )
