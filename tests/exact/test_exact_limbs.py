"""Outputs of float networks by exact float products are those of rational arithmetic, bit for bit."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.exact import ExactNetwork, evaluate, exact_points, forward, forward_floats
from overparam.exact import _limbs as limbs
from overparam.exact._network import _forward_rationals as forward_rationals
from tests.exact import oracles

edges = st.sampled_from(
    [0.0, -0.0, 1.0, -1.0, 0.5, 3.0, 5e-324, -2e-308, 1.7976931348623157e308, 1 + 2**-52, 2.0**-600]
)
plain = st.floats(-4, 4, allow_subnormal=False) | st.integers(-3, 3).map(float)
wide = edges | st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def cases(draw):
    """Arrays u, b, v, c and points; small integers give pre-activations that are exactly zero."""
    dim, width, n = draw(st.integers(1, 3)), draw(st.integers(0, 5)), draw(st.integers(1, 4))
    numbers = draw(st.sampled_from([plain, wide, st.integers(-2, 2).map(float)]))

    def array(*shape):
        size = int(np.prod(shape))
        return np.array(draw(st.lists(numbers, min_size=size, max_size=size)), np.float64).reshape(shape)

    return (array(width, dim), array(width), array(width), array()), array(n, dim)


@pytest.mark.parametrize("sizes", [(2048, 1024), (2, 2)])
@settings(max_examples=150, deadline=None)
@given(case=cases(), activation=st.sampled_from(["relu", "threshold"]), data=st.data())
def test_floats_give_what_rationals_give(sizes, case, activation, data):
    arrays, points = case
    network = ExactNetwork.from_arrays(*arrays, activation=activation)
    pattern = None
    if activation == "relu" and data.draw(st.booleans()):
        count = network.width * len(points)
        pattern = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)), bool)
        pattern = pattern.reshape(network.width, len(points))
    with pytest.MonkeyPatch.context() as patch:  # few neurons and points at a time, and all at once
        patch.setattr(limbs, "_POINTS", sizes[0])
        patch.setattr(limbs, "_NEURONS", sizes[1])
        fast = forward_floats(*arrays, points, activation=activation, pattern=pattern)
    slow = forward_rationals(network, exact_points(points), pattern)
    assert fast.outputs == slow.outputs
    assert fast.signs.dtype == np.int8
    assert np.array_equal(fast.signs, slow.signs)
    if pattern is None:
        assert fast.outputs == oracles.outputs(network, [list(map(Fraction, row)) for row in points.tolist()])


def test_signs_that_rounding_gets_wrong():
    """1 + 2^-60 - 1 and -1 - 2^-60 + 1, in two orders: floats that add from left to right make them zero."""
    tiny = 2.0**-60
    u, b = np.array([[1.0, 1.0], [-1.0, -1.0]]), np.array([-1.0, 1.0])
    points = np.array([[1.0, tiny], [tiny, 1.0], [1.0, 0.0], [1.0, -tiny]])
    result = forward_floats(u, b, np.ones(2), np.array(0.0), points)
    assert result.signs.tolist() == [[1, 1, 0, -1], [-1, -1, 0, 1]]
    assert result.outputs == [Fraction(tiny), Fraction(tiny), 0, Fraction(tiny)]
    assert (1.0 + tiny) - 1.0 == 0.0


def test_hundreds_of_neurons_carry_from_limb_to_limb():
    """All limbs full, all neurons on, so every sum is as large as it gets."""
    width = 1500
    full = 2 - 2.0**-52
    u, points = np.full((width, 2), full), np.full((3, 2), full)
    for sign in (1.0, -1.0):
        v = np.full(width, sign * full)
        got = forward_floats(u, np.zeros(width), v, np.array(-sign), points).outputs
        assert got == [2 * width * Fraction(full) ** 3 * int(sign) - int(sign)] * 3


def test_floats_take_the_fast_way_and_others_do_not(monkeypatch):
    taken = []
    monkeypatch.setattr(
        "overparam.exact._network.forward_floats", lambda *a, **k: taken.append(a) or forward_floats(*a, **k)
    )
    network = ExactNetwork.from_arrays(np.array([[0.1]]), np.array([1e-9]), np.array([-3.0]), 0.7)
    fifth = ExactNetwork("relu", ((Fraction(1, 5),),), (Fraction(0),), (Fraction(1),), Fraction(0), 1)
    for net, points in ((network, [[0.3]]), (network, [[Fraction(1, 3)]]), (fifth, [[1.0]]), (network, [[2**60 + 1]])):
        exact = [[Fraction(x) for x in point] for point in points]
        assert evaluate(net, points) == oracles.outputs(net, exact)
    assert len(taken) == 1
    assert forward(network, [[0.3]]).signs.tolist() == [[1]]


@pytest.mark.parametrize(
    "change",
    [
        {"u": np.ones((2, 3))}, {"b": np.ones(3)}, {"v": np.ones((2, 1))}, {"c": np.ones(1)}, {"u": np.ones(2)},
        {"points": np.ones((0, 2))}, {"points": np.ones(2)}, {"points": np.ones((4, 3))},
        {"v": np.array([1.0, np.nan])}, {"c": np.array(np.inf)}, {"points": np.ones((4, 2), int)},
        {"b": np.ones(2, np.longdouble)}, {"b": np.ones(2, complex)},
    ],
)  # fmt: skip
def test_misfits_are_refused(change):
    arrays = {"u": np.ones((2, 2)), "b": np.ones(2), "v": np.ones(2), "c": np.array(0.0), "points": np.ones((4, 2))}
    assert forward_floats(**arrays).outputs == [6] * 4
    with pytest.raises(InputError, match=r"shape|finite floats"):
        forward_floats(**arrays | change)
