"""Networks whose neurons share one direction, swept, against naive fractions; and how long their numbers get."""

import random
import time
from fractions import Fraction as F

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proofs_check.answers import OverBudget
from proofs_check.budget import Budget
from proofs_check.layers import Layer, Network
from proofs_check.network import values
from proofs_check.sweep import direction_of, swept
from tests.proofs_check import oracle

small = st.sampled_from([F(0), F(1), F(-1), F(2), F(1, 2), F(-1, 3)])  # so that knots meet each other and the points
numbers = small | st.fractions(-9, 9, max_denominator=12) | st.floats(-4, 4).map(F)


def two_layers(rows, bias, weights, constant):
    return Network((Layer(tuple(rows), tuple(bias)), Layer((tuple(weights),), (constant,))))


def plain(net):
    return [list(zip(layer.weights, layer.bias, strict=True)) for layer in net.layers]


@st.composite
def parallel(draw):
    """A network whose neurons share one direction, zero weights among them, with points."""
    along = draw(st.lists(numbers, min_size=1, max_size=3).map(tuple))
    width = draw(st.integers(0, 6))
    slopes, bias, weights = (draw(st.lists(numbers, min_size=width, max_size=width)) for _ in range(3))
    rows = [tuple(slope * a for a in along) for slope in slopes]
    points = draw(st.lists(st.tuples(*[numbers] * len(along)), min_size=1, max_size=5))
    return two_layers(rows, bias, weights, draw(numbers)), tuple(points)


@settings(max_examples=300, deadline=None)
@given(parallel(), st.sampled_from(["relu", "threshold"]))
@example((two_layers([(F(1),), (F(-1),)], [F(-1), F(1)], [F(2), F(3)], F(5)), ((F(1),), (F(1),))), "threshold")
@example((two_layers([(F(0),)] * 3, [F(0), F(1), F(-1)], [F(1), F(2), F(4)], F(0)), ((F(7),),)), "threshold")
def test_sweeps_are_exact(case, activation):
    net, points = case
    budget = Budget()
    direction = direction_of(net, budget)
    assert direction is not None
    got = swept(net, direction, activation, points, budget)
    assert all(below > 0 for _, below in got)
    assert [F(*pair) for pair in got] == [oracle.value(plain(net), activation, x) for x in points]
    assert values(net, activation, points, Budget()) == got


@given(st.lists(st.tuples(small, small, small), min_size=1, max_size=4))
def test_a_common_direction_is_found_exactly_where_there_is_one(rows):
    net = two_layers(rows, [F(0)] * len(rows), [F(1)] * len(rows), F(0))
    shared = all(u[i] * w[j] == u[j] * w[i] for u in rows for w in rows for i in range(3) for j in range(i))
    direction = direction_of(net, Budget())
    assert (direction is not None) == shared
    if direction:
        assert [tuple(slope * a for a in direction.along) for slope in direction.slopes] == rows


def test_deep_networks_have_none():
    layer = Layer(((F(1),),), (F(0),))
    assert direction_of(Network((layer, layer, layer)), Budget()) is None


def interpolant(n, seed):
    """A piecewise linear function through n random points, its neurons looking both ways, in any order."""
    rng = random.Random(seed)
    x = sorted(F(rng.gauss(0, 1)) for _ in range(n))
    y = [F(rng.gauss(0, 1)) for _ in x]
    steep = [(d - c) / (b - a) for a, b, c, d in zip(x, x[1:], y, y[1:], strict=False)]
    slope, offset = steep[0], y[0] - steep[0] * x[0]  # of the linear part, with what the neurons to the left leave
    neurons = []
    for knot, before, after in zip(x[1:], steep, steep[1:], strict=False):
        a = F(rng.gauss(0, 1))
        bend = after - before
        neurons.append((a, -a * knot, bend / abs(a)))
        if a < 0:  # bend relu(t - knot) = bend (t - knot) + bend relu(knot - t)
            slope, offset = slope + bend, offset - bend * knot
    neurons.append((F(1), F(100), slope))
    rng.shuffle(neurons)
    order = rng.sample(range(n), n)
    net = two_layers(
        [(a,) for a, _, _ in neurons], [b for _, b, _ in neurons], [v for *_, v in neurons], offset - 100 * slope
    )
    return net, tuple((x[i],) for i in order), [y[i] for i in order]


@pytest.mark.parametrize("n", [400, pytest.param(3000, marks=pytest.mark.slow)])
def test_interpolants_stay_short(n):
    """The common denominator of the neurons, which one of them shows, grows with n; those of the values do not."""
    net, points, labels = interpolant(n, 0)
    assert max(v.denominator.bit_length() for v in net.layers[1].weights[0]) > 10 * n
    start = time.process_time()
    got = values(net, "relu", points, Budget())
    assert time.process_time() - start < 1e-3 * n + 1  # seconds; twenty times what it takes
    assert [F(*pair) for pair in got] == labels
    assert max(below.bit_length() for _, below in got) < 1000


def test_work_and_memory_are_paid_for():
    net, points, _ = interpolant(50, 1)
    budget = Budget(10**6)
    with pytest.raises(OverBudget, match="evaluating the network"):
        values(net, "relu", points, budget)
    rng = random.Random(0)
    weights = [F(rng.getrandbits(400), rng.getrandbits(400) | 1) for _ in range(50)]
    net = two_layers(net.layers[0].weights, net.layers[0].bias, (weights * 2)[: len(net.layers[0].bias)], F(0))
    budget = Budget()
    budget.memory = 10**6
    with pytest.raises(OverBudget, match="bits of numbers"):
        values(net, "relu", points, budget)
