"""What training does to one eigenvalue, against long arithmetic and exact recurrences."""

import math
from fractions import Fraction

import flint
import jax
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.ntk import Flow, GaussNewton, GradientDescent, Momentum
from overparam.ntk.dynamics._filters import power, power_sum

EPS = 2.0**-52
TINY = 1e-290  # below, a result may underflow
values = st.one_of(
    st.just(0.0), st.just(1.0), st.floats(1e-300, 1e-12), st.floats(1e-12, 1.0), st.floats(1.0, 2.0),
    st.floats(1e-16, 1e-3).map(lambda e: 1 + e), st.floats(1e-16, 1e-3).map(lambda e: 2 - e),
)  # fmt: skip
steps = st.one_of(st.integers(0, 5), st.integers(0, 10**4), st.integers(0, 10**12))


ASKED = {
    "power": jax.jit(lambda rule, value, time: power(value, time)),
    "power_sum": jax.jit(lambda rule, value, time: power_sum(value, time)),
    "decay": jax.jit(lambda rule, value, time: rule.decay(value, time)),
    "weight": jax.jit(lambda rule, value, time: rule.weight(value, time)),
}


def at(what, rule, value, time):
    return float(ASKED[what](rule, np.array([value]), np.array([float(time)]))[0])


@settings(deadline=None, max_examples=25)
@given(values, steps)
@example(2.0, 10**12 + 1)
@example(1.0, 0)
@example(1.0, 1)
@example(1e-300, 10**12)
@example(0.0, 7)
@example(2 - 1e-14, 10**6)
@example(2 - 1e-14, 10**6 + 1)
def test_powers_and_their_sums(x, t):
    """log to 3 roundings, multiplied, exponentiated: 4 roundings of the exponent; of the sum these cancel."""
    with flint.ctx.workprec(2500):
        base = 1 - flint.arb(x)
        exact = base**t
        total = (1 - exact) / flint.arb(x) if x else flint.arb(t)
        exponent = abs(float(abs(base).log()) * t) if x != 1 else 0.0
        assert abs(at("power", None, x, t) - exact) <= (4 * exponent + 4) * EPS * abs(exact) + TINY
        assert abs(at("power_sum", None, x, t) - total) <= 16 * EPS * abs(total)


def test_the_limit_at_zero_is_reached_smoothly():
    """Weights of eigenvalues below u / t are the limit, to the last digit or two, for every rule."""
    small = 0.0, 1e-310, 1e-200, 1e-40, 1e-22
    for rule, limit in [
        (Flow(), 3.0),
        (GradientDescent(0.5), 1.5),
        (GaussNewton(damping=2.0), 1.5),
        (GaussNewton(damping=2.0, step_size=0.5), 0.75),
        (Momentum(0.5, 0.5), 0.5 * (3 - 0.5 * (1 - 0.125) / 0.5) / 0.5),
        (Momentum(0.5, 0.5, nesterov=True), 0.5 * (1 + (1 + 0.5) + (1 + 0.5 + 0.25)) + 0.5 * (0.5 + 0.25 + 0.125)),
    ]:
        assert all(abs(at("weight", rule, value, 3) - limit) <= 16 * EPS * limit for value in small), rule


@pytest.mark.parametrize("nesterov", [False, True])
@settings(deadline=None, max_examples=25)
@given(x=st.floats(1e-18, 0.99), momentum=st.sampled_from([0.0, 0.1, 0.5, 0.9, 0.99]), t=steps)
@example(x=(1 - math.sqrt(0.9)) ** 2, momentum=0.9, t=40)  # critical damping, to rounding
@example(x=1e-18, momentum=0.9, t=10**12)
@example(x=0.6, momentum=0.0, t=3)
@example(x=0.25, momentum=0.25, t=1)  # critical damping, exactly: both roots 1/2
def test_momentum_at_any_time(nesterov, x, momentum, t):
    """Against the matrix power in 2000 bits; 1 / (1 - momentum) is the time over which rounding of roots adds up."""
    edge = Momentum(1.0, momentum, nesterov).critical()
    x = x * edge
    with flint.ctx.workprec(2000):
        b, e = flint.arb(momentum), flint.arb(x)
        # (moved, velocity, 1) under a gradient of 1 - x moved; the step is along the velocity, or looks ahead
        velocity = [-e, b, 1]
        ahead = [1 - e - b * e, b * b, 1 + b] if nesterov else [1 - e, b, 1]
        moved = (flint.arb_mat([ahead, velocity, [0, 0, 1]]) ** t * flint.arb_mat([[0], [0], [1]]))[0, 0]
        decay, weight = 1 - e * moved, moved
        bound = 40 * EPS / (1 - momentum)
        rule = Momentum(1.0, momentum, nesterov)
        assert abs(at("decay", rule, x, t) - decay) <= bound
        assert abs(at("weight", rule, x, t) - weight) * e <= bound


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_step_by_step_in_fractions(nesterov):
    """Also beyond the stable steps, both roots negative, and roots equal."""
    for x, b in [(Fraction(1, 4), Fraction(1, 4)), (Fraction(9, 4), Fraction(1, 4)), (Fraction(5, 2), Fraction(1, 8)),
                 (Fraction(3, 2), Fraction(1, 2)), (Fraction(1), Fraction(1, 2)), (Fraction(7, 2), Fraction(1, 2)),
                 (Fraction(1), Fraction(0)), (Fraction(1, 2**40), Fraction(7, 8))]:  # fmt: skip
        rule = Momentum(1.0, float(b), nesterov)
        left, velocity = Fraction(1), Fraction(0)
        for t in range(12):
            got, weight = at("decay", rule, float(x), t), at("weight", rule, float(x), t)
            size = 5**t if x > 1 else 1  # roots of size 4 at most
            assert abs(Fraction(got) - left) <= 60 * EPS * size
            assert abs(Fraction(weight) * x - (1 - left)) <= 60 * EPS * size
            velocity = b * velocity + x * left
            left -= x * left + b * velocity if nesterov else velocity


def test_momentum_zero_is_gradient_descent():
    for x in np.linspace(0, 1.999, 41):
        for t in (0, 1, 2, 7, 100):
            for rule in (Momentum(1.0, 0.0), Momentum(1.0, 0.0, nesterov=True)):
                for what, scale in (("decay", 1), ("weight", x)):
                    gap = at(what, rule, x, t) - at(what, GradientDescent(1.0), x, t)
                    assert abs(gap) * scale <= 40 * EPS


@pytest.mark.parametrize(
    "rule",
    [GradientDescent(0.3), Momentum(0.3, 0.9), Momentum(0.3, 0.5, nesterov=True), GaussNewton(0.1, step_size=3.0),
     GaussNewton(0.0, step_size=1.5)],
)  # fmt: skip
def test_the_critical_eigenvalue_divides_decay_from_growth(rule):
    edge = rule.critical()
    below = min(edge * (1 - 1e-3), 1e6)
    assert abs(at("decay", rule, below, 10**5)) < 1e-10
    if math.isfinite(edge):
        assert abs(at("decay", rule, edge * (1 + 1e-3), 10**5)) > 1e10
    else:
        assert abs(at("decay", rule, 1e12, 10**5)) < 1e-10


def test_gauss_newton_forgets_the_conditioning():
    """Without damping every eigenvalue decays alike; with it, slow ones like a flow at rate l / m."""
    for value in (1e-12, 1.0, 1e12):
        assert abs(at("decay", GaussNewton(), value, 2) - math.exp(-2)) <= 4 * EPS
        assert at("decay", GaussNewton(step_size=1.0), value, 1) == 0
    assert at("decay", GaussNewton(), 0.0, 1) == 1 and at("weight", GaussNewton(), 0.0, 1) == 0
    damped = at("decay", GaussNewton(1e3), 1.0, 5.0)
    assert abs(damped - math.exp(-5 / 1001)) <= 4 * EPS


@pytest.mark.parametrize(
    "wrong",
    [lambda: GradientDescent(0.0), lambda: GradientDescent(math.nan), lambda: Momentum(0.1, 1.0),
     lambda: Momentum(-0.1, 0.5), lambda: Momentum(0.1, -0.1), lambda: GaussNewton(-1.0),
     lambda: GaussNewton(0.0, step_size=math.inf), lambda: GaussNewton(math.nan)],
)  # fmt: skip
def test_rules_refuse_what_is_no_rule(wrong):
    with pytest.raises(InputError, match="must be"):
        wrong()
