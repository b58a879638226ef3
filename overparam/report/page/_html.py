"""The page: one self-contained HTML file, readable without a network, a script or the run."""

import functools
import pathlib
import shlex
from typing import Any

import jinja2

from overparam.report._cases import CASES, CASES_HEAD
from overparam.report._comparison import HEAD, cells, legend
from overparam.report._documents import documents
from overparam.report._ladders import Comparison
from overparam.report._reading import Folder
from overparam.report._references import Reference
from overparam.report._words import VERDICTS, number, spoken, title
from overparam.report.page._claims import CHECK, tally, topics
from overparam.report.page._drawn import drawn
from overparam.report.page._glossary import glossary
from overparam.report.page._ladders import ladder_section
from overparam.report.page._provenance import provenance
from overparam.report.page._singles import kernel_section, network_section
from overparam.report.page._sweep import sweep_section

_TEMPLATES = pathlib.Path(__file__).parent / "templates"
Figures = dict[str, dict[str, dict[str, bytes]]]


def page(folder: Folder, figures: Figures, used: list[Reference]) -> str:
    """The report as HTML.

    Args:
        folder: what the run left.
        figures: stem of a record -> name of a figure -> its files by format.
        used: the references to list.
    """
    shown = topics(folder.claims, figures)
    text = (
        _rules()
        .get_template("report.html")
        .render(
            heading=_heading(folder),
            lead=_lead(folder),
            missing=folder.missing,
            cases_head=CASES_HEAD,
            cases_words=CASES,
            sections=[ladder_section(i, one, figures.get(one.stem, {})) for i, one in enumerate(folder.ladders, 1)],
            comparisons=[
                _constructions(i, one, figures.get(one.stem, {})) for i, one in enumerate(folder.comparisons, 1)
            ],
            kernels=[kernel_section(i, one, figures.get(one.stem, {})) for i, one in enumerate(folder.kernels, 1)],
            networks=[network_section(i, one) for i, one in enumerate(folder.networks, 1)],
            sweep=None if folder.sweep is None else sweep_section(folder.sweep, figures.get("sweep", {})),
            head=HEAD,
            topics=shown,
            claims=[claim for topic in shown for claim in topic["claims"]],
            map=_map(figures),
            documents=documents(folder.claims),
            tally=tally(folder.claims),
            verdicts=VERDICTS,
            references=used,
            provenance=provenance(folder),
            check=CHECK,
            css=_read("report.css"),
            script=_read("report.js"),
        )
    )
    return text.replace("<!--glossary-->", _rules().get_template("glossary.html").render(entries=glossary(text)), 1)


def _heading(folder: Folder) -> str:
    if folder.ladders or folder.comparisons:
        return "How many neurons does it take?"
    if folder.claims:
        return "Claims and their verdicts"
    if folder.sweep is not None:
        return f"The sweep {folder.sweep.name}"
    return "Networks and kernels" if folder.networks or folder.kernels else "Nothing to report yet"


def _lead(folder: Folder) -> str:
    """What the page is about, by the first kind of record that there is."""
    if folder.ladders:
        return (
            "How many hidden neurons almost every labelling of these points needs, how many suffice for these labels, "
            "and how many gradient descent wants."
        )
    if folder.comparisons:
        return (
            "What constructive proofs build for these points: networks that take the labels, how large they are, and "
            "what floating-point numbers keep of them."
        )
    if folder.claims:
        return (
            "Statements about overparameterized networks, what was measured or proved of each on listed data, and what "
            "that does not show."
        )
    if folder.sweep is not None:
        return "How often training fits, cell by cell, with intervals."
    return "What single commands built, certified or measured."


@functools.cache
def _rules() -> jinja2.Environment:
    """Escape everything, and let no misspelt name pass as empty."""
    rules = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    rules.filters |= {"number": number, "spoken": spoken, "title_of": title}
    return rules


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _map(figures: Figures) -> str | None:
    """The map of all verdicts, where it was drawn."""
    files = figures.get("claims", {}).get("verdicts")
    return drawn(files, prefix="map", label="map of all claims by topic and verdict") if files else None


def _constructions(index: int, comparison: Comparison, figures: dict[str, dict[str, bytes]]) -> dict[str, Any]:
    """All constructions on one data set as the template wants them."""
    files = figures.get("memorizers")
    rows = comparison.largest()
    return {
        "id": f"constructions-{index}",
        "comparison": comparison,
        "figure": drawn(files, prefix=f"m{index}", label="constructions figure") if files else None,
        "legend": legend(comparison),
        "rows": [{"cells": cells(row, comparison), "row": row} for row in rows],
        "refused": comparison.refused(),
        "commands": [f"{CHECK} {shlex.quote(row['certificate'])}" for row in rows if row["certificate"]],
    }
