"""The report in a real browser: scripts on and off, wide and narrow; screenshots lie in pytest's temporary folder."""

import json
import pathlib
import shutil

import pytest

from tests.cli.commands import run
from tests.house.sources import ROOT
from tests.report.browser import NAMES, Browser, Page, chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(chromium() is None, reason=f"no browser here: none of {', '.join(NAMES)} is installed"),
]

TEXTS = (pathlib.Path(__file__).parent / "figure_texts.js").read_text()
WIDTHS = (1300, 420)
OLD = ROOT / "tests" / "old" / "v1" / "run"
CLAIMS = tuple(row["id"] for row in json.loads((OLD / "claims.json").read_text()))
SHOWN = "[...document.querySelectorAll('#verdicts tbody tr')].filter(r => r.getClientRects().length)"
HEADS = "document.querySelectorAll('#verdicts thead th')"
LINKS = f"{SHOWN}.map(r => r.querySelector('a').textContent.trim())"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Results of every kind that one folder can hold: those kept from version 1, some of them computed anew."""
    out = tmp_path_factory.mktemp("results") / "run"
    shutil.copytree(OLD, out)
    points = ("--data", "gaussian", "--n", "10", "--d", "2")
    steps = [
        ("verify", "s-l2-unique", "--no-report"),
        (
            "width",
            *points,
            "--starts",
            "32",
            "--lm-steps",
            "60",
            "--gd-steps",
            "200",
            "--gd-trials",
            "8",
            "--no-report",
        ),
        ("kernel", *points),
    ]
    for step in steps:
        result = run(*step, "--out", out)
        assert result.code == 0, result
    assert run("report", out).code == 0
    return out


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    started = Browser(chromium(), tmp_path_factory.mktemp("browser"))
    yield started
    started.close()


@pytest.fixture(scope="module")
def pages(browser, folder, tmp_path_factory):
    """Pages of the same report by width and by whether scripts run; each is photographed as it was loaded."""
    shots = tmp_path_factory.mktemp("screenshots")
    loaded = {}
    for width in WIDTHS:
        for scripts in (True, False):
            page = Page(browser, (folder / "report.html").as_uri(), width=width, scripts=scripts)
            page.screenshot(shots / f"report-{width}-{'with' if scripts else 'without'}-scripts.png")
            loaded[width, scripts] = page
    return loaded


@pytest.fixture
def fresh(browser, folder):
    """A page that a test may change."""
    return Page(browser, (folder / "report.html").as_uri(), width=1300)


each_page = pytest.mark.parametrize(("width", "scripts"), [(width, on) for width in WIDTHS for on in (True, False)])


@each_page
def test_no_error_and_no_request(pages, folder, width, scripts):
    page = pages[width, scripts]
    assert page.troubles == []
    assert [url for url in page.requests if not url.startswith("data:")] == [(folder / "report.html").as_uri()]


@each_page
def test_nothing_is_wider_than_the_window(pages, width, scripts):
    page = pages[width, scripts]
    assert page.run("innerWidth") == width
    assert page.run("document.documentElement.scrollWidth") <= width
    outside = (
        "[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll, pre, svg') && e.tagName != 'PRE'"
        f" && e.getBoundingClientRect().right > {width} + 1).map(e => e.tagName + ' ' + e.textContent.slice(0, 60))"
    )
    assert page.run(outside) == []


@each_page
def test_texts_of_figures_neither_overlap_nor_are_cut_off(pages, width, scripts):
    page = pages[width, scripts]
    assert page.run("document.querySelectorAll('svg text').length") > 50, "there is something to look at"
    assert page.run(TEXTS) == []


def test_a_text_that_overlaps_or_is_cut_off_would_be_found(fresh):
    """The check itself: a text is doubled, another one moved out of its figure."""
    fresh.run("(t => t.after(t.cloneNode(true)))(document.querySelector('svg text'))")
    assert any("overlap" in fault for fault in fresh.run(TEXTS))
    fresh.run("document.querySelectorAll('.wide svg')[1].querySelector('text').setAttribute('x', '-40')")
    assert any("cut off" in fault for fault in fresh.run(TEXTS))


def test_an_error_and_a_request_would_be_found(browser, tmp_path):
    """The other check itself: a page with both."""
    wrong = tmp_path / "wrong.html"
    wrong.write_text("<!DOCTYPE html><img src='https://example.org/a.png'><script>nothing.here()</script>")
    page = Page(browser, wrong.as_uri(), width=420)
    assert "https://example.org/a.png" in page.requests
    assert any("nothing is not defined" in trouble for trouble in page.troubles)


@each_page
def test_every_claim_is_there_with_its_verdict(pages, folder, width, scripts):
    claims = {row["id"]: row["verdict"] for row in json.loads((folder / "claims.json").read_text())}
    rows = pages[width, scripts].run(
        f"{SHOWN}.map(r => [r.querySelector('a').textContent.trim(), r.cells[1].textContent])"
    )
    assert {claim: verdict.strip() for claim, verdict in rows} == claims
    assert sorted(claim for claim, _ in rows) == sorted(CLAIMS)


def test_without_scripts_nothing_pretends_to_sort(pages):
    controls = "[...document.querySelectorAll('#filter, #verdict')].filter(e => e.getClientRects().length).length"
    assert pages[1300, False].run(controls) == 0
    assert pages[1300, True].run(controls) == 2


def press(page, column):
    """A click on the head of a column; returns the cells below it, from the top."""
    page.run(f"(h => (h.querySelector('button') || h).click())({HEADS}[{column}])")
    return page.run(f"{SHOWN}.map(r => r.cells[{column}].textContent.trim())")


def test_a_click_on_a_head_sorts(fresh):
    columns = fresh.run("[...document.querySelectorAll('#verdicts th[data-sort]')].map(h => h.cellIndex)")
    assert len(columns) >= 3
    for column in columns:
        once = press(fresh, column)
        assert fresh.run(f"{HEADS}[{column}].getAttribute('aria-sort')") in ("ascending", "descending")
        again = press(fresh, column)
        assert sorted(once) == sorted(again) and len(once) == len(CLAIMS)
        known, back = ([cell for cell in cells if cell != "–"] for cells in (once, again))  # what is missing stays last
        assert len(set(known)) < len(known) or back == known[::-1]
    assert fresh.troubles == []


def test_identifiers_are_sorted_as_words(fresh):
    press(fresh, fresh.run(f"{SHOWN}[0].querySelector('a').closest('td').cellIndex"))
    assert fresh.run(LINKS) in (sorted(CLAIMS), sorted(CLAIMS, reverse=True))


def test_the_filter_leaves_what_matches(fresh):
    def typed(text):
        fresh.run(f"(i => {{i.value = {json.dumps(text)}; i.dispatchEvent(new Event('input', {{bubbles: true}}))}})"
                  "(document.querySelector('#filter'))")  # fmt: skip
        return fresh.run(LINKS)

    assert typed("s-alexnet") == ["s-alexnet-counts"]
    assert typed("S-AlexNet") == ["s-alexnet-counts"], "capitals do not matter"
    assert typed("xyzzy") == []
    assert isinstance(typed("(["), list), "what is typed is no pattern"
    assert sorted(typed("")) == sorted(CLAIMS)
    assert fresh.troubles == []


def test_the_choice_of_a_verdict_leaves_what_has_it(fresh, folder):
    claims = {row["id"]: row["verdict"] for row in json.loads((folder / "claims.json").read_text())}
    choose = (
        "(s => {s.value = CHOICE; s.dispatchEvent(new Event('input', {bubbles: true}));"
        " s.dispatchEvent(new Event('change', {bubbles: true}))})(document.querySelector('#verdict'))"
    )
    assert len(set(claims.values())) > 1
    for verdict in set(claims.values()):
        fresh.run(choose.replace("CHOICE", json.dumps(verdict)))
        assert sorted(fresh.run(LINKS)) == sorted(claim for claim, its in claims.items() if its == verdict)
    fresh.run(choose.replace("CHOICE", "''"))
    assert sorted(fresh.run(LINKS)) == sorted(CLAIMS)


def test_links_inside_the_page_lead_somewhere(pages):
    dead = "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
    assert pages[1300, True].run(f"{dead}.filter(id => !document.getElementById(decodeURIComponent(id)))") == []
