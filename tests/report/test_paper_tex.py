"""Text as TeX takes it: balanced, nothing special bare, only what a plain installation can print."""

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from overparam.report.paper._tex import cite, comment, escape, letters, tex_number
from tests.report.paper_samples import NASTY, body


def assert_compiles(tex: str) -> None:
    """Braces balance, environments nest, math closes on its line, nothing special stands bare in text."""
    source = body(tex)
    depth = 0
    for char in re.sub(r"\\[{}\\]", "", source):
        depth += (char == "{") - (char == "}")
        assert depth >= 0
    assert depth == 0
    opened = []
    for word, name in re.findall(r"\\(begin|end)\{(\w+)\}", source):
        if word == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert not opened
    for line in source.splitlines():
        assert len(re.findall(r"(?<!\\)\$", line)) % 2 == 0
        outside = re.sub(r"(?<!\\)\$.*?(?<!\\)\$|\\ensuremath\{(?:[^{}]|\{[^{}]*\})*\}", "", line)
        assert not re.search(r"(?<!\\)[#_^~]", re.sub(r"\\\\", "", outside))
    assert all(c.isprintable() or c == "\n" for c in tex)
    assert tex.isascii()  # every other letter is spelled, since fonts and encodings differ


@given(st.text())
@example(NASTY)
@example("\\textbf{x}")
@example("a%b")
def test_any_text_is_safe(text):
    escaped = escape(text)
    assert "\n" not in escaped
    assert_compiles(f"\\newcommand{{\\x}}{{{escaped}}}")
    assert not re.search(r"(?<!\\)[%&]", escaped)


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]) | st.sampled_from(" .,;:()+=*/[]@!?'")))
def test_plain_text_stays_as_it_is(text):
    assume("e" not in text)  # 1e-5 is set as a power
    assert escape(text).replace("{}", "").replace(r"\allowbreak", "") == text


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("é", r"\'{e}"),
        ("Č", r"\v{C}"),
        ("n <= 4, m >= 2", r"n $\leq$ 4, m $\geq$ 2"),
        ("--all", "-{}-all"),
        ("f''", "f'{}'"),
        ("at most 1e-06, or 3.5e+20.", r"at most \ensuremath{1{\times}10^{-6}}, or \ensuremath{3.5{\times}10^{20}}."),
        ("x1e-5, 0.1e-5.2, a-1e-5b", "x1e-5, 0.1e-5.2, a-1e-5b"),
        ("ab" * 16, r"\allowbreak{}".join(["abababab"] * 4)),
        ("目", "?"),
        ("⌈4n/d⌉", r"$\lceil$4n/d$\rceil$"),
    ],
)
def test_what_tex_would_change_is_spelled(text, tex):
    assert escape(text) == tex


@pytest.mark.parametrize(
    ("printed", "tex"),
    [
        ("7", "7"),
        ("0.5", "0.5"),
        ("-0.25", r"\ensuremath{-0.25}"),
        ("1.2e-05", r"\ensuremath{1.2{\times}10^{-5}}"),
        ("1.00e+12", r"\ensuremath{1.00{\times}10^{12}}"),
        ("SCOPED", "SCOPED"),
        ("–", "--"),
    ],
)
def test_numbers_are_set_as_numbers(printed, tex):
    assert tex_number(printed) == tex


@given(st.text())
@example("٣")  # a digit, but not one of ours
def test_macro_names_are_letters(text):
    assert re.fullmatch(r"[A-Za-z]+", letters(text))


@given(st.text())
def test_a_comment_is_one_line(text):
    assert len(comment(text).splitlines()) == 1


def test_citing_nothing_prints_nothing():
    assert cite([]) == ""
    assert cite(["b", "a", "b"]) == r"\cite{a,b}"


def test_comments_are_typed_as_on_a_typewriter():
    assert comment("⌈4n/d⌉, 4⌈n/d⌉ ≤ λ for Müller – Đ") == "% ceil(4n/d), 4ceil(n/d) <= lambda for Muller - ?"
    assert comment("a\nb%") == "% a?b%"
