"""Yun, Sra and Jadbabaie: two layers, three layers for classes, any depth."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.exact import LayeredNetwork, exact_layers
from overparam.memorizers import memorize
from overparam.memorizers.deep._grid import grid_of, shape
from tests.memorizers.datasets import HOSTILE, clouds, gaussian, grids, moment_curve
from tests.memorizers.naive import check, output

GRIDS = ("yun-3-layer", "yun-4-layer", "yun-deep")


@settings(max_examples=12, deadline=None)
@given(grids(max_size=8), st.integers(1, 12), st.integers(2, 7))
def test_distinct_points_suffice_for_every_shape(case, width, depth):
    check("yun-3-layer", *case, width=width)
    check("yun-4-layer", *case, width=width)
    assert len(check("yun-deep", *case, depth=depth).network.widths) == depth


@settings(max_examples=8, deadline=None)
@given(clouds())
def test_any_finite_floats(case):
    for construction in GRIDS:
        check(construction, *case)


@pytest.mark.parametrize("construction", GRIDS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data(name, construction):
    check(construction, *HOSTILE[name])


@pytest.mark.parametrize(("n", "width", "widths"), [(1, None, (1, 2)), (2, None, (3, 2)), (10, None, (7, 6)),
    (100, None, (19, 20)), (100, 1, (1, 200)), (100, 2, (1, 200)), (100, 39, (39, 10)), (100, 199, (199, 2)),
    (100, 10**6, (199, 2)), (100, 35, (33, 12))])  # fmt: skip
def test_widths_by_hand(n, width, widths):
    points, labels = moment_curve(n, 1), [(-1) ** i for i in range(n)]
    assert (
        memorize(points, labels, "yun-3-layer", **({} if width is None else {"width": width})).network.widths == widths
    )
    groups, size = shape(n, width)
    assert widths == (2 * groups - 1, 2 * size)


def test_the_weights_of_a_network_by_hand():
    """t = 0, 1, 3, 4 with labels 0, 1, 0, 2 in two groups of two; knots at 1 and 1 + 2."""
    grid = grid_of([F(t) for t in (0, 1, 3, 4)], [F(y) for y in (0, 1, 0, 2)], 2, before=None, after=None)
    assert grid.knots == [1, 3]
    values = {t: [max(F(0), phi.constant + sum(w * (t if k == 0 else max(F(0), t - grid.knots[k - 1]))
              for k, w in phi.terms.items())) for _, phi in grid.neurons] for t in (0, 1, 3, 4)}  # fmt: skip
    # group 0: relu(t) from s = 2; group 1: 0 at s = 1, then 2 relu(t - 3) at s = 2
    assert values == {0: [0, 0, 0, 0], 1: [0, 0, 1, 0], 3: [0, 0, 0, 0], 4: [0, 0, 2, 0]}
    assert [sign for sign, _ in grid.neurons] == [1, -1, 1, -1]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=4, max_size=9), st.data())
def test_a_run_vanishes_at_all_other_points(gaps, data):
    t = [F(sum(gaps[:i])) for i in range(len(gaps) + 1)]
    start = data.draw(st.integers(1, len(t) - 2))
    stop = data.draw(st.integers(start + 1, len(t) - 1))
    values = data.draw(st.lists(st.integers(-5, 5), min_size=stop - start, max_size=stop - start))
    grid = grid_of(
        t[start:stop], list(map(F, values)), data.draw(st.integers(1, 3)), before=t[start - 1], after=t[stop]
    )

    def at(x):
        first = [x, *(max(x - knot, F(0)) for knot in grid.knots)]
        pre = [phi.constant + sum((w * first[k] for k, w in phi.terms.items()), F(0)) for _, phi in grid.neurons]
        return [sign * max(z, F(0)) for (sign, _), z in zip(grid.neurons, pre, strict=True)]

    for i, x in enumerate(t):
        assert sum(at(x)) == (values[i - start] if start <= i < stop else 0)
        assert start <= i < stop or not any(at(x))


def test_binary_data_get_short_binary_weights():
    """No number grows with the number of points: 53-bit data, less than 100 bits of weights at n = 100."""
    points, labels = gaussian(100, 2)
    for construction in GRIDS:
        numbers = list(memorize(points, labels, construction).network.numbers())
        assert all(x.denominator & (x.denominator - 1) == 0 for x in numbers)
        assert max(max(x.numerator.bit_length(), x.denominator.bit_length()) for x in numbers) <= 100


def test_classes_of_any_numbers():
    points, _ = gaussian(12, 2)
    memorizer = check("yun-4-layer", points, [1e6, -1e-6, 0.1] * 4)
    assert memorizer.network.widths == (7, 6, 3)
    assert memorizer.numbers["classes"] == 3
    third = LayeredNetwork("relu", (*memorizer.network.layers[:3], *exact_layers(memorizer.network.layers)[3:]))
    assert third == memorizer.network
    numbers = exact_layers([*memorizer.network.layers[:2], ([memorizer.network.layers[2].weights[0]], [0])])
    assert [output(LayeredNetwork("relu", numbers), x) for x in points] == [3, 1, 2] * 4
    assert check("yun-4-layer", points, [5] * 12).network.widths == (7, 6, 1)


def test_deep_networks_use_all_layers():
    points, labels = gaussian(24, 2)
    assert check("yun-deep", points, labels, depth=6).network.widths == (6, 7, 7, 8, 6, 7)  # 3 groups of 3 points a run
    assert check("yun-deep", points, labels, depth=7).network.widths[-1] == 1
    assert check("yun-deep", [[0.0], [1.0]], [1.0, 2.0], depth=9).network.widths[-4:] == (1, 1, 1, 1)
    assert check("yun-deep", points, labels, depth=2).network.widths == (9, 10)  # as without any carrying


@pytest.mark.parametrize(("construction", "options", "message"), [
    ("yun-3-layer", {"width": 0}, "width must be an integer from 1"),
    ("yun-4-layer", {"width": -3}, "width must be an integer from 1"),
    ("yun-deep", {"depth": 1}, "depth must be at least 2 hidden layers; got 1"),
])  # fmt: skip
def test_impossible_options(construction, options, message):
    with pytest.raises(InputError, match=message):
        memorize([[0.0], [1.0]], [1.0, 2.0], construction, **options)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=2, max_size=5), st.integers(-3, 3))
def test_one_neuron_a_layer_is_monotone(layers, last):
    """So (1, 1) does not take 0, 1, 0, against n <= 4 ceil(k_1/2) ceil(k_2/2); nor do four layers, against sum k k'."""
    network = LayeredNetwork("relu", exact_layers([*(([[w]], [b]) for w, b in layers), ([[last]], [0])]))
    values = [output(network, [t]) for t in np.arange(-4, 5)]
    assert values == sorted(values) or values == sorted(values, reverse=True)
