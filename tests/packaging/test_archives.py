"""What the source archive and the wheel hold, and what they say about themselves."""

import email.parser
import pathlib
import tarfile
import tomllib
import zipfile

import pytest

import overparam
from tests.house.sources import ROOT

pytestmark = pytest.mark.slow

DATA = {".css", ".html", ".js", ".bib", ".typed", ".tex", ".md"}  # beside the code, what the program reads as it runs


@pytest.fixture(scope="module")
def wheel(archives):
    with zipfile.ZipFile(archives[1]) as archive:
        yield {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


@pytest.fixture(scope="module")
def sdist(archives):
    with tarfile.open(archives[0]) as archive:
        top = f"overparam-{overparam.__version__}/"
        names = [member.name for member in archive if member.isfile()]
        assert all(name.startswith(top) for name in names)
        yield {name.removeprefix(top) for name in names}


def tracked(package):
    files = (path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in files}


def described(wheel):
    (name,) = [name for name in wheel if name.endswith(".dist-info/METADATA")]
    return email.parser.Parser().parsestr(wheel[name].decode())


def test_the_wheel_holds_both_packages_whole(wheel):
    assert {name for name in wheel if ".dist-info/" not in name} == tracked("overparam") | tracked("proofs_check")


def test_the_wheel_holds_what_the_program_reads(wheel):
    """Named one by one: a file that is forgotten in the tree too would pass the comparison with the tree."""
    named = {name for name in wheel if pathlib.PurePath(name).suffix in DATA and ".dist-info/" not in name}
    assert {"overparam/py.typed", "proofs_check/py.typed", "proofs_check/references.bib"} <= named
    templates = {pathlib.PurePath(name).name for name in named if "/templates/" in name}
    assert {"report.html", "report.css"} <= templates


def test_the_wheel_holds_no_tests_and_no_leavings(wheel):
    tops = {name.split("/")[0] for name in wheel}
    assert tops == {"overparam", "proofs_check", f"overparam-{overparam.__version__}.dist-info"}
    assert not [name for name in wheel if name.endswith((".pyc", ".orig", ".rej", "~")) or "/." in name]


def test_the_licence_is_in_both(wheel, sdist):
    (licence,) = [name for name in wheel if name.endswith("LICENSE")]
    assert wheel[licence] == (ROOT / "LICENSE").read_bytes()
    assert "LICENSE" in sdist
    assert described(wheel)["License-Expression"] == "Apache-2.0"


def test_the_wheel_says_what_the_project_says(wheel):
    said = described(wheel)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert said["Name"] == "overparam"
    assert said["Version"] == overparam.__version__
    assert said["Requires-Python"] == project["requires-python"]
    assert set(said.get_all("Provides-Extra")) == set(project["optional-dependencies"])
    (scripts,) = [content for name, content in wheel.items() if name.endswith("entry_points.txt")]
    assert b"overparam = overparam.cli:script" in scripts
    assert said.get_payload().startswith("# "), "the README is the description"


def test_the_source_archive_holds_what_builds_tests_and_documents(sdist):
    assert {"pyproject.toml", "README.md", "CITATION.cff", "CHANGELOG.md", "Makefile", "constraints/py311.txt"} <= sdist
    assert tracked("overparam") | tracked("proofs_check") <= sdist
    for folder in ("tests", "docs", "benchmarks"):
        sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*.py")}
        assert {name for name in sources if "/_build/" not in name} <= sdist
    assert not [name for name in sdist if name.startswith((".venv", "out/", "dist/")) or "/__pycache__/" in name]
