"""Citations in plain Markdown: a key of the bibliography in backticks is a citation on the site.

So a page reads well as it is, and the build fails where the bibliography does not have what it names.  The list of
sources at the end of the generated page of theorems becomes the site's own.
"""

import pathlib
import re
from typing import Any

BIBLIOGRAPHY = pathlib.Path(__file__).parents[2] / "proofs_check" / "references.bib"
SOURCES = "\n## References\n"


def keys_of(bibliography: str) -> frozenset[str]:
    """The keys of a BibTeX file."""
    return frozenset(re.findall(r"(?m)^\s*@\w+\s*\{\s*([^,\s]+)\s*,", bibliography))


def cited(text: str, keys: frozenset[str]) -> str:
    """A page whose keys in backticks, and links to the list of sources, are citations; blocks of code stay."""
    parts = re.split(r"(?ms)(^ *```.*?^ *```[^\n]*$)", text)
    for place in range(0, len(parts), 2):
        lines = parts[place].split("\n")
        parts[place] = "\n".join(line if line.startswith("    ") else _cited_line(line, keys) for line in lines)
    return "".join(parts)


def _cited_line(line: str, keys: frozenset[str]) -> str:
    if line.startswith("#"):  # a heading names an entry, which may be called like its source
        return line
    line = re.sub(r"\[([^\]\s]+)\]\(#ref-[a-z0-9-]+\)", r"{cite:t}`\1`", line)
    return re.sub(r"(?<![`}])`([\w-]+)`(?!`)", lambda m: "{cite:t}" + m[0] if m[1] in keys else m[0], line)


def _read(app: Any, page: str, source: list[str]) -> None:
    if page == "references":
        return
    text = source[0].split(SOURCES)[0] if page == "theorems" else source[0]
    source[0] = cited(text, keys_of(BIBLIOGRAPHY.read_text(encoding="utf-8")))


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
