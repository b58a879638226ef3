"""The map of all claims: one mark each, by topic, its colour and its shape the verdict."""

from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from overparam.report._words import VERDICTS
from overparam.report.figures._csv import table_csv
from overparam.report.figures._style import FAINT, INCHES, INK, Columns, legible, new_figure, text_width, wrapped

LOOKS = {  # colour, marker, filled: dark to light from what is proved to what is open, and no two of one shape
    "CERTIFIED": ("#0b4f9e", "s", True),
    "CONSISTENT": ("#2f86c9", "o", True),
    "ESTIMATED": ("#8f3f71", "D", True),
    "SCOPED": ("#b07d00", "^", True),
    "REFUTED": ("#d0021b", "X", True),
    "INCONCLUSIVE": ("#6b7785", "v", False),
    "VACUOUS": ("#6b7785", "o", False),
}
_MEANS = {  # the house's words: of a claim the verdict, of its numbers certified or observed
    "CERTIFIED": "certified: proved for the instances listed",
    "CONSISTENT": "observed, not contradicted",
    "ESTIMATED": "observed, with an interval",
    "SCOPED": "a narrower claim holds",
    "REFUTED": "fails",
    "INCONCLUSIVE": "not decided",
    "VACUOUS": "nothing tested",
}
_MOST = 1000  # claims
_SIZE, _ROW, _TILE = 6.0, 0.108, 0.15  # points of a name; inches of a line of names, of a mark without a name


class Place(NamedTuple):
    """Where one claim is on the map, in inches from the upper left."""

    x: float
    y: float
    id: str
    verdict: str


def draw_verdicts(claims: list[dict[str, Any]], columns: Columns = "double") -> Figure | None:
    """The figure, or None where there is no claim, or more than any page has room for.

    Over both columns of a paper every mark has its claim's name; in one column there is room for the marks.
    """
    if not 0 < len(claims) <= _MOST:
        return None
    wide = INCHES[columns]
    heads, places, tall = _named(claims, wide) if columns == "double" else _marked(claims, wide)
    keys = [verdict for verdict in LOOKS if any(place.verdict == verdict for place in places)]
    abreast = 2 if columns == "double" else 1
    above = 0.12 + 0.15 * -(-len(keys) // abreast)
    height = above + tall + 0.08
    figure = new_figure(columns, height, margins=(0, 0, 0, 0))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, wide)
    axes.set_ylim(height, 0)
    for x, y, text in heads:
        axes.text(x, above + y, text, fontsize=6.5, fontweight="bold", color=INK, va="center")
    _mark(axes, places, above, named=columns == "double")
    counts = {verdict: sum(place.verdict == verdict for place in places) for verdict in keys}
    handles = [
        Line2D([], [], ls="", ms=5, **_look(verdict), label=f"{counts[verdict]} {verdict}: {_MEANS[verdict]}")
        for verdict in keys
    ]
    figure.legend(handles=handles, loc="upper left", ncols=abreast, fontsize=7, handletextpad=0.2, labelspacing=0.3,
                  borderaxespad=0.3, columnspacing=1.5)  # fmt: skip
    return figure


def verdicts_csv(claims: list[dict[str, Any]]) -> str:
    """The claims in the order of the map."""
    rows = [(topic, c["id"], c["verdict"]) for topic, mine in _by_topic(claims).items() for c in mine]
    return table_csv(("topic", "claim", "verdict"), rows)


def _by_topic(claims: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Topics as they come, the claims of each by verdict, then by name."""
    order = list(VERDICTS)
    found: dict[str, list[dict[str, Any]]] = {}
    for claim in claims:
        found.setdefault(str(claim["topic"] or "claims"), []).append(claim)
    for mine in found.values():
        mine.sort(key=lambda c: (order.index(c["verdict"]) if c["verdict"] in order else len(order), str(c["id"])))
    return found


def _named(claims: list[dict[str, Any]], wide: float) -> tuple[list[tuple[float, float, str]], list[Place], float]:
    """Heads, places and height of the map with names: columns filled one after the other."""
    longest = max(text_width(legible(c["id"]), _SIZE) for c in claims) + 0.25
    across = max(1, min(4, int((wide - 0.1) / longest)))
    column = (wide - 0.1) / across
    blocks: list[list[tuple[str, str | None, str]]] = []  # lines of each topic: head or claim
    for topic, mine in _by_topic(claims).items():
        lines = [(line, None, "") for line in wrapped(topic, column - 0.15, 6.5)]
        blocks.append([*lines, *((legible(c["id"]), str(c["id"]), str(c["verdict"])) for c in mine), ("", None, "")])
    flat = [line for block in blocks for line in block]
    most = -(-len(flat) // across) + 2  # a head is not left alone at the foot of its column
    heads, places, at, row = [], [], 0, 0
    for block in blocks:
        for i, (text, id, verdict) in enumerate(block):
            lonely = id is None and text and row >= most - 3
            if (row >= most or (lonely and i == 0)) and at < across - 1:
                at, row = at + 1, 0
                if id is not None:
                    heads.append((0.1 + at * column, 0.5 * _ROW, "(continued)"))
                    row = 1
            if not text and row == 0:
                continue
            x, y = 0.1 + at * column, (row + 0.5) * _ROW
            if id is None:
                heads += [(x, y, text)] if text else []
            else:
                places.append(Place(x + 0.05, y, id, verdict))
            row += 1
    tall = max([y for _, y, _ in heads] + [place.y for place in places]) + _ROW
    return heads, places, tall


def _marked(claims: list[dict[str, Any]], wide: float) -> tuple[list[tuple[float, float, str]], list[Place], float]:
    """Heads, places and height of the map without names: a topic and its marks below."""
    across = int((wide - 0.2) / _TILE)
    heads, places, y = [], [], 0.0
    for topic, mine in _by_topic(claims).items():
        for line in wrapped(topic, wide - 0.2, 6.5):
            heads.append((0.1, y + 0.06, line))
            y += 0.125
        for i, claim in enumerate(mine):
            place = (0.16 + (i % across) * _TILE, y + 0.07 + (i // across) * _TILE)
            places.append(Place(*place, str(claim["id"]), str(claim["verdict"])))
        y += -(-len(mine) // across) * _TILE + 0.06
    return heads, places, y


def _mark(axes: Axes, places: list[Place], above: float, *, named: bool) -> None:
    """The marks, those of one verdict together."""
    for verdict in dict.fromkeys(place.verdict for place in places):
        mine = [place for place in places if place.verdict == verdict]
        axes.plot([p.x for p in mine], [above + p.y for p in mine], ls="", ms=4 if named else 6, **_look(verdict))
    if named:
        for place in places:
            axes.text(place.x + 0.07, above + place.y, legible(place.id), fontsize=_SIZE, va="center", color=INK)


def _look(verdict: str) -> dict[str, Any]:
    colour, marker, filled = LOOKS.get(verdict, (FAINT, "P", False))
    return {"color": colour, "marker": marker, "mfc": colour if filled else "white", "mew": 0.9}
