"""Each page is in the site's contents, its links lead somewhere, and what it cites is in the bibliography."""

import re

import pytest

from overparam.cli._commands import COMMANDS
from tests.docs.pages import DOCS, NAMES, PAGES, SITE, anchors, blocks, links, prose, read
from tests.house.sources import ROOT
from tests.house.test_bibliography import keys

each_page = pytest.mark.parametrize("page", PAGES, ids=NAMES)


def contents(page):
    """The pages that a page has in its table of contents."""
    entries = [line for block in blocks(read(page), r"\{toctree\}") for line in block.text.splitlines()]
    return [page.parent / f"{line}.md" for line in entries if line and not line.startswith(":")]


def test_every_page_is_in_the_contents_once():
    listed = [entry.resolve() for page in SITE for entry in contents(page)]
    assert sorted(listed) == sorted(page for page in SITE if page != DOCS / "index.md")


@each_page
def test_links_between_pages_lead_somewhere(page):
    for link in links(read(page)):
        if re.match(r"https?://|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link}: no such file"
        assert target.is_relative_to(ROOT), f"{link} leaves the repository"
        assert page == ROOT / "README.md" or target.is_file(), f"{link}: a site has no folders to link to"
        if anchor:
            assert anchor in anchors(read(target)), f"{link}: no such place"


@each_page
def test_what_a_page_cites_is_in_the_bibliography(page):
    """A word like name2020 in backticks is a key; one with more behind it is a slug."""
    for word in re.findall(r"(?<![`\w])`([a-z]+(?:19|20)\d\d[a-z]*)`", re.sub(r"(?ms)^```.*?^```$", "", read(page))):
        assert word in keys(), word


def test_every_command_has_its_line_in_the_table():
    listed = re.findall(r"(?m)^\| `overparam (\w+)", read(DOCS / "commands.md"))
    assert sorted(listed) == sorted(COMMANDS)


def test_every_room_has_its_page():
    rooms = {p.parent.name for p in (ROOT / "overparam").glob("*/__init__.py")} - {"cli"}
    shown = {name for page in (DOCS / "api").glob("*.md") for name in re.findall(r"\{room\} ([\w.]+)", read(page))}
    words = {"records", "errors", "keys", "precision", "programs"}
    assert shown == {"overparam", "proofs_check"} | {f"overparam.{name}" for name in rooms | words}


@each_page
def test_the_page_reads_well_as_plain_markdown(page):
    """One title, no roles in sentences, and of directives only contents, cells, the reference, the list of sources."""
    text = re.sub(r"(?s)\$\$.*?\$\$|\$[^$\n]+\$", "", read(page))  # formulas have braces of their own
    assert len(re.findall(r"(?m)^# ", re.sub(r"(?ms)^```.*?^```$", "", text))) == 1
    assert not re.search(r"\{[\w:]+\}$", prose(text), re.MULTILINE)
    assert not re.search(r"\{[\w:]+\}`", text)
    kinds = {block.kind.split()[0] for block in blocks(text) if block.kind.startswith("{")}
    assert kinds <= {"{toctree}", "{code-cell}", "{room}", "{bibliography}"}


def test_the_search_for_links_and_places_finds_them():
    text = '# A `b` c\n\n[x](y.md#z) `[no](code.md)`\n\n```sh\n[no](block.md)\n```\n<a id="here"></a>\n'
    assert links(text) == ["y.md#z"]
    assert anchors(text) == {"a-b-c", "here"}
