"""The open questions about least widths: their verdicts, their broken mechanisms, and what they are computed from."""

import itertools
import math

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from overparam.data import DataSpec
from overparam.ntk import first_layer_gram
from overparam.studies.frontier import _anisotropy, _clusters, _coupled, _laws, _output_scale, _rank_threshold
from overparam.studies.frontier._coupled import Pairs, Protocol, Trials, descend, initial_kernel, linear, outputs
from overparam.studies.frontier._estimates import apart, below, spoken
from overparam.studies.frontier._laws import PATIENCE, Law, budget, effective_dimension, limit_kernel, separation
from overparam.studies.frontier._medians import median_interval
from overparam.studies.landscape._low_dimension_rank import active, hidden_rank, on_grid
from overparam.widths import Trial
from overparam.widths._grid import CellThreshold, ThresholdGrid
from overparam.widths._threshold import Threshold
from tests.studies.judging import judged

SMALL = {
    _rank_threshold: _rank_threshold.Sizes((12, 16), 16),
    _output_scale: _output_scale.Sizes(8, 5, (2.0**-2, 2.0**8), 14, 24, 96, 24),
    _anisotropy: _anisotropy.Sizes((8,), 8, (1.0,), 12, 24, 96),
    _clusters: _clusters.Sizes(10, 6, (0.8, 0.4), (0.8, 0.05), 24, 24, 150),
}
BROKEN = {
    _rank_threshold: {"factor": 0.05},  # fewer neurons than rank n needs
    _output_scale: {"power": -1.0},  # labels multiplied by the scale
    _anisotropy: {"drawn": 8.0},  # nearly a line under the name of a slow spectrum
    _clusters: {"power": -1.0},  # angles in the place of their inverses
}
NAMES = [module.STUDY.id for module in SMALL]


@pytest.mark.slow
@pytest.mark.parametrize("module", SMALL, ids=NAMES)
def test_each_study_estimates_and_its_broken_mechanism_is_refuted(module, tmp_path, monkeypatch):
    monkeypatch.setitem(module._SIZES, "ci", SMALL[module])
    claim = judged(module, tmp_path)
    assert claim.verdict == "ESTIMATED", claim.evidence
    assert "0.95" in claim.evidence and claim.plots
    monkeypatch.setattr(_laws, "LONGEST", 2000)  # the broken ones would use up all their steps
    assert judged(module, tmp_path, **BROKEN[module]).verdict == "REFUTED"


@pytest.mark.slow
@pytest.mark.parametrize("module", SMALL, ids=NAMES)
def test_the_smallest_size_settles_each_study(module, tmp_path):
    claim = judged(module, tmp_path)
    assert claim.verdict == "ESTIMATED", claim.evidence


def coupled(seed, *, n=6, d=3, pairs=4):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=(pairs, d))


def trained(points, labels, weights, alpha, step, steps):
    """alpha g on the labels, by the chain rule; no equivalence used."""
    plus, minus, size = weights.copy(), weights.copy(), alpha / math.sqrt(2 * len(weights))
    for _ in range(steps):
        a, b = points @ plus.T, points @ minus.T
        residual = size * (np.maximum(a, 0) - np.maximum(b, 0)).sum(axis=1) - labels
        plus -= step * size * ((a > 0) * residual[:, None]).T @ points
        minus += step * size * ((b > 0) * residual[:, None]).T @ points
    return plus, minus


@pytest.mark.parametrize("alpha", [2.0**-6, 8.0, 2.0**9])
def test_training_a_scaled_network_is_training_on_scaled_labels_bit_by_bit(alpha):
    """For a power of two every product and sum is only moved in its exponent: the weights agree exactly."""
    points, labels, weights = coupled(1)
    step = 0.01
    scaled = trained(points, labels, weights, alpha, step / alpha**2, 200)
    plain = trained(points, labels / alpha, weights, 1.0, step, 200)
    for a, b in zip(scaled, plain, strict=True):
        np.testing.assert_array_equal(a, b)


def test_any_scale_up_to_rounding():
    """50 contracting steps at alpha = 3: a few hundred roundings of numbers of size at most 10."""
    points, labels, weights = coupled(2)
    scaled = trained(points, labels, weights, 3.0, 0.01 / 9, 50)
    plain = trained(points, labels / 3, weights, 1.0, 0.01, 50)
    np.testing.assert_allclose(scaled[0], plain[0], atol=1e-12)
    wrong = trained(points, labels, weights, 1.0, 0.01, 50)
    assert np.abs(wrong[0] - plain[0]).max() > 1e-3  # and the scale does matter


def test_the_compiled_descent_is_that_of_the_chain_rule():
    """The same weights after as many steps, padded to the compiled shape or not."""
    points, labels, weights = coupled(3)
    protocol = Protocol(tolerance=1e-9, most=7)
    padded = np.concatenate([weights, np.zeros((3, 3))])
    step = 0.9 * 2 / np.linalg.eigvalsh(initial_kernel(points, weights, 4))[-1]
    begin = Pairs(jnp.asarray(padded)[None], jnp.asarray(padded)[None], jnp.full(1, 8**-0.5))
    at, ended = _coupled._descend(
        begin, jnp.asarray(points)[None], jnp.asarray(labels)[None], jnp.full(1, step),
        jnp.asarray(protocol.tolerance), jnp.full(1, 50, "int32"),
    )  # fmt: skip
    assert ended.tolist() == [Trial.CENSORED]
    plus, minus = trained(points, labels, weights, 1.0, step, 50)
    np.testing.assert_allclose(np.asarray(at.plus[0, :4]), plus, atol=1e-10)
    np.testing.assert_allclose(np.asarray(at.minus[0, :4]), minus, atol=1e-10)
    assert not np.asarray(at.plus[0, 4:]).any()


def test_coupled_networks_start_at_zero():
    points, _, weights = coupled(4)
    start = jnp.asarray(weights)
    assert not np.asarray(outputs(Pairs(start, start, jnp.asarray(0.3)), jnp.asarray(points))).any()


def test_the_linear_limit_is_the_iteration_of_the_kernel():
    """Fitted or not as r <- r - step K r says, and as trained networks of a large scale do."""
    protocol = Protocol(most=8)
    drawn = [coupled(seed, pairs=8) for seed in range(8)]
    points, labels, weights = (np.stack(arrays) for arrays in zip(*drawn, strict=True))
    for pairs in (2, 4, 8):
        kept = weights.copy()
        kept[:, pairs:] = 0
        steps = -(-budget(points, tolerance=protocol.tolerance, rate=protocol.rate) // _coupled.CHECK) * _coupled.CHECK
        expected = []
        for x, y, w, count in zip(points, labels, kept, steps, strict=True):
            kernel = initial_kernel(x, w, pairs)
            step, residual = 2 * protocol.rate / np.linalg.eigvalsh(kernel)[-1], y.copy()
            for _ in range(count):
                residual = residual - step * (kernel @ residual)
            fits = np.linalg.norm(residual) <= protocol.tolerance * np.linalg.norm(y)
            expected.append(Trial.FITTED if fits else Trial.CENSORED)
        assert linear(points, labels, kept, pairs, protocol).tolist() == expected
        assert descend(points, labels / 2.0**20, kept, pairs, protocol).tolist() == expected


def test_the_initial_kernel_is_that_of_the_jacobian():
    """Both halves, by differences of a function that is linear within a cell: exact up to rounding over the step."""
    points, _, weights = coupled(5)
    both, size = np.concatenate([weights, weights]), 8**-0.5

    def value(w):
        hidden = np.maximum(points @ w.T, 0)
        return size * (hidden[:, :4].sum(axis=1) - hidden[:, 4:].sum(axis=1))

    step = 1e-6
    columns = []
    for index in np.ndindex(both.shape):
        moved = both.copy()
        moved[index] += step
        columns.append((value(moved) - value(both)) / step)
    jacobian = np.array(columns).T
    np.testing.assert_allclose(jacobian @ jacobian.T, initial_kernel(points, weights, 4), atol=1e-7)


def test_divergence_and_what_is_no_number_are_never_fits():
    points, labels, weights = (a[None] for a in coupled(6))
    protocol = Protocol(tolerance=1e-9, rate=1000.0, most=4)
    assert descend(points, labels, weights, 4, protocol).tolist() == [Trial.FAILED]
    assert descend(points, labels * np.nan, weights, 4, Protocol(most=4)).tolist() == [Trial.FAILED]


def test_trials_depend_on_their_stage_and_index_alone():
    law = Law(DataSpec(data="sphere", n=5, d=3))
    run = Trials(0, law, Protocol(most=6, batch=4))
    alone = run(3, "confirm-high", 4, 4)
    run(6, "explore", 0, 8)
    np.testing.assert_array_equal(run(3, "confirm-high", 0, 8)[4:], alone)
    np.testing.assert_array_equal(run(3, "confirm-high", 4, 3), alone[:3])  # a batch that is not full
    narrow, wide = run.draw("explore", 3, 2), run.draw("explore", 3, 6)
    np.testing.assert_array_equal(narrow[2][:2], wide[2][:2])
    assert not narrow[2][2:].any()
    np.testing.assert_array_equal(narrow[0], wide[0])
    assert not np.array_equal(run.draw("confirm-low", 3, 2)[0], narrow[0])
    assert set(alone.tolist()) <= {Trial.FITTED, Trial.FAILED}  # within the budget or not: every trial is decided


def test_kernels_budgets_and_separations():
    law = Law(DataSpec(data="clusters", n=8, d=4, clusters=2, angle=0.3))
    points = np.stack([law(np.random.default_rng(seed))[0] for seed in range(3)])
    for one, kernel in zip(points, limit_kernel(points), strict=True):
        np.testing.assert_allclose(kernel, np.asarray(first_layer_gram(one)), atol=1e-14)
        angles = [math.acos(min(1, abs(a @ b))) for a, b in itertools.combinations(one, 2)]
        assert separation(one) == pytest.approx(min(angles), abs=1e-7)  # arccosine loses half of the digits
    values = np.linalg.eigvalsh(np.asarray(first_layer_gram(points[0])))
    steps = budget(points, tolerance=1e-2, rate=0.9)
    decay = (1 - 2 * 0.9 * values[0] / values[-1]) ** (int(steps[0]) / PATIENCE)
    assert decay == pytest.approx(1e-2, rel=0.1)  # (1 - x)^(1/x) against 1/e, for x below 1/50
    np.testing.assert_array_equal(steps, budget(100 * points, tolerance=1e-2, rate=0.9))


def test_laws_have_mean_square_length_one_and_their_effective_dimension():
    """Mean of 4,000 squared lengths: deviation of the mean below 0.03 each, so 6 of them are 0.2."""
    for spec in (DataSpec(data="anisotropic", n=4000, d=6, exponent=1.0), DataSpec(data="sphere", n=50, d=6)):
        points, _ = Law(spec)(np.random.default_rng(0))
        assert np.mean(np.sum(points**2, axis=1)) == pytest.approx(1, abs=0.2)
    assert effective_dimension(np.ones(7)) == 7
    assert Law(DataSpec(data="anisotropic", n=4, d=3, exponent=1.0)).effective == pytest.approx(
        (11 / 6) ** 2 / (49 / 36)
    )


@given(st.integers(1, 40), st.floats(0.5, 0.999))
def test_median_intervals_cover(n, level):
    """P(the interval misses the median) = 2 P(Bin(n, 1/2) <= r) for r places left out on either side."""
    low, high = median_interval(list(range(n)), level)
    if math.isinf(low):
        assert 2 * 0.5**n > 1 - level - 1e-12
        return
    left_out = int(low)
    assert high == n - 1 - left_out
    assert 2 * binom.cdf(left_out, n, 0.5) <= 1 - level + 1e-12
    assert 2 * binom.cdf(left_out + 1, n, 0.5) > 1 - level - 1e-12 or 2 * left_out + 3 > n


def test_a_median_of_what_is_no_number_is_anything():
    assert median_interval([math.nan] * 20, 0.95) == (-math.inf, math.inf)
    assert median_interval([], 0.95) == (-math.inf, math.inf)


def test_rank_thresholds_are_those_of_trying_every_width():
    for seed in range(6):
        rng = np.random.default_rng(seed)
        points, weights = on_grid(rng, (7, 2)), on_grid(rng, (12, 2))
        on = active(points, weights)
        least = next((k for k in range(1, 13) if hidden_rank(points, on[:, :k]) == 7), 13)
        assert _rank_threshold.rank_threshold(points, on) == least


def cell(low, high):
    return CellThreshold({"n": 1}, Threshold(0.5, 0.95, (1, 40), low or 1, high, low is not None, ()))


def test_intervals_are_apart_only_if_both_ends_were_confirmed():
    assert below(cell(1, 3), cell(4, 6))
    assert apart(cell(4, 6), cell(1, 3))
    assert not apart(cell(1, 4), cell(4, 6))
    assert not apart(cell(1, None), cell(4, 6))
    assert not below(cell(1, 3), cell(None, 6))
    assert spoken(cell(None, None)).startswith("w* from ? to above 80 or open")
    assert spoken(cell(2, 3)).startswith("w* in [4, 6]")


def test_the_output_scales_are_pictured_beside_their_linear_limit(tmp_path, monkeypatch):
    """Ends by hand: an open one has no point, and the limit has the lines of its confirmed ends."""
    cells = [cell(2, 3), cell(None, 4), cell(3, 5), cell(4, 6)]
    monkeypatch.setattr(_output_scale, "estimated", lambda *_, **__: ThresholdGrid(0.5, 0.95, tuple(cells)))
    monkeypatch.setattr(_output_scale.Trials, "__call__", lambda self, width, stage, first, count: np.ones(count))
    (plot,) = judged(_output_scale, tmp_path).plots
    scales, lower, upper = plot.series
    assert (scales.x, scales.low, scales.high) == (_output_scale._SIZES["ci"].scales, (4, None, 6), (6, None, 10))
    assert (lower.label, lower.y, upper.y) == ("linear limit, lower end", (8, 8), (12, 12))
    assert lower.x == upper.x == (scales.x[0], scales.x[-1])


def test_rank_thresholds_are_pictured_against_what_counting_asks(tmp_path, monkeypatch):
    monkeypatch.setitem(_rank_threshold._SIZES, "ci", _rank_threshold.Sizes((4, 6), 14))
    monkeypatch.setattr(_rank_threshold, "_LAWS", {"circle": DataSpec(data="sphere", d=2)})
    claim = judged(_rank_threshold, tmp_path)
    ranks, ratios = claim.plots
    measured, counted = ranks.series
    assert (measured.label, measured.x, counted.kind, counted.y) == ("circle", (4, 6), "bound", (2, 3))
    assert all(low <= k <= high for k, low, high in zip(measured.y, measured.low, measured.high, strict=True))
    assert all(f"[{low:g}, {high:g}]" in claim.evidence for low, high in zip(measured.low, measured.high, strict=True))
    assert ratios.series[-1].y == (_rank_threshold.LEAST,) * 2
