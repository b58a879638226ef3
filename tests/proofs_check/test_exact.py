"""One number, one spelling."""

from fractions import Fraction as F

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proofs_check import Malformed
from proofs_check.answers import OverBudget
from proofs_check.budget import Budget, division_cost, gcd_cost, product_cost
from proofs_check.exact import cleared, common_multiple, in_words, parse, quoted, spell

CONTRACT = {
    F(0): "0*2^0",
    F(1): "1*2^0",
    F(10): "5*2^1",
    F(-3, 4): "-3*2^-2",
    F(26): "d*2^1",
    F(1, 3): "1/3",
    F(-10, 11): "-a/b",
    F(1, 12): "1/c",
    F(2**53 + 1, 2**1074): "20000000000001*2^-1074",
}
RATIONALS = st.one_of(
    st.fractions(),
    st.floats(allow_nan=False, allow_infinity=False).map(F),
    st.builds(F, st.integers(-(2**300), 2**300), st.integers(1, 2**300)),
)


@pytest.mark.parametrize("number", CONTRACT)
def test_examples(number):
    assert spell(number) == CONTRACT[number]
    assert parse(CONTRACT[number]) == number


@settings(deadline=None)
@given(RATIONALS)
@example(F(2**4000))
@example(F(-1, 2**4000))
@example(F(3, 2**4000 + 1))
def test_round_trip(number):
    assert parse(spell(number)) == number


@settings(deadline=None)
@given(st.text(alphabet="0123f-/*^2 +", max_size=12) | st.text(max_size=12))
@example("1*2^0\n")
@example("2*2^0")
@example("-0*2^0")
@example("0/1")
def test_whatever_parses_is_the_one_spelling(text):
    try:
        number = parse(text)
    except Malformed:
        return
    assert spell(number) == text


@settings(deadline=None)
@given(RATIONALS, st.integers(1, 40))
def test_no_second_spelling(number, k):
    """The natural other spellings are refused: not reduced, with signs, zeros or spaces, in capitals."""
    text = spell(number)
    others = {f"{number.numerator * k:x}/{number.denominator * k:x}", f"0{text}", f"+{text}", f"{text} "}
    others |= {text.upper(), text.replace("^", "^0"), text.replace("^", "^+"), text.replace("/", "/0"), f"0x{text}"}
    if "*" in text:
        factor, exponent = text.split("*2^")
        others |= {f"{int(factor, 16) << k:x}*2^{int(exponent) - k}", str(float(int(factor, 16) % 100))}
    for other in others - {text}:
        with pytest.raises(Malformed):
            parse(other)


def test_limits():
    largest = "f" * 2**18
    assert parse(largest + "*2^0") == 2 ** (2**20) - 1
    assert parse("1*2^-1048576") == F(1, 2 ** (2**20))
    for text in ("1*2^1048577", "1*2^-1048577", "1" * (2**18 + 1) + "*2^0", "1/" + "3" * (2**18 + 1), "1*2^99999999"):
        with pytest.raises(Malformed):
            parse(text)
    for number in (F(2 ** (2**20 + 1)), F(2 ** (2**20) + 1), F(1, 2 ** (2**20) + 1)):
        with pytest.raises(ValueError, match="2\\^20 bits"):
            spell(number)


def test_long_numbers_in_words():
    """Python refuses to write integers beyond 4300 decimal digits; messages must not."""
    assert in_words(F(-1, 3)) == "-1/3"
    assert len(in_words(F(16**5000 + 1, 3))) < 100
    assert "spelled 1*2^200 (hexadecimal" in in_words(F(16**50)), "hexadecimal digits never pass for decimal ones"
    assert "spelled 1*2^-300" in in_words(F(1, 2**300))
    assert in_words(F(2) ** (2**21)) == "a number of more than 2^20 bits"


@pytest.mark.slow
def test_integers_made_to_collide_cost_nothing():
    """Python hashes multiples of 2^61 - 1 alike; 20,000 such denominators took minutes in a set."""
    prime = 2**61 - 1
    numbers = [F(1, prime * (2 * k + 1)) for k in range(20_000)]
    assert common_multiple((x.denominator for x in numbers[:3]), Budget()) == prime * 15
    with pytest.raises(OverBudget):  # refused by counting, before the time is spent
        cleared(numbers * 5, Budget())
    assert len(quoted("x" * 10**6)) < 100
    assert quoted("\ud800é") == "'\\ud800\\xe9'"


@settings(deadline=None)
@given(st.lists(RATIONALS, max_size=6))
def test_clearing_denominators(numbers):
    integers, scale = cleared(numbers, Budget())
    assert scale > 0
    assert [F(i, scale) for i in integers] == numbers
    assert all(scale % number.denominator == 0 for number in numbers)
    assert common_multiple({number.denominator for number in numbers}, Budget()) == scale


def test_the_budget_is_counted_before_the_work():
    budget = Budget()
    with pytest.raises(OverBudget, match="trying would exceed the checker's budget of 10000000000 digit operations"):
        budget.spend(10**11, "trying")
    with pytest.raises(OverBudget, match="bits of numbers"):
        Budget().hold(2**31 + 1, "trying")
    budget = Budget()
    assert budget.product(6, 7, "trying") == 42
    assert budget.quotient(42, 7, "trying") == 6
    assert budget.work < 10**10


@settings(deadline=None)
@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_costs_are_symmetric_and_grow(bits, other):
    assert product_cost(bits, other) == product_cost(other, bits) >= 100
    assert product_cost(2 * bits, 2 * other) >= product_cost(bits, other)
    assert gcd_cost(bits, other) >= 100
    assert division_cost(bits, other) >= 100
