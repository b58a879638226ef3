"""What is installed for the tests satisfies what the project promises to work with, and versions agree."""

import itertools
import re
import tomllib

import pytest
from packaging.requirements import Requirement

import overparam
from tests.house.sources import ROOT


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("version", ["py311", "py313"])
def test_every_dependency_is_pinned_within_its_bounds(version):
    lines = (ROOT / "constraints" / f"{version}.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    pins = {canonical(name): pin for name, pin in pins.items()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for line in [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]:
        wanted = Requirement(line)
        assert canonical(wanted.name) in pins, f"{wanted.name} is not pinned for {version}"
        assert wanted.specifier.contains(pins[canonical(wanted.name)]), line


def test_the_citation_file_names_this_version():
    text = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {overparam.__version__}\n" in text
    assert text.startswith("cff-version: 1.2.0\n")
