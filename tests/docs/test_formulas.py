"""Formulas of the theory pages: each is drawn, as MathML that a browser reads, with the spaces of mathematics."""

import importlib.util
import re
import xml.etree.ElementTree as ET

import pytest

from tests.docs.pages import DOCS

pytest.importorskip("latex2mathml", reason="the extra `docs` is not installed")
pytest.importorskip("sphinx", reason="the extra `docs` is not installed")
_FORMULA = re.compile(r"(?<!\$)\$(?!\$)([^$]+)\$(?!\$)|\$\$([^$]+)\$\$")
PAGES = sorted((DOCS / "theory").glob("*.md"))


@pytest.fixture(scope="module")
def mathml():
    spec = importlib.util.spec_from_file_location("formulas", DOCS / "extensions" / "formulas.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.mathml


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_formula_of_a_page_is_drawn(page, mathml):
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert text.count("$") == sum(2 + 2 * bool(block) for _, block in _FORMULA.findall(text))
    for inline, block in _FORMULA.findall(text):
        assert inline == inline.strip()
        ET.fromstring(mathml(inline or block.strip(), "block" if block else "inline"))


def test_what_is_not_known_is_refused(mathml):
    with pytest.raises(ValueError, match="not known"):
        mathml(r"\nosuch{x}")


@pytest.mark.parametrize(
    ("latex", "signs"),
    [
        (r"\lvert x\rvert", [("|", "prefix"), ("|", "postfix")]),
        (r"\lVert -x\rVert", [("‖", "prefix"), ("−", None), ("‖", "postfix")]),  # a first minus is a sign by itself
        (r"(-a - b)", [("(", None), ("−", "prefix"), ("−", None), (")", None)]),
        (r"x = -a", [("=", None), ("−", "prefix")]),
    ],
)
def test_bars_and_signs_know_their_sides(mathml, latex, signs):
    found = [(one.text, one.get("form")) for one in ET.fromstring(mathml(latex)).iter() if one.tag.endswith("}mo")]
    assert found == signs


def test_a_function_that_is_called_stands_close_to_its_argument(mathml):
    def gaps(latex):
        root = ET.fromstring(mathml(latex))
        return [(one.get("lspace"), one.get("rspace")) for one in root.iter() if one.text in ("relu", "sin")]

    assert gaps(r"v \operatorname{relu}(x)") == [("0.17em", "0")]
    assert gaps(r"r \sin \theta") == [("0.17em", "0.17em")]


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_other_readers_of_markdown_see_no_list_in_a_formula(page):
    blocks = re.findall(r"\$\$([^$]+)\$\$", page.read_text(encoding="utf-8"))
    assert not [line for block in blocks for line in block.splitlines() if re.match(r"\s*([-+*#>]|\d+[.)]) ", line)]
