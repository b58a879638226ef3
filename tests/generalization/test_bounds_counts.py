"""Bounds that count weights, and complexities met by fitting signs: by hand, by enumeration, by linear programs."""

import itertools
import math

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

from overparam.errors import InputError
from overparam.generalization import (
    ball_ascent,
    frobenius_complexity,
    log_growth_bound,
    rademacher_lower_bound,
    samples_needed,
    vc_dimension_bound,
    vc_gap_bound,
)

PRINTED = {(2352, 512, 1): 3.9e7, (2352, 512, 512, 512, 1): 1.2e8, (784, 600, 1): 1.5e7, (196, 256, 1): 1.5e6}


def test_vc_dimension_by_hand():
    """2-3-1: W_1 = 9, W = 13, Lbar W = 22, R = 3 + 2 = 5."""
    wanted = 2 + 22 * math.log2(20 * math.e * math.log2(10 * math.e))
    assert vc_dimension_bound((2, 3, 1)) == pytest.approx(wanted, rel=1e-14)


@pytest.mark.parametrize(("sizes", "printed"), PRINTED.items())
def test_vc_dimension_as_printed(sizes, printed):
    """Two digits, 3.85 and 1.155 rounded up."""
    assert vc_dimension_bound(sizes) == pytest.approx(printed, rel=0.04)


def test_the_growth_function_bounds_what_a_tiny_network_does():
    """Labellings of 6 points on a line by random 1-2-1 networks; and all 2^n where the bound must be trivial."""
    rng = np.random.default_rng(0)
    points = np.sort(rng.normal(size=6))
    seen = set()
    for _ in range(4000):
        u, b, v = rng.normal(size=(3, 2))
        values = np.maximum(points[:, None] * u + b, 0) @ v + rng.normal()
        seen.add(tuple((values > 0).tolist()))
    assert math.log(len(seen)) <= log_growth_bound((1, 2, 1), 6)
    assert log_growth_bound((10, 5, 1), 20) == 20 * math.log(2)
    assert log_growth_bound((10, 5, 3), 20) == 20 * math.log(3)


def test_growth_by_hand():
    """1-1-2 at n = 1,000: W_1 = 2 and W = 6, one difference of outputs: 2 (e n)^2 and 2 (2 e n 2 / 6)^6."""
    n = 1000
    wanted = 2 * math.log(2) + 2 * math.log(math.e * n) + 6 * math.log(2 * math.e * n * 2 / 6)
    assert log_growth_bound((1, 1, 2), n) == pytest.approx(wanted, rel=1e-14)


def test_the_gap():
    """Sauer's lemma against the sum of binomial coefficients, and the number of samples against the gap."""
    v, n = 7, 5000
    exact = math.log(sum(math.comb(2 * n, i) for i in range(v + 1)))
    gap = vc_gap_bound(v, n, delta=0.1)
    assert gap >= math.sqrt(8 * (exact + math.log(40)) / n)
    assert gap == pytest.approx(math.sqrt(8 * (v * math.log(2 * math.e * n / v) + math.log(40)) / n), rel=1e-14)
    assert vc_gap_bound(1e9, 100) == pytest.approx(math.sqrt(8 * (200 * math.log(2) + math.log(80)) / 100), rel=1e-14)
    needed = samples_needed(v, 0.3)
    assert vc_gap_bound(v, int(needed)) <= 0.3 < vc_gap_bound(v, int(needed) - 1)


def test_the_complexity_of_linear_classifiers_by_linear_programs():
    """Thresholds through the origin: the best correlation with each sign pattern, over all their labellings."""
    rng = np.random.default_rng(1)
    points = rng.normal(size=(6, 2))

    def separable(labels):
        rows = -labels[:, None] * points
        found = optimize.linprog(np.zeros(2), A_ub=rows, b_ub=-np.ones(len(rows)), bounds=(None, None))
        return found.status == 0

    members = np.array([s for s in itertools.product([-1.0, 1.0], repeat=6) if separable(np.array(s))])
    assert len(members) == 2 * sum(math.comb(5, i) for i in range(2))  # Cover

    def fit(points, signs):
        return members[np.argmax(members @ signs)]

    every = np.array(list(itertools.product([-1.0, 1.0], repeat=6)))
    exact = float(np.mean([np.max(members @ s) for s in every])) / 6
    found = rademacher_lower_bound(fit, points, 400, np.random.default_rng(2))
    spread = found.each.std(ddof=1) / 20
    assert abs(found.mean - exact) <= 5 * spread  # a chance below 1e-6
    assert found.low <= exact and found.each.shape == (400,)


def test_outputs_beyond_the_limit_are_refused():
    with pytest.raises(InputError, match="within"):
        rademacher_lower_bound(lambda x, s: 2 * s, np.zeros((3, 1)), 2, np.random.default_rng(0))
    with pytest.raises(InputError, match="fit must return"):
        rademacher_lower_bound(lambda x, s: s[:2], np.zeros((3, 1)), 2, np.random.default_rng(0))


def test_ascent_of_one_linear_layer_finds_the_supremum():
    """sup over |w| <= r of (1/n) sum s_i w x_i = r |X' s| / n."""
    rng = np.random.default_rng(3)
    points, signs = rng.normal(size=(9, 4)), rng.choice([-1.0, 1.0], size=9)
    found = ball_ascent((jnp.asarray(rng.normal(size=(1, 4))),), jnp.asarray(points), jnp.asarray(signs),
                        jnp.asarray([2.5]), steps=200)  # fmt: skip
    assert float(found) == pytest.approx(2.5 * np.linalg.norm(points.T @ signs) / 9, rel=1e-3)


def test_ascent_stays_within_the_balls_and_below_the_bound():
    """Even from a start far outside; at depth two the best neuron is a bound from above for one draw, too."""
    rng = np.random.default_rng(4)
    points, signs = rng.normal(size=(20, 3)), rng.choice([-1.0, 1.0], size=20)
    start = (jnp.asarray(100 * rng.normal(size=(8, 3))), jnp.asarray(100 * rng.normal(size=(1, 8))))
    found = float(ball_ascent(start, jnp.asarray(points), jnp.asarray(signs), jnp.ones(2), steps=300))
    # |sum_j v_j relu(u_j x)| with unit norms is at most the largest correlation of one neuron of norm 1
    angles = rng.normal(size=(50_000, 3))
    angles /= np.linalg.norm(angles, axis=1, keepdims=True)
    best = np.max(np.abs(np.maximum(angles @ points.T, 0) @ signs)) / 20
    assert 0.5 * best < found <= 1.02 * best
    assert found <= frobenius_complexity([1.0, 1.0], points) * 3


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: vc_dimension_bound((3, 1)),
        lambda: vc_dimension_bound((3, 4, 2)),
        lambda: vc_dimension_bound((3, 0, 1)),
        lambda: log_growth_bound((3,), 5),
        lambda: vc_gap_bound(0, 5),
        lambda: vc_gap_bound(3, 5, delta=1.0),
        lambda: samples_needed(3, 1.5),
    ],
)
def test_arguments_out_of_range(wrong):
    with pytest.raises(InputError):
        wrong()
