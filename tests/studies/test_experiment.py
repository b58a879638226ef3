"""The rule that turns measurements into verdicts."""

import dataclasses
import json
import math

import pytest

import proofs_check
from overparam.errors import InputError
from overparam.records import Link, Verdict, Width, as_json
from overparam.report import claims_text
from overparam.studies import GROUPS, STUDIES, _registry, listing, verify
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._experiments import EXPERIMENTS, TOPICS


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
        (study(found(True, width=Width(math.inf, 100))), "VACUOUS", 3),
        (study(found(True, width=Width(100, 100))), "CONSISTENT", 3),
        (study(found(False, width=Width(1e9, 100)), found(False)), "INCONCLUSIVE", 3),
        (study(found(False, width=Width(90, 100)), found(False)), "REFUTED", 6),
        (study(found(False, vacuous="no data"), found(False)), "INCONCLUSIVE", 3),
        (study(found(True, certified=True)), "CERTIFIED", 3),
        (study(found(True, certified=True), word=Verdict.SCOPED), "SCOPED", 3),
        (study(found(False, width=Width(9, 10)), found(False, width=Width(11, 10))), "INCONCLUSIVE", 6),
    ],
)
def test_verdicts(tmp_path, made, verdict, instances):
    claim = made(tmp_path, "ci")
    assert (claim.verdict, claim.instances) == (verdict, instances)
    assert claim.refuted_by == f"{'Would show an error' if made.proved else 'Refuted by'}: a number."
    assert claim.evidence.startswith("Measured.")
    assert (claim.certificate is not None) is (made.measure(Setting("ci", 0, tmp_path)).certified)
    json.loads(as_json(claim))


@pytest.mark.parametrize(
    ("link", "holds", "slack", "words"),
    [
        (Link("movement", 2.0, 0.5), True, 4.0, "holds, 4×"),
        (Link("movement", 2.0, 4.0), False, 0.5, "fails, 2×"),
        (Link("eigenvalue", 2.0, 3.0, "at least"), True, 1.5, "holds, 1.5×"),
        (Link("eigenvalue", 2.0, 0.0, "at least"), False, 0.0, "fails"),
        (Link("flips", 2.0, 0.0), True, math.inf, "holds"),
        (Link("movement", 2.0, math.nan), False, math.nan, "not finite"),
        (Link("movement", 2.0, math.inf), False, 0.0, "not finite"),
    ],
)
def test_links(tmp_path, link, holds, slack, words):
    assert link.holds is holds
    assert link.slack == slack or (math.isnan(link.slack) and math.isnan(slack))
    claim = study(found(True, links=(link, Link("other", 1.0, 0.9))))(tmp_path, "ci")
    stored = json.loads(as_json(claim))["links"]
    assert [row["lemma"] for row in stored] == [link.lemma, "other"]
    assert words in claims_text([json.loads(as_json(claim))])


def test_each_study_says_what_it_rests_on():
    studies = [study for folder in EXPERIMENTS.values() for study in folder]
    assert len({study.id for study in studies}) == len(studies)
    for study in studies:
        assert study.claim.endswith(".") and not study.refuted_by.endswith("."), study.id
        assert study.refuted_by and study.locator, study.id
        for key in study.cites:
            assert proofs_check.bibtex(key), study.id


def test_the_listing_names_every_study_with_its_claim():
    rows = listing()
    assert [row["id"] for row in rows] == list(STUDIES)
    assert all(row["claim"] for row in rows)
    measured = [row for row in rows if row["group"] != "width"]
    assert all(row["refuted_by"] and row["source"] for row in measured)
    assert {row["group"] for row in rows} == set(GROUPS) == set(TOPICS)


def test_a_group_stands_for_its_studies(tmp_path, monkeypatch):
    made = dataclasses.replace(study(found(True)), id="made-up")
    monkeypatch.setitem(_registry.STUDIES, "made-up", made)
    monkeypatch.setitem(_registry.GROUPS, "lazy", ("made-up",))
    claims = list(verify(["lazy", "made-up"], tmp_path, "ci"))
    assert [(claim.id, claim.topic) for claim in claims] == [("made-up", TOPICS["lazy"])]
    with pytest.raises(InputError, match="did you mean landscape"):
        next(verify(["landskape"], tmp_path, "ci"))
