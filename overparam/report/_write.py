"""The report of a finished run, or of as much of a run as there is."""

import pathlib

from overparam.records import write_atomically
from overparam.report import _latex
from overparam.report._figure_curves import curves_csv, draw_curves
from overparam.report._figure_ladder import draw_ladder
from overparam.report._figure_memorizers import draw_memorizers
from overparam.report._figure_success import draw_success
from overparam.report._figure_weights import draw_weights
from overparam.report._html import page, safe
from overparam.report._plotting import saved, style
from overparam.report._reading import read_folder
from overparam.report._references import references

_FIGURES = {"ladder": draw_ladder, "success": draw_success, "weights": draw_weights}


def write_report(out: pathlib.Path) -> pathlib.Path:
    """Write report.html, figures/, tables/ and refs.bib from the JSON files in an output folder.

    Two runs over the same JSON files write the same bytes.  A folder that lacks some of its files gets a report
    that says so.

    Args:
        out: the folder that holds `ladder-*.json`, `memorizers-*.json` and `claims.json`.
    Returns:
        The path of report.html.
    """
    folder = read_folder(out)
    used = references(folder)
    figures: dict[str, dict[str, dict[str, bytes]]] = {}
    with style():
        for ladder in folder.ladders:
            drawn = {name: draw(ladder) for name, draw in _FIGURES.items()}
            figures[ladder.stem] = {name: saved(figure) for name, figure in drawn.items() if figure is not None}
        for comparison in folder.comparisons:
            if (figure := draw_memorizers(comparison)) is not None:
                figures[comparison.stem] = figures.get(comparison.stem, {}) | {"memorizers": saved(figure)}
        for claim in folder.claims:
            for number, plot in enumerate(claim["plots"], 1):
                if (figure := draw_curves(plot)) is not None:
                    stem = f"{safe(claim['id'])}-{number}"
                    figures[stem] = {"claim": saved(figure)}
                    write_atomically(out / "figures" / f"claim-{stem}.csv", curves_csv(plot))
    for stem, drawn in figures.items():
        for name, files in drawn.items():
            for kind in ("pdf", "png", "svg"):
                write_atomically(out / "figures" / f"{name}-{stem}.{kind}", files[kind])
    for comparison in folder.comparisons:
        write_atomically(out / "tables" / f"memorizers-{comparison.stem}.tex", _latex.memorizers_table(comparison))
    for ladder in folder.ladders:
        write_atomically(out / "tables" / f"ladder-{ladder.stem}.tex", _latex.ladder_table(ladder))
    if folder.claims:
        write_atomically(out / "tables" / "claims.tex", _latex.claims_table(folder.claims))
    if any(claim["width"] for claim in folder.claims):
        write_atomically(out / "tables" / "widths.tex", _latex.widths_table(folder.claims))
    write_atomically(out / "tables" / "numbers.tex", _latex.numbers(folder))
    write_atomically(out / "refs.bib", "\n\n".join(entry.bibtex for entry in used) + "\n" if used else "")
    report = out / "report.html"
    write_atomically(report, page(folder, figures, used))
    return report
