"""What the site does to plain pages and plain docstrings before Sphinx reads them."""

import importlib.util

import pytest

from tests.house.sources import ROOT
from tests.house.test_bibliography import keys


def extension(name):
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / "extensions" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


citations, docstrings = extension("citations"), extension("docstrings")


def test_the_keys_are_those_of_the_bibliography():
    assert citations.keys_of(citations.BIBLIOGRAPHY.read_text()) == set(keys())


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("by `rump2006`.", "by {cite:t}`rump2006`."),
        ("(`rump2006`, `other`)", "({cite:t}`rump2006`, `other`)"),
        ("[rump2006](#ref-rump2006), Theorem 2", "{cite:t}`rump2006`, Theorem 2"),
        ("### `rump2006`", "### `rump2006`"),
        ("    code `rump2006`", "    code `rump2006`"),
        ("```sh\n`rump2006`\n```\n`rump2006`", "```sh\n`rump2006`\n```\n{cite:t}`rump2006`"),
        ("``rump2006`` and {cite:t}`rump2006`", "``rump2006`` and {cite:t}`rump2006`"),
    ],
)
def test_a_key_in_backticks_is_a_citation(text, becomes):
    assert citations.cited(text, frozenset({"rump2006"})) == becomes


@pytest.mark.parametrize(
    ("lines", "become"),
    [
        (["|x| of a * b and `a * b`"], [r"\|x\| of a \* b and `a * b`"]),
        (["x_ and x_i and a_(i)"], [r"x\_ and x_i and a\_(i)"]),
        (["Text:", "", "    a * b", "    c", "", "More."], ["Text:", "", "::", "", "    a * b", "    c", "", "More."]),
        (["T.", "", "    a", "", "    b", "", "E"], ["T.", "", "::", "", "    a", "", "    b", "", "E"]),
        (["Laws:", "    a: |x|", "Rest."], ["Laws:", "", "::", "", "    a: |x|", "", "Rest."]),
        (["`Layer`s of x`y`"], [r"`Layer`\ s of x\ `y`"]),
        (["Args:", "    x: |x|", "", "    y: two"], ["Args:", r"    x: \|x\|", "", "    y: two"]),
        ([">>> f(*a)", "[1]", "", "a * b"], [">>> f(*a)", "[1]", "", r"a \* b"]),
    ],
)
def test_docstrings_stand_for_themselves(lines, become):
    assert docstrings.plain(lines) == become
