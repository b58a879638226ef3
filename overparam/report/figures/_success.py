"""How often a search and gradient descent fit, against the width, between the bounds."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from overparam.report._fields import real, whole
from overparam.report._ladders import Ladder
from overparam.report._words import counts_relu, spoken, title
from overparam.report.figures._bounds import Bound, draw_bounds, room_above
from overparam.report.figures._csv import table_csv
from overparam.report.figures._style import FAINT, GRID, Columns, new_figure, width_axis
from overparam.widths import clopper_pearson

_SERIES = {  # colour, marker, filled
    "found": ("#0072b2", "o", True),
    "explore": ("#8f3f71", "D", False),
    "confirm": ("#8f3f71", "D", True),
}
_LABELS = {
    "found": "Levenberg–Marquardt starts (observed)",
    "explore": "gradient descent, exploring (observed)",
    "confirm": "gradient descent, confirming (observed)",
}
SHARES = ([0, 0.25, 0.5, 0.75, 1], ["0", "1/4", "1/2", "3/4", "1"])

Counts = list[tuple[int, int, int]]
"""(width, trials, successes), a row a width."""


def draw_success(ladder: Ladder, columns: Columns = "double") -> Figure | None:
    """The figure, or None where nothing was tried."""
    series = _counted(ladder)
    if not series:
        return None
    tried = [width for counts in series.values() for width, _, _ in counts]
    bounds = _bounds(ladder, max(tried))
    q = real(ladder.gd.get("q"))
    above = room_above(bounds, columns)
    below = 0.5 + 0.17 * (len(series) + (q is not None)) + 0.05
    tall = 2.6 if columns == "double" else 1.9
    figure = new_figure(columns, tall + above + below, margins=(0.62, 0.2, below, above))
    axes = figure.add_subplot()
    width_axis(
        axes,
        [float(w) for w in tried + [bound.width for bound in bounds]],
        room=0.06,
        ticks=9 if columns == "double" else 5,
    )
    share_axis(axes)
    for index, (kind, counts) in enumerate(series.items()):
        _draw_series(axes, kind, counts, shift=4.0 * (index - (len(series) - 1) / 2))
    if q is not None:
        axes.axhline(q, color=FAINT, lw=1, ls=(0, (4, 3)), label=f"share asked for: {q:g}")
    draw_bounds(axes, bounds, columns)
    axes.set_xlabel("hidden neurons", fontsize=8.5)
    axes.set_ylabel("share that fitted\nwithin the step limit", fontsize=8.5)
    figure.legend(loc="lower left", ncols=1, handletextpad=0.4, fontsize=7.5, labelspacing=0.3, borderaxespad=0.2)
    return figure


def success_csv(ladder: Ladder) -> str:
    """The numbers behind the figure: what was tried, with its interval, then the bounds."""
    rows: list[tuple[object, ...]] = []
    for kind, counts in _counted(ladder).items():
        for width, trials, successes in counts:
            interval = clopper_pearson(successes, trials)
            rows.append((kind, "observed", width, trials, successes, successes / trials, *interval))
    tried = [width for counts in _counted(ladder).values() for width, _, _ in counts]
    rows += [("bound: " + b.name, b.word, b.width, *[None] * 5) for b in _bounds(ladder, max(tried, default=0))]
    return table_csv(("series", "word", "width", "trials", "fitted", "share", "low", "high"), rows)


def share_axis(axes: Axes) -> None:
    """A y-axis from none to all."""
    axes.set_ylim(-0.06, 1.06)
    axes.set_yticks(*SHARES)
    axes.tick_params(labelsize=8)
    axes.grid(color=GRID, lw=0.6)
    axes.set_axisbelow(True)


def _counted(ladder: Ladder) -> dict[str, Counts]:
    """What was tried, by series; those without a trial are left out."""
    series = {
        "found": _counts(ladder.found, "starts", "fitted"),
        "explore": _counts(_staged(ladder, "explore"), "trials", "fitted"),
        "confirm": _counts(_staged(ladder, "confirm"), "trials", "fitted"),
    }
    return {kind: counts for kind, counts in series.items() if counts}


def _staged(ladder: Ladder, stage: str) -> list[dict]:
    return [row for row in ladder.gd.get("trials", []) if str(row["stage"]).startswith(stage)]


def _counts(rows: list[dict], trials: str, successes: str) -> Counts:
    """(width, trials, successes) of the rows that have all three and make sense, those of one width together."""
    pooled: dict[int, tuple[int, int]] = {}
    for row in rows:
        width, tried, fitted = whole(row["width"]), whole(row[trials]), whole(row[successes])
        if width is not None and tried and fitted is not None and 0 <= fitted <= tried and 0 <= width < 10**9:
            before = pooled.get(width, (0, 0))
            pooled[width] = (before[0] + tried, before[1] + fitted)
    return [(width, *counts) for width, counts in sorted(pooled.items())]


def _bounds(ladder: Ladder, top: int) -> list[Bound]:
    """The bounds near the widths tried, those of equal width and word together."""
    grouped: dict[tuple[int, str, str], list[str]] = {}
    for rung in ladder.rungs:
        width = whole(rung["width"])
        if width is None or width > max(1.25 * top, top + 2) or rung["word"] in ("vacuous", "undecided"):
            continue
        if rung["side"] in ("lower", "upper", "exact") and rung["rung"] != "found" and counts_relu(rung):
            grouped.setdefault((width, str(rung["side"]), spoken(rung["word"])), []).append(title(rung["rung"]))
    return [Bound(width, _named(names), side, word) for (width, side, word), names in sorted(grouped.items())]


def _named(names: list[str]) -> str:
    """Two names at most, so that the label stays on the page."""
    return " / ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def _draw_series(axes: Axes, kind: str, counts: Counts, *, shift: float) -> None:
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
        ms=5,
        lw=1.1,
        label=_LABELS[kind],
        transform=moved,
    )
