"""Studies of how training memorizes: designed verdicts, and what becomes of them when the mechanism is broken."""

import pytest

from overparam.studies.double_descent import _modelwise
from overparam.studies.memorization import (
    _bad_minima,
    _baum_not_found,
    _capacity_noise,
    _csr,
    _dropout_overstated,
    _dropout_robust,
    _easy_examples,
    _fit_succeeds,
    _gd_width,
    _overparam_ok,
    _refit_differs,
    _sensitivity_gini,
    _separation_helps,
    _simple_first,
    _wide_is_easy,
)
from tests.studies.judging import judged, named

pytestmark = pytest.mark.slow

DESIGNED = {
    _bad_minima: "CONSISTENT",
    _baum_not_found: "ESTIMATED",
    _capacity_noise: "CONSISTENT",
    _csr: "CONSISTENT",
    _dropout_overstated: "CONSISTENT",
    _dropout_robust: "CONSISTENT",
    _easy_examples: "CONSISTENT",
    _fit_succeeds: "CONSISTENT",
    _gd_width: "SCOPED",
    _modelwise: "SCOPED",
    _overparam_ok: "SCOPED",
    _refit_differs: "SCOPED",
    _sensitivity_gini: "CONSISTENT",
    _separation_helps: "CONSISTENT",
    _simple_first: "CONSISTENT",
    _wide_is_easy: "CONSISTENT",
}
BROKEN = [
    (_bad_minima, {"wrong": False}, "REFUTED"),  # a pool with true labels
    (_baum_not_found, {"robust": True}, "REFUTED"),  # a trained network in place of the construction
    (_capacity_noise, {"shares": (1.0, 0.5, 0.0)}, "REFUTED"),  # less noise instead of more
    (_csr, {"noise": False}, "INCONCLUSIVE"),  # true labels both times: no difference either way
    (_dropout_overstated, {"usual": (0.95,), "high": (0.95,)}, "REFUTED"),  # no usual rate, and one that costs
    (_dropout_robust, {"rates": (0.5, 0.0)}, "REFUTED"),  # trained without
    (_easy_examples, {"noise": True}, "REFUTED"),  # noise for real data
    (_fit_succeeds, {"repeats": True}, "REFUTED"),  # inputs are not distinct
    (_fit_succeeds, {"width": 2}, "REFUTED"),  # fewer parameters than samples
    (_gd_width, {"share": 0.3}, "REFUTED"),  # too few neurons
    (_overparam_ok, {"wide": 4}, "REFUTED"),  # as many parameters as samples
    (_refit_differs, {"copies": True}, "REFUTED"),  # one network, permuted and rescaled
    (_sensitivity_gini, {"swapped": True}, "REFUTED"),  # the labels' parts exchanged
    (_separation_helps, {"alike": True}, "INCONCLUSIVE"),  # one law whatever the eigenvalue
    (_separation_helps, {"edge": -1}, "REFUTED"),  # the largest eigenvalue for the least
    (_simple_first, {"all_random": True}, "REFUTED"),  # no true labels
    (_wide_is_easy, {"groups": (((64, 128), 100), ((16,), 100))}, "REFUTED"),  # narrow networks called wide
]


@pytest.mark.parametrize(("module", "verdict"), DESIGNED.items(), ids=named)
def test_designed_verdicts(tmp_path, module, verdict):
    claim = judged(module, tmp_path)
    assert claim.verdict == verdict, claim.evidence
    assert claim.instances > 0 and "nan" not in claim.evidence
    for plot in claim.plots:
        for series in plot.series:
            assert len({len(part) for part in (series.x, series.y, series.low, series.high) if part}) == 1
    for table in claim.tables:
        assert {len(row) for row in table.rows} == {len(table.columns)}


@pytest.mark.parametrize(("module", "broken", "verdict"), BROKEN, ids=named)
def test_broken_mechanisms(tmp_path, module, broken, verdict):
    claim = judged(module, tmp_path, **broken)
    assert claim.verdict == verdict, claim.evidence
