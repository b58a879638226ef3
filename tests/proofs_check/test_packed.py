"""Packed rows hold what was put into them, and products of integer matrices are those of the definition."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proofs_check.answers import OverBudget
from proofs_check.budget import Budget
from proofs_check.packed import longest, pack, product, unpack


@given(st.lists(st.integers(-(2**15), 2**15 - 1), max_size=9), st.sampled_from([16, 24, 64]))
@example([-(2**15), 2**15 - 1, 0, -1], 16)
def test_slots_hold_numbers_of_both_signs(row, width):
    long = pack(row, width)
    assert long == sum(c << (width * i) for i, c in enumerate(row))
    assert unpack(long, len(row), width) == row


@st.composite
def factors(draw):
    """Matrices of short and long numbers, also the longest of their length, of which products are largest."""
    n, m, columns = (draw(st.integers(0, 9)) for _ in range(3))
    bits = draw(st.sampled_from([1, 8, 29, 30, 31, 60, 700])), draw(st.sampled_from([1, 8, 30, 64, 900]))

    def matrix(rows, columns, bits):
        top = 2**bits - 1
        entry = st.sampled_from([-top, top]) | st.integers(-top, top) | st.just(0)
        return [[draw(entry) for _ in range(columns)] for _ in range(rows)]

    return matrix(n, m, bits[0]), matrix(m, columns, bits[1])


@given(factors())
@example(([[127] * 8] * 8, [[127] * 8] * 8))  # the largest sums that the slots are made for
@example(([[-127] * 8] * 8, [[127] * 8] * 8))
@example(([[3] * 8] * 8, [[0] * 8] * 8))
@example(([[]], []))
def test_products_are_exact(pair):
    left, right = pair
    columns = len(right[0]) if right else 0
    expected = [[sum(a * row[k] for a, row in zip(line, right, strict=True)) for k in range(columns)] for line in left]
    assert product(left, right, Budget()) == expected


def test_both_ways_are_taken(monkeypatch):
    """Rows that are used often are packed, unless the multipliers are long."""
    packed = []
    monkeypatch.setattr("proofs_check.packed.pack", lambda row, width: packed.append(width) or pack(row, width))
    short = [[5] * 20 for _ in range(20)]
    product(short, short, Budget())
    assert packed == [16] * 20
    product([[5] * 20], short, Budget())
    product([[5**2000] * 20 for _ in range(20)], short, Budget())
    assert len(packed) == 20


def test_products_are_paid_for_before_they_are_made():
    budget = Budget(10**4)
    with pytest.raises(OverBudget, match="multiplying matrices"):
        product([[1] * 10] * 10, [[1] * 100] * 10, budget)
    budget = Budget()
    budget.memory = 10**5
    with pytest.raises(OverBudget, match="bits of numbers"):
        product([[1] * 10] * 10, [[2**900] * 100] * 10, budget)


def test_longest():
    assert longest([]) == 0
    assert longest([0, -8, 7]) == 4
