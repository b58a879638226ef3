"""Text, numbers and names as TeX takes them; what is written here compiles with pdflatex and no font package."""

import re
import unicodedata
from collections.abc import Iterable

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "|": r"\textbar{}",
    '"': "''",  # as German packages make a command of the straight one
    "`": r"\`{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≠": r"$\neq$",
    "≈": r"$\approx$",
    "→": r"$\to$",
    "∈": r"$\in$",
    "∞": r"$\infty$",
    "√": r"$\surd$",
    "−": r"$-$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "±": r"$\pm$",
    "‖": r"$\Vert$",
    "–": "--",
    "—": "---",
    "’": "'",
    "“": "``",
    "”": "''",
    "²": r"$^2$",
    "³": r"$^3$",
    "α": r"$\alpha$",
    "β": r"$\beta$",
    "γ": r"$\gamma$",
    "δ": r"$\delta$",
    "ε": r"$\varepsilon$",
    "η": r"$\eta$",
    "θ": r"$\theta$",
    "κ": r"$\kappa$",
    "λ": r"$\lambda$",
    "μ": r"$\mu$",
    "π": r"$\pi$",
    "ρ": r"$\rho$",
    "σ": r"$\sigma$",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ı": r"\i{}",
}
_TYPED = {  # in comments
    "⌈": "ceil(",
    "⌉": ")",
    "⌊": "floor(",
    "⌋": ")",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "→": "->",
    "∈": "in",
    "∞": "infinity",
    "√": "sqrt",
    "−": "-",
    "×": "x",
    "·": "*",
    "±": "+-",
    "‖": "||",
    "–": "-",
    "—": "-",
    "’": "'",
    "“": '"',
    "”": '"',
    "²": "^2",
    "³": "^3",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "ß": "ss",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "λ": "lambda",
    "ı": "i",
}
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
}
_LIGATURES = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=,)(?=,)|(?<=[?!])(?=`)")
_TOGETHER = {"<=": "≤", ">=": "≥"}
_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_POWER = re.compile(r"(-?\d+(?:\.\d+)?)e\+?(-?)0*(\d+)")
_IN_TEXT = re.compile(r"(?<![\w.])(?<!\w-)\d+(?:\.\d+)?e[+-]\d+(?![\w.]*\w)", re.ASCII)
_UNBROKEN = re.compile(r"[A-Za-z0-9]{30,}")  # as a hash is: a line may end after each eight


def escape(text: object) -> str:
    """Text that LaTeX prints as it stands, but for signs that it has and files have not.

    `<=` becomes one sign and 1e-06 a power of ten, control characters become spaces, what TeX lacks `?`.
    """
    plain = str(text)
    for pair, sign in _TOGETHER.items():
        plain = plain.replace(pair, sign)
    parts, at = [], 0
    for match in _IN_TEXT.finditer(plain):
        parts += [_escaped(plain[at : match.start()]), tex_number(match[0])]
        at = match.end()
    return "".join([*parts, _escaped(plain[at:])])


def _escaped(text: str) -> str:
    """Text without powers of ten."""
    spelled = "".join("{}" if part is None else _letter(part) for part in _parts(text))
    return _UNBROKEN.sub(lambda run: r"\allowbreak{}".join(re.findall(".{1,8}", run[0])), spelled)


def _parts(text: str) -> Iterable[str | None]:
    """The characters, and None where two of them must not grow together: of `--` TeX makes a dash."""
    breaks = {match.start() for match in _LIGATURES.finditer(text)}
    for at, char in enumerate(text):
        if at in breaks:
            yield None
        yield char


def _letter(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char.isascii():
        return char if char.isprintable() else " "
    if not char.isprintable():
        return " "
    base, *marks = unicodedata.normalize("NFD", char)
    if len(marks) == 1 and marks[0] in _ACCENTS and base.isascii() and base.isalpha():
        return rf"\{_ACCENTS[marks[0]]}{{{base}}}"
    return "?"


def tex_number(printed: str) -> str:
    """A printed number for text and for formulas: 1.2e-05 as a power of ten, a minus as a minus."""
    if match := _POWER.fullmatch(printed):
        return rf"\ensuremath{{{match[1]}{{\times}}10^{{{match[2]}{match[3]}}}}}"
    return rf"\ensuremath{{{printed}}}" if re.fullmatch(r"-\d+(\.\d+)?", printed) else escape(printed)


def seen(printed: str) -> str:
    """The signs of a printed number as a reader sees them, to be measured: 1.2e-05 as 1.2×10-5."""
    return _POWER.sub(r"\1×10\2\3", printed)


def letters(name: str) -> str:
    """A name in letters only, as TeX's macros want it: breast_cancer-60 -> BreastCancerSixZero."""
    words = re.findall(r"[A-Za-z]+|[0-9]", name)
    return "".join(_DIGITS[int(w)] if w.isdigit() else w[0].upper() + w[1:] for w in words) or "Data"


def comment(text: str) -> str:
    """Text after a %, which must end where its line ends, in ASCII: ⌈4n/d⌉ as ceil(4n/d).

    >>> comment("4⌈n/d⌉ ≤ Müller")
    '% 4ceil(n/d) <= Muller'
    """
    return "% " + "".join(map(_typed, text))


def _typed(char: str) -> str:
    """A character as a typewriter has it."""
    if char in _TYPED:
        return _TYPED[char]
    if char.isascii():
        return char if char.isprintable() else "?"
    base, *marks = unicodedata.normalize("NFD", char)
    if base.isascii() and base.isprintable() and all(map(unicodedata.combining, marks)):
        return base
    name = unicodedata.name(char, "")
    return name.rpartition(" ")[2].lower() if name.startswith("GREEK SMALL LETTER ") else "?"


def cite(keys: Iterable[str]) -> str:
    r"""`\cite` of these keys, each once and sorted; nothing for none."""
    listed = ",".join(sorted(set(keys)))
    return rf"\cite{{{listed}}}" if listed else ""
