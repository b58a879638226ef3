"""All eigenvalues, each within the bound that is handed back with them."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.ntk import eigenvalues


def characteristic(rows):
    """Coefficients of det(t - A), highest first, by Faddeev and LeVerrier."""
    n, found = len(rows), [Fraction(1)]
    power = [[Fraction(0)] * n for _ in rows]
    for k in range(1, n + 1):
        power = [[sum(rows[i][m] * power[m][j] for m in range(n)) + found[-1] * (i == j) for j in range(n)]
                 for i in range(n)]  # fmt: skip
        trace = sum(rows[i][m] * power[m][i] for i in range(n) for m in range(n))
        found.append(-trace / k)
    return found


def roots_above(coefficients, x, side=1):
    """Roots above x, or below it for side -1: by Descartes, who is exact where all roots are real."""
    shifted = list(coefficients)
    for last in range(len(shifted) - 1, 0, -1):  # Taylor's coefficients at x, by Horner
        for i in range(1, last + 1):
            shifted[i] += x * shifted[i - 1]
    degree = len(shifted) - 1
    signs = [c * side ** (degree - i) for i, c in enumerate(shifted) if c]
    return sum((one > 0) != (other > 0) for one, other in itertools.pairwise(signs))


def test_the_oracle_counts():
    rows = [[Fraction(2), Fraction(1)], [Fraction(1), Fraction(2)]]  # eigenvalues 1 and 3
    polynomial = characteristic(rows)
    assert polynomial == [1, -4, 3]
    assert [roots_above(polynomial, Fraction(x)) for x in (0, 1, 2, 3, 4)] == [2, 1, 1, 0, 0]
    assert [roots_above(polynomial, Fraction(x), -1) for x in (0, 1, 2, 3, 4)] == [0, 0, 1, 1, 2]


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(-300, 300))
@settings(max_examples=40, deadline=None)
def test_every_eigenvalue_is_within_its_bound(seed, n, exponent):
    """Against exact counts of the eigenvalues of the same floats; half of the matrices are singular."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(n, max(1, n - seed % 2)))
    matrix = factor @ factor.T
    matrix = np.ldexp((matrix + matrix.T) / 2, exponent)
    found = eigenvalues(matrix)
    polynomial = characteristic([[Fraction(x) for x in row] for row in matrix.tolist()])
    for i, value in enumerate(found.values.tolist()):
        assert roots_above(polynomial, Fraction(value) + Fraction(found.error)) <= n - 1 - i
        assert roots_above(polynomial, Fraction(value) - Fraction(found.error), -1) <= i
    assert found.error <= 1e-11 * np.abs(matrix).max()


def test_the_order_and_the_zero_matrix():
    assert eigenvalues(np.diag([3.0, -1.0, 2.0])).values.tolist() == pytest.approx([-1.0, 2.0, 3.0])
    assert eigenvalues(np.zeros((3, 3)))[0].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("matrix", "why"),
    [
        (np.ones((1, 2)), "square"),
        (np.array([[1.0, 2.0], [3.0, 1.0]]), "symmetric"),
        (np.full((1, 1), np.nan), "finite"),
        (np.zeros((0, 0)), "at least one row"),
    ],
)
def test_what_is_no_symmetric_matrix_is_refused(matrix, why):
    with pytest.raises(InputError, match=why):
        eigenvalues(matrix)
