r"""The numbers that a paper may quote, once: numbers.tex (a macro each) and report.json are written from one list.

A macro is named by what it stands for, so the same record has the same macro in every report.  Where two names have
the same letters both get letters of a hash instead: a paper that quoted one of them then fails to compile, and does
not quietly print the other's number.
"""

import dataclasses
import decimal
import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from overparam.report._words import MORE, VERDICTS, WORDS, number
from overparam.report.paper._tex import comment, letters, tex_number

FORMAT = 1
_DIGITS = 4
_LONGEST = 400  # characters of a number that is spelled out
GLOSSES = {
    "given": "an input of the run, of its data or its protocol",
    "computed": "computed by the program from exact weights, and rounded; the checker was not asked about it",
    "formula": "what an inequality asks for: the value of its formula, or a number that the study fixes",
    "not found": WORDS["not_found"],
    "mixed": "a sentence whose numbers carry their own words",
} | WORDS | MORE | VERDICTS  # fmt: skip

Toward = Literal["nearest", "down", "up"]
ENDS: tuple[tuple[str, Toward], ...] = (("value", "nearest"), ("lower", "down"), ("upper", "up"))
_WAYS = {"down": decimal.ROUND_FLOOR, "nearest": decimal.ROUND_HALF_EVEN, "up": decimal.ROUND_CEILING}
_RATIONAL = re.compile(
    r"(?P<above>-?\d+)(?:/(?P<below>\d+)|\*2\^(?P<power>-?\d{1,5}))|-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,4})?", re.ASCII
)


@dataclasses.dataclass(frozen=True)
class Quoted:
    """One number, or one word, that a paper may quote."""

    name: tuple[str, ...]  # what it stands for, such as ("gaussian-n40", "found"): the macro's letters
    value: int | float | str
    word: str  # what stands behind it, see GLOSSES
    means: str
    file: str  # of the run
    at: str | None  # where in that file; None if it was made out of several of its numbers
    toward: Toward = "nearest"  # how it is rounded: ends of intervals outwards

    @property
    def printed(self) -> str:
        """As the paper prints it: four digits at most."""
        return rounded(self.value, self.toward)


def rounded(value: int | float | str, toward: Toward = "nearest") -> str:
    """A number as `_words.number` prints it, but rounded towards the side on which it stays true.

    >>> rounded("703/2305843009213693952", "up"), rounded("6.62144E-15", "up"), rounded("two")
    ('3.049e-16', '6.622e-15', 'two')
    """
    exact = rational(value) if isinstance(value, str) else None
    if exact is None and (toward == "nearest" or not isinstance(value, float)):
        return number(value)
    if exact is not None and exact.denominator == 1 and abs(exact) < 10**9:
        return number(exact.numerator)
    above, below = (Fraction(value) if exact is None else exact).as_integer_ratio()
    context = decimal.Context(prec=_DIGITS, rounding=_WAYS[toward])
    found = context.divide(decimal.Decimal(above), decimal.Decimal(below))
    printed = number(float(found))
    return printed if decimal.Decimal(printed) == found else f"{found.normalize():g}"  # at the ends of float's range


def rational(text: str) -> Fraction | None:
    """A number that a record or a sentence spells: a decimal, p/q or m*2^e; anything else is none."""
    match = _RATIONAL.fullmatch(text)
    if match is None or len(text) > _LONGEST or (match["below"] and not int(match["below"])):
        return None
    if match["power"]:
        return Fraction(int(match["above"])) * Fraction(2) ** int(match["power"])
    return Fraction(text)


def named(quotes: Sequence[Quoted]) -> dict[str, Quoted]:
    """Macro -> what it quotes; where several have the same letters, each gets letters of its name's hash."""
    wished = ["op" + "".join(map(letters, quote.name)) for quote in quotes]
    asked = Counter(wished)
    found: dict[str, Quoted] = {}
    for quote, wish in zip(quotes, wished, strict=True):
        found.setdefault(wish if asked[wish] == 1 else wish + _hashed(json.dumps(quote.name)), quote)
    return found


def _hashed(text: str) -> str:
    """Twelve small letters, after which no name without a hash goes on."""
    return "".join(chr(ord("a") + byte % 26) for byte in hashlib.sha256(text.encode()).digest()[:12])


def numbers_tex(quotes: dict[str, Quoted]) -> str:
    r"""`\newcommand` for each, with what it means, its word and its file as a comment."""
    lines = [
        comment("Every number below is in report.json with all its digits, its word and where it comes from."),
        comment("They may stand in text and in formulas."),
    ]
    for macro, quote in quotes.items():
        told = comment(f"{quote.word}: {quote.means} ({quote.file})")
        lines.append(f"\\newcommand{{\\{macro}}}{{{tex_number(quote.printed)}}}{told}")
    return "\n".join(lines) + "\n"


def numbers_json(quotes: dict[str, Quoted], missing: Sequence[str]) -> str:
    """The same as JSON, with every digit.

    Args:
        quotes: macro -> number.
        missing: in words, why the run is partial.
    """
    rows = [
        {
            "macro": macro,
            "printed": quote.printed,
            "rounded": quote.toward,
            "value": quote.value,
            "word": quote.word,
            "means": quote.means,
            "file": quote.file,
            "at": quote.at,
        }
        for macro, quote in quotes.items()
    ]
    words = {word: GLOSSES[word] for word in sorted({quote.word for quote in quotes.values()}) if word in GLOSSES}
    record = {"format": FORMAT, "partial": list(missing), "words": words, "numbers": rows}
    return json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
