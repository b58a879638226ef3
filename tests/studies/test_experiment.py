"""The rule that turns measurements into verdicts."""

import json
import math

import pytest

from overparam.records import Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Width


def study(*findings, proved=False, word=Verdict.CONSISTENT):
    """What is found with root seeds 0 and 1."""
    return Experiment(
        id="made-up",
        claim="A claim.",
        refuted_by="a number",
        cites=(),
        locator="own",
        measure=lambda setting: findings[setting.root],
        proved=proved,
        word=word,
    )


def found(holds, **options):
    return Finding(holds, "Measured.", 3, **options)


@pytest.mark.parametrize(
    ("made", "verdict", "instances"),
    [
        (study(found(True)), "CONSISTENT", 3),
        (study(found(True), word=Verdict.ESTIMATED), "ESTIMATED", 3),
        (study(found(None)), "INCONCLUSIVE", 3),
        (study(found(False), found(False)), "REFUTED", 6),
        (study(found(False), found(True)), "INCONCLUSIVE", 6),
        (study(found(False), found(None)), "INCONCLUSIVE", 6),
        (study(found(False), proved=True), "INCONCLUSIVE", 3),
        (study(found(True, vacuous="no data.")), "VACUOUS", 3),
        (study(found(True, width=Width(1e9, 100))), "VACUOUS", 3),
        (study(found(True, width=Width(100, 100))), "CONSISTENT", 3),
        (study(found(False, width=Width(1e9, 100)), found(False)), "REFUTED", 6),
        (study(found(True, certified=True)), "CERTIFIED", 3),
    ],
)
def test_verdicts(tmp_path, made, verdict, instances):
    claim = made(tmp_path, "ci")
    assert (claim.verdict, claim.instances) == (verdict, instances)
    assert claim.evidence.startswith("Measured.") and claim.evidence.endswith("Refuted by a number.")
    assert (claim.certificate is not None) is (verdict == "CERTIFIED")
    assert json.loads((tmp_path / "claims/made-up/finding.json").read_text())["verdict"] == verdict


@pytest.mark.parametrize(
    ("link", "holds", "slack"),
    [
        (Link("movement", 2.0, 0.5), True, 4.0),
        (Link("movement", 2.0, 4.0), False, 0.5),
        (Link("eigenvalue", 2.0, 3.0, "at least"), True, 1.5),
        (Link("eigenvalue", 2.0, 0.0, "at least"), False, 0.0),
        (Link("flips", 2.0, 0.0), True, math.inf),
        (Link("movement", 2.0, math.nan), False, math.nan),
    ],
)
def test_links(tmp_path, link, holds, slack):
    assert link.holds is holds
    assert link.slack == slack or (math.isnan(link.slack) and math.isnan(slack))
    claim = study(found(True, links=(link, Link("other", 1.0, 0.9))))(tmp_path, "ci")
    assert link.words in claim.evidence
    stored = json.loads((tmp_path / "claims/made-up/finding.json").read_text())["findings"][0]["links"]
    assert [row["lemma"] for row in stored] == [link.lemma, "other"]
