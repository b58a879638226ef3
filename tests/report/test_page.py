"""The verdict table, sensitivity, provenance and the words: what a reader who has not seen the code relies on."""

import json
import re

import pytest

from overparam.records import Link
from overparam.report._claim_rows import claims_of
from overparam.report._ladders import ladder_of
from overparam.report._reading import Folder
from overparam.report._singles import kernel_of, network_of
from overparam.report.page import _html
from overparam.report.page._glossary import GLOSSES
from overparam.report.page._keys import key_of, tightest
from overparam.report.page._sensitivity import step_limit, tolerances
from tests.report.samples import CLAIMS, KERNEL, LADDER, NETWORK, RICH_CLAIM
from tests.report.test_report import Page


def one(**changes):
    return claims_of([RICH_CLAIM | changes])[0]


def key(**changes):
    found = key_of(one(**changes))
    assert found is not None
    return found


def page_of(*, ladders=(), claims=(), kernels=(), networks=()):
    folder = Folder(list(ladders), list(claims), [], [], kernels=list(kernels), networks=list(networks))
    return _html.page(folder, {}, [])


def test_an_estimate_shows_its_interval():
    assert key_of(one()) == ("Exponent of n in d q: 0.86 [0.63, 1.08]", "observed", None)
    long = "x" * 200 + ": slope -1.5e-3 +- 2e-4, and more."
    assert key(evidence=long).says == "slope -1.5e-3 +- 2e-4"
    assert key(evidence="No interval.").says == "loss left: 0.25, at most 0.5 asked; holds, 2×"


def test_any_other_claim_shows_the_inequality_with_the_least_room():
    assert key(verdict="CONSISTENT") == ("loss left: 0.25, at most 0.5 asked; holds, 2×", "observed", 2.0)
    failing = [Link("a", 1.0, 0.9), Link("b", 1.0, 4.0), Link("c", 2.0, None)]
    assert tightest(failing) == failing[1]
    half = Link("b", 1.0, 0.5)
    assert tightest([Link("a", 1.0, 0.0), half]) == half, "nothing to bound is no room"
    assert tightest([]) is None


def test_without_inequalities_the_certificate_or_the_width_speaks():
    bare = {"verdict": "CERTIFIED", "links": []}
    assert key(**bare, certificate="claims/x").word == "certified"
    assert key(**bare).word == "assumed", "constants that the source hides were set by somebody"
    explicit = {"asked": None, "had": 3, "constants": "explicit"}
    assert key_of(one(**bare, width=explicit)) == (
        "width asked more than any float holds (constants: explicit), here 3", "theorem", None,
    )  # fmt: skip
    assert key_of(one(**bare, width=None)) is None


def test_the_verdict_table_links_sorts_and_can_be_read_without_a_script():
    text = page_of(claims=claims_of([RICH_CLAIM, *CLAIMS]))
    page = Page(text)
    head, *rows = page.rows("verdicts")
    assert head == ["claim", "verdict", "key number", "room", "instances", "not shown"]
    assert [row[0] for row in rows] == [claim["id"] for claim in (RICH_CLAIM, *CLAIMS)]
    assert all(f"claim-{row[0]}" in page.ids for row in rows)
    assert {"verdicts", "filter", "verdict", "controls"} <= set(page.ids)
    assert text.count("data-sort=") == len(head)
    assert 'id="controls" class="controls" hidden' in text, "what only a script can use is shown by the script"
    assert "hidden" not in text.partition('<table id="verdicts"')[2].partition("</table>")[0]
    assert "It does not show other dimensions." in rows[0][5]


def test_an_entry_has_claim_evidence_protocol_chain_source_and_run():
    text = " ".join(" ".join(Page(page_of(claims=claims_of([RICH_CLAIM]))).text).split())
    for words in (
        RICH_CLAIM["claim"],
        "8 draws each.",
        "16 instances ; size ci; root seeds 2, then 3. Refuted by: an interval below 1/2.".replace(" ;", ";"),
        "du2019; Theorem 1",
        "points against d q 27 at least 4 holds, 6.75×",
        "by size",
        "Not recorded in daniely-near-optimal-size: dtype, state of the source.",
    ):
        assert words in text, words


def test_every_badge_is_explained_once():
    records = {
        "ladders": [ladder_of(LADDER, stem="a")],
        "claims": claims_of([RICH_CLAIM, *CLAIMS]),
        "kernels": [kernel_of(KERNEL, stem="a")],
        "networks": [network_of(NETWORK, stem="memorize-a")],
    }
    text = page_of(**records)
    used = set(re.findall(r'class="badge ([A-Za-z_]+)"', text))
    listed = text.partition('<dl class="words">')[2].partition("</dl>")[0]
    explained = re.findall(r'class="badge ([A-Za-z_]+)"', listed)
    assert sorted(explained) == sorted(used), "each word of the page, and no other"
    assert used <= set(GLOSSES)
    for word in used:
        assert f".{word}" in text.partition("</style>")[0], f"{word} has no look"


def test_a_proved_bound_is_explained():
    """A bound that rests on an impossibility is shown as proved, which the glossary must know."""
    raw = json.loads(json.dumps(LADDER))
    raw["rungs"][0] |= {"rung": "impossible", "word": "impossible", "quantifier": "these data"}
    text = page_of(ladders=[ladder_of(raw, stem="a")])
    assert 'class="badge proved"' in text
    assert GLOSSES["proved"] in text


@pytest.mark.parametrize(
    ("q", "fitted", "limit", "hangs"), [(0.5, 6, 4, False), (0.5, 4, 2, True), (0.5, 3, 1, False), (0.5, 5, 5, False)]
)
def test_what_hangs_on_the_step_limit(q, fitted, limit, hangs):
    raw = json.loads(json.dumps(LADDER))
    row = {"width": 9, "stage": "confirm-high", "trials": 10, "fitted": fitted, "max_steps": limit}
    raw["searches"]["gd"] |= {"q": q, "trials": [row, row, row | {"stage": "explore", "fitted": 0}]}
    (found,) = step_limit(ladder_of(raw, stem="a"))
    assert (found["trials"], found["least"], found["most"]) == (20, fitted / 10, (fitted + limit) / 10)
    assert found["hangs"] is hangs


@pytest.mark.parametrize(
    ("looser", "fitted", "tighter", "hangs"), [(8, 8, 7, False), (8, 4, 4, True), (5, 5, 4, True), (3, 3, 0, False)]
)
def test_what_hangs_on_the_tolerance(looser, fitted, tighter, hangs):
    raw = json.loads(json.dumps(LADDER))
    row = {"width": 9, "stage": "confirm-high", "trials": 10, "fitted": fitted, "max_steps": 0}
    counted = row | {"fitted_looser": looser, "fitted_tighter": tighter}
    raw["searches"]["gd"] |= {"q": 0.5, "tolerance": 1e-6, "trials": [counted, counted, row]}
    ladder = ladder_of(raw, stem="a")
    (found,) = tolerances(ladder)["rows"]
    assert (found["trials"], found["fitted_looser"], found["fitted_tighter"]) == (20, 2 * looser, 2 * tighter)
    assert found["hangs"] is hangs
    assert (">between the shares<" in page_of(ladders=[ladder])) is hangs
    raw["searches"]["gd"].pop("tolerance")
    assert tolerances(ladder_of(raw, stem="a")) is None
    assert "was not recorded" in page_of(ladders=[ladder_of(raw, stem="a")])


def test_two_hundred_claims_with_a_figure_each_stay_under_two_megabytes():
    """As many claims as `verify --all` has, with long texts, and a figure of the size that figures may have."""
    svg = b'<svg viewBox="0 0 245 160" width="245" height="160">' + b'<path d="M1 2L3 4"/>' * 300 + b"</svg>"
    claims = claims_of([RICH_CLAIM | {"id": f"claim-{i}", "evidence": "x y " * 300} for i in range(200)])
    figures = {f"claim-{i}-1": {"claim": {"svg": svg}} for i in range(200)}
    text = _html.page(Folder([], claims, [], []), figures, [])
    assert text.count("<svg") == 200
    assert len(svg) > 6000
    assert len(text.encode()) < 2_000_000


def test_the_search_over_patterns_says_what_its_sums_are():
    raw = json.loads(json.dumps(LADDER))
    ways = {"affine": 3, "programs": 2, "reused": 1, "symmetry": 4}
    row = {"width": 2, "outcome": "impossible", "nodes": 11, **ways, "patterns": {k: 10 * v for k, v in ways.items()}}
    raw["searches"]["exact"] = [row]
    text = page_of(ladders=[ladder_of(raw, stem="a")])
    page = Page(text)
    assert page.rows("cases")[1] == ["2", "impossible", "11", "3 (30.0 %)", "2 (20.0 %)", "1 (10.0 %)", "4 (40.0 %)"]
    assert "of the activation patterns that were removed, the share that each means removed" in " ".join(
        " ".join(page.text).split()
    )


def test_the_interval_of_an_eigenvalue_is_rounded_outwards():
    edge = {"value": 0.1 + 1e-12, "lower": 0.1 + 1e-13, "upper": 0.1 + 2e-12, "verified": True, "method": "dense"}
    text = page_of(kernels=[kernel_of(KERNEL | {"least": edge}, stem="a")])
    low, high = (float(end) for end in Page(text).rows("spectrum")[1][2].strip("[]").split(","))
    assert low <= edge["lower"] < edge["upper"] <= high <= 0.1 + 1e-9
