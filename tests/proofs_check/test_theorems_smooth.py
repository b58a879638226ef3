"""Theorems on smooth activations: values by hand, allowed widths from both sides, hypotheses that fail."""

import math
from fractions import Fraction as F

import pytest

from proofs_check import THEOREMS, Side
from proofs_check.answers import Status
from proofs_check.reading import dataset_from_bytes
from proofs_check.theorems.huang2003_two_layers import splits
from tests.certificates.spelling import dataset

BY_HAND = {
    "huang1998-one-limit": {(1, 1): 1, (7, 3): 7},
    "leshno1993-rank": {(1, 1): 1, (7, 3): 7},
    "madden2024-jacobian": {(1, 1): 2, (2, 1): 2, (3, 1): 4, (6, 5): 2, (7, 5): 4, (100, 1): 100, (100, 50): 4},
}
DISPLAYED = ("zhang2021-2n-over-d", "pinkus1999-polynomials")
DISTINCT = ("huang1998-one-limit", "leshno1993-rank", "huang2003-two-layers", "kidger2020-narrow")


def of(points, labels=None):
    return dataset_from_bytes(dataset(points, labels or [F(i) for i in range(len(points))]))


def line(n):
    return of([(F(i),) for i in range(n)])


@pytest.mark.parametrize("key", BY_HAND)
def test_widths(key):
    theorem = THEOREMS[key]
    assert {size: theorem.width(*size) for size in BY_HAND[key]} == BY_HAND[key]
    assert theorem.suffices and not theorem.output_bias and theorem.hidden_bias
    for n in range(1, 60):
        for d in range(1, 20):
            pairs = next(q for q in range(1, n + 1) if q * (d + 1) >= n)
            assert theorem.width(n, d) == (2 * pairs if key == "madden2024-jacobian" else n)


@pytest.mark.parametrize("key", DISPLAYED)
def test_displayed_only(key):
    theorem = THEOREMS[key]
    assert not theorem.suffices and theorem.width is None and not theorem.explicit_constants


@pytest.mark.parametrize("key", DISTINCT)
def test_distinct_points_are_asked_for(key):
    theorem = THEOREMS[key]
    assert theorem.side is Side.UPPER
    assert theorem.holds_for(of([(0, 0), (1, 1), (2, 2)])).status is Status.ACCEPTED
    assert theorem.holds_for(of([(0, 0), (1, 1), (0, 0)], [F(1), F(1), F(1)])).status is Status.REJECTED


def test_general_position_is_asked_for():
    theorem = THEOREMS["madden2024-jacobian"]
    assert theorem.holds_for(of([(0, 0), (1, 1), (2, 3)])).status is Status.ACCEPTED
    assert theorem.holds_for(of([(0, 0), (1, 1), (2, 2)])).status is Status.REJECTED


@pytest.mark.parametrize(("n", "q", "widths"), [(1, 1, (3, 1)), (2, 1, (4, 1)), (12, 2, (10, 2)), (30, 3, (16, 3))])
def test_two_layers_by_hand(n, q, widths):
    theorem, data = THEOREMS["huang2003-two-layers"], line(n)
    assert splits(n)[0] == q
    assert theorem.allows(widths, data)
    assert theorem.allows((1, 1), data)
    for more in ((widths[0] + 1, widths[1]), (widths[0], widths[1] + 1), widths[:1], (*widths, 1)):
        assert not theorem.allows(more, data)


def test_two_layers_against_the_printed_count():
    """2 sqrt(3n) is met where sqrt(n/3) and 3 sqrt(n/3) are whole; elsewhere rounding up costs less than 4 units."""
    for n in range(1, 400):
        total = min(-(-n // q) + 3 * q for q in range(1, n + 1))
        q = splits(n)[0]
        assert -(-n // q) + 3 * q == total
        assert total**2 >= 12 * n
        assert total < 2 * math.sqrt(3 * n) + 4
        if n % 3 == 0 and math.isqrt(n // 3) ** 2 == n // 3:
            assert total**2 == 12 * n
    assert -(-2 // 1) + 3 > 2 * math.sqrt(6)  # n = 2: five units, not 4.9


@pytest.mark.parametrize("dim", [1, 2, 5])
def test_narrow(dim):
    theorem = THEOREMS["kidger2020-narrow"]
    data = of([(F(i),) * dim for i in range(4)])
    assert theorem.allows((dim + 2,) * 9, data)
    assert theorem.allows((dim + 2,), data)
    assert not theorem.allows((dim + 2, dim + 3), data)
