"""Networks on a line with K* or K* + 1 neurons, exact, and the widths against the checker's own decision."""

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.exact import ExactNetwork, fraction_of
from overparam.memorizers import line_widths
from proofs_check.answers import Status
from proofs_check.budget import Budget
from proofs_check.claims.line import needs_more_than
from proofs_check.layers import Layer, Network
from proofs_check.network import values
from tests.exact import oracles
from tests.proofs_check.lines import bent, dataset, pieces, relu


def column(t):
    return [[x] for x in t]


def checked(t, y):
    """The widths, after the network was evaluated elsewhere and the bounds were put to the checker."""
    found = line_widths(column(t), y)
    network = found.network
    assert oracles.outputs(network, [[fraction_of(x)] for x in t]) == [fraction_of(label) for label in y]
    assert network.width == found.high
    assert found.k_star <= found.low <= found.high <= found.k_star + 1
    data = dataset(t, y)
    assert needs_more_than(data, relu(found.high), found.high, Budget()).status is Status.REJECTED
    if found.low:
        below = found.low - 1
        assert needs_more_than(data, relu(below), below, Budget()).status is Status.ACCEPTED
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-6, 6), min_size=1, max_size=10), st.data())
def test_integers(y, data):
    gaps = data.draw(st.lists(st.integers(1, 4), min_size=len(y) - 1, max_size=len(y) - 1))
    assert checked(list(itertools.accumulate(gaps, initial=0)), y).decided


@settings(max_examples=120, deadline=None)
@given(
    st.integers(-9, 9),
    st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 4)), max_size=6),
    st.randoms(use_true_random=False),
)
@example(-1, [(1, 1), (0, 1), (-1, 1)], random.Random(0))  # turn is moved across a point between two runs
@example(3, [(2, 3), (-2, 3)], random.Random(0))  # cuts inside runs
def test_runs_of_every_length(start, runs, rng):
    turns = [(turn > 0) - (turn < 0) for turn, length in runs for _ in range(length)]
    turns = [sign * rng.randint(1, 9) for sign in turns]
    t, y = bent(start, turns, [rng.randint(1, 3) for _ in range(len(turns) + 1)])
    assert checked(t, y).decided


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=9, unique=True),
    st.data(),
)
def test_any_finite_floats(t, data):
    number = st.floats(allow_nan=False, allow_infinity=False)
    assert checked(t, data.draw(st.lists(number, min_size=len(t), max_size=len(t)))).decided


@pytest.mark.parametrize(
    ("t", "y", "width"),
    [
        ([5], [3], 0),
        (range(3), [7, 7, 7], 0),
        (range(3), [1, 2, 3], 1),
        (range(3), [0, 1, 0], 2),
        (range(4), [0, 1, 0, 1], 3),
        (range(5), [0, 1, 0, 1, 0], 3),
        (range(40), [i % 2 for i in range(40)], 38),
        (*pieces([-4, -1, 4]), 3),
        (*pieces([-5, -2, 3]), 2),
    ],
)
def test_known_values(t, y, width):
    found = checked(t, y)
    assert (found.low, found.high) == (width, width)


@pytest.mark.parametrize(("seed", "width"), [(0, 4), (1, 3), (2, 3)])
def test_values_of_an_independent_prototype(seed, width):
    rng = np.random.default_rng(seed)
    points, labels = rng.normal(size=(6, 1)), rng.normal(size=6)
    found = line_widths(points, labels)
    assert (found.low, found.high, found.decided) == (width, width, True)


def test_subset_sums():
    rng = random.Random(3)
    turns = [rng.randint(1, 10**15) * rng.choice([1, -1]) for _ in range(24)]
    hit = sum(turn for turn in turns if rng.random() < 0.5)
    for first, width in ((-hit, 24), (-hit - 1, 25)):
        found = checked(*pieces(list(itertools.accumulate(turns, initial=first))))
        assert (found.low, found.high, found.rigid) == (width, width, True)
    turns = [rng.randint(1, 10**30) for _ in range(60)]
    found = line_widths(*_columns(pieces(list(itertools.accumulate(turns, initial=-(10**31))))), most=2**12)
    assert (found.k_star, found.low, found.high, found.decided) == (60, 60, 61, False)
    assert "too many" in found.how


def test_rounded_numbers_suffice_where_no_sum_comes_near():
    """Convex and rising: all sums are positive; with 9,000 digits in a common denominator, rounding shows it."""
    t = np.random.default_rng(0).normal(size=600)
    found = line_widths(t[:, None], np.exp(t))
    assert (found.k_star, found.low, found.high, found.rigid) == (299, 300, 300, True)


def _columns(data):
    t, y = data
    return column(t), y


@pytest.mark.parametrize("labels", ["normal", "zigzag", "wide"])
@pytest.mark.parametrize("n", [1000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_many_points(labels, n):
    rng = np.random.default_rng(0)
    t = rng.normal(size=n)
    y = {"normal": rng.normal(size=n), "zigzag": np.argsort(np.argsort(t)) % 2 * 1.0,
         "wide": rng.normal(size=n) * np.exp(5 * rng.normal(size=n))}[labels]  # fmt: skip
    found = line_widths(t[:, None], y)
    assert found.decided
    assert found.high == found.k_star
    assert found.high == n - 2 or labels != "zigzag"
    assert max(max(x.numerator.bit_length(), x.denominator.bit_length()) for x in found.network.numbers()) < 400
    outputs = values(_as_read(found.network), "relu", tuple((fraction_of(x),) for x in t), Budget(5 * 10**9))
    assert [Fraction(above, below) for above, below in outputs] == [fraction_of(label) for label in y]


def _as_read(network: ExactNetwork) -> Network:
    return Network((Layer(network.u, network.b), Layer((network.v,), (network.c,))))


def test_repeated_points_and_refusals():
    assert line_widths([[0], [1], [0], [2]], [0, 1, 0, 0]).high == 2
    with pytest.raises(InputError, match="points 0 and 2 are equal but their labels differ"):
        line_widths([[0], [1], [0]], [0, 1, 2])
    with pytest.raises(InputError, match="one coordinate; these have 2"):
        line_widths([[0, 1], [1, 2]], [0, 1])
