"""Zhang et al. in floats: sums of steady weights round nothing away, as long as the floats tell the points apart."""

import itertools
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from overparam.errors import InputError, PrecisionError
from overparam.exact import ExactNetwork, evaluate
from overparam.memorizers import line_apply, line_network, survival
from overparam.memorizers.floats._line import project
from overparam.networks import apply
from tests.memorizers.datasets import gaussian

DIGITS = {"float64": 53, "float32": 24}


def exact_sums(weights):
    return [Fraction(0), *itertools.accumulate(Fraction(float(v)) for v in weights)][1:]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-1e9, 1e9, width=32), min_size=1, max_size=12, unique=True),
    st.sampled_from(sorted(DIGITS)),
    st.data(),
)
@example([0.0, 1.0, 1.0 + 2.0**-23, 2.0], "float32", None)
def test_sums_of_steady_weights_are_exact(places, dtype, data):
    draw = st.lists(st.floats(-1e3, 1e3, width=32), min_size=len(places), max_size=len(places))
    labels = data.draw(draw) if data else [0.0, 1.0, -1.0, 0.25]
    try:
        network = line_network([[t] for t in places], labels, dtype=dtype)
    except InputError:  # a slope beyond float32
        assume(False)
    slopes = np.cumsum(network.weights)
    assert slopes.dtype == dtype
    assert [Fraction(float(s)) for s in slopes] == exact_sums(network.weights)


def error_allowed(points, labels, digits):
    """How far the steady network, taken exactly, may miss a label; on a line, so that projections are the points.

    A slope has three roundings, and then loses half a unit, at most 2^(1 - p) times the largest of its neighbours;
    both count along its gap, and add up from the left.
    """
    order = np.argsort(points[:, 0])
    z, y = points[order, 0].astype(float), labels[order].astype(float)
    room = 2 * (z[-1] - z[0])
    rises, gaps = np.abs(np.append(y[0], np.diff(y))), np.append(room, np.diff(z))
    slopes = rises / np.append((z[-1] - z[0]) / 2, np.diff(z))  # the first gap is one to two ranges wide
    largest = np.maximum(slopes, np.maximum(np.append(slopes[1:], 0), np.append(0, slopes[:-1])))
    return 2.0**-digits * (4 * rises.sum() + 2 * (largest * gaps).sum())


@pytest.mark.parametrize("dtype", DIGITS)
def test_the_weights_interpolate_when_taken_exactly(dtype):
    points, labels = (array.astype(dtype) for array in gaussian(600, 1, seed=3))
    network = line_network(points, labels, dtype=dtype)
    rows = ExactNetwork.from_arrays(network.direction[None, :].repeat(600, 0), -network.knots, network.weights, 0.0)
    error = max(abs(f - Fraction(float(y))) for f, y in zip(evaluate(rows, points), labels, strict=True))
    assert 0 < error <= error_allowed(points, labels, DIGITS[dtype])
    # running it adds roundings: three an increment and one a sum, none larger than the range of the labels and its sum
    more = 2.0 ** -DIGITS[dtype] * (4 * 600 * np.abs(labels).max() + 4 * np.abs(np.diff(labels)).max())
    assert np.abs(line_apply(network, points) - labels).max() <= error_allowed(points, labels, DIGITS[dtype]) + more


def test_it_is_the_network_it_says():
    """Run by sums or by all neurons at all points: the same, up to rounding; below all knots it is 0."""
    points, labels = gaussian(40, 3)
    network = line_network(points, labels, tries=4)
    elsewhere = np.concatenate([points, gaussian(30, 3, seed=9)[0] * 3])
    dense = np.asarray(apply(network.to_params(), jnp.asarray(elsewhere)))
    terms = np.maximum(project(elsewhere, network.direction)[:, None] - network.knots, 0) * np.abs(network.weights)
    assert np.abs(line_apply(network, elsewhere) - dense).max() <= 2.0**-53 * 2 * 50 * terms.sum(axis=1).max()
    far = -1e3 * np.sign(network.direction)[None, :]
    assert line_apply(network, far).tolist() == [0.0]
    assert len(network.knots) == 40 and (np.diff(network.knots) > 0).all()


def test_a_batch_has_the_bits_of_its_points():
    points, labels = gaussian(100, 7)
    network = line_network(points, labels)
    alone = np.concatenate([line_apply(network, row[None, :]) for row in points])
    assert alone.tolist() == line_apply(network, points).tolist()


def test_more_directions_are_less_steep():
    points, labels = gaussian(300, 2)
    one, many = (line_network(points, labels, tries=tries) for tries in (1, 16))

    def steepness(network):
        z = np.sort(project(points, network.direction))
        return np.abs(np.cumsum(network.weights)).max() * (z[-1] - z[0])

    assert steepness(many) < steepness(one)


def test_repeated_points_and_edge_cases():
    network = line_network([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]], [5.0, 6.0, 5.0])
    assert len(network.knots) == 2
    assert line_apply(network, [[1.0, 2.0], [3.0, 4.0]]).tolist() == [5.0, 6.0]
    assert line_apply(line_network([[7.0]], [3.0]), [[7.0]]).tolist() == [3.0]
    constant = line_network([[0.0], [1.0], [5.0]], [0.0, 0.0, 0.0])
    assert constant.weights.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("points", "labels", "options", "message"),
    [
        ([[1.0, 2.0], [1.0, 2.0]], [0.0, 1.0], {"tries": 3}, "different labels.*each of 3 directions"),
        ([[1.0], [1.0 + 1e-12]], [0.0, 1.0], {"dtype": "float32"}, "in float32 two points"),
        ([[0.0], [1e-300], [1.0]], [0.0, 1e300, 0.0], {}, "labels too far apart"),
        ([[0.0]], [np.nan], {}, "must be finite"),
        ([[0.0], [1e300]], [0.0, 1.0], {"dtype": "float32"}, "must be finite in float32"),
        ([0.0, 1.0], [0.0, 1.0], {}, r"points \(n_samples, dim\)"),
        ([[0.0], [1.0]], [0.0], {}, r"got \(2, 1\), \(1,\)"),
        ([[0.0]], [0.0], {"dtype": "float16"}, 'dtype must be "float32" or "float64"'),
        ([[0.0]], [0.0], {"tries": 0}, "tries must be at least 1"),
    ],
)
def test_refusals(points, labels, options, message):
    with pytest.raises(InputError, match=message):
        line_network(points, labels, **options)


def test_running_asks_for_rows_of_the_right_length():
    with pytest.raises(InputError, match=r"shape \(n_samples, 1\); got \(2, 2\)"):
        line_apply(line_network([[0.0]], [1.0]), np.ones((2, 2)))


def test_params_need_their_dtype():
    network = line_network([[0.0], [1.0]], [0.0, 1.0])
    with jax.enable_x64(False), pytest.raises(PrecisionError):
        network.to_params()


def test_survival_in_float32():
    """Plain slopes and dense sums give out at some hundred points; steady ones do not on 4,000."""
    points, labels = gaussian(4000, 2)
    found = survival(points, labels, "float32", least=250)
    assert [row.n_samples for row in found.rows] == [250, 500, 1000, 2000, 4000]
    assert found.plain_stops is not None and found.dense_stops is not None and found.steady_stops is None
    assert max(row.steady for row in found.rows) < 1e-3
    first = next(row for row in found.rows if row.plain is None or row.plain > 1e-3)
    assert first.n_samples == found.plain_stops


def test_survival_counts_points_that_fall_together_as_a_stop():
    points = np.append(np.arange(8.0), 7.0 + 1e-12)[:, None]
    found = survival(points, np.arange(9.0) % 2, "float32", least=4)
    assert [row.steady is None for row in found.rows] == [False, False, True]
    assert (found.plain_stops, found.steady_stops, found.dense_stops) == (9, 9, 9)
    assert survival([[0.0]], [0.0]).steady_stops is None
    with pytest.raises(InputError, match="must be finite"):
        survival([[np.inf]], [0.0])


@pytest.mark.slow
def test_survival_in_float64_at_a_million():
    points, labels = gaussian(2**20, 2)
    found = survival(points, labels, least=2**20, tries=2)
    assert found.rows[-1].steady < 1e-8 < found.rows[-1].plain
