"""Studies of least squares: designed verdicts, planted wrong formulas and broken mechanisms, pieces by hand."""

import dataclasses

import numpy as np
import pytest

from overparam.studies._experiment import Setting
from overparam.studies.double_descent import (
    _axis_switch,
    _benign,
    _bhx_fourier,
    _bhx_gauss,
    _descents,
    _deteq,
    _epochwise,
    _epochwise_linear,
    _finite_bias_variance,
    _gf_ridge,
    _least_squares,
    _ridge,
    _ridgeless,
    _tempered,
)
from tests.studies.judging import judged, named

slow = pytest.mark.slow
DESIGNED = {
    _bhx_gauss: "CONSISTENT",
    _finite_bias_variance: "CONSISTENT",
    _ridge: "CONSISTENT",
    _epochwise_linear: "CONSISTENT",
    _gf_ridge: "CONSISTENT",
    _axis_switch: "CONSISTENT",
    _epochwise: "SCOPED",
    _bhx_fourier: "CONSISTENT",
    _ridgeless: "CONSISTENT",
    _deteq: "CONSISTENT",
    _benign: "CONSISTENT",
    _tempered: "CONSISTENT",
}
SLOW = {_finite_bias_variance, _axis_switch, _bhx_fourier, _ridgeless, _deteq, _benign, _tempered}
BROKEN = [  # what contradicts a theorem stays open, whatever is measured
    (_bhx_gauss, {"planted": "n/p"}),
    (_bhx_gauss, {"planted": "no noise"}),
    pytest.param(_bhx_gauss, {"cutoff": 0.3}, marks=slow),
    (_bhx_gauss, {"ordered": False}),
    pytest.param(_bhx_fourier, {"planted": "n/p"}, marks=slow),
    pytest.param(_bhx_fourier, {"planted": "real"}, marks=slow),
    pytest.param(_finite_bias_variance, {"planted": "no -1"}, marks=slow),
    pytest.param(_finite_bias_variance, {"scale": 2.0}, marks=slow),
    pytest.param(_ridgeless, {"planted": "with noise"}, marks=slow),
    pytest.param(_ridgeless, {"planted": "wrong minimum"}, marks=slow),
    (_ridge, {"planted": "no noise"}),
    pytest.param(_ridge, {"planted": "unscaled"}, marks=slow),
    pytest.param(_ridge, {"best": 0.2}, marks=slow),
    pytest.param(_deteq, {"kappa": "ridge only"}, marks=slow),
    pytest.param(_deteq, {"kappa": "trace"}, marks=slow),
    pytest.param(_benign, {"tail": 1.5}, marks=slow),
    pytest.param(_benign, {"exponent": 0.0}, marks=slow),
    pytest.param(_tempered, {"shift": 0.0}, marks=slow),
    pytest.param(_tempered, {"ridge": 0.1}, marks=slow),
    (_epochwise_linear, {"planted": "no noise"}),
    (_epochwise_linear, {"step": 2.0}),
    (_epochwise_linear, {"same_speed": True}),
    (_gf_ridge, {"constant": 1.5}),
    (_gf_ridge, {"scale": 10.0}),
    pytest.param(_axis_switch, {"inputs": "training"}, marks=slow),
    pytest.param(_axis_switch, {"ridge": 1.0}, marks=slow),
]


@pytest.mark.parametrize(
    ("module", "verdict"),
    [pytest.param(module, verdict, marks=slow if module in SLOW else ()) for module, verdict in DESIGNED.items()],
    ids=named,
)
def test_designed_verdicts(tmp_path, module, verdict):
    claim = judged(module, tmp_path)
    assert claim.verdict == verdict, claim.evidence
    assert claim.instances > 0 and "nan" not in claim.evidence
    assert all(link.holds for link in claim.links)
    for plot in claim.plots:
        for series in plot.series:
            assert len(series.x) == len(series.y) and len(series.low) == len(series.high)
            assert any(value is not None for value in series.y)


@pytest.mark.parametrize(("module", "broken"), BROKEN, ids=named)
def test_broken_mechanisms(tmp_path, module, broken):
    found = module.measure(Setting("ci", 0, tmp_path), **broken)
    assert found.holds is False, found.words
    claim = dataclasses.replace(module.STUDY, measure=lambda _: found)(tmp_path, "ci")
    assert module.STUDY.proved and claim.verdict == "INCONCLUSIVE"


def test_features_of_one_speed_have_one_descent(tmp_path):
    assert judged(_epochwise, tmp_path, same_speed=True).verdict == "REFUTED"


def test_a_cutoff_removes_the_peak():
    """At p = n the mean error without a cutoff is beyond any number; dropping small directions keeps it below 10."""
    rng = np.random.default_rng(0)
    designs, targets = rng.normal(size=(2_000, 20, 20)), rng.normal(size=(2_000, 20, 1))
    bare, cut = ((_least_squares.fitted(designs, targets, cutoff=cutoff) ** 2).sum(axis=1) for cutoff in (0.0, 0.2))
    assert bare.mean() > 1_000 and cut.mean() < 10


@pytest.mark.parametrize(("n", "p"), [(9, 4), (4, 9)])
def test_fits_against_the_pseudo_inverse(n, p):
    rng = np.random.default_rng([n, p])
    designs, targets = rng.normal(size=(3, n, p)), rng.normal(size=(3, n, 2))
    wanted = np.linalg.pinv(designs) @ targets
    for cutoff in (0.0, 1e-12):
        assert _least_squares.fitted(designs, targets, cutoff=cutoff) == pytest.approx(wanted, rel=1e-9)
    ridged = np.linalg.solve(
        designs.transpose(0, 2, 1) @ designs / n + 0.3 * np.eye(p), designs.transpose(0, 2, 1) @ targets / n
    )
    assert _least_squares.fitted(designs, targets, ridge=0.3) == pytest.approx(ridged, rel=1e-10)
    assert sum(_least_squares.chunks(1_000, 10**6)) == 1_000 and max(_least_squares.chunks(1_000, 10**6)) == 8


def test_composed_steps_are_steps():
    rng = np.random.default_rng(0)
    blocks = _descents.Blocks((2, 3), (1.0, 0.2), (1.0, 4.0), n=12, noise=1.0, step_size=0.3)
    design = _descents.fixed_design(rng, blocks)
    assert design.T @ design / 12 == pytest.approx(np.diag(blocks.eigenvalues), abs=1e-12)
    targets, at, found = rng.normal(size=(12, 4)), np.zeros((5, 4)), []
    times = (0, 1, 2, 5, 17, 18)
    for t in range(19):
        if t in times:
            found.append(blocks.eigenvalues @ (at - blocks.beta[:, None]) ** 2)
        at = at + 0.3 / 12 * design.T @ (targets - design @ at)
    assert _descents.errors_along(design, targets, blocks, times) == pytest.approx(np.stack(found, axis=1), rel=1e-10)


def test_turns_of_a_curve():
    assert _descents.turns(np.array([5.0, 3.0, 4.0, 4.0, 6.0, 2.0])) == (1, 4)
    assert _descents.turns(np.array([1.0, 2.0, 3.0])) == () and _descents.turns(np.ones(4)) == ()


def test_the_minor_of_the_identity_mixes_nothing():
    """Rows and columns taken in order from a Fourier matrix are not random: the formula must not survive that."""
    law = _bhx_fourier.Law(31, 8, 4, (4, 20), ())
    same = _bhx_fourier._errors(np.random.default_rng(0), law, (4, 20), "discrete Fourier", True)
    assert np.ptp(same, axis=0) == pytest.approx([0, 0], abs=1e-9)
    assert same[0, 0] > 100 * _bhx_fourier._formula(law, np.array([4]), "")[0]


def test_the_curve_of_three_speeds_is_the_printed_one(tmp_path):
    (table,) = _epochwise_linear.measure(Setting("ci", 0, tmp_path)).tables
    halves = [half for *_, half in _epochwise_linear.REFERENCE]
    for (_, _, printed, computed), half in zip(table.rows, halves, strict=True):
        assert abs(printed - computed) <= half * (1 + 1e-9)
