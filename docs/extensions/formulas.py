"""Formulas between dollar signs as MathML, which browsers draw by themselves: no script, no font from elsewhere."""

import html
import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util import logging

_log = logging.getLogger(__name__)
# The converter makes the same sign of left and right bars; a letter that nobody writes stands for each meanwhile.
_BARS = [
    (f"{side}{name}", chr(0xE000 + 2 * i + j), f'<mo form="{form}" stretchy="false" lspace="0" rspace="0">{bar}</mo>')
    for i, (name, bar) in enumerate((("vert", "|"), ("Vert", "&#x02016;")))
    for j, (side, form) in enumerate((("l", "prefix"), ("r", "postfix")))
]
_CLOSING = re.compile(r"[,.;:)\]]+")
_NAME = re.compile(r"<m[io]>([A-Za-z]{2,})</m[io]>")  # of a function, such as min
_CALLED = re.compile(r'(<mo lspace="0.17em") rspace="0.17em">(?=[a-zA-Z]+</mo><mo[^>]*>(?:&#x00028;|\()<)')
_BEFORE = "&#x00028;|&#x0005B;|&#x0007B;|&#x0007C;|&#x0002C;|&#x0003D;|&#x02264;|&#x02265;|&#x0003C;|&#x0003E;|[(,=<>]"
_SIGN = re.compile(rf"(<mo[^>]*>(?:{_BEFORE})</mo>)<mo>&#x02212;</mo>")  # a minus that is no difference


def mathml(latex: str, display: str = "inline") -> str:
    """The formula as an element of a page, with the spaces that TeX would set.

    Raises:
        ValueError: it has a command that the converter does not know.
    """
    for command, letter, _ in _BARS:
        latex = re.sub(rf"\\{command}(?![A-Za-z])", letter, latex)
    element = convert(latex, display=display)
    if "\\" in element:
        raise ValueError(f"this formula has a command that is not known: {latex}")
    element = element.replace("<mo>&#x0002F;</mo>", '<mo lspace="0" rspace="0">/</mo>')
    for _, letter, bar in _BARS:
        element = element.replace(f"<mi>{letter}</mi>", bar)
    element = _NAME.sub(r'<mo lspace="0.17em" rspace="0.17em">\1</mo>', element)
    element = _CALLED.sub(r'\1 rspace="0">', element)
    return _SIGN.sub(r'\1<mo form="prefix">&#x02212;</mo>', element)


def drawn(node: nodes.math | nodes.math_block, display: str) -> str:
    """The same; a formula that cannot be drawn is a warning, which ends the build."""
    try:
        return mathml(node.astext(), display)
    except ValueError as error:
        _log.warning("%s", error, location=node)
        return node.astext()


def keep_closing(app: Any, doctree: nodes.document) -> None:
    """A comma or a bracket behind a formula belongs to its line: a browser would break between the two."""
    for node in doctree.findall(nodes.math):
        after = node.next_node(descend=False, siblings=True)
        if isinstance(after, nodes.Text) and (mark := _CLOSING.match(after)):
            node["closing"] = mark.group()
            after.parent.replace(after, nodes.Text(after[mark.end() :]))


def inline(writer: Any, node: nodes.math) -> None:
    """In a line of text."""
    closing = html.escape(node.get("closing", ""))
    writer.body.append(f'<span class="formula">{drawn(node, "inline")}{closing}</span>')
    raise nodes.SkipNode


def block(writer: Any, node: nodes.math_block) -> None:
    """In a line of its own, which scrolls where the window is narrower."""
    writer.body.append(f'<div class="formula-block">{drawn(node, "block")}</div>')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("doctree-read", keep_closing)
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
