"""A table that fits the width of a page: columns as wide as their words ask for, in lines where they must break."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from overparam.report.paper._tex import comment, escape, seen, tex_number

_FITS = {  # size of letters -> digits on a line of 345 pt, the narrowest usual one, and digits around a column
    "": (66.0, 2.6),
    r"\footnotesize": (80.0, 3.0),
    r"\scriptsize": (85.0, 3.2),
    r"\scriptsize\setlength{\tabcolsep}{2pt}": (85.0, 1.2),
}
_BROAD = "mw=+<>≤≥×–"
_NARROW = "I.,:;'|!()[]ijlt-/ "


class Cell(NamedTuple):
    """What stands in a table: its text, to be measured, and its TeX."""

    text: str
    tex: str


Row = Sequence[str | Cell]


def table(
    remark: str, head: Sequence[str], rows: Sequence[Row], *, right: frozenset[int] = frozenset(), long: bool = False
) -> str:
    """A booktabs `tabular`, or with `long` a `longtable` that goes on over pages.

    Args:
        remark: what the table is, for the comment above it.
        head: names of the columns.
        rows: plain texts, which are escaped, or cells.
        right: columns of numbers, flush right.
        long: whether it may be longer than a page; such a table stands in the text, not in a float.
    Returns:
        LaTeX whose preamble needs booktabs and array, and longtable where it is long.
    """
    cells = [[_cell(value, i in right) for i, value in enumerate(row)] for row in rows]
    size, columns = _columns([[Cell(name, name) for name in head], *cells], right)
    name = "longtable" if long else "tabular"
    packages = "booktabs, array" + (", longtable" if long else "")
    top = _line(escape(title) for title in head)
    body = [_line(cell.tex for cell in row) for row in cells]
    lines = [comment(f"{remark}  Needs the packages {packages}."), rf"{{{size}%", rf"\begin{{{name}}}{{{columns}}}"]
    if size:  # cells may have several lines
        body = [line for row in body for line in (row, r"\addlinespace[2pt]")][:-1]
    if long:
        lines += [r"\toprule", top, r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot", *body]
    else:
        lines += [r"\toprule", top, r"\midrule", *body, r"\bottomrule"]
    return "\n".join([*lines, rf"\end{{{name}}}}}%"]) + "\n"  # without the % TeX sees a space


def _line(cells: Iterable[str]) -> str:
    """A row; where it begins with what the command of the row before would take for its argument, braces keep it."""
    text = " & ".join(cells) + r" \\"
    return f"{{}}{text}" if text.startswith(("[", "*")) else text


def _cell(value: str | Cell, is_number: bool) -> Cell:
    if isinstance(value, Cell):
        return value
    return Cell(seen(value), tex_number(value) if is_number else escape(value))


def _columns(rows: Sequence[Sequence[Cell]], right: frozenset[int]) -> tuple[str, str]:
    """The size of the letters, and the columns: natural ones where they fit, else paragraphs that share the line."""
    texts = [[row[i].text for row in rows] for i in range(len(rows[0]))]
    natural = [max(map(_length, column)) for column in texts]
    least = [max(_length(word) for text in column for word in _words(text)) for column in texts]
    if sum(natural) + _FITS[""][1] * len(texts) <= _FITS[""][0]:
        return "", "".join("r" if i in right else "l" for i in range(len(texts)))
    size, (fit, between) = next(
        ((size, room) for size, room in _FITS.items() if size and sum(least) + room[1] * len(texts) <= room[0]),
        list(_FITS.items())[-1],
    )
    least, natural = [m + between for m in least], [n + between for n in natural]
    scale = min(1.0, fit / sum(least))
    room = max(fit - sum(least), 0.0)
    # what a column lacks counts by its root: a long text gets more lines, not all of the room
    wishes = [(n - m) ** 0.5 for n, m in zip(natural, least, strict=True)]
    widths = [m * scale + room * wish / (sum(wishes) or 1.0) for m, wish in zip(least, wishes, strict=True)]
    shares = [min(width, n) / fit for width, n in zip(widths, natural, strict=True)]
    return size, "".join(_paragraph(share, i in right) for i, share in enumerate(shares))


def _paragraph(share: float, right: bool) -> str:
    side = "left" if right else "right"
    return rf">{{\ragged{side}\arraybackslash}}p{{\dimexpr {share:.4f}\linewidth-2\tabcolsep\relax}}"


def _words(text: str) -> list[str]:
    """Parts between which a line may end: at spaces, after hyphens, within what is as long as a hash."""
    return re.split(r"\s+|(?<=-)(?=\D)", re.sub(r"([A-Za-z0-9]{8})(?=[A-Za-z0-9]{22})", r"\1 ", text))


def _length(text: str) -> float:
    """About how many digits wide the text is."""
    minus = 0.8 if re.match(r"-\d", text) else 0.0  # of a number it is a sign of formulas, and wide
    return sum(map(_wide, text)) + minus


def _wide(char: str) -> float:
    if char in _NARROW:
        return 0.6
    if char.isupper() or char in _BROAD:
        return 1.4
    return 1.0 if char.isdigit() else 1.1
