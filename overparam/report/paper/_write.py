"""What goes into a paper: tables, a macro for each number, methods, a checklist, references."""

import pathlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from overparam.files import write_atomically
from overparam.report._reading import Folder
from overparam.report._references import Reference, cited
from overparam.report.paper._checklist import checklist
from overparam.report.paper._methods import methods
from overparam.report.paper._numbers import named, numbers_json, numbers_tex
from overparam.report.paper._quotes import quotes
from overparam.report.paper._tables import paper_tables

# plain TeX fonts have no ogonek, and stop at one; with T1 fonts this changes nothing
_OGONEK = r'@preamble{"\expandafter\providecommand\csname OT1\string\k\endcsname[1]{\c{#1}}"}' + "\n\n"
_CITED = re.compile(r"\\cite\{([^}]*)\}")


def write_paper(folder: Folder, figures: Mapping[str, Any], used: Sequence[Reference], out: pathlib.Path) -> None:
    """Write tables/, numbers.tex, methods.tex, checklist.md, refs.bib and report.json.

    Args:
        folder: what the run left.
        figures: what was drawn, by stem; they are files of their own.
        used: the references of the run; refs.bib has these, and what tables and methods cite besides.
        out: the folder of the report.
    """
    made = {f"tables/{name}.tex": text for name, text in paper_tables(folder).items()}
    numbers = named(quotes(folder))
    made["methods.tex"] = methods(folder)
    made["numbers.tex"] = numbers_tex(numbers)
    made["report.json"] = numbers_json(numbers, folder.missing)
    made["checklist.md"] = checklist(folder)
    made["refs.bib"] = _bibliography(used, made.values())
    for name, text in made.items():
        write_atomically(out / name, text)


def _bibliography(used: Sequence[Reference], texts: Any) -> str:
    """BibTeX by key: of the references of the run, and of every key that one of the texts cites."""
    keys = {key for text in texts for group in _CITED.findall(text) for key in group.split(",")}
    found = {entry.key: entry.bibtex for entry in used}
    found |= {entry.key: entry.bibtex for key in keys if (entry := cited(key)) is not None}
    listed = "\n\n".join(found[key] for key in sorted(found)) + "\n" if found else ""
    return _OGONEK + listed if r"\k{" in listed else listed
