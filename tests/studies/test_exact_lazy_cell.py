"""The lazy cell, certified end to end: the checker accepts each start, and training does what its theorem says."""

import dataclasses
import functools

import pytest

import proofs_check
from overparam.studies._experiment import Experiment
from overparam.studies.lazy._exact_lazy_cell import STUDY, finite_kernel, measure


def judged(folder, **mechanism):
    study: Experiment = dataclasses.replace(STUDY, measure=functools.partial(measure, **mechanism))
    return study(folder, "ci")


@pytest.mark.slow
def test_it_is_certified_on_every_start(tmp_path):
    claim = judged(tmp_path)
    assert claim.verdict == "CERTIFIED", claim.evidence
    folders = [path.parent for path in (tmp_path / claim.certificate).rglob("statement.json")]
    assert len(folders) == claim.instances == 2
    assert {proofs_check.check(folder).status for folder in folders} == {"accepted"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mechanism", "words"),
    [
        ({"step": 3.0}, "activations that changed"),
        ({"step": 0.5}, ""),  # any smaller step is as good
        ({"scale": 0.2}, "No start was certified"),
        ({"scale": 2.0}, ""),
        ({"kernel": lambda start: 1.01 * finite_kernel(start)}, "closed form"),
    ],
)
def test_another_mechanism_is_noticed(tmp_path, mechanism, words):
    claim = judged(tmp_path, **mechanism)
    assert claim.verdict == ("INCONCLUSIVE" if words else "CERTIFIED"), claim.evidence
    failed = [link.lemma for link in claim.links if not link.holds]
    assert words in claim.evidence or any(words in lemma for lemma in failed)
