"""Figures of a ladder: nothing outside the page, no label on another, the words and the numbers that they show."""

import csv
import io

import pytest

from overparam.report._ladders import ladder_of
from overparam.report.figures._ladder import draw_ladder, ladder_csv
from overparam.report.figures._style import INCHES, saved, style
from overparam.report.figures._success import draw_success, success_csv
from overparam.report.figures._weights import draw_weights, weights_csv
from tests.report.drawing import COLUMNS, check_texts
from tests.report.samples import LADDER


def variants():
    rungs = LADDER["rungs"]
    yield "sample", LADDER
    yield "wide", LADDER | {"rungs": [r | {"width": r["width"] and 900 * r["width"]} for r in rungs]}
    yield "open", LADDER | {"rungs": [r | {"interval": r["interval"] and [9, None]} for r in rungs]}
    yield "same", LADDER | {"rungs": [r | {"width": r["width"] and 2} for r in rungs]}
    yield "zero", LADDER | {"rungs": [r | {"width": r["width"] and 0} for r in rungs]}
    yield "huge", LADDER | {"rungs": [r | {"width": r["width"] and 10 ** (1 + i)} for i, r in enumerate(rungs)]}


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("draw", [draw_ladder, draw_success, draw_weights])
@pytest.mark.parametrize(("name", "raw"), list(variants()))
def test_labels_lie_on_the_page_and_apart(draw, name, raw, columns):
    with style():
        figure = draw(ladder_of(raw, stem="x"), columns)
        text = check_texts(figure)
    assert figure.get_figwidth() == INCHES[columns]
    assert "certified" in text or "observed" in text


@pytest.mark.parametrize("columns", COLUMNS)
def test_the_figures_say_the_words(columns):
    ladder = ladder_of(LADDER, stem="x")
    with style():
        ladder_figure, success, weights = (f(ladder, columns) for f in (draw_ladder, draw_success, draw_weights))
        check_texts(success)
    texts = [text.get_text() for text in ladder_figure.axes[0].texts]
    assert texts.count("certified") == 6
    assert texts.count("theorem") == 2
    assert texts.count("observed") == 1
    assert "7 – 24" in texts
    legend = [text.get_text() for text in success.legends[0].get_texts()]
    assert sum("(observed)" in text for text in legend) == 3
    bounds = " ".join(text.get_text().replace("\n", " ") for text in success.axes[0].texts)
    assert "parameter counting: 7 (theorem)" in bounds
    assert "pairs construction / greedy pairs: 13 (certified)" in bounds
    assert all("(certified)" in text.get_text() for text in weights.legends[0].get_texts())


def test_the_numbers_beside_the_figures_are_those_drawn():
    ladder = ladder_of(LADDER, stem="x")
    rungs = {row["rung"]: row for row in _rows(ladder_csv(ladder))}
    assert len(rungs) == len(LADDER["rungs"])
    assert (rungs["gradient descent"]["low"], rungs["gradient descent"]["high"]) == ("7", "24")
    assert (rungs["parameter counting"]["width"], rungs["parameter counting"]["word"]) == ("7", "theorem")
    tried = _rows(success_csv(ladder))
    with style():
        axes = draw_success(ladder, "single").axes[0]
    drawn = {(float(x), round(float(y), 12)) for c in axes.containers for x, y in c.lines[0].get_xydata()}
    assert drawn == {(float(r["width"]), round(float(r["share"]), 12)) for r in tried if r["share"]}
    assert all(float(r["low"]) <= float(r["share"]) <= float(r["high"]) for r in tried if r["share"])
    assert {r["series"] for r in tried if not r["share"]} >= {"bound: parameter counting"}
    sizes = {row["network"]: row for row in _rows(weights_csv(ladder))}
    assert sizes["found by search"]["bits"] == "2210"
    assert sizes["found by search"]["word"] == "certified"


def test_nothing_to_draw_is_no_figure():
    empty = ladder_of({"rungs": [{"rung": "found"}]}, stem="x")
    assert draw_ladder(empty) is None
    assert draw_success(empty) is None
    assert draw_weights(empty) is None


@pytest.mark.slow
def test_equal_ladders_give_equal_bytes():
    with style():
        first, second = (saved(draw_ladder(ladder_of(LADDER, stem=stem))) for stem in "xy")
    assert first == second


def _rows(text):
    return list(csv.DictReader(io.StringIO(text)))
