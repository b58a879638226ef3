"""Deciding a width: known minimal widths, every answer exact, and agreement with trying everything."""

import itertools
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from overparam.certificates import Outcome, dataset_bytes, decide_width
from overparam.errors import InputError
from overparam.exact import evaluate
from proofs_check import Status, dataset_from_bytes
from proofs_check.budget import Budget
from proofs_check.claims.branches import branches_of, closes_every_pattern
from proofs_check.layers import Family


def gaussian(n, d, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=n)


def confirmed(points, labels, width, *, hidden_bias=True, output_bias=True, **budget) -> bool:
    """Whether `width` neurons suffice, the answer confirmed by the checker or by exact evaluation."""
    made = decide_width(points, labels, width, hidden_bias=hidden_bias, output_bias=output_bias, **budget)
    assert made.width == width
    if made.outcome is Outcome.POSSIBLE:
        assert made.network.width == width
        assert evaluate(made.network, points) == [F(y) for y in labels]
        assert hidden_bias or not any(made.network.b)
        assert output_bias or made.network.c == 0
        return True
    assert made.outcome is Outcome.IMPOSSIBLE
    data = dataset_from_bytes(dataset_bytes(points, labels))
    family = Family("relu", hidden_bias, output_bias, (width,))
    proof = branches_of(made.proof["roots"], Budget())
    answer = closes_every_pattern(data, family, width, proof, Budget())
    assert answer.status is Status.ACCEPTED, answer.sentence
    return False


def minimal_width(points, labels, **biases) -> int:
    """Upwards from 0, so that the width below is shown impossible."""
    return next(k for k in itertools.count() if confirmed(points, labels, k, **biases))


def by_trying_everything(points, labels, *, hidden_bias=True, output_bias=True) -> int:
    """Every sign and every activation set of affine functions, one float program each; integer data."""
    z = np.array([[*x, 1] if hidden_bias else [*x] for x in points], float)
    sets = [s for s in itertools.product((True, False), repeat=len(z)) if realizable(z, s)]
    neurons = [(sign, s) for sign in (1, -1) for s in sets]
    for width in itertools.count():
        for choice in itertools.combinations_with_replacement(neurons, width):
            if fits(z, np.array(labels, float), choice, output_bias):
                return width


def realizable(z, active) -> bool:
    signs = np.where(active, 1.0, -1.0)[:, None]
    rows = np.vstack([-(signs * z)[np.array(active)], -(signs * z)[~np.array(active)]])
    bound = np.concatenate([-np.ones(sum(active)), np.zeros(len(z) - sum(active))])  # l >= 1 where active, else <= 0
    return linprog(np.zeros(z.shape[1]), A_ub=rows, b_ub=bound, bounds=(None, None), method="highs").status == 0


def fits(z, y, choice, output_bias) -> bool:
    n, size = z.shape
    equal = np.zeros((n, size * len(choice) + 1))
    equal[:, -1] = output_bias
    least = []
    for j, (sign, active) in enumerate(choice):
        place = slice(j * size, (j + 1) * size)
        equal[:, place] = sign * z * np.array(active)[:, None]
        for i in range(n):
            row = np.zeros(equal.shape[1])
            row[place] = -z[i] if active[i] else z[i]
            least.append(row)
    above = (np.array(least), np.zeros(len(least))) if least else (None, None)
    done = linprog(np.zeros(equal.shape[1]), A_ub=above[0], b_ub=above[1], A_eq=equal, b_eq=y, bounds=(None, None),
                   method="highs")  # fmt: skip
    return done.status == 0


@pytest.mark.parametrize("n", [7, 8])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_gaussian_sets_in_the_plane_need_three(n, seed):
    points, labels = gaussian(n, 2, seed)
    assert not confirmed(points, labels, 2)
    assert confirmed(points, labels, 3)


@pytest.mark.parametrize(("seed", "width"), [(0, 4), (1, 3), (2, 3)])
def test_six_points_on_a_line(seed, width):
    points, labels = gaussian(6, 1, seed)
    assert not confirmed(points, labels, width - 1)
    assert confirmed(points, labels, width)


FIXTURES = [  # five points of the plane for which counting asks for two neurons
    ([(-4, 6), (0, -5), (2, 4), (5, 5), (1, 1)], [-2, 1, 2, -5, -12]),
    ([(-1, 2), (-4, -6), (-6, 6), (6, 1), (-3, -2)], [-4, -64, 0, 1, 16]),
]


@pytest.mark.parametrize(("points", "labels"), FIXTURES)
def test_five_points_that_need_three(points, labels):
    assert minimal_width(points, labels) == 3


@pytest.mark.parametrize(
    ("labels", "width"), [([0, 1, 0], 2), ([0, 1, 0, 1], 3), ([0, 1, 0, 1, 0], 3), ([2, 2, 2, 2], 0), ([0, 1, 2, 3], 1)]
)
def test_labels_on_a_line(labels, width):
    assert minimal_width([(i,) for i in range(len(labels))], labels) == width


def test_one_sign_without_an_output_bias():
    """One neuron has one sign, whatever the dimension."""
    points = np.random.default_rng(0).normal(size=(2, 8))
    assert minimal_width(points, [1.0, -1.0], output_bias=False) == 2
    assert minimal_width(points, [1.0, -1.0]) == 1


def test_nothing_interpolates_two_labels_of_one_point():
    points, labels = [(1, 2), (1, 2), (0, 1)], [0, 1, 5]
    for width in (0, 1, 2):
        assert not confirmed(points, labels, width)


def test_repeated_points_and_points_on_a_line_in_the_plane():
    points = [(0, 0), (1, 1), (2, 2), (2, 2), (3, 3), (4, 4)]
    assert minimal_width(points, [0, 1, 0, 0, 1, 0]) == 3


def test_sizes_do_not_matter():
    points, labels = FIXTURES[0]
    huge = [[float(x) * 2.0**900 + 2.0**899 for x in point] for point in points]
    tiny = [float(y) * 2.0**-900 for y in labels]
    assert not confirmed(huge, tiny, 2)
    assert confirmed(huge, tiny, 3)


small = st.integers(-3, 3)


@pytest.mark.slow
@settings(max_examples=25)
@given(st.data())
def test_against_trying_everything(data):
    """Tiny sets, repetitions and collinear points included, with each choice of biases."""
    n, d = data.draw(st.sampled_from([(1, 1), (2, 1), (3, 1), (3, 2), (4, 1), (4, 2)]))
    points = data.draw(st.lists(st.tuples(*[small] * d), min_size=n, max_size=n, unique=True))
    labels = data.draw(st.lists(small, min_size=n, max_size=n))
    output_bias = data.draw(st.booleans())
    expected = by_trying_everything(points, labels, output_bias=output_bias)
    assert confirmed(points, labels, expected, output_bias=output_bias)
    if expected:
        assert not confirmed(points, labels, expected - 1, output_bias=output_bias)


def test_without_hidden_biases():
    points, labels = [(1, 0), (0, 1), (-1, -1), (2, 1)], [1, 2, 3, -4]
    expected = by_trying_everything(points, labels, hidden_bias=False)
    assert minimal_width(points, labels, hidden_bias=False) == expected


def test_a_budget_that_ends_is_no_answer():
    points, labels = gaussian(8, 2, 0)
    made = decide_width(points, labels, 2, max_nodes=20)
    assert (made.outcome, made.network, made.proof) == (Outcome.UNDECIDED, None, None)
    assert made.pruning.nodes == 20


def test_what_was_pruned_adds_up():
    """Leaves and symmetric copies together cover every pattern of every choice of signs, once."""
    points, labels = gaussian(8, 2, 0)
    pruning = decide_width(points, labels, 2).pruning
    assert sum(pruning.patterns.values()) == 3 * 2 ** (8 * 2)
    assert pruning.affine + pruning.programs + pruning.reused <= pruning.nodes


def test_negative_widths_are_refused():
    with pytest.raises(InputError, match="width must be at least 0"):
        decide_width([(0,)], [0], -1)
