"""BibTeX entries from references.bib, the project's one bibliography."""

import os
import re

from proofs_check.theorems import THEOREMS, Theorem

OWN = "overparam"  # the entry of the project itself, for theorems that are its own

_HEAD = re.compile(r"^@\w+\{([^,\s]+),", re.MULTILINE)


def references() -> dict[str, str]:
    """Every entry of references.bib by its key, in the order of the file."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "references.bib"), encoding="utf-8") as stream:
        text = stream.read()
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return {head[1]: text[head.start() : end].strip() for head, end in zip(heads, ends, strict=True)}


def bibtex(key: str) -> str:
    """The BibTeX entry of a bibliography key, or of the source of a theorem.

    Raises:
        KeyError: there is neither such an entry nor such a theorem.
    """
    entries = references()
    if key in entries:
        return entries[key]
    if key not in THEOREMS:
        raise KeyError(f"{key!r} is neither a theorem nor a key of references.bib")
    return entries[THEOREMS[key].cite or OWN]


def source_of(theorem: Theorem) -> str:
    """Where a theorem is from, as a sentence shows it."""
    return f"{theorem.cite or OWN}, {theorem.locator}"
