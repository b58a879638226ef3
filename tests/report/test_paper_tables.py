"""Tables of a paper: every row whole, every column inside the line."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.records import Table
from overparam.report._claim_rows import claims_of
from overparam.report._ladders import comparison_of, ladder_of
from overparam.report._singles import kernel_of, network_of
from overparam.report.paper import _tables
from overparam.report.paper._layout import Cell, table
from tests.report.paper_samples import CERTIFY, CHAIN, KERNEL, MEMORIZERS, NASTY, body, everything, paper
from tests.report.samples import LADDER
from tests.report.test_paper_tex import assert_compiles

SHARE = re.compile(r"p\{\\dimexpr ([0-9.]+)\\linewidth-2\\tabcolsep\\relax\}")


def columns(row: str) -> int:
    return len(re.findall(r"(?<!\\)&", row)) + 1


def rows_of(tex: str) -> list[str]:
    return [line for line in body(tex).splitlines() if line.endswith(r"\\")]


@pytest.mark.parametrize("name", ["gaussian", NASTY])
def test_all_tables_are_whole(tmp_path, name):
    paper(everything(tmp_path, name=name), tmp_path)
    files = {path.name: path.read_text() for path in (tmp_path / "tables").iterdir()}
    assert set(files) == {
        "claim-mean-field_1-1.tex", "claims.tex", "inequalities.tex", "kernels.tex", "ladder-gaussian-n40.tex",
        "memorizers-points-1-weights.tex", "memorizers-points-1.tex", "networks.tex", "sweep.tex", "widths.tex",
    }  # fmt: skip
    for tex in files.values():
        assert_compiles(tex)
        assert len({columns(row) for row in rows_of(tex)}) == 1
        assert tex.count(r"\toprule") == tex.count(r"\midrule") == tex.count(r"\bottomrule") == 1
    assert len(rows_of(files["ladder-gaussian-n40.tex"])) == 1 + len(LADDER["rungs"])
    assert len(rows_of(files["claims.tex"])) == 1 + 4
    assert len(rows_of(files["sweep.tex"])) == 1 + 2
    assert "[0.1234, 0.9877]" in files["sweep.tex"]  # of 0.123456789 and 0.987654321: outwards


def test_a_ladder_names_its_networks_where_they_are_others():
    tex = _tables.ladder_table(ladder_of(LADDER, stem="x"))
    assert "networks: ReLU, 1 hidden layer, hidden and output bias." in tex.splitlines()[0]
    assert tex.count("(ReLU, 1 hidden layer, no output bias)") == 2
    assert tex.count("(threshold, 1 hidden layer)") == 1


def test_constructions_are_two_tables_of_all_columns():
    built, cost = _tables.memorizers_tables(comparison_of(MEMORIZERS, stem="x"))
    assert columns(rows_of(built)[0]) + columns(rows_of(cost)[0]) == len(_tables.HEAD) + 1
    for tex in (built, cost):
        assert [row.partition(" ")[0] for row in rows_of(tex)] == ["construction", "pairs", "zhang"]
        assert r"\cite{zhang2017}" in tex


def test_numbers_of_a_study_stand_flush_right():
    tex = _tables.numbers_table(Table("What & where.", ("what", "here"), (("a", 1.5), ("b", None))))
    assert r"\begin{tabular}{lr}" in tex
    assert [row.split(" & ")[1] for row in rows_of(tex)] == [r"here \\", r"1.5 \\", r"-- \\"]


@given(st.lists(st.lists(st.text(max_size=200), min_size=3, max_size=3), max_size=4))
def test_columns_share_the_line(rows):
    tex = table("x", ("a", "b", "c"), rows, right=frozenset({1}))
    shares = [float(share) for share in SHARE.findall(tex)]
    assert len(shares) in (0, 3)
    assert sum(shares) <= 1.0001
    assert all(share > 0.01 for share in shares)


def test_what_fits_is_left_as_it_is():
    assert r"{lr}" in table("x", ("a", "b"), [("short", "1")], right=frozenset({1}))
    wide = table("x", ("a", "b"), [("many words " * 20, "1")], right=frozenset({1}))
    first, second = (float(share) for share in SHARE.findall(wide))
    assert first > 4 * second


def test_a_cell_is_measured_by_what_is_printed():
    short = table("x", ("a",), [(Cell("a [1]", "a " + r"\cite{" + "k," * 200 + "}"),)])
    assert "{l}" in short


def test_a_long_table_repeats_its_head():
    tex = table("x", ("a",), [("1",)] * 300, long=True)
    assert tex.index(r"\endhead") < tex.index(r"\endfoot") < tex.index("1 \\\\")
    assert tex.count(r"\begin{longtable}") == tex.count(r"\end{longtable}") == 1


def test_a_bound_from_an_impossibility_is_called_proved():
    rung = LADDER["rungs"][1] | {"rung": "impossible", "side": "lower", "width": 3, "word": "impossible"}
    tex = _tables.ladder_table(ladder_of(LADDER | {"rungs": [rung]}, stem="x"))
    assert rows_of(tex)[1] == r"proved impossible below & $\geq$ 3 & proved & this data set \\"


def test_widths_that_claims_ask_for_have_their_word():
    claims = claims_of([CHAIN, CHAIN | {"id": "own", "width": {"asked": 20.472, "had": 25, "constants": "explicit"}}])
    rows = rows_of(_tables.widths_table(claims))
    assert [row.split(" & ")[2] for row in rows] == ["word", "assumed", "theorem"]
    assert [row.split(" & ")[1] for row in rows[1:]] == [r"\ensuremath{2.129{\times}10^{21}}", "20.48"]  # rounded up


def test_what_was_not_accepted_is_not_under_accepted():
    one = network_of(CERTIFY, stem="certify-x")
    doubted = dataclasses.replace(one, doubted=True)
    assert "nothing; the record says: Among" in _tables.networks_table([doubted])
    assert "nothing" not in _tables.networks_table([one])


def test_bounds_that_no_sentence_states_are_not_certified():
    kernel = kernel_of(KERNEL, stem="k")
    assert rows_of(_tables.kernels_table([kernel]))[-1].endswith(r"0.06387 & 0.06388 & certified \\")
    silent = kernel_of(KERNEL | {"certified": KERNEL["certified"] | {"accepted": "yes"}}, stem="k")
    assert "certified" not in body(_tables.kernels_table([silent]))


@pytest.mark.parametrize("long", [False, True])
def test_a_row_that_begins_like_an_argument_is_no_argument(long):
    r"""`\\`, `\toprule` and `\midrule` would take [..] and * behind them."""
    text = table("", ("[a]", "b"), [("[1, 2]", "4"), ("*", "5"), ("c", "6")], long=long)
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert [row.partition(" &")[0] for row in rows] == ["{}[a]", "{}[1, 2]", "{}*", "c"]
