"""Studies of random labels: designed verdicts, and mechanisms whose loss must flip them."""

import numpy as np
import pytest

from overparam.studies._experiment import Setting
from overparam.studies.random_labels import (
    _batchnorm,
    _corruption_curve,
    _early_stopping,
    _explicit_reg,
    _imagenet,
    _label_only,
    _memorize_and_generalize,
    _order,
    _rademacher,
    _random_inputs,
    _random_labels,
    _stability,
    _time_factor,
)
from tests.studies.judging import judged, named

DESIGNED = {
    _random_labels: "CONSISTENT",
    _label_only: "CONSISTENT",
    _memorize_and_generalize: "SCOPED",
    _corruption_curve: "CONSISTENT",
    _explicit_reg: "CONSISTENT",
    _early_stopping: "CONSISTENT",
    _batchnorm: "CONSISTENT",
    _order: "CONSISTENT",
    _random_inputs: "CONSISTENT",
    _time_factor: "CONSISTENT",
    _imagenet: "SCOPED",
    _rademacher: "CONSISTENT",
    _stability: "CONSISTENT",
}
BROKEN = [
    (_random_labels, {"share": 0.0}, "REFUTED"),  # labels that are not random
    (_random_labels, {"width": 1}, "REFUTED"),  # not enough weights
    (_label_only, {"share": 0.0}, "REFUTED"),
    (_label_only, {"step_size": 0.02}, "REFUTED"),  # something else changed too
    (_memorize_and_generalize, {"signal": False}, "REFUTED"),
    (_memorize_and_generalize, {"share": 0.0}, "REFUTED"),
    (_memorize_and_generalize, {"width": 1}, "REFUTED"),
    (_corruption_curve, {"line": "(1 - p) a"}, "REFUTED"),  # a wrong formula for the nearest neighbour
    (_corruption_curve, {"width": 1}, "REFUTED"),
    (_explicit_reg, {"decays": (0.0, 0.05)}, "REFUTED"),  # decay that does prevent memorization
    (_explicit_reg, {"step_size": 0.0}, "REFUTED"),  # without regularizers nothing is learned
    (_explicit_reg, {"share": 0.0}, "REFUTED"),
    (_early_stopping, {"share": 0.0}, "REFUTED"),
    (_early_stopping, {"clean": 0.4}, "REFUTED"),
    (_batchnorm, {"plain_steps": (0.0,)}, "REFUTED"),
    (_order, {"permuted": False}, "INCONCLUSIVE"),  # floats alone cannot refute an identity
    (_order, {"share": 0.0, "slower": 1 / 3}, "REFUTED"),
    (_random_inputs, {"wave": True}, "REFUTED"),  # labels with a signal
    (_random_inputs, {"width": 1}, "REFUTED"),
    (_time_factor, {"share": 0.0, "slower": 1 / 3}, "REFUTED"),
    (_imagenet, {"width": 2}, "REFUTED"),
    (_imagenet, {"step_size": 0.0}, "REFUTED"),
    (_rademacher, {"shift": 1}, "INCONCLUSIVE"),  # a count with one term too many
    (_stability, {"same_point": True}, "INCONCLUSIVE"),  # a wrong side of the identity
]


@pytest.mark.slow
@pytest.mark.parametrize(("module", "verdict"), DESIGNED.items(), ids=named)
def test_designed_verdicts(tmp_path, module, verdict):
    claim = judged(module, tmp_path)
    assert claim.verdict == verdict, claim.evidence
    assert claim.instances > 0 and "nan" not in claim.evidence
    assert all(link.holds for link in claim.links)


@pytest.mark.slow
@pytest.mark.parametrize(("module", "broken", "verdict"), BROKEN, ids=named)
def test_broken_mechanisms(tmp_path, module, broken, verdict):
    claim = judged(module, tmp_path, **broken)
    assert claim.verdict == verdict, claim.evidence


@pytest.mark.slow
def test_what_is_not_fitted_leaves_the_complexity_open(tmp_path):
    """A network of one neuron fits few patterns, which bounds the maximum from below only."""
    found = _rademacher.measure(Setting("ci", 0, tmp_path), width=1)
    assert found.holds is None
    assert not found.links[0].holds and "(rate at least 0, " in found.words


@pytest.mark.slow
def test_equal_gaps_do_not_contradict_the_identity(tmp_path):
    """Without a signal both kinds of labels are noise: the identity holds, and that gaps differ is not seen."""
    found = _stability.measure(Setting("ci", 0, tmp_path), signal=False)
    assert found.holds is None
    assert all(link.holds for link in found.links[:2])


@pytest.mark.parametrize(
    ("gains", "most", "holds"),
    [
        ([0.0, 0.001, 0.002, 0, 0], 0.015, True),
        ([0.02, 0.021, 0.022, 0.02, 0.02], 0.015, None),
        ([0.05] * 5, 0.015, False),
    ],
)
def test_what_early_stopping_may_gain_on_clean_labels(gains, most, holds):
    """Up to 1.5 points is small, above 3 fails, and between them nothing is said."""
    assert _early_stopping._small(np.array(gains) + 1e-6 * np.arange(5), "net", most).holds is holds


@pytest.mark.parametrize(("gain", "holds"), [(0.03, True), (0.07, None), (0.12, False), (-0.03, True), (-0.2, None)])
def test_what_batch_normalization_may_gain(gain, holds):
    """5 points either way; only what is lost without it, more than 10, counts against the claim."""
    assert _batchnorm._close(gain + 1e-6 * np.arange(5.0), "net").holds is holds


@pytest.mark.parametrize(("slope", "holds"), [(0.1, True), (0.4, None), (0.7, False)])
def test_how_fast_the_time_factor_may_grow(slope, holds):
    assert _time_factor._slow([slope + 1e-6 * i for i in range(5)]).holds is holds
