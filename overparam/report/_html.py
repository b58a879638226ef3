"""The page: one self-contained HTML file, readable without a network, a script or the run."""

import functools
import pathlib
import re
import shlex
from typing import Any

import jinja2

from overparam.report._claims import CHECK, tally, topics
from overparam.report._comparison import HEAD, cells, legend
from overparam.report._documents import documents
from overparam.report._plotting import inline
from overparam.report._reading import Comparison, Folder, Ladder
from overparam.report._references import Reference, theorem
from overparam.report._words import (
    SIDES,
    VERDICTS,
    WORDS,
    counts_relu,
    number,
    reading,
    spoken,
    tiles,
    title,
    width_of,
)

_TEMPLATES = pathlib.Path(__file__).parent / "templates"
_CAPTIONS = {
    "ladder": "The ladder. Bold: proved or certified; plain: observed. A bar shows the widths that a rung speaks of; "
    "dotted: one end was not confirmed. A certified network may be smaller than its rung: see the constructions.",
    "success": "Share of starts that fitted within their step limit, with 95 % Clopper–Pearson intervals, all batches "
    "of one width and stage together. How many batches there were was decided on the way, so these intervals are for "
    "the eye; the threshold does not rest on them. A start at its limit is not shown to fail. Points of one width are "
    "moved apart to be seen.",
    "weights": "What few neurons cost: the size of the weights of each network at hand. Path norm: the sum over "
    "neurons of |v| times the Euclidean norm of u.",
}


def page(folder: Folder, figures: dict[str, dict[str, dict[str, bytes]]], used: list[Reference]) -> str:
    """The report as HTML.

    Args:
        folder: what the run left.
        figures: stem of a ladder -> name of a figure -> its files by format.
        used: the references to list.
    """
    sections = [_section(i + 1, ladder, figures.get(ladder.stem, {})) for i, ladder in enumerate(folder.ladders)]
    built = [
        _constructions(i + 1, comparison, figures.get(comparison.stem, {}))
        for i, comparison in enumerate(folder.comparisons)
    ]
    versions = _shared([record.versions for record in (*folder.ladders, *folder.comparisons)])
    return (
        _rules()
        .get_template("report.html")
        .render(
            missing=folder.missing,
            sections=sections,
            comparisons=built,
            head=HEAD,
            claims=topics(folder.claims),
            drawings={claim["id"]: _drawings(claim, figures) for claim in folder.claims},
            documents=documents(folder.claims),
            tally=tally(folder.claims),
            words=WORDS,
            verdicts={v: VERDICTS[v] for v in VERDICTS if any(c["verdict"] == v for c in folder.claims)},
            references=used,
            versions=versions,
            check=CHECK,
            css=(_TEMPLATES / "report.css").read_text(encoding="utf-8"),
        )
    )


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


def _section(index: int, ladder: Ladder, figures: dict[str, dict[str, bytes]]) -> dict[str, Any]:
    """One data set as the template wants it."""
    drawn = {
        name: {
            "svg": inline(figures[name]["svg"], prefix=f"f{index}{name[0]}", label=f"{name} figure"),
            "caption": caption,
        }
        for name, caption in _CAPTIONS.items()
        if name in figures
    }
    return {
        "id": f"data-{index}",
        "ladder": ladder,
        "reading": reading(ladder),
        "tiles": tiles(ladder),
        "family": _usual([str(rung["family"]) for rung in ladder.rungs if rung["family"]]),
        "rungs": [_rung(rung) for rung in ladder.rungs],
        "figures": drawn,
        "certificates": [
            {"title": title(rung["rung"]), "command": f"{CHECK} {shlex.quote(str(rung['certificate']))}"}
            for rung in ladder.rungs
            if rung["certificate"]
        ],
    }


def _constructions(index: int, comparison: Comparison, figures: dict[str, dict[str, bytes]]) -> dict[str, Any]:
    """All constructions on one data set as the template wants them."""
    drawn = figures.get("memorizers")
    rows = comparison.largest()
    return {
        "id": f"constructions-{index}",
        "comparison": comparison,
        "figure": inline(drawn["svg"], prefix=f"m{index}", label="constructions figure") if drawn else None,
        "legend": legend(comparison),
        "rows": [{"cells": cells(row, comparison), "row": row} for row in rows],
        "refused": comparison.refused(),
        "commands": [f"{CHECK} {shlex.quote(row['certificate'])}" for row in rows if row["certificate"]],
    }


def safe(name: object) -> str:
    """A claim's id as part of a file name."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", str(name))


def _drawings(claim: dict[str, Any], figures: dict[str, dict[str, dict[str, bytes]]]) -> list[str]:
    """The figures of one claim as elements of the page."""
    found = []
    for index, plot in enumerate(claim["plots"], 1):
        drawn = figures.get(f"{safe(claim['id'])}-{index}", {}).get("claim")
        if drawn is not None:
            label = re.sub(r"[^A-Za-z0-9 ,.:;()=+-]", " ", plot.title)
            found.append(inline(drawn["svg"], prefix=f"c{safe(claim['id'])}{index}", label=label))
    return found


def _usual(families: list[str]) -> str | None:
    """The family that most rungs count, if two or more do."""
    usual = max(dict.fromkeys(families), key=families.count, default=None)
    return usual if families.count(str(usual)) > 1 else None


def _rung(rung: dict[str, Any]) -> dict[str, Any]:
    entry = theorem(rung["theorem"])
    return rung | {
        "title": title(rung["rung"]),
        "shown": width_of(rung),
        "side_word": SIDES.get(str(rung["side"]), spoken(rung["side"])),
        "statement": entry.statement if entry is not None else None,
        "source": f"{entry.cite}, {entry.locator}" if entry is not None and entry.cite else None,
        "relu": counts_relu(rung),
        "gloss": WORDS.get(str(rung["word"]), ""),
    }


def _shared(versions: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Each version once; where ladders differ, all of them."""
    merged: dict[str, list[str]] = {}
    for table in versions:
        for name, version in table.items():
            seen = merged.setdefault(name, [])
            if version not in seen:
                seen.append(version)
    return sorted((name, ", ".join(seen)) for name, seen in merged.items())
