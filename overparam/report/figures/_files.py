"""Every figure of a folder: drawn in both widths, written into figures/ with its numbers, and handed to the page."""

import pathlib
from collections.abc import Callable, Iterator
from typing import Any

from matplotlib.figure import Figure

from overparam.files import write_atomically
from overparam.report._reading import Folder
from overparam.report._words import safe
from overparam.report.figures._curves import curves_csv, draw_curves
from overparam.report.figures._kept import Kept
from overparam.report.figures._ladder import draw_ladder, ladder_csv
from overparam.report.figures._memorizers import draw_memorizers, memorizers_csv
from overparam.report.figures._phase import draw_phase, phase_csv
from overparam.report.figures._shares import draw_shares, shares_csv
from overparam.report.figures._spectrum import draw_spectrum, spectrum_csv
from overparam.report.figures._style import Columns, saved, style
from overparam.report.figures._success import draw_success, success_csv
from overparam.report.figures._thresholds import draw_thresholds, thresholds_csv
from overparam.report.figures._verdicts import draw_verdicts, verdicts_csv
from overparam.report.figures._weights import draw_weights, weights_csv

Drawing = tuple[str, str, Callable[[Any, Columns], Figure | None], Callable[[Any], str], Any]
"""Stem, name, how it is drawn, how its numbers are written, of what."""

_UNDRAWABLE = (ArithmeticError, LookupError, TypeError, ValueError)  # numbers that no axis has room for
_WIDTHS: dict[Columns, str] = {"double": "", "single": "single."}  # what stands before the ending of a file


def write_figures(folder: Folder, out: pathlib.Path) -> tuple[dict[str, dict[str, dict[str, bytes]]], list[str]]:
    """Draw everything that the folder has numbers for, and write it into figures/.

    A figure is NAME-STEM.pdf, .svg and .png over both columns of a paper, NAME-STEM.single.pdf and so on in one, and
    NAME-STEM.csv with the numbers behind it.

    Returns:
        stem -> name of the figure -> its files by ending, such as "svg" or "single.svg"; the page shows "svg", which
        for the figures of claims is the narrow one, since there are many; and, in words, what could not be drawn.
    """
    failed: list[str] = []
    figures: dict[str, dict[str, dict[str, bytes]]] = {}
    kept = Kept(out / "figures")
    with style():
        for stem, name, draw, numbers, of in _drawings(folder):
            whole = f"{name}-{stem}"
            files = kept.files(whole, of)
            if files is None:
                try:
                    files = _drawn(draw, numbers, of)
                except _UNDRAWABLE as error:
                    failed.append(f"the figure {whole} cannot be drawn from its numbers ({_first_line(error)})")
                for ending, content in (files or {}).items():
                    write_atomically(out / "figures" / f"{whole}.{ending}", content)
            if files:
                kept.note(whole, of, files)
                shown = files["single.svg"] if name == "claim" else files["svg"]
                page = {"svg": shown, "single.svg": files["single.svg"], "csv": files["csv"]}
                figures.setdefault(stem, {})[name] = page
    kept.write()
    return figures, failed


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def _drawn(
    draw: Callable[[Any, Columns], Figure | None], numbers: Callable[[Any], str], of: object
) -> dict[str, bytes]:
    """The files of one figure by ending; none where there is nothing to draw."""
    files: dict[str, bytes] = {}
    for columns, before in _WIDTHS.items():
        if (figure := draw(of, columns)) is not None:
            files |= {f"{before}{kind}": content for kind, content in saved(figure).items()}
    return files | {"csv": numbers(of).encode(errors="backslashreplace")} if files else {}


def _drawings(folder: Folder) -> Iterator[Drawing]:
    """Everything that may be drawn."""
    for ladder in folder.ladders:
        yield ladder.stem, "ladder", draw_ladder, ladder_csv, ladder
        yield ladder.stem, "success", draw_success, success_csv, ladder
        yield ladder.stem, "weights", draw_weights, weights_csv, ladder
    for comparison in folder.comparisons:
        yield comparison.stem, "memorizers", draw_memorizers, memorizers_csv, comparison
    for kernel in folder.kernels:
        yield kernel.stem, "spectrum", draw_spectrum, spectrum_csv, kernel
    if folder.sweep is not None:
        yield "sweep", "shares", draw_shares, shares_csv, folder.sweep
        yield "sweep", "thresholds", draw_thresholds, thresholds_csv, folder.sweep
        yield "sweep", "phase", draw_phase, phase_csv, folder.sweep
    yield "claims", "verdicts", draw_verdicts, verdicts_csv, folder.claims
    for claim in folder.claims:
        for number, plot in enumerate(claim["plots"], 1):
            yield f"{safe(claim['id'])}-{number}", "claim", draw_curves, curves_csv, plot
