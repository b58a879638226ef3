"""Figures and tables of claims: drawn whole or not at all, with the numbers beside them."""

import csv
import dataclasses
import io
import json

import pytest

from overparam.records import Claim, Plot, Series, Table, Verdict, as_json
from overparam.report import write_report
from overparam.report._reading import claims_of
from overparam.report.figures._curves import curves_csv, draw_curves
from overparam.report.figures._style import INCHES, saved, style
from tests.report.drawing import COLUMNS, check_texts

PLOT = Plot(
    "Risk against p",
    "p",
    "risk",
    (
        Series("trials", (1, 2, 4), (1.0, None, 3.0), (0.5, None, 2.5), (1.5, None, 3.5), spread="a band"),
        Series("closed form", (1, 2, 4), (1.1, 2.0, 2.9), kind="formula"),
        Series("theorem", (1, 4), (5.0, 5.0), kind="bound"),
        Series("paper", (2,), (2.2,), kind="published"),
    ),
    log_x=True,
    log_y=True,
    marks=((2, "p = n"),),
)
CLAIM = Claim("my-claim", Verdict.CONSISTENT, "C.", "E.", 1, None, plots=(PLOT,),
              tables=(Table("Measured & published.", ("what", "here"), (("a <b>", 1.5), ("c", None))),))  # fmt: skip


def test_every_kind_of_series_is_drawn_and_named_with_its_word():
    with style():
        figure = draw_curves(PLOT)
        svg = saved(figure, ("svg",))["svg"]
    axes = figure.axes[0]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert set(labels) == {"trials (observed)", "closed form (formula)", "theorem (bound)", "paper (published)"}
    assert len(axes.containers) == 1 and axes.get_xscale() == axes.get_yscale() == "log"
    assert b"<svg" in svg
    ticks = [label.get_text() for axis in (axes.xaxis, axes.yaxis) for label in axis.get_ticklabels()]
    assert ticks and not any("$" in tick or "\\" in tick for tick in ticks)


LONG = Plot(
    "A title that goes on for longer than one column of a paper is wide, and then for a little longer than that",
    "an abscissa with a name of many words that stand for what was varied",
    "an ordinate with a name of many words that stand for what was measured",
    (
        Series("a series whose label says more than the others do, in many words", (1, 10, 100), (1e-7, 2e-3, 5e6)),
        Series("x" * 90, (1, 100), (1.0, 2.0), kind="bound"),
    ),
    log_x=True,
    log_y=True,
    marks=((1, "the first"), (1.1, "beside it"), (90, "near the end"), (100, "the end itself")),
)
LARGE = Plot("t", "x", "y", (Series("s", (0, 2e6), (-3.5e-5, 1.25e9)),), marks=((0, "p = n"), (2e6, "p = n K")))


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("plot", [PLOT, LONG, LARGE])
@pytest.mark.slow
def test_no_text_leaves_the_figure_or_covers_another(plot, columns):
    with style():
        figure = draw_curves(plot, columns)
        text = check_texts(figure)
    assert figure.get_figwidth() == INCHES[columns]
    assert "observed" in text.replace("\n", " ")
    for _, word in plot.marks:
        assert word in text


def test_a_figure_says_what_its_bars_are():
    bars = {"low": (0.0, 1.0), "high": (2.0, 3.0)}
    same = [Series(name, (1, 2), (1.0, 2.0), **bars, spread="quartiles") for name in "ab"]
    other = Series("c", (1, 2), (1.0, 2.0), **bars, spread="all of them")
    plain = Series("d", (1, 2), (1.0, 2.0))
    with style():
        figures = [draw_curves(Plot("t", "x", "y", one)) for one in ((*same, plain), (*same, other, plain), (plain,))]
    said = [[text.get_text() for text in figure.texts if "Bars" in text.get_text()] for figure in figures]
    assert said == [["Bars: quartiles."], ["Bars: quartiles (a, b).\nBars: all of them (c)."], []]
    with pytest.raises(ValueError, match="say with `spread` what they are"):
        Series("e", (1, 2), (1.0, 2.0), **bars)


def test_bars_of_earlier_records_are_not_explained():
    """Records of before this field have none: the figure says so rather than guess."""
    stored = json.loads(as_json(CLAIM))
    for series in stored["plots"][0]["series"]:
        del series["spread"]
    (claim,) = claims_of([stored])
    assert [series.spread for series in claim["plots"][0].series] == ["not recorded", "", "", ""]


def test_samples_are_points_and_not_a_curve():
    """What is not joined has no line; where a formula has one, neither have the points beside it."""
    alone = Plot("t", "x", "y", (Series("s", (1, 2), (1.0, 2.0), joined=False), Series("r", (1, 2), (2.0, 1.0))))
    theory = Plot("t", "x", "y", (Series("s", (1, 2), (1.0, 2.0)), Series("f", (1, 2), (1.0, 2.0), kind="formula")))
    with style():
        styles = [[line.get_linestyle() for line in draw_curves(plot).axes[0].lines] for plot in (alone, theory)]
    assert styles == [["None", "--"], ["None", "--"]]
    (claim,) = claims_of([json.loads(as_json(dataclasses.replace(CLAIM, plots=(alone,))))])
    assert [series.joined for series in claim["plots"][0].series] == [False, True]


def test_nothing_to_draw_is_no_figure():
    assert draw_curves(Plot("t", "x", "y", (Series("s", (1,), (None,)),))) is None


def test_the_numbers_lie_beside_the_figure(tmp_path):
    rows = list(csv.reader(io.StringIO(curves_csv(PLOT))))
    assert (
        rows[0] == ["series", "kind", "p", "risk", "low", "high", "what low and high are"]
        and len(rows) == 1 + 3 + 3 + 2 + 1
    )
    assert rows[1] == ["trials", "measured", "1", "1.0", "0.5", "1.5", "a band"] and rows[2][3] == ""
    (tmp_path / "claims.json").write_text(as_json([json.loads(as_json(CLAIM))]))
    write_report(tmp_path)
    names = {path.name for path in (tmp_path / "figures").glob("[!.]*")}
    kinds = ("csv", *(f"{width}{kind}" for width in ("", "single.") for kind in ("pdf", "png", "svg")))
    assert names == {f"{stem}.{kind}" for stem in ("claim-my-claim-1", "verdicts-claims") for kind in kinds}
    page = (tmp_path / "report.html").read_text()
    assert "Measured &amp; published." in page and "a &lt;b&gt;" in page and 'aria-label="Risk against p"' in page
    first = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    write_report(tmp_path)
    assert all(path.read_bytes() == content for path, content in first.items())


@pytest.mark.parametrize(
    "broken",
    [
        {"series": 3},
        {"series": [{"x": [1], "y": [1, 2]}]},
        {"series": [{"x": [None], "y": [1]}]},
        {"series": [{"x": [1], "y": [1], "low": [1, 2]}]},
        {"series": [{"x": "ab", "y": "cd"}]},
    ],
)
def test_a_broken_plot_is_left_out(broken):
    raw = json.loads(as_json(CLAIM))
    raw["plots"] = [broken, raw["plots"][0]]
    (claim,) = claims_of([raw])
    assert claim["plots"] == [
        PLOT.__class__(**{**PLOT.__dict__, "series": claim["plots"][0].series, "marks": ((2.0, "p = n"),)})
    ]
    assert (
        claims_of([{"id": "x", "plots": 3, "tables": [{"columns": ["a"], "rows": [[1, 2]]}]}])[0]["tables"][0].rows
        == ()
    )
