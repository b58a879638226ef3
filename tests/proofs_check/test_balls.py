"""Balls contain what python-flint's balls of 1500 bits contain, and are not much wider than their last bit."""

from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq
from hypothesis import example, given
from hypothesis import strategies as st

from proofs_check.balls import Ball, activation, activation_cost, angle, angle_cost, pi

BITS = st.integers(8, 300)
NAMES = st.sampled_from(["tanh", "erf", "gelu"])


@pytest.fixture(autouse=True, scope="module")
def _precise():
    before, ctx.prec = ctx.prec, 1500
    yield
    ctx.prec = before


def holds(ball: Ball, number: arb) -> bool:
    return bool(abs(number * arb(2) ** ball.bits - ball.middle) <= ball.radius)


def true_activation(name, x):
    if name == "tanh":
        return x.tanh(), 1 - x.tanh() ** 2
    if name == "erf":
        return x.erf(), 2 / arb.pi().sqrt() * (-x * x).exp()
    share = (1 + (x / arb(2).sqrt()).erf()) / 2
    return x * share, share + x * (-x * x / 2).exp() / (2 * arb.pi()).sqrt()


@given(BITS)
def test_pi(bits):
    assert holds(pi(bits), arb.pi())
    assert pi(bits).radius <= 2


@given(st.integers(-(10**30), 10**30), st.integers(0, 10**60), BITS)
@example(1, 1, 128)
@example(-1, 1, 128)
@example(0, 1, 128)
@example(1, 0, 128)
@example(-1, 0, 128)
@example(-(10**30), 1, 8)
def test_angles(dot, cross, bits):
    if dot or cross:
        found = angle(dot, cross, bits)
        assert holds(found, arb.atan2(arb(cross).sqrt(), arb(dot)))
        assert found.radius <= 3


@given(NAMES, st.fractions(-40, 40), st.integers(0, 20), BITS)
@example("gelu", Fraction(0), 0, 128)
@example("erf", Fraction(12), 0, 128)  # where the series ends and 1 begins
@example("erf", Fraction(11), 0, 128)
@example("tanh", Fraction(-40), 0, 8)
def test_activations_at_both_ends_of_a_ball(name, centre, radius, bits):
    point = Ball((centre.numerator << bits) // centre.denominator, radius, bits)
    value, slope = activation(name, point)
    for end in (-radius, 0, radius):
        first, second = true_activation(name, arb(fmpq(point.middle + end, 1)) / arb(2) ** bits)
        assert holds(value, first)
        assert holds(slope, second)
    # gelu is t times Phi at t sqrt(1/2), and that point errs by |t| + radius
    assert max(value.radius, slope.radius) <= 48 * (radius + 50)


def test_another_activation_is_refused():
    with pytest.raises(ValueError, match="not 'relu'"):
        activation("relu", Ball(0, 0, 8))


@given(st.fractions(-9, 9), st.fractions(-9, 9), st.integers(0, 5), st.integers(0, 5), BITS)
def test_arithmetic(a, b, r, s, bits):
    x, y = Ball.of(a, bits), Ball.of(b, bits)
    x, y = Ball(x.middle, x.radius + r, bits), Ball(y.middle, y.radius + s, bits)
    results = [(x + y, a + b), (x - y, a - b), (x * y, a * b), (x.halved(), a / 2)]
    if abs(y.middle) > y.radius:
        results.append((x / y, a / b))
    for ball, number in results:
        assert abs(number * 2**bits - ball.middle) <= ball.radius


def test_division_by_what_may_be_zero():
    with pytest.raises(ZeroDivisionError, match="may be 0"):
        Ball(1, 0, 8) / Ball(3, 3, 8)


def test_balls_are_compared_only_with_certainty():
    with pytest.raises(TypeError):
        Ball(0, 1, 8) < Ball(5, 1, 8)  # noqa: B015 - the comparison itself is what fails
    assert Ball(0, 1, 8).certainly_below(Ball(3, 1, 8))
    assert not Ball(0, 1, 8).certainly_below(Ball(2, 1, 8))
    assert not Ball(2, 1, 8).certainly_below(Ball(0, 1, 8))


def test_costs_grow_with_what_is_asked():
    assert activation_cost(1, 128) < activation_cost(8, 128) < activation_cost(8, 1024)
    assert activation_cost(10**9, 128) == activation_cost(10**6, 128)  # beyond, erf is 1
    assert angle_cost(64, 128) < angle_cost(64, 1024) < angle_cost(10**5, 1024)
