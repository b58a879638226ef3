"""The references that a run used, from the checker's one bibliography."""

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import proofs_check
from overparam.report._reading import Folder

_ACCENTS = {"`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "c": "\u0327", "k": "\u0328"}
_ACCENTS |= {"v": "\u030c"}
_LETTERS = {"o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ss": "ß", "ae": "æ", "AE": "Æ", "aa": "å", "AA": "Å", "i": "ı"}


@dataclasses.dataclass(frozen=True)
class Reference:
    """One entry of the bibliography, as BibTeX and as plain text."""

    key: str
    bibtex: str
    text: str
    url: str | None  # where a reader may go; nothing is fetched


def theorem(slug: object) -> Any | None:
    """The checker's entry of that slug, if it has one."""
    entries: Mapping[str, Any] = proofs_check.THEOREMS
    return entries.get(slug) if isinstance(slug, str) else None


def source(slug: object) -> Reference | None:
    """What a paper cites for a theorem; for the project's own theorems, the project."""
    entry = theorem(slug)
    return None if entry is None else cited(entry.key)


def cited(key: str) -> Reference | None:
    """The entry of a key of the bibliography, or of a theorem."""
    try:
        bibtex = proofs_check.bibtex(key).strip()
    except (KeyError, OSError):  # a checker without its bibliography: the report still appears
        return None
    head = re.match(r"@\w+\{([^,\s]+),", bibtex)
    return _reference(head.group(1), bibtex) if head else None


def references(folder: Folder) -> list[Reference]:
    """What the theorems on the ladders and the claims cite, each once, by key."""
    slugs = {rung["theorem"] for ladder in folder.ladders for rung in ladder.rungs}
    slugs |= {claim["id"] for claim in folder.claims}
    slugs |= {row["theorem"] for comparison in folder.comparisons for row in comparison.rows if row["sizes"]}
    used = [found for slug in slugs if (found := source(slug)) is not None]
    used += [found for claim in folder.claims for key in claim["cites"] if (found := cited(key)) is not None]
    return [found for _, found in sorted({found.key: found for found in used}.items())]


def _reference(key: str, bibtex: str) -> Reference:
    fields = bibtex_fields(bibtex)
    authors = [_author(name) for name in re.split(r"\s+and\s+", fields.get("author", "")) if name.strip()]
    listed = ", ".join(authors[:-1]) + (" and " if len(authors) > 1 else "") + authors[-1] if authors else ""
    venue = next((fields[f] for f in ("journal", "booktitle", "publisher", "howpublished", "note") if f in fields), "")
    parts = [listed, fields.get("title", ""), ", ".join(filter(None, [plain(venue), fields.get("year", "")]))]
    doi = fields.get("doi")
    url = f"https://doi.org/{doi}" if doi else fields.get("url")
    eprint = fields.get("eprint")
    if url is None and eprint:
        url = f"https://arxiv.org/abs/{eprint}"
    return Reference(key, bibtex, ". ".join(plain(p).rstrip(".") for p in parts if p) + ".", url)


def bibtex_fields(entry: str) -> dict[str, str]:
    """The fields of one BibTeX entry, outer braces or quotes removed, as TeX."""
    fields = {}
    for match in re.finditer(r"(\w+)\s*=\s*", entry):
        name, rest = match.group(1).lower(), entry[match.end() :]
        if name in fields:
            continue
        if rest[:1] == "{":
            depth, end = 0, len(rest)
            for i, char in enumerate(rest):
                depth += (char == "{") - (char == "}")
                if depth == 0:
                    end = i
                    break
            fields[name] = " ".join(rest[1:end].split())
        elif rest[:1] == '"':
            fields[name] = " ".join(rest[1:].split('"')[0].split())
        elif number := re.match(r"\d+", rest):
            fields[name] = number.group()
    return fields


def plain(tex: str) -> str:
    """TeX's accents, dashes and braces as Unicode text."""
    text = re.sub(
        r"\\([`'^~\"ckv])\s*\{?\s*\\?([A-Za-z])\s*\}?",
        lambda m: unicodedata.normalize("NFC", m.group(2) + _ACCENTS[m.group(1)]),
        tex,
    )
    text = re.sub(r"\\(ss|ae|AE|aa|AA|o|O|l|L|i)(?![A-Za-z])\s*", lambda m: _LETTERS[m.group(1)], text)
    text = text.replace("---", "—").replace("--", "–").replace("~", " ")
    return re.sub(r"\\([&%$#_])", r"\1", text).replace("{", "").replace("}", "").replace("$", "")


def _author(name: str) -> str:
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma else name.strip()
