"""The ladder and the claims as plain aligned tables for a terminal."""

import itertools
import textwrap
from typing import Any

from overparam.report._cases import CASES, CASES_HEAD, cases
from overparam.report._ladders import Ladder
from overparam.report._reading import claims_of, ladder_of
from overparam.report._words import link_words, number, reading, spoken, title, width_of

_GAP = "  "


def ladder_text(ladder: dict[str, Any]) -> str:
    """The ladder of one data set, smallest width first within the file's order.

    Args:
        ladder: the JSON object that `overparam width --json` prints.
    """
    known = ladder_of(ladder, stem="data")
    home = _home([str(rung["certificate"]) for rung in known.rungs if rung["certificate"]])
    rows = [
        (
            title(rung["rung"]),
            width_of(rung),
            spoken(rung["word"]),
            spoken(rung["quantifier"]),
            _place(rung, home),
        )
        for rung in known.rungs
    ]
    head = f"{known.name}  (n = {number(known.n)}, d = {number(known.d)}, labels: {known.labels or '–'})"
    lines = table(("rung", "width", "word", "holds for", "certificate or theorem"), rows, right={1})
    where = [f"./ is {plain(home)} in the output folder"] if home else []
    searched = _pruned(known)
    told = textwrap.wrap(plain(reading(known)), 100)
    return "\n".join([plain(head), "", *lines, *where, *searched, "", *told]) + "\n"


def _home(certificates: list[str]) -> str:
    """The folder that holds all certificates, with its last stroke; nothing where they have none in common."""
    folders = [path.split("/")[:-1] for path in certificates]
    shared = itertools.takewhile(lambda parts: len(set(parts)) == 1, zip(*folders, strict=False))
    return "".join(f"{parts[0]}/" for parts in shared)


def _place(rung: dict[str, Any], home: str) -> str:
    """Where a certificate lies below their folder, `./` before it; without one, the theorem."""
    if not rung["certificate"]:
        return str(rung["theorem"] or "")
    return f"./{str(rung['certificate'])[len(home) :]}" if home else str(rung["certificate"])


def _pruned(ladder: Ladder) -> list[str]:
    """What the search over activation patterns did at each width, and what removed how many patterns."""
    if not ladder.exact:
        return []
    return [
        "",
        *textwrap.wrap(f"Cases closed by each means. {CASES}", 100),
        "",
        *table(CASES_HEAD, [tuple(row) for row in cases(ladder)], right={0, 2, 3, 4, 5, 6}),
    ]


def claims_text(claims: list[dict[str, Any]]) -> str:
    """The verdicts, one claim a paragraph.

    Args:
        claims: the JSON list that `overparam verify --json` prints.
    """
    known = claims_of(claims)
    wide = max((len(str(claim["verdict"])) for claim in known), default=0)
    blocks = []
    for claim in known:
        measured = [str(claim["evidence"] or ""), *map(link_words, claim["links"])]
        body = [str(claim["claim"]), *measured, str(claim["refuted_by"] or "")]
        lines = [f"{claim['verdict']!s:<{wide}}{_GAP}{claim['id']}"]
        for text in filter(None, body):
            lines += textwrap.wrap(plain(text), 100, initial_indent="    ", subsequent_indent="    ")
        if claim["certificate"]:
            lines.append(f"    certificate: {claim['certificate']}")
        blocks.append("\n".join(plain(line) for line in lines))
    return "\n\n".join(blocks) + ("\n" if blocks else "")


def table(head: tuple[str, ...], rows: list[tuple[str, ...]], *, right: set[int]) -> list[str]:
    """Lines of an aligned table; the columns named in `right` end flush."""
    cells = [tuple(map(plain, row)) for row in [head, *rows]]
    wide = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = [
        _GAP.join(c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, wide, strict=True)))
        for row in cells
    ]
    return [lines[0].rstrip(), "-" * (sum(wide) + len(_GAP) * (len(wide) - 1)), *(line.rstrip() for line in lines[1:])]


def plain(text: str) -> str:
    """No control characters: a data name must not steer the terminal."""
    return "".join(char if char.isprintable() else " " for char in text)
