"""One look for all figures, and files whose bytes depend on nothing but the numbers in them."""

import contextlib
import functools
import io
import itertools
import math
import re
from collections.abc import Iterator
from typing import Any, Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.markers import CARETRIGHT
from matplotlib.textpath import TextPath
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

from overparam.report.figures._svg import slim

Columns = Literal["single", "double"]
INCHES: dict[Columns, float] = {"single": 3.4, "double": 7.0}  # a column of a paper, and both

INK, FAINT, GRID = "#1f2933", "#6b7785", "#e3e7eb"
# a colour, a marker and a dash for each of several series: colours of Okabe and Ito's kind in an order that stays apart
# in grey, shapes and dashes for readers without colour
COLOURS = (
    "#0072b2", "#d55e00", "#00785a", "#8f3f71", "#000000", "#b07d00", "#3a9bd1", "#7a4b00", "#5b5bd6", "#6b7785",
    "#c04a6b", "#4a8f2a",
)  # fmt: skip
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "h", "*", "p")
DASHES: tuple[Any, ...] = ("-", (0, (6, 1.5)), (0, (3, 1.2)), (0, (8, 1.5, 1.5, 1.5)))
# Okabe and Ito's colours: they stay apart for colour-blind readers; shapes keep them apart in grey.
SIDES = {
    "lower": ("#d55e00", CARETRIGHT, "needed"),  # its tip is at the width
    "upper": ("#0072b2", "o", "suffices"),
    "exact": ("#000000", "*", "minimal"),
    "threshold": ("#8f3f71", "D", "threshold of an algorithm"),
}

_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "overparam",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.facecolor": "none",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 0,  # the grid says where
    "ytick.major.size": 0,
    "lines.solid_capstyle": "butt",
    "legend.frameon": False,
    "legend.fontsize": 8,
}
_LONGEST = 400  # letters
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


def new_figure(columns: Columns, height: float, *, margins: tuple[float, float, float, float]) -> Figure:
    """A figure of its own, known to no global list.

    Args:
        columns: of the paper that it is to fill.
        height: of the whole figure, like all lengths here in inches.
        margins: left, right, bottom, top of the axes; fixed, since automatic layouts give up on crowded figures.
    """
    width = INCHES[columns]
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
        files[kind] = slim(stream.getvalue()) if kind == "svg" else stream.getvalue()
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


def width_axis(axes: Axes, widths: list[float], *, room: float = 0.12, ticks: int = 9) -> None:
    """An x-axis for neurons: logarithmic where the widths span more than a factor of ten, few ticks at integers."""
    low, high = min(widths), max(widths)
    if low >= 1 and high / low > 10:
        pad = (high / low) ** room
        axes.set_xscale("log")
        axes.set_xlim(low / pad, high * pad)
        axes.xaxis.set_major_locator(FixedLocator(_log_ticks(low / pad, high * pad, ticks)))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        pad = max(room * (high - low), 0.8)  # at least one integer tick, and no two for the same integer
        axes.set_xlim(max(low - pad, -0.5), high + pad)
        axes.xaxis.set_major_locator(MaxNLocator(ticks, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(_neurons))


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    """At 1, 2, 5 of each decade, or 1 and 3, or at powers of ten or every second of them and so on: at most as told."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    chosen: list[float] = []
    for every, marks in ((1, (1, 2, 5)), (1, (1, 3)), *((every, (1,)) for every in range(1, len(decades) + 1))):
        kept = [e for e in decades if e % every == 0]
        chosen = [m * 10.0**e for e in kept for m in marks if low <= m * 10.0**e <= high]
        if len(chosen) <= most:
            break
    return chosen


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


def log_axis(axis: Axis, ticks: int = 7) -> None:
    """A logarithmic axis of anything: at most so many ticks, at round numbers, as many as there is room for."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    low, high = sorted(axis.axes.get_xlim() if axis.axis_name == "x" else axis.axes.get_ylim())
    chosen = _log_ticks(low, high, ticks)
    while axis.axis_name == "x" and ticks > 2 and _crowded(axis, chosen):
        ticks -= 1
        chosen = _log_ticks(low, high, ticks)
    few = max(ticks - 2, 2)
    if len(chosen) < 2:  # less than from one to two, say
        chosen = [tick for tick in MaxNLocator(few).tick_values(low, high) if low <= tick <= high]
    while axis.axis_name == "x" and few > 1 and _crowded(axis, chosen):
        few -= 1
        chosen = [tick for tick in MaxNLocator(few).tick_values(low, high) if low <= tick <= high]
    axis.set_major_locator(FixedLocator(chosen))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(_log_tick))


def _crowded(axis: Axis, chosen: list[float]) -> bool:
    """Whether some number beside a logarithmic x-axis would come closer to the next than a blank."""
    low, high = sorted(axis.axes.get_xlim())
    inches = axis.axes.get_position().width * axis.axes.figure.get_figwidth() / math.log(high / low)
    widths = [text_width(_log_tick(tick, 0), 8) for tick in chosen]
    return any(
        inches * math.log(b / a) - (of_a + of_b) / 2 < 0.06
        for (a, of_a), (b, of_b) in itertools.pairwise(zip(chosen, widths, strict=True))
    )


def _log_tick(value: float, _: object) -> str:
    exponent = math.floor(math.log10(value) + 1e-9) if value > 0 else 0
    digits = value / 10.0**exponent
    if -3 <= exponent <= 3 or abs(digits - round(digits)) > 1e-9:
        return f"{value:g}"
    return _power(exponent) if round(digits) == 1 else f"{round(digits)}·{_power(exponent)}"


def _power(exponent: int) -> str:
    return "10" + _raised(exponent)


def _raised(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


@functools.lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Inches that a line takes in the figures' font at so many points; a little more than its ink."""
    shown = text.replace(" ", "n")  # blanks have no ink
    return (TextPath((0, 0), shown, size=size).get_extents().width + 0.15 * size) / 72 if text else 0.0


def wrapped(text: object, inches: float, size: float) -> list[str]:
    """The text in lines that are no wider; a word that is wider by itself is broken."""
    lines: list[str] = []
    for word in legible(text).split():
        if lines and text_width(f"{lines[-1]} {word}", size) <= inches:
            lines[-1] += f" {word}"
        else:
            lines += _pieces(word, inches, size)
    return lines


def _pieces(word: str, inches: float, size: float) -> list[str]:
    """A word that is too wide, broken."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and text_width(pieces[-1] + letter, size) > inches:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def linear_axis(axis: Axis, ticks: int) -> None:
    """A linear axis of anything: few ticks, and numbers that stand for themselves instead of for a common factor."""
    axis.set_major_locator(MaxNLocator(ticks))
    axis.set_major_formatter(FuncFormatter(_plain_tick))


def _plain_tick(value: float, _: object) -> str:
    mantissa, _, exponent = f"{value:.4g}".partition("e")
    return mantissa.replace("-", "−") + (f"·10{_raised(int(exponent))}" if exponent else "")


def legible(text: object) -> str:
    """Text that the figures' font can draw, cut where no figure has room; what the font may lack becomes `?`."""
    said = str(text)
    said = said if len(said) <= _LONGEST else f"{said[:_LONGEST]}..."
    return "".join(c if " " <= c <= "~" or c in "\n⌈⌉≤≥–−×·θλγση" else "?" for c in said)
