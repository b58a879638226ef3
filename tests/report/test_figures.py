"""Figures: nothing outside the page, no label on another."""

import itertools

import pytest
from matplotlib.text import Text

from overparam.report._figure_ladder import draw_ladder
from overparam.report._figure_success import draw_success
from overparam.report._figure_weights import draw_weights
from overparam.report._plotting import style
from overparam.report._reading import ladder_of
from tests.report.samples import LADDER


def variants():
    rungs = LADDER["rungs"]
    yield "sample", LADDER
    yield "wide", LADDER | {"rungs": [r | {"width": r["width"] and 900 * r["width"]} for r in rungs]}
    yield "open", LADDER | {"rungs": [r | {"interval": r["interval"] and [9, None]} for r in rungs]}
    yield "same", LADDER | {"rungs": [r | {"width": r["width"] and 2} for r in rungs]}
    yield "zero", LADDER | {"rungs": [r | {"width": r["width"] and 0} for r in rungs]}
    yield "huge", LADDER | {"rungs": [r | {"width": r["width"] and 10 ** (1 + i)} for i, r in enumerate(rungs)]}


@pytest.mark.parametrize("draw", [draw_ladder, draw_success, draw_weights])
@pytest.mark.parametrize(("name", "raw"), list(variants()))
def test_labels_lie_on_the_page_and_apart(draw, name, raw, monkeypatch):
    drawn = []
    plain_draw = Text.draw

    def draw_and_note(self, renderer):  # what is really drawn: ticks outside the axis are not
        if self.get_visible() and self.get_text().strip():
            drawn.append((self.get_text(), Text.get_window_extent(self, renderer)))
        return plain_draw(self, renderer)

    monkeypatch.setattr(Text, "draw", draw_and_note)
    with style():
        figure = draw(ladder_of(raw, stem="x"))
        figure.canvas.draw()
    boxes = drawn
    assert boxes
    page = figure.bbox
    for text, box in boxes:
        assert page.x0 <= box.x0, text
        assert box.x1 <= page.x1, text
        assert page.y0 <= box.y0, text
        assert box.y1 <= page.y1, text
    for (text, box), (other, another) in itertools.combinations(boxes, 2):
        wide = min(box.x1, another.x1) - max(box.x0, another.x0)
        high = min(box.y1, another.y1) - max(box.y0, another.y0)
        assert wide <= 1 or high <= 2, f"{text!r} lies on {other!r}"  # pixels: boxes include empty leading


def test_the_figure_says_the_words():
    with style():
        figure = draw_ladder(ladder_of(LADDER, stem="x"))
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts.count("certified") == 6
    assert texts.count("theorem") == 2
    assert texts.count("observed") == 1
    assert "7 – 24" in texts


def test_nothing_to_draw_is_no_figure():
    empty = ladder_of({"rungs": [{"rung": "found"}]}, stem="x")
    assert draw_ladder(empty) is None
    assert draw_success(empty) is None
    assert draw_weights(empty) is None
