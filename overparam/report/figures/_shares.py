"""The share of seeds that fitted, against the width: a curve for each setting of a sweep, with intervals and bounds."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from overparam.report._sweep_folder import Sweep
from overparam.report.figures._bounds import Bound, draw_bounds, room_above
from overparam.report.figures._cells import Point, cells_csv, enough, grouped, needed, points_of
from overparam.report.figures._csv import table_csv
from overparam.report.figures._style import (
    COLOURS,
    INCHES,
    INK,
    MARKERS,
    Columns,
    legible,
    new_figure,
    text_width,
    width_axis,
    wrapped,
)
from overparam.report.figures._success import share_axis

_MOST = 8  # curves of one figure
_LINE = 0.135  # inches a line of the legend


def draw_shares(sweep: Sweep, columns: Columns = "double") -> Figure | None:
    """The figure, or None where no setting has rows at two widths."""
    curves = _curves(sweep)
    if not curves:
        return None
    wide = INCHES[columns]
    every = -(-len(curves) // _MOST)
    shown = dict(list(curves.items())[::every])
    bounds = _bounds(shown)
    labels = [wrapped(f"{name} (observed)" if name else "observed", wide - 0.7, 7.5) for name in shown]
    ticks = not bounds and any(p.counts for curve in shown.values() for p in curve)
    labels += [wrapped("tick below: what exact fits of almost all labels need (theorem)", wide - 0.7, 7.5)] * ticks
    abreast = 2 if all(text_width(t, 7.5) < wide / 2 - 0.6 for lines in labels for t in lines) else 1
    title = f"Share of {_seeds(shown)} seeds a width that fitted, with 95 % intervals, each for itself"
    title += f"; {len(shown)} of {len(curves)} settings" if every > 1 else ""
    lines = wrapped(title, wide - 0.2, 8)
    head = 0.1 + 0.145 * len(lines)
    tall = 2.6 if columns == "double" else 1.9
    below = 0.5 + _LINE * (sum(map(len, labels)) // abreast + 1)
    above = head + room_above(bounds, columns)
    figure = new_figure(columns, tall + above + below, margins=(0.62, 0.2, below, above))
    axes = figure.add_subplot()
    tried = [p.width for curve in shown.values() for p in curve] + [bound.width for bound in bounds]
    width_axis(axes, [float(w) for w in tried], room=0.06, ticks=9 if columns == "double" else 5)
    share_axis(axes)
    for index, (curve, label) in enumerate(zip(shown.values(), labels, strict=False)):
        _draw(axes, curve, index, "\n".join(label), shift=2.5 * (index - (len(shown) - 1) / 2))
    handles, names = axes.get_legend_handles_labels()
    if ticks:
        handles.append(Line2D([], [], ls="", marker="|", ms=7, mew=2, color=INK))
        names.append("\n".join(labels[-1]))
    draw_bounds(axes, bounds, columns)
    axes.set_xlabel("hidden neurons", fontsize=8.5)
    axes.set_ylabel("share that fitted", fontsize=8.5)
    figure.text(0.1 / wide, 1 - 0.06 / figure.get_figheight(), "\n".join(lines), fontsize=8, va="top")
    figure.legend(handles, names, loc="lower left", ncols=abreast, fontsize=7.5, labelspacing=0.3, borderaxespad=0.2,
                  columnspacing=1.2, handletextpad=0.4)  # fmt: skip
    return figure


def shares_csv(sweep: Sweep) -> str:
    """Every cell, those that the figure leaves out too."""
    return table_csv(*cells_csv(points_of(sweep)))


def _curves(sweep: Sweep) -> dict[str, list[Point]]:
    """Settings in words -> its points with rows, by width; only those of two widths or more."""
    points = [p for p in points_of(sweep) if p.rows]
    groups = {key: mine for key, mine in grouped(points, "n", "d", "other").items() if len(mine) > 1}
    vary = [len({key[i] for key in groups}) > 1 for i in range(2)]
    found = {}
    for (n, d, other), mine in groups.items():
        parts = [f"{name} = {value}" for name, value, on in zip("nd", (n, d), vary, strict=True) if on]
        found[legible(", ".join([*parts, *([other] if other else [])]))] = mine
    return found


def _seeds(shown: dict[str, list[Point]]) -> str:
    rows = {p.rows for curve in shown.values() for p in curve}
    return f"{min(rows):,}" if len(rows) == 1 else f"{min(rows):,} to {max(rows):,}"


def _bounds(shown: dict[str, list[Point]]) -> list[Bound]:
    """Labelled bounds, where all curves are about data of one size."""
    sizes = {(p.n, p.d, p.counts, p.general) for curve in shown.values() for p in curve}
    if len(sizes) != 1:
        return []
    n, d, counts, general = sizes.pop()
    if n is None or d is None:
        return []
    found = [Bound(needed(n, d), "exact fits of almost all labels need", "lower", "theorem")] if counts else []
    top = max(p.width for curve in shown.values() for p in curve)
    if general and enough(n, d) <= 1.25 * top:
        found.append(Bound(enough(n, d), "enough for any labels in general position", "upper", "theorem"))
    return found


def _draw(axes: Axes, curve: list[Point], index: int, label: str, *, shift: float) -> None:
    """One curve, moved aside so that it does not hide another; a tick in its colour where counting has its bound."""
    colour = COLOURS[index % len(COLOURS)]
    moved = axes.transData + ScaledTranslation(shift / 72, 0, axes.figure.dpi_scale_trans)
    shares = [p.share or 0.0 for p in curve]
    ends = [p.interval() for p in curve]
    axes.errorbar(
        [p.width for p in curve],
        shares,
        yerr=[
            [max(share - low, 0) for share, (low, _) in zip(shares, ends, strict=True)],
            [max(high - share, 0) for share, (_, high) in zip(shares, ends, strict=True)],
        ],
        marker=MARKERS[index % len(MARKERS)],
        color=colour,
        ms=4.2,
        lw=0.8,
        elinewidth=0.9,
        label=label,
        transform=moved,
    )
    first = curve[0]
    if first.counts and first.n and first.d:
        axes.plot([needed(first.n, first.d)], [-0.035], ls="", marker="|", ms=7, mew=2, color=colour)
