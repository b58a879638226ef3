"""LaTeX that compiles: balanced, escaped, every macro in letters and defined once."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from overparam.report import _latex, _write, write_report
from overparam.report._reading import Folder, ladder_of
from tests.report.samples import CLAIMS, LADDER, ladder, write_folder


def body(tex: str) -> str:
    """The source without its comments."""
    return "\n".join(re.sub(r"(?<!\\)%.*", "", line) for line in tex.splitlines())


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
        outside = re.sub(r"(?<!\\)\$.*?(?<!\\)\$", "", line)
        assert not re.search(r"(?<!\\)[#_^~]", re.sub(r"\\\\", "", outside))
    assert all(c.isprintable() or c == "\n" for c in tex)


def columns(row: str) -> int:
    return len(re.findall(r"(?<!\\)&", row)) + 1


@pytest.mark.parametrize("name", ["gaussian", "<b>%_&$#{}~^\\\n\x00|\"'⌈x⌉.csv"])
def test_the_tables_compile(tmp_path, name, monkeypatch):
    monkeypatch.setattr(_write, "_FIGURES", {})
    made = ladder(name=name)
    made["rungs"][0] |= {"rung": name, "quantifier": name, "word": name}
    out = write_folder(tmp_path, {"x": made}, [CLAIMS[0] | {"claim": name, "verdict": name, "id": name}, CLAIMS[1]])
    write_report(out)
    for file in sorted((out / "tables").iterdir()):
        assert_compiles(file.read_text())
    table = body((out / "tables" / "ladder-x.tex").read_text())
    rows = [line for line in table.splitlines() if line.endswith(r"\\")]
    assert len(rows) == 1 + len(made["rungs"])
    assert {columns(row) for row in rows} == {4}
    assert table.count(r"\toprule") == table.count(r"\midrule") == table.count(r"\bottomrule") == 1


@given(st.text())
@example("\\textbf{x}")
@example("a%b")
def test_any_text_is_safe(text):
    escaped = _latex.escape(text)
    assert "\n" not in escaped
    assert_compiles(f"\\newcommand{{\\x}}{{{escaped}}}")
    assert not re.search(r"(?<!\\)[%&]", escaped)


@given(st.text())
def test_macro_names_are_letters(text):
    assert re.fullmatch(r"[A-Za-z]+", _latex.letters(text))


def test_numbers_are_the_runs_and_each_has_one_name():
    ladders = [ladder_of(LADDER, stem=stem) for stem in ("a-1", "a_1")]  # the same letters
    tex = _latex.numbers(Folder(ladders, CLAIMS, [], []))
    macros = re.findall(r"\\newcommand\{\\([A-Za-z]+)\}\{(.*?)\}%", tex)
    names = [name for name, _ in macros]
    assert len(names) == len(set(names))
    values = dict(macros)
    assert values["opAOneFound"] == values["opAOneFoundX"] == "9"
    assert (values["opAOneGdLow"], values["opAOneGdHigh"], values["opAOnePairs"]) == ("7", "24", "13")
    assert values["opClaimSBaum"] == "SCOPED"
