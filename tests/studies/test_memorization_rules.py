"""How studies of memorization come to a verdict, on numbers put in the place of training; and their statistics."""

import numpy as np
import pytest

from overparam.studies._rules import Judged, between
from overparam.studies.double_descent import _modelwise
from overparam.studies.memorization import (
    _dropout_overstated,
    _easy_examples,
    _gd_width,
    _overparam_ok,
    _regression,
    _separation_helps,
    _simple_first,
)
from tests.studies.judging import judged


def swept(curve):
    """A sweep over widths whose errors follow a curve, up to a factor that a seed draws."""

    def sweep(root, widths, n, noise, n_seeds, steps):
        factors = np.exp(0.05 * np.random.default_rng(root).normal(size=(n_seeds, len(widths), 1)))
        errors = factors * np.array([curve[width] for width in widths])[None, :, None]
        return _regression.Errors(errors, errors, errors)

    return sweep


@pytest.mark.parametrize(
    ("wide", "verdict"), [(0.5, "SCOPED"), (1.1 * 0.5, "SCOPED"), (1.25 * 0.5, "INCONCLUSIVE"), (0.7, "REFUTED")]
)
def test_wide_networks_may_be_a_quarter_worse(tmp_path, monkeypatch, wide, verdict):
    curve = {2: 0.5, 4: 2.0, 8: 1.5, 16: 1.0, 64: 0.7, 256: wide}
    monkeypatch.setattr(_overparam_ok, "width_sweep", swept(curve))
    assert judged(_overparam_ok, tmp_path).verdict == verdict


@pytest.mark.parametrize(
    ("curve", "falling", "verdict"),
    [
        ((0.7, 1.7, 0.6), True, "SCOPED"),
        ((0.7, 0.5, 0.6), True, "REFUTED"),  # no peak
        ((0.7, 1.0, 1.4), True, "REFUTED"),  # it rises throughout
        ((0.7, 1.7, 0.6), False, "REFUTED"),  # a peak where none was expected
    ],
)
def test_a_peak_here_and_none_there(tmp_path, monkeypatch, curve, falling, verdict):
    ends = dict(zip((2, 4, 256), curve, strict=True)) | {8: 1.2, 16: 0.9}
    monkeypatch.setattr(_modelwise, "width_sweep", swept(ends))
    errors = np.array([[0.6, 0.4, 0.3] if falling else [0.3, 0.5, 0.3]]) * np.linspace(0.95, 1.05, 5)[:, None]
    monkeypatch.setattr(_modelwise, "_classified", lambda setting, size: (errors, "images"))
    assert judged(_modelwise, tmp_path).verdict == verdict


def test_dispersion_of_coin_flips_is_one():
    """Independent binomial counts: the ratio's mean is 1 up to 1/n, its standard deviation (2 / n)^(1/2)."""
    q = np.random.default_rng(0).binomial(30, 0.4, size=(50, 2000)) / 30
    found = _easy_examples.dispersion(q, 30)
    assert found.mean() == pytest.approx(1, abs=5 * (2 / 2000 / 50) ** 0.5)


def test_what_a_group_of_examples_has_right():
    right = np.array([[[True, False, True, False]]], float)
    assert _simple_first._mean_over(right, np.array([[True, True, False, False]])).tolist() == [[0.5]]
    assert _simple_first._mean_over(right, np.array([[True, False, True, False]])).tolist() == [[1.0]]


def test_the_width_from_which_all_succeed():
    done = np.array([[False, True], [True, True], [False, True], [True, True], [True, True]])
    assert _gd_width.least_width((1, 2, 3, 4, 5), done) == 4
    assert _gd_width.least_width((1, 2, 3, 4, 5), done | True) == 1
    assert _gd_width.least_width((1, 2, 3, 4, 5), done & False) == np.inf


def test_exponents_on_a_grid_of_widths_for_all_sizes():
    """Powers of n, exactly; none where a width is not known, although the others would give one."""
    sizes = [200, 400, 800, 1600, 3200]
    for power in (0.5, 1.0, 2.0):
        at, low, high = _gd_width.exponent(sizes, [n**power for n in sizes])
        assert at == pytest.approx(power) and low == pytest.approx(power) == high
    assert _gd_width.exponent(sizes, [10, 20, 40, 80, np.inf]) is None
    for setting in ("laptop", "paper"):
        size = _gd_width._SIZES[setting]
        grid = [width for group in size.groups for width in group]
        assert grid == sorted(grid) and np.exp(np.diff(np.log(grid)).max()) < 1.6
        asked = [2 * n / d for n, d in size.cases]
        assert grid[0] < min(asked) / 4, "so that an exponent below 1 could be seen"


@pytest.mark.parametrize(("steep", "verdict"), [(1.0, "SCOPED"), (2.0, "REFUTED"), (9.0, "INCONCLUSIVE")])
def test_an_exponent_decides(tmp_path, monkeypatch, steep, verdict):
    """Networks memorize from some width on that grows like a power of n; 2 n/d always suffices."""

    def memorized(root, points, labels, widths, steps):
        seeds, n, d = points.shape
        least = 5 * (n / 100) ** steep
        enough = np.array([width >= least or width == round(2 * n / d) for width in widths])
        return np.repeat(enough[:, None], seeds, axis=1), None

    cases = tuple((n, 5) for n in (100, 150, 200, 300, 400))
    grid = tuple(int(4 * 1.25**i) for i in range(15))
    monkeypatch.setitem(_gd_width._SIZES, "ci", _gd_width.Sizes(cases, (grid,), 5, 1))
    monkeypatch.setattr(_gd_width, "memorize", memorized)
    assert judged(_gd_width, tmp_path).verdict == verdict


def test_rates_of_dropout_are_chosen_by_what_is_given():
    wide = np.array([[0.9], [1.0]])
    noise, true = np.array([[1.0], [0.95], [0.8], [0.7]]), np.array([[0.8], [0.8], [0.78], [0.79]])
    assert _dropout_overstated.chosen(wide, noise, true) == (1, 2), (
        "the first hinders too little, the second costs more"
    )
    assert _dropout_overstated.chosen(wide[:, :0], noise[:, :0], true[:, :0]) == (0, 0)


def test_the_seeds_that_choose_do_not_judge(tmp_path, monkeypatch):
    """The first split alone favours a rate that the others do not."""
    sizes = _dropout_overstated._SIZES["ci"]._replace(usual=(0.1, 0.2), high=(0.7, 0.8), pilot=1, seeds=5)

    def trained(root, splits, labels, width, rates, spec):
        noise = np.ones((len(rates), len(labels), 6))
        if len(labels) == 2:
            noise[1:, 0] = 0.5 + 0.001 * np.arange(6)
        else:
            # the first rate is best on those that judge, worst on the one that chooses
            noise[:, 0] = np.array([[0.5, 1, 1, 1, 1, 1], [1.0, 0.5, 0.5, 0.5, 0.5, 0.5]])[: len(rates)]
        return noise, np.full(noise.shape, 0.8) + 0.001 * np.arange(6)

    monkeypatch.setitem(_dropout_overstated._SIZES, "ci", sizes)
    monkeypatch.setattr(_dropout_overstated, "_trained", trained)
    assert judged(_dropout_overstated, tmp_path).verdict == "REFUTED"
    monkeypatch.setitem(_dropout_overstated._SIZES, "ci", sizes._replace(usual=(0.1,)))
    assert judged(_dropout_overstated, tmp_path).verdict == "CONSISTENT"


def test_two_levels_of_one_rule():
    yes, no, open_ = (Judged(holds, "", ()) for holds in (True, False, None))
    assert between(yes, yes).holds is True
    assert between(no, no).holds is False
    assert [between(a, b).holds for a, b in ((no, yes), (no, open_), (open_, yes))] == [None] * 3


def test_spectra_have_mean_one_and_their_condition():
    for condition in (1, 10, 1000):
        values = _separation_helps.spectrum(condition, 30)
        assert values.mean() == pytest.approx(1) and values[0] / values[-1] == pytest.approx(condition)
