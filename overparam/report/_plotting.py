"""One look for all figures, and files whose bytes depend on nothing but the numbers in them."""

import contextlib
import io
import math
import re
from collections.abc import Iterator
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.markers import CARETRIGHT
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

INK, FAINT, GRID = "#1f2933", "#6b7785", "#e3e7eb"
# Okabe and Ito's colours: they stay apart for colour-blind readers; shapes keep them apart in grey.
SIDES = {
    "lower": ("#d55e00", CARETRIGHT, "needed"),  # its tip is at the width
    "upper": ("#0072b2", "o", "suffices"),
    "exact": ("#000000", "*", "minimal"),
    "threshold": ("#8f3f71", "D", "threshold of an algorithm"),
}

_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "overparam",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
}
_METADATA = {
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
}


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Draw and save inside this: the reader's own matplotlibrc has no say."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        for name, value in _STYLE.items():
            matplotlib.rcParams[name] = value
        yield


def new_figure(width: float, height: float, *, margins: tuple[float, float, float, float]) -> Figure:
    """A figure of its own, known to no global list.

    Args:
        width: of the whole figure, like all lengths here in inches.
        height: of the whole figure.
        margins: left, right, bottom, top of the axes; fixed, since automatic layouts give up on crowded figures.
    """
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    left, right, bottom, top = margins
    figure.subplots_adjust(left / width, bottom / height, 1 - right / width, 1 - top / height)
    return figure


def saved(figure: Figure, kinds: tuple[str, ...] = ("pdf", "png", "svg")) -> dict[str, bytes]:
    """The figure in each format, without dates or version strings."""
    files = {}
    for kind in kinds:
        stream = io.BytesIO()
        figure.savefig(stream, format=kind, dpi=200, metadata=_METADATA[kind])
        files[kind] = stream.getvalue()
    return files


def inline(svg: bytes, *, prefix: str, label: str) -> str:
    """An SVG file as an element of an HTML page that may hold several: its own ids, scaled by its column.

    Args:
        svg: what `saved` made.
        prefix: letters that no other figure of the page uses.
        label: what a reader who cannot see it is told; plain text without quotes or angle brackets.
    """
    text = svg.decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*|<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{prefix}-', text)
    text = re.sub(r'href="#', f'href="#{prefix}-', text)
    text = re.sub(r"url\(#", f"url(#{prefix}-", text)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    size = f' style="max-width:{float(box.group(1)) * 1.67:.0f}px"' if box else ""
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    return text.replace("<svg", f'<svg role="img" aria-label="{label}"{size}', 1)


def width_axis(axes: Axes, widths: list[float], *, room: float = 0.12) -> None:
    """An x-axis for neurons: logarithmic where the widths span more than a factor of ten, integer ticks."""
    low, high = min(widths), max(widths)
    if low >= 1 and high / low > 10:
        pad = (high / low) ** room
        axes.set_xscale("log")
        axes.set_xlim(low / pad, high * pad)
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        sparse = len(decades) > 4
        ticks = [m * 10.0**e for e in decades[:: math.ceil(len(decades) / 8)] for m in ((1,) if sparse else (1, 2, 5))]
        axes.xaxis.set_major_locator(FixedLocator([t for t in ticks if low / pad <= t <= high * pad]))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        pad = max(room * (high - low), 0.8)  # at least one integer tick, and no two for the same integer
        axes.set_xlim(max(low - pad, -0.5), high + pad)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(_neurons))


def _neurons(value: float, _: object) -> str:
    return f"{value:.0f}" if value < 1e5 or math.log10(value) % 1 else _power(round(math.log10(value)))


def size_axis(axes: Axes, sizes: list[float]) -> None:
    """A y-axis for positive sizes: from zero, or logarithmic where they span more than a factor of twenty."""
    if max(sizes) / min(sizes) > 20:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(numticks=7))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _power(round(math.log10(value)))))
        axes.set_ylim(min(sizes) / 2.5, max(sizes) * 2.5)
    else:
        axes.set_ylim(0, 1.1 * max(sizes))
        axes.yaxis.set_major_locator(MaxNLocator(5))


def log_axis(axis: Axis) -> None:
    """A logarithmic axis of anything: a few ticks at powers of ten, also at 2 and 5 where it spans few of them."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    low, high = sorted(axis.get_view_interval())
    decades = math.log10(high / low) if 0 < low < high else 1.0
    axis.set_major_locator(LogLocator(numticks=7) if decades > 2 else LogLocator(subs=(1, 2, 5)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(_log_tick))


def _log_tick(value: float, _: object) -> str:
    exponent = math.log10(value) if value > 0 else 0.0
    return _power(round(exponent)) if abs(exponent) > 3 and abs(exponent - round(exponent)) < 1e-9 else f"{value:g}"


def _power(exponent: int) -> str:
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def legible(text: object) -> str:
    """Text that the figures' font can draw; whatever it may lack becomes a question mark."""
    return "".join(c if " " <= c <= "~" or c in "\n⌈⌉≤≥–−×·" else "?" for c in str(text))
