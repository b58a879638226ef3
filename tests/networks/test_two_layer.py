"""Evaluation, initialization and counts of the two-layer family."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError, PrecisionError
from overparam.networks import Params, apply, effective_params, initialize, raw_params

ROOT = jax.random.key(0)


@pytest.mark.parametrize("activation", ["relu", "threshold"])
@settings(max_examples=25)  # nearly every example is a shape of its own, to be compiled
@given(st.integers(0, 6), st.integers(1, 4), st.integers(1, 5), st.integers(0, 2**31))
def test_apply_is_the_sum_over_neurons(activation, width, dim, n, seed):
    """Small integers: both sides are exact, so they agree bit for bit."""
    rng = np.random.default_rng(seed)
    u, b, v, c, x = (rng.integers(-4, 5, shape).astype(float) for shape in [(width, dim), width, width, (), (n, dim)])
    expected = []
    for point in x:
        total = float(c)
        for j in range(width):
            t = sum(u[j, i] * point[i] for i in range(dim)) + b[j]
            total += v[j] * (max(t, 0.0) if activation == "relu" else float(t >= 0))
        expected.append(total)
    got = apply(Params(*map(jnp.asarray, (u, b, v, c))), jnp.asarray(x), activation=activation)
    assert got.tolist() == expected


@pytest.mark.parametrize(
    ("law", "u_variance", "v_variance"), [("he", 2 / 8, 2 / 4000), ("small", 1e-4 / 9, 1e-4 / 4000)]
)
def test_gaussian_laws_have_the_stated_variance(law, u_variance, v_variance):
    """chi-square with 4000 or 32000 degrees of freedom: 6 standard deviations, false alarm below 1e-8."""
    params = initialize(ROOT, law, width=4000, dim=8)
    for weights, variance in ((params.u, u_variance), (params.v, v_variance)):
        size = weights.size
        assert abs(float((weights**2).mean()) / variance - 1) < 6 * (2 / size) ** 0.5


def test_ntk_law_has_signs_outside():
    params = initialize(ROOT, "ntk", width=100, dim=3)
    assert set(np.abs(np.asarray(params.v)).tolist()) == {0.1}
    assert 0 < int((params.v > 0).sum()) < 100


def test_scale_multiplies_the_output_by_its_square():
    points = jax.random.normal(jax.random.key(1), (5, 3))
    one = initialize(ROOT, "he", width=7, dim=3)
    two = initialize(ROOT, "he", width=7, dim=3, scale=2.0)
    np.testing.assert_array_equal(apply(two, points), 4 * apply(one, points))  # a power of two rounds nothing


def test_refusals():
    with pytest.raises(InputError, match="width = 0"):
        initialize(ROOT, "he", width=0, dim=3)
    with pytest.raises(InputError, match="positive"):
        initialize(ROOT, "he", width=1, dim=1, scale=0.0)


def test_a_narrower_dtype_is_never_silent():
    with jax.enable_x64(False), pytest.raises(PrecisionError, match="float32"):
        initialize(ROOT, "he", width=1, dim=1)


@pytest.mark.parametrize("hidden_bias", [True, False])
@pytest.mark.parametrize("output_bias", [True, False])
def test_effective_count_is_the_rank_of_the_jacobian(hidden_bias, output_bias):
    """With far more samples than parameters the Jacobian's rank is the effective count, below the raw one."""
    width, dim, n = 3, 2, 200
    params = initialize(ROOT, "ntk", width=width, dim=dim)
    points = jax.random.normal(jax.random.key(2), (n, dim))

    def outputs(u, b, v, c):
        return apply(Params(u, b if hidden_bias else 0 * b, v, c if output_bias else 0 * c), points)

    jacobian = jax.jacobian(outputs, argnums=(0, 1, 2, 3))(*params)
    matrix = np.concatenate([np.asarray(block).reshape(n, -1) for block in jacobian], axis=1)
    counts = {"hidden_bias": hidden_bias, "output_bias": output_bias}
    assert np.linalg.matrix_rank(matrix) == effective_params(width, dim, **counts)
    assert raw_params(width, dim, **counts) == sum([width * dim, width * hidden_bias, width, int(output_bias)])
