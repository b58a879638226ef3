"""A ladder as the page shows it: rungs with their glosses, figures, and how far its numbers hang on choices."""

import shlex
from typing import Any

from overparam.report._cases import cases
from overparam.report._ladders import Ladder
from overparam.report._references import theorem
from overparam.report._words import SIDES, WORDS, counts_relu, reading, spoken, tiles, title, width_of
from overparam.report.page._claims import CHECK
from overparam.report.page._drawn import drawn
from overparam.report.page._sensitivity import second_look, step_limit, tolerances

_CAPTIONS = {
    "ladder": "The ladder. Bold: proved or certified; plain: observed. A bar shows the widths that a rung speaks of; "
    "dotted: one end was not confirmed. A certified network may be smaller than its rung: see the constructions.",
    "success": "Share of starts that fitted within their step limit (observed), with 95 % Clopper–Pearson intervals, "
    "all batches of one width and stage together. How many batches there were was decided on the way, so these "
    "intervals are for the eye; the threshold does not rest on them. A start at its limit is not shown to fail. Points "
    "of one width are moved apart to be seen.",
    "weights": "What few neurons cost: the size of the weights of each network at hand. Path norm: the sum over "
    "neurons of |v| times the Euclidean norm of u.",
}


def ladder_section(index: int, ladder: Ladder, figures: dict[str, dict[str, bytes]]) -> dict[str, Any]:
    """One data set as the template wants it."""
    shown = {
        name: {
            "svg": drawn(figures[name], prefix=f"f{index}{name[0]}", label=f"{name} figure"),
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
        "figures": shown,
        "cases": cases(ladder),
        "steps": step_limit(ladder),
        "tolerances": tolerances(ladder),
        "second_look": second_look(ladder),
        "certificates": [
            {
                "title": title(rung["rung"]),
                "command": f"{CHECK} {shlex.quote(str(rung['certificate']))}",
                "accepted": rung.get("accepted", ""),
            }
            for rung in ladder.rungs
            if rung["certificate"]
        ],
    }


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
        "source": f"{entry.cite}, {entry.locator}" if entry is not None and entry.cite else None,
        "relu": counts_relu(rung),
        "gloss": WORDS.get(str(rung["word"]), ""),
    }
