"""Studies of what shallow and linearized models cannot express: designed verdicts, and broken mechanisms."""

import dataclasses
from fractions import Fraction

import pytest

from overparam.studies.approximation import (
    _barron,
    _barron_linear,
    _curse,
    _gmmm,
    _kernel_nwidth,
    _poggio,
    _telgarsky,
    _ys,
)
from tests.studies.judging import judged, named

slow = pytest.mark.slow
DESIGNED = [
    pytest.param(_gmmm, "CONSISTENT", marks=slow),
    pytest.param(_ys, "CONSISTENT", marks=slow),
    pytest.param(_kernel_nwidth, "CONSISTENT", marks=slow),
    pytest.param(_barron, "CONSISTENT", marks=slow),
    pytest.param(_barron_linear, "CONSISTENT", marks=slow),
    pytest.param(_poggio, "CONSISTENT", marks=slow),
    pytest.param(_telgarsky, "CONSISTENT", marks=slow),
    pytest.param(_curse, "SCOPED", marks=slow),
]
BROKEN = [  # a theorem that floats contradict stays open
    pytest.param(_gmmm, {"wrong_kernel": True}, "REFUTED", marks=slow),
    pytest.param(_ys, {"slow": True}, "REFUTED", marks=slow),
    pytest.param(_kernel_nwidth, {"tuned": True}, "INCONCLUSIVE", marks=slow),
    pytest.param(_kernel_nwidth, {"claimed": 0.5}, "INCONCLUSIVE", marks=slow),
    pytest.param(_barron, {"repeated": True}, "INCONCLUSIVE", marks=slow),
    pytest.param(_barron, {"scale": 1.1}, "INCONCLUSIVE", marks=slow),
    pytest.param(_barron_linear, {"claimed": 0.25}, "INCONCLUSIVE", marks=slow),
    pytest.param(_barron_linear, {"tuned": True}, "INCONCLUSIVE", marks=slow),
    pytest.param(_poggio, {"amplifying": True}, "REFUTED", marks=slow),
    pytest.param(_telgarsky, {"peak": Fraction(3, 4)}, "INCONCLUSIVE", marks=slow),
    pytest.param(_telgarsky, {"stretches": 3}, "INCONCLUSIVE", marks=slow),
    pytest.param(_curse, {"compositional": True}, "REFUTED", marks=slow),
]


@pytest.mark.parametrize(("module", "verdict"), DESIGNED, ids=named)
def test_designed_verdicts(tmp_path, module, verdict):
    claim = judged(module, tmp_path)
    assert claim.verdict == verdict, claim.evidence
    assert claim.instances > 0 and "nan" not in claim.evidence
    assert claim.plots and all(None not in series.y for plot in claim.plots for series in plot.series)


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
