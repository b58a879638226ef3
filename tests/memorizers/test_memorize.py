"""Every construction meets every label exactly, at the promised width, or refuses with a sentence that helps."""

import contextlib
import inspect
import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.exact import fraction_of
from overparam.memorizers import CATALOGUE, CONSTRUCTIONS, memorize
from tests.exact import oracles
from tests.memorizers.datasets import HOSTILE, ZIGZAG, clouds, gaussian, grids, in_general_position, moment_curve

ELEMENTARY = ("pairs", "greedy", "zhang", "bubeck", "baum", "sakurai", "distinct")  # the others have files of their own
ANY_DISTINCT = ("greedy", "zhang", "distinct")


def bound(construction, n, d):
    """The width that the construction's theorem promises for n distinct points."""
    q, r = divmod(n, d + 1)
    return {
        "pairs": 0 if n == 1 else 1 if q == 0 else 2 * q - 1 + min(2, r),
        "greedy": n - 1,
        "zhang": n,
        "bubeck": 4 * math.ceil(n / d),
        "baum": math.ceil(n / d),
        "sakurai": math.ceil((n - 1) / d),
        "distinct": n - 2 if n >= 5 else n - 1,
    }[construction]


def check(construction, points, labels):
    """Memorize, compare naive outputs with the labels and the width with the bound."""
    memorizer = memorize(points, labels, construction)
    network = memorizer.network
    assert oracles.outputs(network, [[fraction_of(x) for x in row] for row in points]) == [
        fraction_of(y) for y in labels
    ]
    n = len({tuple(map(fraction_of, row)) for row in points})
    assert network.width <= bound(construction, n, len(points[0]))
    if construction in ("pairs", "zhang", "bubeck"):
        assert network.width == bound(construction, n, len(points[0]))
    assert network.activation == ("threshold" if construction in ("baum", "sakurai") else "relu")
    assert memorizer.output_bias == (construction not in ("zhang", "bubeck"))
    if not memorizer.output_bias:
        assert network.c == 0
    return memorizer


def check_or_refusal(construction, points, labels):
    """The checked memorizer, or None if it was refused, which only points in special position may be."""
    try:
        return check(construction, points, labels)
    except InputError as refused:
        message = str(refused)
    assert not in_general_position(sorted({tuple(map(fraction_of, row)) for row in points}))
    assert re.search(r'points \d.*use "greedy"', message)
    return None


@settings(max_examples=30, deadline=None)
@given(grids())
def test_distinct_points_suffice(case):
    for construction in ANY_DISTINCT:
        check(construction, *case)


@settings(max_examples=30, deadline=None)
@given(grids())
def test_general_position_suffices_and_refusals_help(case):
    for construction in ("pairs", "bubeck"):
        check_or_refusal(construction, *case)


@settings(max_examples=30, deadline=None)
@given(grids(labels=(-1, 1)))
@example(([(0,), (1,), (2,)], [1, -1, 1]))
def test_threshold_units_for_two_labels(case):
    one, other = (check_or_refusal(construction, *case) for construction in ("sakurai", "baum"))
    assert (one and one.network) == (other and other.network)


@settings(max_examples=25, deadline=None)
@given(clouds())
def test_any_finite_floats(case):
    for construction in ANY_DISTINCT:
        check(construction, *case)


@pytest.mark.parametrize("construction", ELEMENTARY)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data_work_or_are_refused(name, construction):
    points, labels = HOSTILE[name]
    if construction in ANY_DISTINCT:
        check(construction, points, labels)
    elif construction in ("baum", "sakurai") and len(set(labels)) > 2:
        with pytest.raises(InputError, match=r'at most two values.*use "pairs" or "greedy"'):
            memorize(points, labels, construction)
    else:
        check_or_refusal(construction, points, labels)


@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_widths_of_gaussian_data_for_many_sizes(d):
    for n in (*range(1, d + 4), 2 * d + 2, 2 * d + 3, 2 * d + 4, 3 * d + 1):
        points, labels = gaussian(n, d, seed=n)
        for construction in ("pairs", "greedy", "zhang", "bubeck", "distinct"):
            check(construction, points, labels)
        check("sakurai", points, np.sign(labels))


def test_the_numbers_of_the_ladder():
    points, labels = gaussian(40, 5)
    assert [check(c, points, labels).network.width for c in ("pairs", "zhang", "bubeck")] == [13, 40, 32]
    assert check("greedy", points, labels).network.width <= 13
    assert check("pairs", *gaussian(20, 2)).network.width == 13


def test_every_dichotomy_of_planar_points():
    points = [[0, 0], [4, 1], [1, 5], [-3, 2], [2, -4], [6, 7]]
    assert in_general_position(points)
    for labels in itertools.product((-1, 1), repeat=6):
        check("sakurai", points, labels)


@pytest.mark.parametrize(("n", "d", "width"), [(7, 3, 2), (8, 3, 3), (7, 2, 3), (4, 1, 3)])
def test_alternating_labels_on_the_moment_curve_need_the_whole_bound(n, d, width):
    labels = [(-1) ** i for i in range(n)]
    assert check("sakurai", moment_curve(n, d), labels).network.width == width


def test_two_labels_of_any_values():
    points = moment_curve(5, 2)
    memorizer = check("baum", points, [0.1, 7, 7, 0.1, 7])
    assert memorizer.theorem == "baum1988-threshold"
    assert check("baum", points, [3, 3, 3, 3, 3]).network.width == 0
    with pytest.raises(InputError, match="at most two values, and these take 3"):
        memorize(points, [0, 1, 2, 1, 0], "sakurai")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=4, max_size=11), st.data())
def test_zigzags_on_a_line_take_exactly_n_minus_2(gaps, data):
    """n - 2 knots are needed: no three alternating labels in a row are affine, and no knot serves two such triples."""
    z = [0, *itertools.accumulate(gaps)]
    y, up = [data.draw(st.integers(-5, 5))], data.draw(st.booleans())
    slope = data.draw(st.integers(-9, 9))
    for gap in gaps:
        y.append(y[-1] + slope * gap)
        slope += (1 if up else -1) * data.draw(st.integers(1, 12))
        up = not up
    points = [[t] for t in z]
    assert check("distinct", points, y).network.width == len(z) - 2
    assert check("greedy", points, y).network.width >= len(z) - 2


def least_knots(z, y):
    """K*: runs of equal strict turns, half their length rounded up."""
    slopes = [
        (fraction_of(b) - fraction_of(a)) / (t - s) for (s, a), (t, b) in itertools.pairwise(zip(z, y, strict=True))
    ]
    turns = [(b > a) - (b < a) for a, b in itertools.pairwise(slopes)]
    return sum(-(-len(list(run)) // 2) for turn, run in itertools.groupby(turns) if turn)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=2, max_size=10))
def test_a_line_takes_the_least_number_of_knots_or_one_more(y):
    z = list(range(len(y)))
    width = check("distinct", [[t] for t in z], y).network.width
    assert least_knots(z, y) <= width <= least_knots(z, y) + 1


def test_fixtures_of_zigzags():
    network = check("distinct", [[t] for t in range(5)], ZIGZAG[:5]).network
    assert network.width == 3
    knots = sorted(-bias / row[0] for row, bias in zip(network.u, network.b, strict=True))
    assert [str(knot) for knot in knots] in (["2/3", "2", "3"], ["1", "2", "10/3"])  # the second seen from the right
    assert sum(row[0] > 0 for row in network.u) in (1, 2)
    assert check("distinct", [[t] for t in range(4)], ZIGZAG[:4]).network.width == 3
    planar = [(-4, 6), (0, -5), (2, 4), (5, 5), (1, 1)]
    assert check("pairs", planar, [-2, 1, 2, -5, -12]).network.width == 3


def test_nearly_affine_labels_need_few_blocks():
    points, _ = gaussian(30, 3)
    labels = [2 * fraction_of(row[0]) - fraction_of(row[1]) + 1 for row in points]
    assert check("greedy", points, labels).network.width == 1
    assert check("pairs", points, labels).network.width == 15
    separable = [1 if y > 1 else -1 for y in labels]
    assert check("greedy", points, separable).network.width == 2


def test_repeated_points_count_once_and_conflicts_are_refused():
    points, labels = HOSTILE["repeated points"]
    memorizer = check("zhang", points, labels)
    assert memorizer.network.width == 3
    assert any("2 repeated points" in note for note in memorizer.notes)
    for construction in CONSTRUCTIONS:
        with pytest.raises(InputError, match="points 0 and 2 are equal but their labels differ"):
            memorize(points, [1, 2, 3, 3, 2], construction)


def test_refusals_name_the_points_and_the_way_out():
    points, labels = [[i, 2 * i] for i in range(6)], [0, 1, 0, 1, 0, 1]
    with pytest.raises(InputError, match=r'pairs.*points \d, \d, \d is affinely dependent.*use "greedy"'):
        memorize(points, labels, "pairs")
    for construction in ("bubeck", "baum"):
        with pytest.raises(InputError, match=r'points \d, \d contains a further point.*use "greedy" or "distinct"'):
            memorize(points, labels, construction)
    with pytest.raises(InputError, match="points 0, 1, 2 are affinely dependent"):
        memorize([[0, 0, 1], [1, 1, 1], [2, 2, 1]], [0, 1, 0], "bubeck")
    with pytest.raises(InputError, match="no construction is called 'baumm'; did you mean baum"):
        inspect.unwrap(memorize)(points, labels, "baumm")
    with pytest.raises(InputError, match="label 5"):
        memorize(points, [0, 1, 0, 1, 0, float("nan")], "zhang")


@pytest.mark.parametrize("construction", CONSTRUCTIONS)
def test_the_same_data_give_the_same_network(construction):
    points, labels = gaussian(6, 1)
    labels = np.sign(labels) if "two labels" in CATALOGUE[construction].needs else labels
    if construction == "alternations":
        points = np.arange(6.0)[:, None]
    try:
        first = memorize(points, labels, construction)
    except InputError as refused:
        with pytest.raises(InputError, match=re.escape(str(refused))):
            memorize(points.copy(), labels.copy(), construction)
    else:
        assert first == memorize(points.copy(), labels.copy(), construction)


@pytest.mark.parametrize(
    ("construction", "options", "words"),
    [
        ("ntk", {"eps": float("nan")}, "eps must be a positive finite number"),
        ("ntk", {"eps": float("inf")}, "eps must be a positive finite number"),
        ("harmonic", {"eps": "a"}, "eps must be a positive finite number"),
        ("features", {"seed": -1}, "seed must be an integer from 0"),
        ("features", {"width": 10**9}, "width must be an integer from 1 to 1000000"),
        ("zhang-deep", {"depth": 0}, "depth must be an integer from 1 to 10000"),
        ("zhang-deep", {"depth": 2.5}, "depth must be an integer"),
        ("one-limit", {"activation": "foo"}, "activation must be one of relu"),
        ("pairs", {"depth": 2}, "takes no options"),
    ],
)
def test_options_out_of_range_are_refused(construction, options, words):
    with pytest.raises(InputError, match=words):
        inspect.unwrap(memorize)(*gaussian(6, 2), construction, **options)


@pytest.mark.parametrize("construction", ["zhang-deep", "width-3", "harmonic-bias", "clipped-bias", "ntk-bias"])
def test_numbers_beyond_floats_are_built_or_refused_in_a_sentence(construction):
    points, labels = [[1.0, 2.0], [-1.5e308, 1e-300], [0.25, 1e300], [3.0, -7.0]], [8.5e307, -8.5e307, 1e-300, 0.0]
    with contextlib.suppress(InputError):  # anything else is a bug
        assert memorize(points, labels, construction).data.n_samples == 4


def test_arrays_of_other_shapes_are_refused():
    with pytest.raises(InputError, match="array of shape"):
        memorize(np.zeros((2, 2, 2)), [0, 1], "zhang")
    with pytest.raises(InputError, match="array of shape"):
        memorize(np.arange(4.0)[:, None], np.arange(4.0)[:, None], "zhang")
