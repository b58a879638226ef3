"""The report of a finished run, or of as much of a run as there is."""

import dataclasses
import pathlib

from overparam.errors import InputError
from overparam.files import write_atomically
from overparam.report._reading import Folder, read_folder
from overparam.report._references import references
from overparam.report._sweeps import sweep_csv
from overparam.report._verified import verified
from overparam.report.figures._files import write_figures
from overparam.report.page._html import page
from overparam.report.paper._write import write_paper


def write_report(out: pathlib.Path, folder: Folder | None = None) -> pathlib.Path:
    """Write report.html, figures/, tables/, sweep.csv and the files of a paper from what an output folder holds.

    Two runs over the same files write the same bytes.  A folder that lacks some of its files, or holds damaged ones,
    gets a report that says so, and what a record calls certified the checker decides again.

    Args:
        out: the folder that a command was given by --out.
        folder: what is in it, where that was read and verified already.
    Returns:
        The path of report.html.
    """
    folder = verified(read_folder(out), out) if folder is None else folder
    for name in ("figures", "tables"):
        _require_own(out / name)
    used = references(folder)
    if folder.sweep is not None and folder.sweep.rows:
        write_atomically(out / "sweep.csv", sweep_csv(folder.sweep.rows))
    figures, failed = write_figures(folder, out)
    folder = dataclasses.replace(folder, missing=[*folder.missing, *failed])
    write_paper(folder, figures, used, out)
    report = out / "report.html"
    write_atomically(report, page(folder, figures, used))
    return report


def _require_own(folder: pathlib.Path) -> None:
    """Refuse to write through a link, or where a file stands."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise InputError(f"{folder} must be a folder of the report's own, but it is a link or a file; move it away")
