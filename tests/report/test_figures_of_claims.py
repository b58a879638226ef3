"""The map of verdicts and the spectrum of a kernel."""

import csv
import io
import random

import pytest

from overparam.records import Verdict
from overparam.report._singles import kernel_of
from overparam.report.figures._spectrum import draw_spectrum, spectrum_csv
from overparam.report.figures._style import INCHES, style
from overparam.report.figures._verdicts import LOOKS, draw_verdicts, verdicts_csv
from tests.report.drawing import COLUMNS, check_texts
from tests.report.samples import KERNEL


def claims(count, topics=7, longest=24):
    """Made-up claims of every verdict."""
    drawn = random.Random(count)
    return [
        {
            "id": f"claim-{i}-{'x' * drawn.randrange(longest - 10)}",
            "verdict": drawn.choice(list(Verdict)).value,
            "topic": f"Topic {drawn.randrange(topics)} with a title of many words that goes on",
        }
        for i in range(count)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("count", [1, 9, 192])
def test_the_map_is_legible(count, columns):
    with style():
        figure = draw_verdicts(claims(count), columns)
        drawn = check_texts(figure)
    assert figure.get_figwidth() == INCHES[columns]
    assert figure.get_figheight() < (8.6 if columns == "double" else 9.5)  # inches of a page's text
    if columns == "double":
        assert all(claim["id"] in drawn for claim in claims(count))


@pytest.mark.parametrize("columns", COLUMNS)
def test_the_map_has_a_mark_a_claim_and_counts_them(columns):
    mine = claims(192)
    with style():
        figure = draw_verdicts(mine, columns)
        legend = [text.get_text() for text in figure.legends[0].get_texts()]
    marks = {line.get_color(): len(line.get_xdata()) for line in figure.axes[0].lines}
    assert sum(len(line.get_xdata()) for line in figure.axes[0].lines) == 192
    for verdict in {claim["verdict"] for claim in mine}:
        count = sum(claim["verdict"] == verdict for claim in mine)
        assert any(text.startswith(f"{count} {verdict}: ") for text in legend)
        assert marks[LOOKS[verdict][0]] == count or verdict in ("INCONCLUSIVE", "VACUOUS")  # which share a grey


def test_no_two_verdicts_look_alike_in_grey():
    assert len({(marker, filled) for _, marker, filled in LOOKS.values()}) == len(LOOKS) == len(Verdict)


def test_a_verdict_that_is_not_known_has_a_place():
    with style():
        assert "odd" in check_texts(draw_verdicts([{"id": "odd", "verdict": "PERHAPS", "topic": ""}]))


def test_the_map_goes_by_topic_and_verdict():
    rows = list(csv.DictReader(io.StringIO(verdicts_csv(claims(60)))))
    assert len(rows) == 60
    order = list(LOOKS)
    for topic in {row["topic"] for row in rows}:
        places = [order.index(row["verdict"]) for row in rows if row["topic"] == topic]
        assert places == sorted(places)


def test_no_claim_no_map():
    assert draw_verdicts([]) is None


def kernel(values, error=1e-3, **more):
    rows = [{"value": v, "lower": v - error, "upper": v + error} for v in values]
    return kernel_of(KERNEL | {"eigenvalues": rows} | more, stem="k")


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("values", [[1.0], [1e-9, 0.5, 20.0], [10.0 ** (i / 10) for i in range(-30, 30)], [-1e-5, 3.0]])
def test_a_spectrum_is_legible_and_says_what_it_shows(values, columns):
    with style():
        figure = draw_spectrum(kernel(values), columns)
        text = check_texts(figure).replace("\n", " ")
    assert "(observed)" in text
    assert "certified" not in text
    assert ("not told from 0" in text) == (min(values) <= 1e-3)


def test_a_certified_bound_is_drawn_with_its_word_and_needs_its_certificate():
    proved = {"at_least": 0.45, "at_most": 0.55, "certificate": "certificates/k/kernel", "accepted": "so"}
    with style():
        told = check_texts(draw_spectrum(kernel([0.5, 2.0], certified=proved), "single")).replace("\n", " ")
        bare = check_texts(draw_spectrum(kernel([0.5, 2.0], certified=proved | {"certificate": None})))
    assert "least eigenvalue: 0.45 to 0.55 (certified)" in told
    assert "certified" not in bare
    rows = list(csv.DictReader(io.StringIO(spectrum_csv(kernel([0.5, 2.0], certified=proved)))))
    assert [row["word"] for row in rows] == ["observed", "observed", "certified"]
    assert [row["eigenvalue"] for row in rows] == ["2.0", "0.5", ""]
    assert (rows[2]["number"], rows[2]["lower"], rows[2]["upper"]) == ("2", "0.45", "0.55")


@pytest.mark.parametrize("values", [[], [0.0], [-1.0]])
def test_no_eigenvalue_no_spectrum(values):
    assert draw_spectrum(kernel(values)) is None


def test_an_old_record_without_eigenvalues_has_no_spectrum():
    assert draw_spectrum(kernel_of(KERNEL, stem="k")) is None
