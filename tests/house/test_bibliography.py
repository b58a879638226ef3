"""One bibliography for the whole project: every citation resolves, every key and slug is unique."""

import re

import proofs_check
from tests.house.sources import ROOT

BIB = ROOT / "proofs_check" / "references.bib"


def keys() -> list[str]:
    return re.findall(r"(?m)^\s*@\w+\s*\{\s*([^,\s]+)\s*,", BIB.read_text())


def test_keys_are_unique():
    assert keys()
    assert len(keys()) == len({key.lower() for key in keys()})


def test_every_citation_resolves():
    for slug, theorem in proofs_check.THEOREMS.items():
        if theorem.cite is not None:
            assert theorem.cite in keys(), slug
            assert re.match(r"@\w+\{" + re.escape(theorem.cite) + ",", proofs_check.bibtex(theorem.cite).lstrip())
            assert theorem.locator, f"{slug} is cited without saying where in the source"


def test_slugs_are_unique_and_are_their_entries_keys():
    slugs = [theorem.key for theorem in proofs_check.THEOREMS.values()]
    assert len(slugs) == len(set(slugs))
    assert slugs == list(proofs_check.THEOREMS)


def test_it_is_the_only_bibliography():
    """A report's own refs.bib is a result, whatever its folder is called."""
    found = [p for p in ROOT.rglob("*.bib") if not (p.parent / "report.html").exists()]
    assert [p for p in found if not any(part.startswith((".venv", ".git")) for part in p.parts)] == [BIB]
