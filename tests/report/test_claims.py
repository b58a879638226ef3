"""Claims with the chain of their theorem, on the page, in LaTeX and in a terminal."""

import json

import pytest

from overparam.records import Claim, Link, Verdict, Width, as_json
from overparam.report import claims_text, write_report

CLAIMS = [
    Claim(
        id="du-two-layer-relu",
        verdict=Verdict.VACUOUS,
        claim="Wide networks converge & fit.",
        evidence="Measured on 5 draws.",
        instances=5,
        certificate=None,
        topic="Widths at which training is proved to converge",
        refuted_by="Would show an error: a step that grows the loss.",
        cites=("du2019",),
        locator="Theorem 4.1",
        width=Width(8e17, 3000, "hidden constants set to 1"),
        links=(Link("movement", 2.0, 0.125), Link("flips", 0.1, 0.4), Link("rate", 1.0, None)),
    ),
    Claim("other", Verdict.CERTIFIED, "Exact.", "Checked.", 1, "claims/other"),
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "claims.json").write_text(as_json([json.loads(as_json(claim)) for claim in CLAIMS]))
    write_report(tmp_path)
    return tmp_path


def test_the_page_shows_chain_width_source_and_what_would_refute(folder):
    page = (folder / "report.html").read_text()
    wanted = ["Widths at which training", "du2019; Theorem 4.1", "8e+17", "hidden constants set to 1", "holds, 16×"]
    for words in [
        *wanted,
        "fails, 4×",
        "not finite",
        "Would show an error: a step that grows the loss.",
        "converge &amp; fit",
    ]:
        assert words in page, words
    assert page.count('<tr class="broken">') == 2
    assert "du2019" in (folder / "refs.bib").read_text()


def test_the_table_of_widths(folder):
    table = (folder / "tables" / "widths.tex").read_text()
    assert r"3000 & movement (holds, 16$\times$)" in table
    assert r"flips (fails, 4$\times$)" in table
    assert "other" not in table


def test_a_terminal_shows_each_inequality():
    text = claims_text([json.loads(as_json(claim)) for claim in CLAIMS])
    assert "movement: 0.125, at most 2 wanted (holds, 16×)" in text
    assert "rate: not finite, at most 1 wanted (fails)" in text


def test_a_claim_of_another_shape_is_read_all_the_same(tmp_path):
    odd = {"id": "x", "verdict": "CERTIFIED", "links": [3, {"kind": "near"}, {"kind": "at most"}], "width": "wide"}
    (tmp_path / "claims.json").write_text(json.dumps([odd | {"cites": "du2019"}]))
    write_report(tmp_path)
    assert "not finite" in (tmp_path / "report.html").read_text()
