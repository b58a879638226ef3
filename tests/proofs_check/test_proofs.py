"""The constructions of the proofs, carried out exactly as the docs and docstrings describe them, meet the bounds."""

import itertools
import random
from fractions import Fraction as F

import pytest

from proofs_check import THEOREMS
from tests.certificates.cases.constructions import pairs, slabs, solve
from tests.proofs_check.oracle import layer, value


def takes_all(layers, activation, points, labels):
    return all(value(layers, activation, x) == y for x, y in zip(points, labels, strict=True))


def at(affine, x):
    return sum(w * a for w, a in zip(affine, [*x, 1], strict=True))


def random_points(rng, n, d):
    """On a grid so fine that general position fails with negligible probability; the tests are seeded."""
    return [[F(rng.randint(-(10**6), 10**6), rng.randint(1, 9)) for _ in range(d)] for _ in range(n)]


@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_pairs(d):
    rng = random.Random(d)
    for n in range(2, 4 * d + 6):
        points = random_points(rng, n, d)
        labels = [F(rng.randint(-(10**9), 10**9), rng.randint(1, 9)) for _ in range(n)]
        layers = [layer(units) for units in pairs(points, labels)["layers"]]
        assert len(layers[0]) == THEOREMS["pairs-2n-over-d-plus-1"].width(n, d)
        assert takes_all(layers, "relu", points, labels)


def vanishing(points, group, rng):
    """An affine function that is 0 at the points of the group and at no other; at most d points in the group."""
    d = len(points[0])
    while True:
        rows = [[*points[i], 1] for i in group]
        rows += [[rng.randint(-99, 99) for _ in range(d + 1)] for _ in range(d + 1 - len(group))]
        if rank(rows) <= d:
            continue
        h = solve(rows, [0] * len(group) + [1] * (d + 1 - len(group)))
        if all((at(h, x) == 0) == (i in group) for i, x in enumerate(points)):
            return h


def signs_on(points, group, signs):
    return solve([[*points[i], 1] for i in group], [signs[i] for i in group])


def tilt(points, group, h, g):
    """e > 0 with e |g| <= |h|/2 outside the group."""
    outside = [i for i in range(len(points)) if i not in group]
    return min((abs(at(h, points[i])) / (2 * abs(at(g, points[i])) + 1) for i in outside), default=F(1)) or F(1)


def plus(h, e, g):
    return [a + e * b for a, b in zip(h, g, strict=True)]


def sakurai(points, labels, rng):
    """ceil((n - 1)/d) threshold units: pairs around a constant, or around one base unit if their number is odd."""
    n, d = len(points), len(points[0])
    k = -(-(n - 1) // d)
    units, v = [], []
    if k % 2 == 0:
        base = 1 if labels.count(1) >= labels.count(-1) else -1
        constant, wrong = base, [i for i in range(n) if labels[i] != base]
    else:
        group = list(range(min(n, d)))
        h = vanishing(points, group, rng)
        choices = {s: [i for i in range(n) if i not in group and labels[i] * s * at(h, points[i]) < 0] for s in (1, -1)}
        s = min(choices, key=lambda s: len(choices[s]))
        constant, wrong = -s, choices[s]
        g = signs_on(points, group, [s * y for y in labels])
        units.append(plus(h, tilt(points, group, h, g), g))
        v.append(2 * s)
    for start in range(0, len(wrong), d):
        group = wrong[start : start + d]
        h, g = vanishing(points, group, rng), signs_on(points, group, labels)
        e = tilt(points, group, h, g)
        units += [plus(h, e, g), plus(h, -e, g)]
        v += [2, -2]
    return [[(unit[:-1], unit[-1]) for unit in units], [(v, constant)]]


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_sakurai_and_baum(d):
    rng = random.Random(d)
    for n in range(1, 3 * d + 4):
        curve = [[F(t**k) for k in range(1, d + 1)] for t in range(n)]
        for points in (curve, random_points(rng, n, d)):
            for labels in ([(-1) ** i for i in range(n)], [1] * n, [rng.choice((-1, 1)) for _ in range(n)]):
                layers = sakurai(points, labels, rng)
                assert len(layers[0]) <= THEOREMS["sakurai1992-threshold"].width(n, d)
                assert takes_all(layers, "threshold", points, labels)


def test_bubeck_in_one_dimension():
    xs, ys = [F(0), F(1), F(5, 2), F(4)], [F(3), F(-10), F(1, 7), F(0)]
    layers = [layer(units) for units in slabs(xs, ys)["layers"]]
    assert len(layers[0]) == THEOREMS["bubeck2020-relu-baum"].width(4, 1)
    assert takes_all(layers, "relu", [[x] for x in xs], ys)


@pytest.mark.parametrize("d", [2, 3])
def test_bubeck(d):
    """The thin slabs of the docstring, in any dimension."""
    rng = random.Random(d)
    for n in range(1, 3 * d + 2):
        points, labels = random_points(rng, n, d), [F(rng.randint(-99, 99), 7) for _ in range(n)]
        units, v = [], []
        for start in range(0, n, d):
            group = list(range(start, min(start + d, n)))
            h, g = vanishing(points, group, rng), signs_on(points, group, labels)
            others = [points[i] for i in range(n) if i not in group]
            e = min((abs(at(h, x)) for x in others), default=F(2)) / 2
            eta = min(
                [e / (1 + abs(at(g, points[i]))) for i in group]
                + [(abs(at(h, x)) - e) / (1 + abs(at(g, x))) for x in others]
            ) / 2  # fmt: skip
            up, down = plus(h, e, [0] * d + [1]), plus(h, -e, [0] * d + [1])
            units += [plus(up, eta, g), up, plus(down, eta, g), down]
            v += [1 / eta, -1 / eta, -1 / eta, 1 / eta]
        assert len(units) == THEOREMS["bubeck2020-relu-baum"].width(n, d)
        assert takes_all([[(u[:-1], u[-1]) for u in units], [(v, 0)]], "relu", points, labels)


def through(first, knots, left):
    """The network of Lemma 1: slope 0 of the affine rest, knots (place, jump, oriented to the left?), one value."""
    hidden = [([F(-1)], p) if turned else ([F(1)], -p) for p, _, turned in knots]
    v = [jump for _, jump, _ in knots]
    constant = first[1] - value([hidden, [(v, F(0))]], "relu", [first[0]])
    rest = left + sum(jump for _, jump, turned in knots if turned)
    assert rest == 0
    return [hidden, [(v, constant)]]


def distinct(t, y):
    """Width n - 2 for n >= 5, as in docs/theory/distinct.md, part (a), where the bends alternate."""
    n = len(t)
    h = [b - a for a, b in itertools.pairwise(t)]
    s = [(b - a) / step for (a, b), step in zip(itertools.pairwise(y), h, strict=True)]
    if s[1] < s[0]:
        (hidden, [(v, c)]) = distinct(t, [-a for a in y])
        return [hidden, [([-a for a in v], -c)]]
    knots = [(t[i], s[i] - s[i - 1], False) for i in range(1, n - 1)]
    if s[0] >= 0:
        p = t[1] - h[0] * s[0] / s[1]
        assert t[0] < p <= t[1]
        return through((t[0], y[0]), [(p, s[1], False), *knots[1:]], F(0))
    jump = s[3] - s[2]
    if jump >= -s[0]:
        p = t[0] + h[0] * (s[1] - s[0]) / (s[1] + jump)
        assert t[0] < p <= t[1]
        moved = [(p, s[1] + jump, False), knots[1], (t[3], jump, True), *knots[3:]]
        return through((t[0], y[0]), moved, -jump)
    p = t[4] - h[3] * jump / -s[0]
    assert t[3] < p < t[4]
    after = [(t[4], s[4] - (s[2] - s[0]), False)] if n >= 6 else []
    return through((t[0], y[0]), [*knots[:2], (p, -s[0], True), *after, *knots[4:]], s[0])


def test_distinct_alternating():
    """The only case that Lemma 2 leaves open: every bend of the other sign than the one before."""
    rng = random.Random(0)
    seen = set()
    for n in range(5, 12):
        for _ in range(60):
            t = sorted(rng.sample(range(-50, 50), n))
            slope, slopes = F(rng.randint(-9, 9)), []
            for i in range(n - 1):
                slopes.append(slope)
                slope += (-1) ** i * F(rng.randint(1, 30), rng.randint(1, 3)) * (1 if n % 2 else -1)
            y = [F(rng.randint(-9, 9))]
            for s, (a, b) in zip(slopes, itertools.pairwise(t), strict=True):
                y.append(y[-1] + s * (b - a))
            layers = distinct([F(a) for a in t], y)
            assert len(layers[0]) == THEOREMS["relu-distinct-worst-case"].width(n, 1) == n - 2
            assert takes_all(layers, "relu", [[F(a)] for a in t], y)
            up = slopes[1] > slopes[0]
            first = slopes[0] if up else -slopes[0]
            jump = abs(slopes[3] - slopes[2])
            seen.add("rising" if first >= 0 else "lowered" if jump >= -first else "raised")
    assert seen == {"rising", "lowered", "raised"}


def test_impossible_labels_of_parameter_counting():
    """docs/theory/counting.md: B^(i-1) is annihilated by no left null vector of any activation pattern (d = 1, k = 1).

    The patterns of one neuron on a line are the ends of the line; y must leave every column space.
    """
    xs = [0, 1, 2, 3]  # n = 4 = D + 1, D = k (d + 1) + 1 = 3
    squares = sorted((1 + (x * x + 1) for x in xs), reverse=True)[:3]
    product = squares[0] * squares[1] * squares[2]
    bound = next(h for h in itertools.count(1) if h * h >= product)
    labels = [F((bound + 1) ** i) for i in range(4)]
    for start, active in itertools.product(range(5), (True, False)):
        inside = [(i < start) == active for i in range(4)]
        columns = [[1] * 4, [int(a) for a in inside], [x * a for x, a in zip(xs, inside, strict=True)]]
        assert rank([*columns, labels]) == rank(columns) + 1


def rank(rows):
    rows, found = [[F(a) for a in row] for row in rows], 0
    for column in range(len(rows[0])):
        pivot = next((r for r in range(found, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for r in range(found + 1, len(rows)):
            factor = rows[r][column] / rows[found][column]
            rows[r] = [a - factor * b for a, b in zip(rows[r], rows[found], strict=True)]
        found += 1
    return found


def test_four_alternating_labels_on_a_line_need_three_neurons():
    """Part (b) of docs/theory/distinct.md for n = 4, the other way round: two knots in every place of a fine grid."""
    grid = [F(i, 4) for i in range(-4, 25)]
    points, labels = [F(1), F(2), F(3), F(4)], [F(0), F(1), F(0), F(1)]
    for (p, q), (a, b) in itertools.product(
        itertools.combinations(grid, 2), itertools.product((False, True), repeat=2)
    ):
        columns = [[1] * 4]
        for knot, turned in ((p, a), (q, b)):
            columns.append([max((knot - t) if turned else (t - knot), F(0)) for t in points])
        assert rank([*columns, labels]) == rank(columns) + 1


def swept(groups, labels):
    """The alternating sweep: groups of (indices, points, h), in order."""
    points = {i: x for members, coordinates, _ in groups for i, x in zip(members, coordinates, strict=True)}
    c = min(labels) - 1
    residual = {i: y - c for i, y in enumerate(labels)}
    units, v, sign, done = [], [], 1, []
    for members, coordinates, h in groups:
        assert all(residual[i] * sign >= 0 for i in points if i not in done), "the invariant of the proof"
        g = solve([[*x, 1] for x in coordinates], [abs(residual[i]) for i in members])
        later = [i for i in points if i not in done and i not in members]
        steep = max(
            [F(1)]
            + [1 + abs(at(g, points[i]) / at(h, points[i])) for i in done]
            + [1 + (abs(residual[i]) + abs(at(g, points[i]))) / at(h, points[i]) for i in later]
        )
        unit = [steep * a + b for a, b in zip(h, g, strict=True)]
        units.append(unit)
        v.append(F(sign))
        residual = {i: r - sign * max(at(unit, points[i]), 0) for i, r in residual.items()}
        done += members
        sign = -sign
    return [[(unit[:-1], unit[-1]) for unit in units], [(v, c)]]


@pytest.mark.parametrize("d", [1, 3, 5])
def test_the_sweep_of_the_moment_curve(d):
    """n/d neurons for n points, where the pairs theorem takes about 2n/(d + 1)."""
    rng = random.Random(d)
    for groups in (1, 2, 3, 4):
        n = groups * d
        times = sorted(rng.sample(range(-30, 30), n))
        curve = [[F(t) ** a for a in range(1, d + 1)] for t in times]
        labels = [F(rng.randint(-(10**6), 10**6)) for _ in range(n)]
        parts = []
        for start in range(0, n, d):
            polynomial = [F(1)]  # from the constant up, multiplied by (t - t_i)
            for t in times[start : start + d]:
                shifted = [F(0), *polynomial]
                polynomial = [a - t * b for a, b in zip(shifted, [*polynomial, F(0)], strict=True)]
            members = list(range(start, start + d))
            parts.append((members, [curve[i] for i in members], [*polynomial[1:], polynomial[0]]))
        layers = swept(parts, labels)
        assert len(layers[0]) == groups
        assert takes_all(layers, "relu", curve, labels)
