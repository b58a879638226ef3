"""Studies of the set of solutions and of what is stored in one: designed verdicts, and broken mechanisms."""

import dataclasses

import pytest

from overparam.studies.solutions import (
    _align,
    _bits,
    _cooper,
    _feldman,
    _grokking,
    _robustness_law,
    _symmetries,
)
from tests.studies.judging import judged, named

slow = pytest.mark.slow
DESIGNED = [
    pytest.param(_robustness_law, "CONSISTENT", marks=slow),
    pytest.param(_cooper, "CONSISTENT", marks=slow),
    (_symmetries, "CONSISTENT"),
    pytest.param(_align, "CONSISTENT", marks=slow),
    pytest.param(_bits, "ESTIMATED", marks=slow),
    pytest.param(_feldman, "CONSISTENT", marks=slow),
    pytest.param(_grokking, "CONSISTENT", marks=slow),
]
BROKEN = [  # a theorem that floats contradict stays open
    pytest.param(_cooper, {"residual": 0.5}, "INCONCLUSIVE", marks=slow),
    (_symmetries, {"signs": True}, "INCONCLUSIVE"),
    pytest.param(_align, {"unchanged": True}, "REFUTED", marks=slow),
    pytest.param(_align, {"matched": False}, "REFUTED", marks=slow),
    pytest.param(_bits, {"with_bias": True, "steps": 10}, "INCONCLUSIVE", marks=slow),
    pytest.param(_feldman, {"random_labels": True}, "REFUTED", marks=slow),
    pytest.param(_grokking, {"sign": -1}, "REFUTED", marks=slow),
]
OPEN = [  # what is broken here leaves nothing to judge by
    pytest.param(_robustness_law, {"shrunk": 0.1}, "INCONCLUSIVE", marks=slow),
    pytest.param(_feldman, {"shift": 1}, "INCONCLUSIVE", marks=slow),
    pytest.param(_grokking, {"decays": (0.0,)}, "INCONCLUSIVE", marks=slow),
]


@pytest.mark.parametrize(("module", "verdict"), DESIGNED, ids=named)
def test_designed_verdicts(tmp_path, module, verdict):
    claim = judged(module, tmp_path)
    assert claim.verdict == verdict, claim.evidence
    assert claim.instances > 0 and "nan" not in claim.evidence
    assert claim.plots or claim.tables
    assert all(None not in series.y for plot in claim.plots for series in plot.series)


@pytest.mark.parametrize(("module", "broken", "verdict"), BROKEN, ids=named)
def test_broken_mechanisms(tmp_path, module, broken, verdict):
    found = []

    def measure(setting):
        found.append(module.measure(setting, **broken))
        return found[-1]

    claim = dataclasses.replace(module.STUDY, measure=measure)(tmp_path, "ci")
    assert claim.verdict == verdict, claim.evidence
    assert all(finding.holds is False for finding in found)
    assert not all(link.holds for link in found[0].links), "an inequality says what failed"


@pytest.mark.parametrize(("module", "broken", "verdict"), OPEN, ids=named)
def test_what_leaves_a_claim_open(tmp_path, module, broken, verdict):
    assert judged(module, tmp_path, **broken).verdict == verdict


@slow
@pytest.mark.parametrize(
    ("module", "broken"), [(_robustness_law, {"random": False}), (_cooper, {"twins": True})], ids=named
)
def test_data_outside_the_hypotheses(tmp_path, module, broken):
    """Labels without noise, two equal points: the theorem says nothing, and the verdict does not either."""
    claim = judged(module, tmp_path, **broken)
    assert claim.verdict in ("VACUOUS", "INCONCLUSIVE"), claim.evidence
    assert "Nothing is tested here" in claim.evidence
