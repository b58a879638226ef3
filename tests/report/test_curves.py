"""Figures and tables of claims: drawn whole or not at all, with the numbers beside them."""

import csv
import io
import json

import pytest

from overparam.records import Claim, Plot, Series, Table, Verdict, as_json
from overparam.report import write_report
from overparam.report._figure_curves import curves_csv, draw_curves
from overparam.report._plotting import saved, style
from overparam.report._reading import claims_of

PLOT = Plot(
    "Risk against p",
    "p",
    "risk",
    (
        Series("trials", (1, 2, 4), (1.0, None, 3.0), (0.5, None, 2.5), (1.5, None, 3.5)),
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
    assert labels == ["trials (observed)", "closed form (formula)", "theorem (bound)", "paper (published)"]
    assert len(axes.containers) == 1 and axes.get_xscale() == axes.get_yscale() == "log"
    assert b"<svg" in svg
    ticks = [label.get_text() for axis in (axes.xaxis, axes.yaxis) for label in axis.get_ticklabels()]
    assert ticks and not any("$" in tick or "\\" in tick for tick in ticks)


def test_no_text_leaves_the_figure_or_covers_another():
    with style():
        figure = draw_curves(PLOT)
        figure.canvas.draw()
    whole = figure.bbox
    boxes = [figure.axes[0].xaxis.label.get_window_extent(), figure.legends[0].get_window_extent()]
    boxes += [text.get_window_extent() for text in [*figure.texts, *figure.axes[0].texts]]
    for box in boxes:
        assert box.x0 >= whole.x0 - 1 and box.x1 <= whole.x1 + 1 and box.y0 >= whole.y0 - 1 and box.y1 <= whole.y1 + 1
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_nothing_to_draw_is_no_figure():
    assert draw_curves(Plot("t", "x", "y", (Series("s", (1,), (None,)),))) is None


def test_the_numbers_lie_beside_the_figure(tmp_path):
    rows = list(csv.reader(io.StringIO(curves_csv(PLOT))))
    assert rows[0] == ["series", "kind", "p", "risk", "low", "high"] and len(rows) == 1 + 3 + 3 + 2 + 1
    assert rows[1] == ["trials", "measured", "1", "1.0", "0.5", "1.5"] and rows[2][3] == ""
    (tmp_path / "claims.json").write_text(as_json([json.loads(as_json(CLAIM))]))
    write_report(tmp_path)
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert names == {f"claim-my-claim-1.{kind}" for kind in ("csv", "pdf", "png", "svg")}
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
