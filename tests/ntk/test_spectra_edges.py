"""Least and largest eigenvalues: known spectra, all methods, and that an interior eigenvalue is never passed off."""

import math
import warnings

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.ntk import (
    UnverifiedWarning,
    condition_number,
    gram_product,
    largest_eigenvalue,
    least_eigenvalue,
)
from overparam.ntk.spectra import _edges
from overparam.ntk.spectra._davidson import Pair
from overparam.ntk.spectra._methods import Problem, _scaled_below, _start, shift_invert
from overparam.ntk.spectra._operators import _of_product, device_operator, operator_of
from overparam.ntk.spectra._settle import settle
from tests.ntk.simple_kernels import Laplace, relu_gram, unit_points

A = np.array
EPS = 2.0**-52
METHODS = ("dense", "shift-invert")


def with_spectrum(values, seed=0):
    """A symmetric matrix with these eigenvalues, up to n EPS times the largest."""
    vectors = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values),) * 2))[0]
    matrix = vectors * np.asarray(values) @ vectors.T
    return (matrix + matrix.T) / 2


@pytest.mark.parametrize("method", METHODS)
def test_reference_values(method):
    """Of three and four unit vectors; rounding of the kernel, n EPS, and of products, likewise."""
    root = math.sqrt(0.5)
    three = relu_gram(A([[1.0, 0.0], [root, root], [0.0, 1.0]]))
    assert abs(least_eigenvalue(three, method=method).value - 1 / 8) <= 16 * EPS
    assert abs(largest_eigenvalue(three, method=method).value - 7 / 8) <= 16 * EPS
    four = relu_gram(A([[3 / 5, 4 / 5], [5 / 13, 12 / 13], [-8 / 17, 15 / 17], [1.0, 0.0]]))
    assert abs(least_eigenvalue(four, method=method).value - 0.03825403259620746841411264) <= 32 * EPS
    assert abs(largest_eigenvalue(four, method=method).value - 1.119053313953671802940943) <= 32 * EPS


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.floats(-4, 4), min_size=1, max_size=12),
    st.sampled_from(METHODS),
    st.integers(0, 99),
    st.sampled_from([-700, -30, 0, 400]),
)
@example([1.0, 1.0, 1.0], "shift-invert", 0, 0)
@example([0.0, 0.0, 3.0], "shift-invert", 0, 0)
@example([-1.0, 1e-9, 3.0], "dense", 0, 0)
def test_enclosures_hold(values, method, seed, exponent):
    """The matrix's own rounding moves eigenvalues by 8 n EPS times the largest one."""
    scale = math.ldexp(1.0, exponent)
    values = np.where(np.abs(values) < 1e-6, 0, values)
    matrix = with_spectrum(values, seed) * scale
    slack = 8 * len(values) * EPS * np.abs(values).max() * scale
    for edge, exact in (
        (least_eigenvalue(matrix, method=method), min(values) * scale),
        (largest_eigenvalue(matrix, method=method), max(values) * scale),
    ):
        assert edge.verified
        assert edge.lower - slack <= exact <= edge.upper + slack
        assert edge.lower <= edge.value <= edge.upper
        assert np.min(np.abs(values * scale - edge.value)) <= edge.residual + slack
        assert abs(edge.value - exact) <= 2 * slack
        assert np.linalg.norm(matrix @ edge.vector - edge.value * edge.vector) <= edge.residual + slack
        # the tolerance, and 2 n^2 EPS times the mean of the diagonal, both up to 16 times
        assert edge.upper - edge.lower <= 2e-8 * abs(exact) + 8 * len(values) * slack


def test_a_dense_bulk_edge():
    """n = 500 is where all methods are affordable: 1e-8 is the agreement promised, roundings are far below."""
    gram = relu_gram(unit_points(500, 20))
    values = np.linalg.eigvalsh(gram)
    found = {method: least_eigenvalue(gram, method=method) for method in METHODS}
    for edge in found.values():
        assert edge.verified and abs(edge.value - values[0]) <= 500 * EPS * values[-1]
        assert values[0] - 1e-8 <= edge.lower <= edge.value <= edge.upper
    assert found["shift-invert"].factorizations <= 4 and found["shift-invert"].matvecs <= 150
    assert least_eigenvalue(gram).method == "shift-invert"
    assert least_eigenvalue(gram[:50, :50]).method == "dense"
    largest = largest_eigenvalue(gram)
    assert largest.factorizations == 1 and abs(largest.value - values[-1]) <= 500 * EPS * values[-1]
    ratio = condition_number(gram)
    assert ratio.lower <= values[-1] / values[0] <= ratio.upper < ratio.lower * (1 + 1e-5)


def test_an_eigenvector_that_the_start_misses():
    """Lanczos from a vector orthogonal to the least one's sees the interior only; a factorization tells."""
    n = 450
    start = _start(operator_of(np.eye(n), None, "float64", name="m", what="t"))[:, 0]
    hidden = np.random.default_rng(5).normal(size=n)
    hidden -= (hidden @ start) / (start @ start) * start
    hidden /= np.linalg.norm(hidden)
    # on the complement of the hidden vector: three eigenvalues, so that Lanczos is content after three steps
    rest = np.linalg.qr(np.column_stack([hidden, np.random.default_rng(6).normal(size=(n, n - 1))]))[0]
    values = np.concatenate([[-0.5], np.resize([1.0, 2.0, 3.0], n - 1)])
    matrix = rest * values @ rest.T
    matrix = (matrix + matrix.T) / 2
    with pytest.warns(UnverifiedWarning):
        blind = least_eigenvalue(matrix, method="lanczos")
    assert not blind.verified and blind.lower == -np.inf
    assert abs(blind.value - 1) <= 1e-6  # an interior eigenvalue: the case that this test is about
    found = least_eigenvalue(matrix, method="shift-invert")
    assert found.verified and abs(found.value + 0.5) <= n * EPS * 3 and found.factorizations > 1


def test_an_interior_pair_is_mended():
    values = np.linspace(1, 2, 60)
    matrix = with_spectrum(values)
    operator = operator_of(matrix, None, "float64", name="m", what="t")
    _, vectors = np.linalg.eigh(matrix)
    for k in (1, 30, 59):
        done = settle(operator, 1, Pair(float(values[k]), np.inf, 0.0, vectors[:, k], 0), 2.0, 1e-9)
        assert abs(done.pair.value - 1) <= 60 * EPS * 2 and 1 - 1e-7 <= done.lower <= 1 and done.factorizations > 1


def test_what_cannot_be_mended_is_said(monkeypatch):
    matrix = with_spectrum(np.linspace(1, 2, 40))
    operator = operator_of(matrix, None, "float64", name="matrix", what="t")
    monkeypatch.setattr(_edges, "operator_of", lambda *_, **__: operator._replace(factor=lambda *_: None))
    with pytest.warns(UnverifiedWarning, match="not shown to be the extreme"):
        edge = least_eigenvalue(matrix, method="dense")
    assert not edge.verified and edge.lower == -np.inf


def test_a_product_alone():
    """The largest eigenvalue without a matrix; unverified, and the warning says what to do."""
    points = unit_points(60, 5)
    kernel = Laplace()
    with pytest.warns(UnverifiedWarning, match="shift-invert"):
        edge = largest_eigenvalue(lambda v: gram_product(kernel, points, v, block=32), size=60)
    exact = np.linalg.eigvalsh(np.asarray(kernel.only("ntk", points)))[-1]
    assert edge.method == "lanczos" and edge.upper == np.inf and edge.lower <= exact + 1e-12
    assert abs(edge.value - exact) <= 1e-9 * exact
    with pytest.raises(InputError, match="needs the matrix"):
        least_eigenvalue(lambda v: v, size=4, method="dense")
    with pytest.raises(InputError, match="needs size"):
        least_eigenvalue(lambda v: v)
    with pytest.raises(InputError, match="keep the shape"):
        least_eigenvalue(lambda v: v[:2], size=4)
    with pytest.raises(InputError, match="not finite"):
        least_eigenvalue(lambda v: v * np.nan, size=4)


def test_small_and_singular():
    assert least_eigenvalue(A([[-3.0]])).value == largest_eigenvalue(A([[-3.0]])).value == -3.0
    zero = least_eigenvalue(np.zeros((5, 5)))
    assert (zero.value, zero.residual, zero.lower, zero.upper, zero.verified) == (0, 0, 0, 0, True)
    for method in METHODS:
        same = least_eigenvalue(np.eye(7), method=method)
        assert same.verified and abs(same.value - 1) <= 8 * EPS and same.upper - same.lower < 1e-8
    points = unit_points(30, 4)
    twice = relu_gram(np.concatenate([points, points[:1]]))
    for method in METHODS:
        edge = least_eigenvalue(twice, method=method)
        assert edge.verified and edge.lower <= 0 <= edge.upper and abs(edge.value) <= 31 * EPS * 31
    singular = condition_number(twice)
    assert singular.value == singular.upper == np.inf and singular.lower > 1e10


@pytest.mark.parametrize("function", [least_eigenvalue, largest_eigenvalue, condition_number])
def test_what_is_refused(function):
    with pytest.raises(InputError, match="square matrix"):
        function(np.ones((2, 3)))
    with pytest.raises(InputError, match="square matrix"):
        function(np.ones((0, 0)))
    with pytest.raises(InputError, match="finite"):
        function(A([[1.0, np.nan], [np.nan, 1.0]]))
    with pytest.raises(InputError, match="symmetric"):
        function(A([[1.0, 0.5], [0.4, 1.0]]))
    with pytest.raises(InputError, match="real numbers"):
        function(np.eye(2, dtype=complex))
    with pytest.raises(InputError, match="tolerance"):
        function(np.eye(2), tolerance=0.0)
    with pytest.raises(InputError, match="dtype"):
        function(np.eye(2), dtype="float16")


def test_methods_that_do_not_exist():
    with pytest.raises(InputError, match="one of auto, dense, shift-invert, lanczos, not 'power'"):
        _edges._edge(np.eye(2), 1, "power", None, None, 300, "float64", "least_eigenvalue")


def test_condition_numbers_that_are_none():
    with pytest.raises(InputError, match="no kernel"):
        condition_number(A([[1.0, 2.0], [2.0, 1.0]]))
    with pytest.raises(InputError, match="zero"):
        condition_number(np.zeros((3, 3)))
    with pytest.raises(InputError, match="verifies"):
        condition_number(np.eye(3), method="lanczos")
    ratio = condition_number(np.diag([4.0, 1.0, 2.0]))
    assert ratio.lower <= 4 <= ratio.upper and abs(ratio.value - 4) <= 16 * EPS


def test_float32_and_what_rounding_allows():
    """u = 2^-24; the interval must widen by n u times the trace, and still hold the value."""
    values = np.linspace(0.5, 2, 50)
    edge = least_eigenvalue(with_spectrum(values).astype(np.float32), dtype="float32")
    assert edge.verified and edge.lower <= 0.5 + 1e-5 and edge.upper >= 0.5 - 1e-5
    assert abs(edge.value - 0.5) <= 50 * 2.0**-23 * 2 and 1e-7 < edge.upper - edge.lower < 2e-2


def test_nearly_symmetric_is_made_symmetric():
    matrix = with_spectrum(np.linspace(1, 2, 20))
    matrix[3, 4] += 4 * EPS
    assert abs(least_eigenvalue(matrix).value - 1) <= 40 * EPS


def test_the_way_of_accelerators():
    """The same method with matrix and factors in JAX, here on a processor."""
    gram = jnp.asarray(relu_gram(unit_points(90, 10)))
    theirs = device_operator(gram, np.dtype("float64"), "matrix")
    edge = shift_invert(Problem(theirs, 1, 1e-9, 300))
    exact = np.linalg.eigvalsh(np.asarray(gram))
    assert edge.verified and abs(edge.value - exact[0]) <= 90 * EPS * exact[-1]
    assert edge.lower <= exact[0] + 90 * EPS * exact[-1] and edge.factorizations <= 4
    assert theirs.factor(1, float(exact[1]), np.float64) is None
    with pytest.raises(InputError, match="symmetric"):
        device_operator(jnp.asarray([[1.0, 0.5], [0.4, 1.0]]), np.dtype("float64"), "matrix")


def test_no_warning_where_all_was_shown():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert least_eigenvalue(with_spectrum(np.linspace(-1, 2, 30))).verified


def test_clusters_where_bisection_finds_nothing():
    """LAPACK's solver for one eigenvalue returns none here; the value is one of 99 copies, up to 100 EPS."""
    vector = np.ones(100) / 10
    matrix = 2 * np.eye(100) - 1.9 * np.outer(vector, vector)
    matrix = (matrix + matrix.T) / 2
    edge = largest_eigenvalue(matrix)
    assert edge.verified and abs(edge.value - 2) <= 200 * EPS and edge.lower <= 2 + 200 * EPS
    assert abs(condition_number(matrix).value - 20) <= 1e-11


@pytest.mark.parametrize("scale", [1e-306, 1e-200, 1e200, 1e307])
def test_products_of_any_size(scale):
    """Squares of these numbers are beyond floats; residuals are relative to the norm, 5 scale."""
    with pytest.warns(UnverifiedWarning):
        edge = least_eigenvalue(lambda v: jnp.diag(jnp.arange(1.0, 6) * scale) @ v, size=5)
    assert abs(edge.value - scale) <= edge.residual + 100 * EPS * scale and 0 < edge.residual <= 1e-12 * scale
    assert edge.upper >= edge.value
    with pytest.warns(UnverifiedWarning):  # entries of the probe times 5e-324 are 0
        least = least_eigenvalue(lambda v: 5e-324 * np.asarray(v), size=30)
    assert least.value == 5e-324
    with pytest.raises(InputError, match="not finite"), np.errstate(over="ignore"):
        least_eigenvalue(lambda v: np.asarray(v) * 1e308 * 1e5, size=3)


def test_complex_products_and_sizes_are_refused():
    with pytest.raises(InputError, match="product must return real numbers, not complex128"):
        least_eigenvalue(lambda v: (1 + 1j) * np.asarray(v), size=3)
    for size in (0, 2.5, True):
        with pytest.raises(InputError, match="needs size"):
            _of_product(lambda v: v, size, np.dtype("float64"))


def test_the_ends_of_the_range_of_floats():
    edge = least_eigenvalue(np.diag([1e308, 1e308]))
    assert edge.verified and abs(edge.value / 1e308 - 1) <= 16 * EPS and edge.lower <= 1e308 <= edge.upper
    ratio = condition_number(np.eye(2) * 1.7e308)
    assert ratio.lower <= 1 <= ratio.upper and abs(ratio.value - 1) <= 16 * EPS
    with pytest.raises(InputError, match="range of floats"):
        largest_eigenvalue(np.full((2, 2), 1.7e308))
    least = least_eigenvalue(np.diag([5e-324, 1e-320]))
    assert least.lower <= 5e-324 <= least.upper
    assert _scaled_below(1.5, -1074) == 5e-324 and _scaled_below(-1.5, -1074) == -1e-323
    assert _scaled_below(1.0, 1024) == np.finfo(float).max and _scaled_below(-1.0, 1024) == -np.inf
