"""The pages of the documentation, their blocks of code and their links, read as text."""

import pathlib
import re
import shlex
from typing import NamedTuple

from tests.house.sources import ROOT

DOCS = ROOT / "docs"
SITE = sorted(p for p in DOCS.rglob("*.md") if "_build" not in p.relative_to(DOCS).parts)
PAGES = [ROOT / "README.md", *SITE]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]


class Block(NamedTuple):
    """A fenced block: the word behind the fence, and the text."""

    kind: str
    text: str


def blocks(text: str, kind: str = r"[^\n]*") -> list[Block]:
    """Fenced blocks in their order; what a `code-cell` says of itself between lines of --- is left out."""
    found = re.findall(rf"(?ms)^```({kind})\n(.*?)^```$", text)
    return [Block(kind, re.sub(r"(?s)\A---\n.*?\n---\n", "", body)) for kind, body in found]


def prose(text: str) -> str:
    """The page without its blocks, and without code between backticks."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"(?ms)^```.*?^```$", "", text))


def links(text: str) -> list[str]:
    """Targets of the page's links and pictures."""
    return re.findall(r"\]\(([^)\s]+)\)", prose(text))


def anchors(text: str) -> set[str]:
    """What a link may name behind #: slugs of headings, and places marked in HTML."""
    heads = re.findall(r"(?m)^#{1,3} +(.*)$", re.sub(r"(?ms)^```.*?^```$", "", text))
    slugs = {re.sub(r"[^\w\- ]", "", head.replace("`", "")).strip().lower().replace(" ", "-") for head in heads}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


def commands(text: str) -> list[str]:
    """Every line of a page that calls the program: in blocks for a shell, in cells for one, after a prompt."""
    lines = []
    for block in blocks(text):
        if block.kind in ("sh", "console", "text") or block.text.startswith("%%sh"):
            lines += [line.removeprefix("$ ").strip() for line in block.text.splitlines()]
    return [line for line in lines if re.match(r"(overparam|python3? .*-?m? ?proofs_check) ", line)]


def words(line: str) -> list[str]:
    """The words of a command, up to where the shell takes over."""
    found = shlex.split(line, comments=True)
    ends = [found.index(mark) for mark in (">", "|", "||", "&&", ";") if mark in found]
    return found[: min(ends, default=len(found))]


def read(page: pathlib.Path) -> str:
    """The text of a page."""
    return page.read_text(encoding="utf-8")
