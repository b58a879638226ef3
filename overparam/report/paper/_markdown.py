"""Text as Markdown shows it, and the words of a checklist's answers."""

from typing import Any

NOT_RECORDED = "not recorded"
LISTED = 30  # theorems or data sets that are told one by one
_MARKS = str.maketrans({c: f"\\{c}" for c in "\\`*_<>[]#|"})


def many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def listed(values: list[Any] | None) -> str:
    return plain(", ".join(map(str, values))) if values else NOT_RECORDED


def code_of(text: object) -> str:
    """Text between back-ticks."""
    return " ".join("".join(c if c.isprintable() and c != "`" else " " for c in str(text)).split())


def plain(text: object) -> str:
    """Text that Markdown shows as it stands, on one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).translate(_MARKS).split())
