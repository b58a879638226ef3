"""Formulas and programs behind the studies of solutions, each against a slower computation of another kind."""

import itertools
import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.networks import Layer
from overparam.studies.solutions import (
    _align,
    _bits,
    _cooper,
    _feldman,
    _grokking,
    _robustness_law,
    _symmetries,
)


def test_counts_of_equal_networks():
    assert _symmetries.equal_networks([512], odd=False) == math.factorial(512)
    assert math.log10(_symmetries.equal_networks([512], odd=False)) == pytest.approx(1166.5, abs=0.05)
    assert _symmetries.equal_networks([3, 2], odd=True) == 6 * 8 * 2 * 4


def test_transformations_by_hand():
    """Two neurons swapped, the first scaled by 2: weights written out."""
    layers = [(np.array([[1.0], [3.0]]), np.array([5.0, 7.0])), (np.array([[11.0, 13.0]]), np.array([17.0]))]
    (w, b), (v, c) = _symmetries.transformed(layers, [np.array([1, 0])], [np.array([2.0, 1.0])])
    assert w.tolist() == [[3.0], [2.0]] and b.tolist() == [7.0, 10.0]
    assert v.tolist() == [[13.0, 5.5]] and c.tolist() == [17.0]
    x = np.array([[0.3], [-2.0]])
    assert _symmetries.tanh_outputs(layers, x) == pytest.approx(
        17 + 11 * np.tanh(x[:, 0] + 5) + 13 * np.tanh(3 * x[:, 0] + 7), rel=1e-15
    )


def test_jacobian_and_hessian_by_differences():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(size=(4, 2)), np.ones((4, 1))], axis=1)
    at, labels = rng.normal(size=3 * 3 + 3 + 1), rng.normal(size=4)
    values, jacobian = _cooper.biased_parts(at, points, 3)
    step = 1e-5
    for i in range(len(at)):
        shift = step * np.eye(len(at))[i]
        difference = _cooper.biased_parts(at + shift, points, 3)[0] - _cooper.biased_parts(at - shift, points, 3)[0]
        assert difference / (2 * step) == pytest.approx(jacobian[:, i], abs=1e-8)
    fitted = _cooper.spectra(*(jnp.asarray(x)[None] for x in (at, points, values)), width=3)[0]
    assert np.asarray(fitted) == pytest.approx(np.linalg.eigvalsh(2 / 4 * jacobian.T @ jacobian), abs=1e-12)
    off = _cooper.spectra(*(jnp.asarray(x)[None] for x in (at, points, labels)), width=3)[0]
    assert np.abs(np.asarray(off) - np.asarray(fitted)).max() > 1e-3, "away from a solution it is another matrix"


def test_gradients_along_a_segment_by_many_points():
    rng = np.random.default_rng(1)
    w, start, end = rng.normal(size=(30, 3)), *rng.normal(size=(2, 3))
    slopes = rng.normal(size=(30, 1)) * w
    shares = np.linspace(0, 1, 20_001)[:, None]
    sampled = np.linalg.norm((((1 - shares) * start + shares * end) @ w.T > 0) @ slopes, axis=1)
    assert _robustness_law._along(w, slopes, start, end) == pytest.approx(sampled.max(), rel=1e-12)


def test_interpolants_are_the_pseudo_inverse_and_their_gradients_difference_quotients():
    rng = np.random.default_rng(2)
    points, w = rng.normal(size=(6, 3)), rng.normal(size=(40, 3))
    labels = rng.choice([-1.0, 1.0], size=6)
    labels[:2] = 1, -1
    found = _robustness_law.interpolant(w, points, labels, points[:1], (0, 1))
    weights = np.linalg.pinv(np.maximum(points @ w.T, 0)) @ labels
    assert found.norm == pytest.approx(np.linalg.norm(weights), rel=1e-9) and found.residual < 1e-9

    def value(x):
        return np.maximum(x @ w.T, 0) @ weights

    steepest = 0.0
    for x in points:
        gradient = [(value(x + 1e-7 * e) - value(x - 1e-7 * e)) / 2e-7 for e in np.eye(3)]
        steepest = max(steepest, float(np.linalg.norm(gradient)))
    assert max(steepest, found.segment) == pytest.approx(found.gradient, rel=1e-5)
    assert found.segment >= 2 / np.linalg.norm(points[0] - points[1])


def test_the_law_at_numbers_worked_by_hand():
    """60 W J / eps = e and delta with log(4 / delta) = log 400: p + log 400 under the root."""
    size = (100, 25, 50)
    value = _robustness_law.law(size, eps=0.5, diameter=math.e / 120, lipschitz=1.0)
    assert value == pytest.approx(0.5 / 512 * math.sqrt(2500 / (50 + math.log(400))), rel=1e-12)


def test_bumps_interpolate_with_the_stated_slope():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 3.0]])
    labels = np.array([1.0, -1.0, 1.0])
    assert _robustness_law.bumps(points, labels, points).tolist() == labels.tolist()
    line = np.stack([np.linspace(0, 1, 11), np.zeros(11)], axis=1)
    assert _robustness_law.bumps(points, labels, line) == pytest.approx(1 - 2 * line[:, 0], abs=1e-15)


@pytest.mark.parametrize(("entries", "n", "seen"), [(5, 4, 1), (4, 5, 2)])
def test_tau_by_every_sample(entries, n, seen):
    """All entries^n samples with their probabilities: mass of what was seen l times over its number."""
    frequencies = _feldman.zipf(entries, 1.0)
    mass = count = 0.0
    for sample in itertools.product(range(entries), repeat=n):
        probability = math.prod(frequencies[i] for i in sample)
        found = [i for i in range(entries) if sample.count(i) == seen]
        mass += probability * sum(frequencies[i] for i in found)
        count += probability * len(found)
    assert _feldman.tau(frequencies, n, seen) == pytest.approx(mass / count, rel=1e-10)


def test_printed_values_of_tau():
    printed = [4.129e-4, 9.04e-4, 4.696e-4]
    found = [_feldman.tau(_feldman.zipf(entries, power), n, 1) for entries, n, power in _feldman.LISTS]
    assert found == pytest.approx(printed, rel=6e-4)


def test_the_ratio_estimator_against_the_jackknife():
    rng = np.random.default_rng(3)
    count = rng.integers(50, 100, size=400).astype(float)
    mass = 0.01 * count + rng.normal(size=400) * 0.05
    trials = _feldman.ratio_trials(mass, count)
    assert trials.mean() == pytest.approx(mass.sum() / count.sum(), rel=1e-12)
    left_out = (mass.sum() - mass) / (count.sum() - count)
    jackknife = math.sqrt(399 / 400 * np.sum((left_out - left_out.mean()) ** 2))
    # both are the linear term of the estimator; they differ by O(1 / n)
    assert trials.std(ddof=1) / 20 == pytest.approx(jackknife, rel=0.02)


def test_memorization_by_counting():
    rng = np.random.default_rng(4)
    points, labels = rng.normal(size=(9, 2)), rng.integers(2, size=9)
    found = _feldman.memorization(np.random.default_rng(5), points, labels, 40)
    again, right = np.random.default_rng(5), np.zeros((40, 9))
    taken = np.zeros((40, 9), bool)
    for t in range(40):
        chosen = again.choice(9, size=round(_feldman.SHARE * 9), replace=False)
        taken[t, chosen] = True
        for i in range(9):
            near = min(chosen, key=lambda j, i=i: float(np.sum((points[i] - points[j]) ** 2)))
            right[t, i] = labels[near] == labels[i]
    wanted = [right[taken[:, i], i].mean() - right[~taken[:, i], i].mean() for i in range(9)]
    assert found == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(("n", "d"), [(4, 2), (6, 3), (5, 5)])
def test_separable_labellings_counted_one_by_one(n, d):
    """Points in general position: the number of separable labellings is Cover's, whatever the points."""
    points = np.random.default_rng(6).normal(size=(n, d))
    signs = np.array(list(itertools.product([-1.0, 1.0], repeat=n)))
    found = _bits.separable(signs[:, :, None] * points)
    assert Fraction(int(found.sum()), 2**n) == Fraction(_bits.separable_chance(n, d))


def test_separability_of_known_cases():
    rows = np.array([[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [-1.0, 0.5], [0.0, -1.0]]])
    assert _bits.separable(rows).tolist() == [True, False]
    assert _bits.stored_bits(np.array([0.0, math.log(2)]), 7).tolist() == [7.0, 0.0]


def test_explicit_network_by_its_definition():
    """Scores summed one by one for q = 7 in the same random draws."""
    q, width = 7, 40
    found = _grokking.explicit(np.random.default_rng(7), q, width)
    rng = np.random.default_rng(7)
    r = rng.integers(1, q, size=width)
    f, g = rng.uniform(0, 2 * np.pi, size=(2, width))
    right, margins = 0, []
    for a, b in itertools.product(range(q), repeat=2):
        scores = [
            math.fsum(
                math.cos(2 * math.pi * r[k] * c / q + f[k] + g[k])
                * (math.cos(2 * math.pi * r[k] * a / q + f[k]) + math.cos(2 * math.pi * r[k] * b / q + g[k])) ** 2
                for k in range(width)
            )
            for c in range(q)
        ]
        own = scores.pop((a + b) % q)
        margins.append(own - max(scores))
        right += margins[-1] > 0
    assert found.accuracy == right / q**2
    assert found.margin == pytest.approx(min(map(abs, margins)), abs=_grokking.rounding(width))


def test_first_steps():
    accuracies = np.array([[0.2, 0.99, 0.5], [0.1, 0.2, 0.3]])
    assert _grokking.first_step(accuracies, 0.99).tolist() == [2.0, np.inf]


@pytest.mark.slow
def test_training_against_a_plain_loop():
    """AdamW by NumPy in float64 from the same weights: the accuracies of the first steps."""
    q, units, decay = 5, 8, 0.5
    rng = np.random.default_rng(8)
    u, v = rng.normal(size=(2, q, units)) / math.sqrt(2 * q)
    readout = rng.normal(size=(units, q)) / math.sqrt(units)
    seen = rng.permutation(q * q).reshape(q, q) < 15
    table = (np.arange(q)[:, None] + np.arange(q)) % q
    start = tuple(jnp.asarray(x, jnp.float32)[None] for x in (u, v, readout))
    train, test = _grokking.trained(
        start, jnp.asarray(seen)[None], jnp.asarray([decay], jnp.float32), jnp.asarray(table, jnp.int32), steps=30
    )
    params = [u, v, readout]
    mean, square = [0 * p for p in params], [0 * p for p in params]
    for number in range(1, 31):
        u, v, readout = params
        pre = u[:, None] + v[None]
        out = pre**2 @ readout
        right = out.argmax(axis=2) == table
        assert train[0, 0, number - 1] == pytest.approx(right[seen].mean(), abs=1e-6)
        assert test[0, 0, number - 1] == pytest.approx(right[~seen].mean(), abs=1e-6)
        error = 2 * seen[:, :, None] * (out - np.eye(q)[table]) / (15 * q)
        back = 2 * pre * (error @ readout.T)
        slopes = [back.sum(axis=1), back.sum(axis=0), np.einsum("abk,abc->kc", pre**2, error)]
        for i, slope in enumerate(slopes):
            mean[i] = 0.9 * mean[i] + 0.1 * slope
            square[i] = 0.98 * square[i] + 0.02 * slope**2
            step = mean[i] / (1 - 0.9**number) / (np.sqrt(square[i] / (1 - 0.98**number)) + 1e-8)
            params[i] = params[i] - 5e-3 * (step + decay * params[i])


def test_cross_entropy_and_copies():
    rng = np.random.default_rng(9)
    network = (Layer(rng.normal(size=(4, 3)), rng.normal(size=4)), Layer(rng.normal(size=(2, 4)), rng.normal(size=2)))
    points, labels = rng.normal(size=(6, 3)), rng.integers(2, size=6)
    logits = np.maximum(points @ network[0].weights.T + network[0].bias, 0) @ network[1].weights.T + network[1].bias
    wanted = -np.mean(np.asarray(jax.nn.log_softmax(jnp.asarray(logits)))[np.arange(6), labels])
    assert _align.cross_entropy(network, points, labels) == pytest.approx(wanted, rel=1e-12)
    other = _align.copied(rng, network)
    assert not np.allclose(other[0].weights, network[0].weights)
    assert _align.cross_entropy(other, points, labels) == pytest.approx(wanted, rel=1e-12)
