"""The eigenvalues of a kernel, each with the interval that holds it, and what the checker accepted of the least."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from overparam.report._singles import Kernel
from overparam.report.figures._csv import table_csv
from overparam.report.figures._style import GRID, INCHES, Columns, legible, linear_axis, log_axis, new_figure
from overparam.report.figures._style import wrapped as in_lines

_OBSERVED, _CERTIFIED = "#0072b2", "#d55e00"
_MANY = 80  # eigenvalues from which marks would hide one another


def draw_spectrum(kernel: Kernel, columns: Columns = "double") -> Figure | None:
    """The figure, or None where the record has no eigenvalues besides the extreme ones.

    An eigenvalue whose interval reaches 0 is drawn hollow, at its upper end: rounding does not tell it from 0.
    """
    values = kernel.eigenvalues
    if not values or not any((row["value"] or 0) > 0 for row in values):
        return None
    wide = INCHES[columns]
    places = range(len(values), 0, -1)  # the largest first
    proved = kernel.certified
    title = in_lines(_title(kernel), wide - 0.2, 8.5)
    proves = proved["at_least"] is not None or proved["at_most"] is not None
    lost = [(i, row["upper"]) for i, row in zip(places, values, strict=True) if (row["lower"] or 0) <= 0]
    lost = [(i, end) for i, end in lost if (end or 0) > 0]
    keys = 1 + proves + bool(lost)
    above, below = 0.12 + 0.15 * len(title), 0.5 + 0.17 * keys
    tall = 2.5 if columns == "double" else 1.9
    figure = new_figure(columns, tall + above + below, margins=(0.75, 0.2, below, above))
    axes = figure.add_subplot()
    clear = [(i, row) for i, row in zip(places, values, strict=True) if (row["lower"] or 0) > 0]
    axes.vlines([i for i, _ in clear], [r["lower"] for _, r in clear], [r["upper"] for _, r in clear], lw=1,
                color=_OBSERVED)  # fmt: skip
    axes.plot([i for i, _ in clear], [r["value"] for _, r in clear], ls="", color=_OBSERVED, marker="o",
              ms=3.4 if len(values) <= _MANY else 1.6, label="eigenvalues, with intervals (observed)")  # fmt: skip
    if lost:
        label = f"{len(lost)} not told from 0: upper ends (observed)"
        axes.plot([i for i, _ in lost], [v for _, v in lost], ls="", color=_OBSERVED, marker="v", mfc="white", ms=3.4,
                  label=label)  # fmt: skip
    if proves:
        _certified(axes, kernel, len(values))
    log_axis(axes.yaxis)
    linear_axis(axes.xaxis, 6)
    axes.set_xlim(1 - 0.03 * len(values) - 0.3, len(values) * 1.03 + 0.3)
    axes.grid(color=GRID, lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8)
    axes.set_xlabel("number of the eigenvalue, the largest first", fontsize=8)
    axes.set_ylabel("eigenvalue", fontsize=8)
    figure.text(0.1 / wide, 1 - 0.07 / figure.get_figheight(), "\n".join(title), fontsize=8.5, va="top")
    figure.legend(loc="lower left", fontsize=7.5, labelspacing=0.3, borderaxespad=0.2, handletextpad=0.4)
    return figure


def _certified(axes: Axes, kernel: Kernel, n: int) -> None:
    """What the checker accepted of the least eigenvalue: a bracket at its place."""
    low, high = kernel.certified["at_least"], kernel.certified["at_most"]
    ends = [end for end in (low, high) if end is not None and end > 0]
    for end in ends:
        axes.axhline(end, color=_CERTIFIED, lw=0.9, ls=(0, (4, 2)), zorder=1)
    said = " to ".join(f"{end:.4g}" for end in (low, high) if end is not None)
    axes.plot([n] * len(ends), ends, color=_CERTIFIED, lw=1.4, marker="_", ms=9, mew=1.4,
              label=f"least eigenvalue: {said} (certified)")  # fmt: skip


def spectrum_csv(kernel: Kernel) -> str:
    """The eigenvalues, the largest first, then what was certified."""
    rows: list[tuple[object, ...]] = [
        (i, "observed", row["value"], row["lower"], row["upper"])
        for i, row in enumerate(reversed(kernel.eigenvalues), 1)
    ]
    if any(end is not None for end in (kernel.certified["at_least"], kernel.certified["at_most"])):
        proved = kernel.certified
        rows.append((len(kernel.eigenvalues), "certified", None, proved["at_least"], proved["at_most"]))
    return table_csv(("number", "word", "eigenvalue", "lower", "upper"), rows)


def _title(kernel: Kernel) -> str:
    kind = "Tangent kernel" if kernel.which == "ntk" else "Covariance of the outputs"
    sizes = ", ".join(f"{name} = {value}" for name, value in (("n", kernel.n), ("d", kernel.d)) if value is not None)
    return legible(f"{kind} of an infinitely wide {kernel.kernel} on {kernel.name} ({sizes})")
