"""Theorems on deep and residual networks: values by hand, brute force, hypotheses that fail, what was misquoted."""

import itertools
import math
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_check import THEOREMS, Quantifier, Side
from proofs_check.directions import apart
from proofs_check.reading import dataset_from_bytes
from proofs_check.theorems._grids import grid_within
from proofs_check.theorems.yun2019_necessity import most_points
from proofs_check.theorems.yun2019_resnet import nodes
from tests.certificates.spelling import dataset

UPPER = {  # slug -> output bias, residual
    "yun2019-3layer": (False, False),
    "yun2019-4layer": (False, False),
    "yun2019-deep": (True, False),
    "nguyen2018-wide-layer": (True, False),
    "hanin2017-narrow": (True, False),
    "lu2017-narrow": (False, False),
    "yun2019-resnet": (False, True),
    "hardt2017-residual": (False, True),
}


def of(points, labels=None):
    return dataset_from_bytes(dataset(points, labels or [F(i) for i in range(len(points))]))


def line(n, labels=None):
    return of([(F(i),) for i in range(n)], labels)


def allows(key, widths, data):
    return THEOREMS[key].allows(tuple(widths), data)


def promised(n):
    """All (k_1, k_2) with floor((k_1 + 1)/2) floor(k_2/2) >= n of which neither can be one less."""
    enough = lambda a, b: ((a + 1) // 2) * (b // 2) >= n  # noqa: E731
    sizes = itertools.product(range(1, 2 * n + 2), range(1, 2 * n + 2))
    return [(a, b) for a, b in sizes if enough(a, b) and not enough(a - 1, b) and not enough(a, b - 1)]


@pytest.mark.parametrize("n", range(1, 15))
def test_two_layers_by_brute_force(n):
    """Within means: neither layer is wider than in some promised network that could not be narrower."""
    least = promised(n)
    for a, b in itertools.product(range(1, 2 * n + 3), repeat=2):
        assert grid_within(a, b, n) == any(a <= k and b <= m for k, m in least)


@pytest.mark.parametrize(("n", "widths"), [(1, (1, 2)), (4, (3, 4)), (100, (19, 20)), (10, (7, 6)), (10, (9, 4))])
def test_two_layers_by_hand(n, widths):
    data = line(n)
    assert allows("yun2019-3layer", widths, data)
    assert not allows("yun2019-3layer", (*widths, 1), data)
    assert not allows("yun2019-3layer", widths[:1], data)
    for more in ((2, 0), (0, 1)):  # 2p - 1 and 2p are the same p; one more in the second layer is too many
        assert not allows("yun2019-3layer", [a + b for a, b in zip(widths, more, strict=True)], data)


def test_three_layers_count_the_different_labels():
    data = line(10, [F(i % 3, 7) for i in range(10)])
    assert allows("yun2019-4layer", (7, 6, 3), data)
    assert allows("yun2019-4layer", (7, 6, 1), data)
    assert not allows("yun2019-4layer", (7, 6, 4), data)
    assert not allows("yun2019-4layer", (7, 7, 3), data)
    assert not allows("yun2019-4layer", (7, 6), data)


@pytest.mark.parametrize("n", [1, 2, 5, 9, 12])
@pytest.mark.parametrize("depth", [2, 3, 4, 5])
def test_deep_by_brute_force(n, depth):
    pairs, odd = divmod(depth, 2)
    enough = lambda a, b: pairs * ((a - 1) // 2) * ((b - 2) // 2) >= n  # noqa: E731
    sizes = itertools.product(range(3, 2 * n + 3), range(4, 2 * n + 4))
    least = [(a, b) for a, b in sizes if enough(a, b) and (a < 4 or not enough(a - 1, b)) and not enough(a, b - 1)]
    data = line(n)
    for a, b in itertools.product(range(1, 2 * n + 5), repeat=2):
        widths = (*(a, b) * pairs, *(2,) * odd)
        assert allows("yun2019-deep", widths, data) == any(a <= k and b <= m for k, m in least)
    assert not odd or not allows("yun2019-deep", (3, 4) * pairs + (3,), data)
    assert not allows("yun2019-deep", (3,), data)


@pytest.mark.parametrize(("n", "d", "count"), [(1, 3, 1), (4, 3, 1), (5, 3, 1), (6, 3, 2), (8, 3, 2), (9, 3, 3),
    (10, 3, 4), (40, 5, 12), (100, 10, 17)])  # fmt: skip
def test_nodes_of_a_residual_network(n, d, count):
    assert nodes(n, d) == count
    data = of([tuple(F(i) ** k for k in range(1, d + 1)) for i in range(n)])
    assert allows("yun2019-resnet", (count,), data)
    assert allows("yun2019-resnet", (1,) * count, data)
    assert not allows("yun2019-resnet", (1,) * (count + 1), data)
    assert not allows("yun2019-resnet", (), data)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 10**6), st.integers(1, 10**3))
def test_nodes_against_pairs(n, d):
    """One neuron less than the pairs theorem, since the first affine function is the map into the stream."""
    pairs = THEOREMS["pairs-2n-over-d-plus-1"].width(n, d)
    assert nodes(n, d) == max(pairs - 1, 1)
    assert nodes(n, d) <= max(2 * -(-n // (d + 1)) - 2, 1)


def test_hardt_and_ma():
    data = of([(F(3), F(4)), (F(5), F(0)), (F(0), F(-5))], [F(1), F(2), F(1)])
    assert allows("hardt2017-residual", (2, 1, 2), data)
    assert allows("hardt2017-residual", (3, 2), data)
    for widths in ((2, 2, 2), (3, 3), (3,), ()):
        assert not allows("hardt2017-residual", widths, data)


def test_wide_and_narrow_by_hand():
    data = of([tuple(F(i) ** k for k in (1, 2, 3)) for i in range(6)])
    for widths, yes in (((5,), True), ((6,), False), ((100, 7, 5), True), ((5, 6), False), ((), False)):
        assert allows("nguyen2018-wide-layer", widths, data) == yes
    for widths, yes in (((4,) * 5, True), ((2,) * 5, True), ((4,) * 6, False), ((5,), False), ((), False)):
        assert allows("hanin2017-narrow", widths, data) == yes
    for widths, yes in (((7,) * 12, True), ((7,) * 13, False), ((7, 8), False), ((), False)):
        assert allows("lu2017-narrow", widths, data) == yes
    for key, widths in (("nguyen2018-wide-layer", (1,)), ("hanin2017-narrow", (2,)), ("lu2017-narrow", (5, 5))):
        assert allows(key, widths, line(1))


@pytest.mark.parametrize("key", UPPER)
def test_entries(key):
    theorem = THEOREMS[key]
    assert (theorem.output_bias, theorem.residual) == UPPER[key]
    assert theorem.suffices
    assert theorem.side is Side.UPPER
    assert theorem.quantifier is Quantifier.EVERY_DATASET
    assert ("no output bias" in theorem.family) != theorem.output_bias
    assert theorem.statement.endswith(".")
    assert theorem.holds_for(of([(F(3), F(4)), (F(5), F(0)), (F(0), F(-5))])).status == "accepted"
    broken = of([(F(1), F(0)), (F(2), F(0)), (F(1), F(0))])
    assert theorem.holds_for(broken).status == "rejected"


def test_what_general_position_and_distance_are_needed_for():
    collinear = of([(F(1), F(0)), (F(2), F(0)), (F(3), F(0))])
    assert THEOREMS["yun2019-resnet"].holds_for(collinear).status == "rejected"
    assert THEOREMS["hardt2017-residual"].holds_for(collinear).status == "rejected"
    assert THEOREMS["yun2019-deep"].holds_for(collinear).status == "accepted"


POINTS = st.lists(st.tuples(st.fractions(-3, 3, max_denominator=5), st.fractions(-3, 3, max_denominator=5)), min_size=1,
    max_size=6)  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(POINTS)
def test_apart_is_what_it_says(points):
    products = [[a * c + b * e for c, e in points] for a, b in points]
    expected = all(products[i][j] < products[i][i] for i, j in itertools.permutations(range(len(points)), 2))
    assert (apart(of(points)).status == "accepted") == expected


def test_apart():
    """Equal lengths are enough; (1, 0) and (2, 0) fail, and so does a zero; the reason names the points."""
    assert apart(of([(F(3), F(4)), (F(4), F(3)), (F(-5), F(0))])).status == "accepted"
    assert apart(of([(F(0), F(0))])).status == "accepted"
    answer = apart(of([(F(9), F(9)), (F(1), F(0)), (F(2), F(0))]))
    assert answer.status == "rejected"
    assert "point 0 is at least as far as point 1 (counting from 0)" in answer.reason
    assert apart(of([(F(0), F(0)), (F(1), F(0))])).status == "rejected"
    tiny = F(1, 2**100000)  # short to write, long once all coordinates have one denominator
    assert apart(of([(tiny, *(F(i),) * 39) for i in range(40)])).status == "undecided"


def test_the_product_form_of_necessity():
    theorem = THEOREMS["yun2019-necessity"]
    assert (theorem.side, theorem.quantifier, theorem.suffices) == (Side.LOWER, Quantifier.SOME_DATASET, False)
    assert [theorem.width(n, 3) for n in (1, 2, 3, 10)] == [0, 0, 1, 8]
    assert most_points((8,)) == 10
    assert most_points((3, 2)) == 13
    for k, m in itertools.product(range(1, 9), repeat=2):
        source = 2 * k * m + m + 2  # the source's for two hidden layers
        assert most_points((k, m)) <= source
        assert (most_points((k, m)) == source) == (m == 1)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_networks_on_a_line_have_no_more_knots(widths, random):
    """Bends at integers of the restriction to a line, counted by second differences on a fine grid of rationals."""
    layers, inputs = [], 1
    for k in widths:
        layers.append([([random.randint(-9, 9) for _ in range(inputs)], random.randint(-9, 9)) for _ in range(k)])
        inputs = k
    last = [random.randint(-9, 9) for _ in range(inputs)]

    def value(t):
        z = [t]
        for rows in layers:
            z = [max(sum(w * x for w, x in zip(row, z, strict=True)) + b, 0) for row, b in rows]
        return sum(w * x for w, x in zip(last, z, strict=True))

    values = [value(F(i, 50)) for i in range(-150, 151)]
    bends = [c - 2 * b + a for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    runs = sum(1 for bent, _ in itertools.groupby(bends, bool) if bent)  # a knot bends one or two neighbouring triples
    assert runs <= math.prod(k + 1 for k in widths) - 1
