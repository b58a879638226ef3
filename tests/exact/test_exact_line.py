"""The sweep along a shared direction gives what every neuron at every point gives."""

from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from overparam.exact import ExactNetwork, ascending, evaluate, forward, line_outputs, shared_slopes
from tests.exact import oracles

SMALL = st.integers(-4, 4).map(Fraction)
NUMBERS = st.fractions(-3, 3, max_denominator=6)


NEURONS = st.lists(st.tuples(NUMBERS, st.sampled_from([-2, -1, 0, 1, Fraction(1, 3)]), SMALL), max_size=8)


@settings(max_examples=25, deadline=None)
@given(st.lists(SMALL, min_size=1, max_size=3), NEURONS, st.sampled_from(["relu", "threshold"]), NUMBERS, st.data())
@example([Fraction(1)], [(Fraction(1), -1, Fraction(0))], "threshold", Fraction(0), None)  # step(-0) = 1
def test_it_agrees_with_the_naive_sum(direction, neurons, activation, c, data):
    """Rows are multiples of one direction, 0 and negative ones among them."""
    forms = [(v, (*(a * r for r in direction), b)) for v, a, b in neurons]
    network = ExactNetwork.from_forms(activation, forms, c, len(direction))
    places = st.lists(st.tuples(*[SMALL] * len(direction)), min_size=1, max_size=6)
    points = data.draw(places) if data else [(Fraction(t),) for t in (-1, 0, 1)]
    assert line_outputs(network, points) == oracles.outputs(network, points)


def test_two_directions_are_refused():
    one, two = Fraction(1), Fraction(2)
    network = ExactNetwork("relu", ((one, two), (two, one)), (one, one), (one, one), one, 2)
    assert line_outputs(network, [(one, one)]) is None
    assert shared_slopes(network) is None
    turned = ExactNetwork("relu", ((one, two), (-one, -two)), (one, one), (one, one), one, 2)
    assert shared_slopes(turned) == ((one, two), [one, -one])


def test_many_neurons_are_swept_to_the_same_values():
    neurons = [(Fraction((-1) ** j * j), (Fraction(1), Fraction(-1), Fraction(-j, 7))) for j in range(40)]
    network = ExactNetwork.from_forms("relu", neurons, Fraction(1, 3), 2)
    points = [(Fraction(i, 3), Fraction(i * i % 5)) for i in range(30)]
    assert evaluate(network, points) == oracles.outputs(network, points) == forward(network, points).outputs


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(NUMBERS, st.fractions(), st.just(Fraction(10**400)), st.just(Fraction(10**400 + 1)))))
@example([Fraction(1, 3) + Fraction(1, 10**30), Fraction(1, 3), Fraction(1, 3) + Fraction(1, 10**30)])
def test_ascending_is_the_exact_order(values):
    assert ascending(values) == sorted(range(len(values)), key=values.__getitem__)
