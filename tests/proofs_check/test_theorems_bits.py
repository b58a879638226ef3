"""Theorems on networks that read bits: sizes by hand, by independent formulas, and hypotheses that fail."""

import itertools
import math
from fractions import Fraction as F

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proofs_check import THEOREMS
from proofs_check.answers import OverBudget, Status
from proofs_check.position import label_count
from proofs_check.reading import Dataset, dataset_from_bytes
from proofs_check.separation import (
    diagonal_squared,
    in_ball,
    least_distance_squared,
    projected_bits,
    ratio_below,
    separated,
    separating_hyperplanes,
)
from proofs_check.theorems._bits import folded_sizes, narrow_depth, pieces
from tests.certificates.spelling import dataset

KEYS = ["vardi2022-sqrt", "vardi2022-depth-bounded", "park2021-two-thirds", "rajput2021-threshold"]
DISPLAYED = ["vardi2022-bits", "vershynin2020", "yang2026-width-depth", "siegel2023-separation"]


def of(points, labels=None):
    return dataset_from_bytes(dataset(points, labels or [0] * len(points)))


GRID = of([(i,) for i in range(5)], [0, 1, 0, 1, 0])
SQUARE = of([(0, 0), (3, 0), (0, 4), (3, 4)], [1, 2, 3, 1])
TWICE = of([(0, 0), (3, 4), (0, 0)])
SPHERE = of([(1, 0), (0, 1), (-1, 0), (0, -1), (F(3, 5), F(4, 5))])


@st.composite
def points_of(draw, least=2):
    dim = draw(st.integers(1, 3))
    number = st.fractions(-5, 5, max_denominator=4)
    return draw(st.lists(st.tuples(*[number] * dim), min_size=least, max_size=9))


@settings(max_examples=25, deadline=None)
@given(points_of())
@example([(0, 0), (3, 4), (0, 0)])
@example([(1,), (1,)])
@example([(0, 0), (0, 7), (0, 1), (1, 100)])
def test_least_distance_by_all_pairs(points):
    pairs = [sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) for pair in itertools.combinations(points, 2)]
    assert least_distance_squared(of(points)) == min((p for p in pairs if p), default=None)
    assert diagonal_squared(of(points)) >= max(pairs)
    assert diagonal_squared(of(points)) <= len(points[0]) * max(pairs)


def test_least_distance_of_many_points_on_a_line():
    assert least_distance_squared(of([(3 * i, 0) for i in range(2000)])) == 9


def test_too_many_points_are_over_budget(monkeypatch):
    monkeypatch.setattr("proofs_check.separation.WORK", 1000)
    crowd = of([(0, i * i) for i in range(30)])
    with pytest.raises(OverBudget):
        least_distance_squared(crowd)
    assert separated(F(1))(crowd).status is Status.UNDECIDED
    assert ratio_below(F(1))(crowd).status is Status.UNDECIDED
    assert in_ball(F(1))(crowd).status is Status.UNDECIDED


def test_predicates():
    assert in_ball(F(5))(SQUARE).status is Status.ACCEPTED
    assert in_ball(F(49, 10))(SQUARE).reason == "point 3 (counting from 0) is further than 49/10 from the origin"
    assert separated(F(3))(SQUARE).status is Status.ACCEPTED
    assert separated(F(31, 10))(SQUARE).reason == "two points are nearer to each other than 31/10"
    assert separated(F(1))(TWICE).reason == "points 0 and 2 (counting from 0) are equal"
    assert separated(F(0))(TWICE).status is Status.ACCEPTED
    assert ratio_below(F(2))(SQUARE).status is Status.ACCEPTED  # diagonal 5, least distance 3
    assert ratio_below(F(5, 3))(SQUARE).status is Status.REJECTED
    assert ratio_below(F(1))(of([(4,)])).status is Status.ACCEPTED


def test_label_count():
    assert label_count(GRID) == 2
    assert label_count(of([(i,) for i in range(3)], [0, 9, 4])) == 10
    assert label_count(of([(i,) for i in range(3)], [-1, 1, -1])) == 2
    assert label_count(of([(i,) for i in range(3)], [F(1, 3), F(1, 2), F(1, 3)])) == 2
    assert label_count(of([(i,) for i in range(3)], [0, F(1, 3), F(1, 2)])) == 4  # sixths 0, 2, 3
    assert label_count(of([(0,)], [7])) == 1


def test_label_count_of_long_labels_is_over_budget(monkeypatch):
    monkeypatch.setattr("proofs_check.position.WORK", 1000)
    with pytest.raises(OverBudget):
        label_count(of([(i,) for i in range(40)], [F(1, 3**i) for i in range(40)]))


def test_projected_bits_by_hand():
    assert projected_bits(of([(4, 5)])) == 1
    # 25 * 4 * sqrt(pi / 2) = 125.3: 7 bits; the square: 16 * 5/3 * sqrt(pi) = 47.3: 6 bits
    assert projected_bits(GRID) == 7
    assert projected_bits(SQUARE) == 6
    assert projected_bits(TWICE) == 4  # 9 * sqrt(pi) = 15.95


def test_separating_hyperplanes():
    assert separating_hyperplanes(of([(4,)])) == 0
    assert separating_hyperplanes(GRID) == 4  # parallel ones
    # 60 of the 100 unit vectors +- e_i of dimension 50 are at distance sqrt(2) at least: 2 pi ln(60) / sqrt(2) = 18.19
    axes = [tuple(sign * (i == j) for j in range(50)) for i in range(30) for sign in (1, -1)]
    bound = separating_hyperplanes(of(axes))
    assert 19 <= bound <= 20  # pi and the logarithm are rounded up
    moved = [tuple(x * (1 + F(i, 10**6)) for x in point) for i, point in enumerate(axes)]
    assert 19 <= separating_hyperplanes(of(moved)) <= 20  # nearly of unit length will do


def depth_by_search(n, layers):
    return min(-(-n // s) + s * layers for s in range(1, n + 1))


@pytest.mark.parametrize(("n", "layers"), [(1, 3), (5, 10), (100, 4), (1000, 35), (997, 3)])
def test_narrow_depth(n, layers):
    assert narrow_depth(n, layers) == depth_by_search(n, layers)


def test_vardi_sqrt_allows():
    theorem = THEOREMS["vardi2022-sqrt"]
    # the grid: rho = 7, c = 1: 5 groups of one and 10 layers
    assert theorem.allows((7,) * 15, GRID)
    assert not theorem.allows((7,) * 16, GRID)
    assert not theorem.allows((8, *(7,) * 14), GRID)
    assert theorem.allows((1,), GRID)
    assert not theorem.allows((7,) * 14, of([(i,) for i in range(4)], [1, 1, 1, 1]))  # rho = 6, c = 0: 4 + 8


def bounded_by_search(widths, n, layers):
    """Every L on its own, as docs/theory/bits.md words it."""
    for bound in range(1, 8 * len(widths) + 8 * layers + 8 * n):
        wide_layers, slots = max(1, bound // 4), max(1, bound // (2 * layers))
        groups = math.ceil(n / slots)
        widest = max(7, 2 + 2 * math.ceil((groups - 1) / wide_layers))
        deep = 1 + 2 * wide_layers + max(layers, bound // 2)
        if len(widths) <= deep and max(widths) <= widest and sum(w > 7 for w in widths) <= wide_layers:
            return True
    return False


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([2, 7, 8, 10, 12]), min_size=1, max_size=40))
@example([10])
@example([11])
@example([7] * 13)
@example([10] + [7] * 12)
@example([10] + [7] * 13)
@example([6, 8, 8])
def test_vardi_depth_bounded_allows(widths):
    """The grid: 10 layers a slot; for L = 1 one wide layer of 10 and depth 13."""
    allows = THEOREMS["vardi2022-depth-bounded"].allows
    assert allows(tuple(widths), GRID) == bounded_by_search(widths, 5, 10)


def folded_by_search(n, rho, c):
    """Units and layers of the best plan, written out again."""
    log = math.ceil(math.log2(n))
    cost = {}
    for b, e in itertools.product(range(log, 2 * log + 2), range(2 * log + 2)):
        if e <= b:
            folds = sum(2 + 4 * pieces(n, j) for j in range(b, 2 * log + 2))
            cost[folds + 2 * 2 ** (b - e) + 7 * (c + 2) * 2**e, -b, e] = b, e
    b, e = cost[min(cost)]
    units = sum(2 + 4 * pieces(n, j) for j in range(b, rho)) + 2 * 2 ** (b - e) + 7 * (c + 2) * 2**e + 4
    return units, 3 + 2 * max(rho - b, 0) + (c + 2) * 2**e


@pytest.mark.parametrize(("n", "rho", "c"), [(2, 3, 1), (5, 7, 1), (100, 30, 4), (1000, 41, 1)])
def test_folded_sizes(n, rho, c):
    assert folded_sizes(n, rho, c) == folded_by_search(n, rho, c)


def test_pieces_leave_room_for_every_shift():
    """p points of a piece and n - 1 others: p (n - 1) bad shifts, fewer than 2^b."""
    for n, b in itertools.product((2, 5, 33, 100), range(7, 16)):
        p = math.ceil(n / pieces(n, b))
        assert p * (n - 1) < 2**b


def test_park_allows():
    units, layers = folded_sizes(5, 7, 1)
    theorem = THEOREMS["park2021-two-thirds"]
    assert theorem.allows((1,) * (layers - 1) + (units - layers + 1,), GRID)
    assert not theorem.allows((1,) * (layers - 1) + (units - layers + 2,), GRID)
    assert not theorem.allows((1,) * (layers + 1), GRID)


def test_park_grows_like_n_to_two_thirds():
    """Up to logarithms that the fold to 2 log2(n) bits leaves out; without them units / n^(2/3) stays bounded."""
    ratios = [folded_sizes(8**k, 6 * k, 1)[0] / 4**k for k in range(2, 7)]
    assert max(ratios) < 60
    assert ratios[-1] < 1.5 * ratios[0]


def test_rajput_allows():
    theorem = THEOREMS["rajput2021-threshold"]
    # the grid: 4 hyperplanes, groups of 3: 2 - 1 + 4, and 3 units for one bit
    assert theorem.allows((4, 5, 3), GRID)
    for worse in ((5, 5, 3), (4, 6, 3), (4, 5, 4), (4, 5), (4, 5, 3, 1)):
        assert not theorem.allows(worse, GRID)
    assert theorem.allows((1, 1, 1), of([(4,)]))
    assert not theorem.allows((2, 1, 1), of([(4,)]))
    # the square with three classes: 2 groups of 2, 3 hyperplanes, 2 bits
    assert theorem.allows((3, 4, 4), SQUARE)
    assert not theorem.allows((3, 4, 5), SQUARE)


@pytest.mark.parametrize("key", KEYS)
def test_hypotheses_fail_on_equal_points(key):
    assert THEOREMS[key].suffices
    assert THEOREMS[key].holds_for(GRID).status is Status.ACCEPTED
    assert THEOREMS[key].holds_for(TWICE).reason == "points 0 and 2 (counting from 0) are equal"


@pytest.mark.parametrize("key", DISPLAYED)
def test_hidden_constants_bound_nothing(key):
    theorem = THEOREMS[key]
    assert not theorem.explicit_constants
    assert theorem.width is None
    assert theorem.allows is None
    assert not theorem.suffices


@pytest.mark.slow
def test_long_numbers_are_counted_before_they_are_multiplied():
    """Four points of a million bits, in a file of a kilobyte: undecided at once, not worked on for an hour."""
    long = 2**20
    far = [[F(2) ** long], [3 * F(2) ** -long], [5 * F(2) ** -(long - 1)], [7 * F(2) ** (long - 6)]]
    data = Dataset("0" * 64, tuple(map(tuple, far)), (F(0),) * 4)
    for key in ("vardi2022-sqrt", "park2021-two-thirds", "rajput2021-threshold"):
        with pytest.raises(OverBudget):
            THEOREMS[key].promises((1,) * (3 if key.startswith("raj") else 1), data)


def test_folds_of_a_long_line_are_counted_in_closed_form():
    for n in (1, 2, 5, 33):
        for bits in (2, 9, 12, 40):
            slow = sum(2 + 4 * pieces(n, b) for b in range(6, bits))
            least = (n - 1).bit_length()
            few = sum(2 + 4 * pieces(n, b) for b in range(6, min(bits, 2 * least + 1)))
            closed = few + 6 * max(bits - max(6, min(bits, 2 * least + 1)), 0) if bits > 6 else 0
            assert slow == closed
    assert folded_sizes(4, 10**6, 1)[1] > 10**6
