"""What the page on trust says of the checker is so: how long it is, and where each kind of statement is decided."""

import json
import re
import subprocess
import sys
from collections import defaultdict

import pytest

from proofs_check.claims import KINDS
from tests.docs.pages import DOCS, PAGES, read
from tests.house.sources import ROOT

TRUST = read(DOCS / "trust.md")


@pytest.fixture(scope="module")
def lines():
    """Lines of the checker's files behind an answer, of one accepted certificate a kind, with and without a theorem."""
    examples = defaultdict(dict)
    for path in sorted((ROOT / "tests/certificates/accepted").glob("*/statement.json")):
        statement = json.loads(path.read_text())
        named = statement.get("theorem") is not None
        examples[named].setdefault(statement["kind"], path.parent)
    counted = defaultdict(dict)
    for named, folders in examples.items():
        for kind, folder in folders.items():
            command = [sys.executable, "-I", "-S", "proofs_check", "check", "--lines", str(folder)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
            counted[named][kind] = int(re.findall(r"(\d+) in all", done.stdout)[0])
    return counted


def test_every_kind_is_in_the_table():
    listed = set(re.findall(r"`([a-z-]+)`", " ".join(re.findall(r"(?m)^   (\| `[^|]+)\|", TRUST))))
    assert listed == set(KINDS)


def test_the_lines_that_an_answer_needs(lines):
    """To about a hundred: statements that name no theorem, and what is added by one that does."""
    said = re.search(
        r"some ([\d,]+) lines where a network takes its\s+labels \(`interpolates`\), from ([\d,]+) to ([\d,]+) for the "
        r"other kinds, and some ([\d,]+) more",
        TRUST,
    )
    assert said is not None
    network, fewest, most, more = (int(number.replace(",", "")) for number in said.groups())
    assert set(lines[False]) == set(KINDS)
    assert abs(lines[False]["interpolates"] - network) <= 100
    assert abs(min(lines[False].values()) - fewest) <= 100
    assert abs(max(lines[False].values()) - most) <= 100
    assert abs(lines[True]["interpolates"] - lines[False]["interpolates"] - more) <= 100


def test_no_page_says_of_wider_networks_what_was_confirmed_at_one_width():
    for page in PAGES:
        for phrase in ("from this width on", "from which width on gradient descent", r"fits from \d+ on"):
            assert not re.search(phrase, read(page)), f"{page.name}: {phrase}"
