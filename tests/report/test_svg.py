"""SVG files as the page takes them: small, the same picture, the same bytes."""

import math
import random
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.records import Plot, Series
from overparam.report.figures._curves import draw_curves
from overparam.report.figures._paths import compact
from overparam.report.figures._style import inline, saved, style

X = tuple(i / 20 for i in range(1, 400))
PLOT = Plot(
    'Waves <&> "quotes"',
    "x",
    "y",
    (
        Series("sine", X, tuple(math.sin(x) for x in X), kind="formula"),
        Series("cosine", X[::20], tuple(math.cos(x) for x in X[::20]), kind="measured"),
    ),
)


@pytest.fixture(scope="module")
def svg():
    with style():
        return saved(draw_curves(PLOT, "single"), ("svg",))["svg"]


def test_it_is_small_and_has_text_as_text(svg):
    assert len(svg) < 5000  # 40,000 with letters as outlines
    texts = [element.text for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert {'Waves <&> "quotes"', "sine (formula)", "cosine (observed)", "x", "y"} <= set(texts)
    assert b"<style" not in svg  # which would rule the whole page
    assert b"font-family" in svg


def test_every_name_is_there_and_there_once(svg):
    text = inline(svg, prefix="p", label="waves")
    names = re.findall(r'\bid="([^"]+)"', text)
    assert len(names) == len(set(names))
    assert set(re.findall(r"#(p-[\w-]+)", text)) == set(names)


def test_two_figures_on_a_page_share_no_name(svg):
    one, other = (set(re.findall(r'\bid="([^"]+)"', inline(svg, prefix=p, label=""))) for p in "ab")
    assert not one & other


Points = st.lists(st.tuples(st.floats(0, 500), st.floats(0, 500)), min_size=2, max_size=60)


@given(Points)
def test_a_path_stays_where_it_was(points):
    """Every point of the path is within rounding and a seventh of a point of the shorter one."""
    given = "M " + " L ".join(f"{x} {y}" for x, y in points)
    short = _corners(compact(given, digits=1))
    slack = math.hypot(0.05, 0.05) + 0.14 + 1e-9
    assert len(short) <= len(points)
    for point in points:
        assert min(_distance(point, a, b) for a, b in zip(short, short[1:] or short, strict=False)) <= slack


def test_straight_runs_need_their_ends_only():
    line = "M " + " L ".join(f"{x} {2 * x}" for x in range(100))
    assert compact(line, digits=1) == "m0 0l99 198"


def test_curves_and_closed_paths_come_back():
    circle = "M 0 1 C 0.26 1 0.51 0.89 0.7 0.7 Q 1 0 0.7 -0.7 z M 5 5 L 6 5 z"
    assert compact(circle, digits=2) == "m0 1c.26 0 .51-.11 .7-.3q.3-.7 0-1.4zm5 4l1 0z"


def test_what_is_no_path_of_ours_is_left_alone():
    assert compact("M 0 0 L 1", digits=1) == "M 0 0 L 1"


def test_the_bytes_depend_on_the_numbers_only():
    random.seed(1)
    with style():
        first, second = (saved(draw_curves(PLOT), ("svg", "png", "pdf")) for _ in range(2))
    assert first == second


def _corners(path):
    at, found = (0.0, 0.0), []
    for number in re.findall(r"([ml]?)(-?[\d.]+) ?(-?[\d.]+) ?", path):
        at = (at[0] + float(number[1]), at[1] + float(number[2]))
        found.append(at)
    return found


def _distance(p, a, b):
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = min(max(((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / ((dx * dx + dy * dy) or 1), 0), 1)
    return math.hypot(p[0] - a[0] - along * dx, p[1] - a[1] - along * dy)
