"""CITATION.cff is what the Citation File Format 1.2.0 asks for, and says what the project says of itself."""

import datetime
import re
import tomllib

import pytest
import yaml

import overparam
from overparam.cli import main
from tests.house.sources import ROOT

TEXT = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
REQUIRED = {"authors", "cff-version", "message", "title"}
ALLOWED = REQUIRED | {
    "abstract", "commit", "contact", "date-released", "doi", "identifiers", "keywords", "license", "license-url",
    "preferred-citation", "references", "repository", "repository-artifact", "repository-code", "type", "url",
    "version",
}  # fmt: skip
PERSON = {
    "address", "affiliation", "alias", "city", "country", "email", "family-names", "fax", "given-names",
    "name-particle", "name-suffix", "orcid", "post-code", "region", "tel", "website",
}  # fmt: skip
ENTITY = {
    "address", "alias", "city", "country", "date-end", "date-start", "email", "fax", "location", "name", "orcid",
    "post-code", "region", "tel", "website",
}  # fmt: skip


def faults(text):
    """What a file breaks of the format's rules, in words; nothing for a valid one."""
    cff = yaml.safe_load(text)
    if not isinstance(cff, dict):
        return ["not a mapping"]
    found = [f"lacks {key}" for key in sorted(REQUIRED - cff.keys())]
    found += [f"unknown key {key}" for key in sorted(cff.keys() - ALLOWED)]
    found += [] if cff.get("cff-version") == "1.2.0" else ["cff-version is not the text 1.2.0"]
    found += [] if cff.get("type", "software") in ("software", "dataset") else ["type"]
    authors = cff.get("authors")
    found += [] if isinstance(authors, list) and authors else ["authors is not a list of at least one"]
    for author in authors if isinstance(authors, list) else []:
        known = ENTITY if "name" in author else PERSON
        found += [f"author with unknown key {key}" for key in sorted(author.keys() - known)]
        found += [f"author's {key} is no text" for key, value in author.items() if not isinstance(value, str)]
        found += [] if author else ["author without a name"]
    for key in ("abstract", "message", "title", "license", "url", "repository-code", "commit"):
        if key in cff and not (isinstance(cff[key], str) and cff[key].strip()):
            found.append(f"{key} is no text")
    if "version" in cff and not isinstance(cff["version"], (str, int, float)):
        found.append("version is neither text nor number")
    if "date-released" in cff and not isinstance(cff["date-released"], datetime.date):
        found.append("date-released is no date")
    if "doi" in cff and not re.fullmatch(r"10\.[0-9]{4,9}(\.[0-9]+)?/\S+", str(cff["doi"])):
        found.append("doi is none")
    keywords = cff.get("keywords", ["none"])
    if not isinstance(keywords, list) or len(set(map(str, keywords))) != len(keywords) or not keywords:
        found.append("keywords is not a list of different words")
    return found


def test_it_is_valid():
    assert faults(TEXT) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("cff-version: 1.2.0", "cff-version: 1.2", "cff-version"),
        ("title:", "name:", "lacks title"),
        ("authors:", "author:", "authors is not a list"),
        ('  - name: "The overparam developers"', '  - fullname: "The overparam developers"', "unknown key fullname"),
        ("type: software", "type: program", "type"),
        ("  - memorization", "  - neural networks", "keywords"),
        ("license: Apache-2.0", "license: 2.0", "license is no text"),
    ],
)
def test_a_mistake_is_found(old, new, fault):
    assert old in TEXT
    assert any(fault in found for found in faults(TEXT.replace(old, new)))


def test_it_says_what_the_project_says():
    cff = yaml.safe_load(TEXT)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert str(cff["version"]) == overparam.__version__
    assert cff["license"] == project["license"]
    assert set(cff["keywords"]) <= {word.lower() for word in project["keywords"]}
    assert [author["name"] for author in cff["authors"]] == [author["name"] for author in project["authors"]]


def test_the_version_is_written_in_one_place(capsys):
    """The archives take it from the package, and so does the command; only the citation file repeats it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "overparam/__init__.py"
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+((a|b|rc|\.dev)[0-9]+)?", overparam.__version__)
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"overparam {overparam.__version__}\n"
