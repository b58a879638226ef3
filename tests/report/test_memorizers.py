"""The comparison of constructions as table, LaTeX, figure and page."""

import json
import re

import pytest

from overparam.report import memorizers_text, read_folder, write_report
from overparam.report._comparison import GROUPS
from overparam.report._reading import comparison_of
from overparam.report.figures._memorizers import draw_memorizers
from overparam.report.figures._style import saved, style
from overparam.report.paper._tables import memorizers_tables

SIZES = {"hidden_layers": 1, "neurons": 7, "raw_params": 30, "nonzero": 29, "max_abs_weight": 12.5, "bits": 40}


def row(construction, n, group="shallow", **more):
    sizes = SIZES | {"total_bits": 100 * n, "neurons": n}
    kept = {"float32": n < 8, "float64": True}
    base = {"construction": construction, "group": group, "n": n, "word": "certified", "claim": "exact", "says": "so"}
    return base | {"sizes": sizes, "survives": kept, "theorem": None, "promised": True, "certificate": f"c/{n}"} | more


KEPT = {"construction": "pairs", "float32": {"up_to": 4, "lost_at": 8}, "float64": {"up_to": 8, "lost_at": None}}
RECORD = {
    "data": {"name": "points_1", "n": 8, "d": 2},
    "at": [4, 8],
    "rows": [
        row("pairs", 4, theorem="pairs-2n-over-d-plus-1"),
        row("zhang", 4, theorem="zhang2017-thm1"),
        row("pairs", 8, theorem="pairs-2n-over-d-plus-1", promised=False),
        row("zhang", 8, sizes=None, survives={}, word="undecided", certificate=None, says="left out above n = 4"),
        row("baum", 8, sizes=None, survives={}, word="vacuous", certificate=None, says="labels take 3 values"),
        row("clipped", 8, group="approximate", word="observed", certificate=None),
    ],
    "survival": [KEPT],
    "versions": {"overparam": "1"},
    "complete": True,
}


def test_the_table_has_the_largest_network_of_each():
    text = memorizers_text(RECORD)
    assert "points_1  (n = 4, 8; d = 2)" in text
    pairs = next(line.split() for line in text.splitlines() if line.startswith("pairs"))
    assert pairs == ["pairs", "certified", "exact", "1", "8", "30", "29", "12.5", "40", "800", "–", "4", "≥", "8"]
    assert re.search(r"^zhang \(n = 4\) +certified", text, re.MULTILINE)
    assert "larger than their theorem says: pairs" in text
    assert "baum: labels take 3 values" in text
    assert "zhang (n = 8): left out above n = 4" in text  # built at n = 4


@pytest.mark.slow
def test_the_figure_says_what_filled_means_and_names_each_construction():
    with style():
        figure = draw_memorizers(comparison_of(RECORD, stem="x"))
        assert figure is not None
        words = " ".join(t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text")))
        for expected in (
            "pairs",
            "zhang",
            "clipped",
            GROUPS["shallow"],
            GROUPS["approximate"],
            "hollow",
            "Dashed: n",
            "(observed)",
        ):
            assert expected in words
        assert saved(figure)["pdf"] == saved(draw_memorizers(comparison_of(RECORD, stem="x")))["pdf"]
        assert draw_memorizers(comparison_of(RECORD | {"rows": RECORD["rows"][4:5]}, stem="x")) is None


def test_one_size_is_a_table_and_no_figure():
    record = RECORD | {"at": [8], "rows": [r for r in RECORD["rows"] if r["n"] == 8]}
    with style():
        assert draw_memorizers(comparison_of(record, stem="x")) is None
    assert "pairs" in memorizers_text(record)


@pytest.mark.slow
def test_the_report_has_it_and_says_when_it_is_partial(tmp_path):
    (tmp_path / "memorizers-x.json").write_text(json.dumps(RECORD))
    page = write_report(tmp_path, read_folder(tmp_path)).read_text()  # its certificates are made up
    assert "Constructions on points_1" in page
    assert "PARTIAL" not in page
    assert "check c/8" in page
    assert (tmp_path / "tables" / "memorizers-x.tex").exists()
    assert (tmp_path / "figures" / "memorizers-x.png").exists()
    assert "zhang2017" in (tmp_path / "refs.bib").read_text()
    (tmp_path / "memorizers-x.json").write_text(json.dumps(RECORD | {"complete": False}))
    assert "memorizers-x.json is not finished" in write_report(tmp_path).read_text()


@pytest.mark.parametrize("raw", [None, [], {}, {"rows": 3}, {"rows": [{"n": 1}]}, {"data": [], "rows": [{"n": "x"}]}])
def test_any_json_is_read(raw):
    known = comparison_of(raw, stem="x")
    assert known.name == "x"
    assert memorizers_text(raw if isinstance(raw, dict) else {})
    assert all(memorizers_tables(known))
