"""Theorems on one hidden layer whose numbers depend on the data: values by hand, hypotheses, and off by one."""

import itertools
import math
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_check import THEOREMS, curves
from proofs_check.answers import OverBudget, Status
from proofs_check.claims._theorem import within_theorem
from proofs_check.curves import (
    fewest_knots,
    in_convex_position,
    label_changes,
    on_moment_curve,
    one_coordinate,
    two_label_values,
)
from proofs_check.layers import Family
from proofs_check.reading import dataset_from_bytes
from proofs_check.theorems.alternating_sweep import groups
from proofs_check.theorems.kowalczyk1993_capacity import dichotomies
from tests.certificates.spelling import dataset


def of(points, labels=None):
    return dataset_from_bytes(dataset(points, labels or [F(i * i, 3) for i in range(len(points))]))


def curve(n, d):
    return [tuple(F(t) ** k for k in range(1, d + 1)) for t in range(n)]


def most(key, data):
    """The widest layer that the theorem promises, if each narrower one is promised too."""
    allowed = [k for k in range(data.n_samples + 5) if THEOREMS[key].promises((k,), data)]
    assert allowed == list(range(len(allowed)))
    assert not THEOREMS[key].promises((1, 1), data)
    return len(allowed) - 1


def holds(key, data):
    return THEOREMS[key].holds_for(data).status


def test_widths_of_sizes_alone():
    assert [THEOREMS["huang1991-threshold-real"].width(n, 3) for n in (1, 2, 9)] == [0, 1, 8]
    assert [THEOREMS["random-features"].width(n, 3) for n in (1, 2, 9)] == [1, 2, 9]
    for key in ("huang1991-threshold-real", "random-features", "alternating-sweep"):
        assert holds(key, of([(0, 0), (1, 1), (2, 2)])) == "accepted"
        assert holds(key, of([(0, 0), (1, 1), (0, 0)], [1, 2, 1])) == "rejected"


# ---- relu-1d-minimal


def by_chords(t, y):
    """K*: how often a point lies strictly off the chord of its neighbours, on one side in a row, halved, rounded up."""
    order = sorted(range(len(t)), key=t.__getitem__)
    sides = []
    for a, b, c in zip(order, order[1:], order[2:], strict=False):
        chord = y[a] + F(y[c] - y[a]) * F(t[b] - t[a]) / F(t[c] - t[a])
        sides.append((chord > y[b]) - (chord < y[b]))
    total, i = 0, 0
    while i < len(sides):
        j = i
        while j < len(sides) and sides[j] == sides[i]:
            j += 1
        total += -(-(j - i) // 2) if sides[i] else 0
        i = j
    return total


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.fractions(-9, 9, max_denominator=7), st.integers(-3, 3)), min_size=1, max_size=12,
             unique_by=lambda pair: pair[0])
)  # fmt: skip
def test_fewest_knots(pairs):
    t, y = zip(*pairs, strict=True)
    data = of([(x,) for x in t], list(y))
    assert fewest_knots(data) == by_chords(t, y)
    assert most("relu-1d-minimal", data) == by_chords(t, y) + 1


def test_fewest_knots_by_hand():
    line = [(t,) for t in range(5)]
    zigzag = [0, 1, 0, 1, 0]
    assert [fewest_knots(of(line[:n], zigzag[:n])) for n in (1, 2, 3, 4, 5)] == [0, 0, 1, 2, 3]
    assert fewest_knots(of(line, [t * t for t in range(5)])) == 2
    assert fewest_knots(of(line, [2, 2, 2, 3, 4])) == 1
    assert fewest_knots(of([(0,), (1,), (0,), (2,)], [0, 1, 0, 0])) == 1  # an equal point counts once
    assert fewest_knots(of([(0,), (1,), (0,)], [0, 1, 2])) is None
    assert most("relu-1d-minimal", of([(0,), (1,), (0,)], [0, 1, 2])) == -1
    assert most("relu-1d-minimal", of([(0, 0), (1, 1)])) == -1
    assert holds("relu-1d-minimal", of([(0, 0), (1, 1)])) == "rejected"
    assert holds("relu-1d-minimal", of([(0,), (0,)], [1, 1])) == "rejected"
    assert holds("relu-1d-minimal", of(line)) == "accepted"
    assert one_coordinate(of(line)).status == "accepted"


# ---- alternating-sweep


def test_the_sweeps_that_are_granted():
    assert groups(of([(0, 0), (1, 0), (0, 1)])) == 1
    assert groups(of([(0, 0), (1, 1), (2, 2)])) == 3
    assert groups(of([(0, 0), (4, 0), (0, 4), (1, 1)])) == 4  # one inside
    assert groups(of([(0, 0), (4, 0), (0, 4), (4, 4)])) == 2
    assert groups(of([(0, 0), (4, 0), (0, 4), (4, 4), (2, 0)])) == 5  # on an edge, so not a corner
    assert groups(of([(0, 0), (0, 0)], [1, 1])) is None
    assert most("alternating-sweep", of([(0, 0), (0, 0)], [1, 1])) == -1
    for d in range(1, 6):
        for n in range(d + 2, 3 * d + 3):
            assert most("alternating-sweep", of(curve(n, d))) == math.ceil(n / d)


def test_four_coordinates_need_two_groups_of_eight_points_of_a_moment_curve():
    """Consecutive triples, the rule for even dimension that was first written down, would be three groups."""
    assert most("alternating-sweep", of(curve(8, 4))) == 2


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=7, unique=True))
def test_convex_position(points):
    """A point is no corner if it lies in a triangle of others, or between two."""

    def side(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    def between(a, b, p):
        return side(a, b, p) == 0 and min(a, b) < p < max(a, b)

    def inside(a, b, c, p):
        turns = [side(a, b, p), side(b, c, p), side(c, a, p)]
        return side(a, b, c) != 0 and (min(turns) >= 0 or max(turns) <= 0)

    free = all(
        not any(between(a, b, p) for a, b in itertools.combinations([q for q in points if q != p], 2))
        and not any(inside(a, b, c, p) for a, b, c in itertools.combinations([q for q in points if q != p], 3))
        for p in points
    )
    assert in_convex_position(of([(F(x, 3), F(y, 7)) for x, y in points])) is free


def test_moment_curves(monkeypatch):
    assert on_moment_curve(of(curve(7, 3))).status == "accepted"
    assert on_moment_curve(of([(t, -3 * t**2, F(t**3, 7)) for t in (-2, 5, 0, 1)])).status == "accepted"
    assert on_moment_curve(of([(0, 0)])).status == "accepted"
    for points, why in (
        ([(1, 1), (1, 2)], "same first coordinate"),
        ([(1, 1), (2, 2)], "coordinate 2 of point 0"),
        ([(1, 0), (2, 0)], "a coordinate that is 0"),
        ([(0, 1), (2, 4)], "coordinate 2 of point 0"),
    ):
        answer = on_moment_curve(of(points))
        assert answer.status == "rejected"
        assert why in answer.reason
    monkeypatch.setattr(curves, "WORK", 10**4)
    assert on_moment_curve(of(curve(7, 3))).status == "undecided"


# ---- kowalczyk1993-capacity


def test_changes_and_widths():
    data = of(curve(8, 3), [1, 1, 4, 4, 1, 4, 1, 1])
    assert label_changes(data) == 4
    assert most("kowalczyk1993-capacity", data) == 2
    assert most("kowalczyk1993-capacity", of(curve(8, 3), [5] * 8)) == 0
    assert most("kowalczyk1993-capacity", of(curve(7, 3), [1, 2] * 3 + [1])) == 2
    assert most("kowalczyk1993-capacity", of(curve(8, 3), [1, 2] * 4)) == 3
    assert most("kowalczyk1993-capacity", of([(1, 1), (1, 2)], [1, 2])) == -1
    assert label_changes(of([(2, 4), (0, 0), (1, 1)], [7, 7, 5])) == 2  # in the order of the first coordinate
    assert holds("kowalczyk1993-capacity", data) == "accepted"
    assert holds("kowalczyk1993-capacity", of(curve(3, 2), [1, 2, 3])) == "rejected"
    assert holds("kowalczyk1993-capacity", of([(0, 1), (1, 3), (2, 2)], [1, 2, 1])) == "rejected"
    assert two_label_values(of(curve(3, 1), [F(1, 3), F(1, 3), F(1, 3)])).status == "accepted"


@pytest.mark.parametrize(("n", "d", "h"), [(5, 1, 2), (6, 1, 3), (5, 2, 1), (6, 2, 2), (7, 2, 2), (5, 3, 1)])
def test_the_count_of_labellings_by_going_through_all_first_layers(n, d, h):
    """A labelling can follow a first layer if points with equal codes have equal labels."""
    codes = set()  # of one neuron: on a line all thresholds; else signs of all forms through d points, tilted
    points = curve(n, d)
    for chosen in itertools.combinations(range(n), d):
        signs = []
        for i in range(n):
            value = math.prod((points[i][0] - points[j][0] for j in chosen), start=F(1))
            signs.append((value > 0) - (value < 0))
        for tilt in itertools.product((1, -1), repeat=d):
            tilted = list(signs)
            for j, s in zip(chosen, tilt, strict=True):
                tilted[j] = s
            codes |= {tuple(tilted), tuple(-s for s in tilted)}
    assert len(codes) == dichotomies(n, d, 1)
    found = set()
    for layer in itertools.combinations_with_replacement(sorted(codes), h):
        cells = {}
        for i, code in enumerate(zip(*layer, strict=True)):
            cells.setdefault(code, []).append(i)
        for values in itertools.product((0, 1), repeat=len(cells)):
            labels = [0] * n
            for value, members in zip(values, cells.values(), strict=True):
                for i in members:
                    labels[i] = value
            found.add(tuple(labels))
    assert len(found) == dichotomies(n, d, h)
    every = itertools.product((0, 1), repeat=n)
    assert found == {y for y in every if most("kowalczyk1993-capacity", of(points, list(y))) <= h}


def test_the_printed_count():
    assert dichotomies(7, 2, 2) == 114


# ---- named in a statement


def test_off_by_one_in_a_statement():
    data = of([(t,) for t in range(5)], [0, 1, 0, 1, 0])
    for width, status in ((4, Status.ACCEPTED), (5, Status.REJECTED)):
        assert within_theorem("relu-1d-minimal", Family("relu", True, True, (width,)), data).status is status
    assert within_theorem("relu-1d-minimal", Family("relu", True, False, (4,)), data).status is Status.REJECTED
    assert within_theorem("relu-1d-minimal", Family("relu", True, True, (2, 2)), data).status is Status.REJECTED
    square = of([(0, 0), (4, 0), (0, 4), (4, 4)])
    for width, status in ((2, Status.ACCEPTED), (3, Status.REJECTED)):
        assert within_theorem("alternating-sweep", Family("relu", True, True, (width,)), square).status is status
        bits = of(curve(8, 3), [1, 1, 4, 4, 1, 4, 1, 1])
        family = Family("threshold", True, True, (width,))
        assert within_theorem("kowalczyk1993-capacity", family, bits).status is status


def test_numbers_too_long_are_not_sorted():
    long = 2**1_000_000 + 1
    data = of([(F(long + 2 * t, 2**20 * 3 ** (1 + t)),) for t in range(40)], [t % 2 for t in range(40)])
    with pytest.raises(OverBudget):
        fewest_knots(data)
