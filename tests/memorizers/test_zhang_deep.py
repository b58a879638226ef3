"""Hinges on a line in one layer, in many and in layers of three: exact, short, and no larger than the formulas say."""

import itertools
import json
import math
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overparam.data import from_arrays
from overparam.errors import InputError
from overparam.exact import exact_data, fraction_of
from overparam.memorizers import memorize
from overparam.memorizers._direction import best_separating, orderings
from overparam.memorizers._hinges import hinges, short_above
from overparam.widths import certify
from tests.house.sources import ROOT
from tests.memorizers.datasets import HOSTILE, gaussian, grids, moment_curve


def naive(network, point):
    """A layered ReLU network, neuron by neuron."""
    values = [fraction_of(x) for x in point]
    for depth, layer in enumerate(network.layers):
        sums = [
            sum((w * v for w, v in zip(row, values, strict=True)), b)
            for row, b in zip(layer.weights, layer.bias, strict=True)
        ]
        values = sums if depth == len(network.layers) - 1 else [max(t, Fraction(0)) for t in sums]
    return values[0]


def room(n, m):
    """Hinges left after the first, spread over m layers with their carriers: found by trying every width."""
    if m == 1:
        return max(n - 1, 1)
    width = 2
    while (width - 1) + (m - 2) * (width - 2) + (width - 1) < n - 2:
        width += 1
    return width


def check(points, labels, construction, **options):
    memorizer = memorize(points, labels, construction, **options)
    network, n = memorizer.network, len({tuple(map(fraction_of, row)) for row in points})
    assert [naive(network, x) for x in points] == [fraction_of(y) for y in labels]
    widths, d = network.widths, len(points[0])
    if construction == "width-3":
        assert len(widths) == (2 if n <= 4 else 3 if n == 5 else n - 3)
        assert max(widths) <= 3
    else:
        m = options.get("depth", 2)
        assert len(widths) == m + 1
        assert widths[0] == 1 and max(widths[1:]) <= room(n, m)
    assert sum(x != 0 for x in network.numbers()) <= d + 3 * n + 2 * (len(widths) - 1) - 4
    return memorizer


@settings(max_examples=25, deadline=None)
@given(grids(), st.integers(1, 10))
@example(([(0,)], [0]), 1)
@example(([(0,), (1,)], [0, 0]), 1)
def test_any_distinct_points(case, depth):
    check(*case, "zhang-deep", depth=depth)
    check(*case, "width-3")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data(name):
    check(*HOSTILE[name], "zhang-deep")
    check(*HOSTILE[name], "zhang-deep", depth=5)
    check(*HOSTILE[name], "width-3")


@pytest.mark.parametrize("n", range(1, 14))
def test_the_widths_are_attained_and_no_layer_is_empty(n):
    points, labels = gaussian(n, 2, seed=n)
    for m in range(1, n + 2):
        widths = check(points, labels, "zhang-deep", depth=m).network.widths
        assert min(widths) >= 1
        if n >= 5 and m <= n - 4:
            assert max(widths[1:]) == room(n, m)


@pytest.mark.parametrize("scale", [1e6, 1e-6])
def test_larger_data(scale):
    points, labels = gaussian(100, 10)
    found = check(points, labels * scale, "width-3")
    assert len(found.network.widths) == 97
    check(moment_curve(12, 4), labels[:12] * scale, "zhang-deep", depth=3)


def test_weights_are_short():
    """Five bits an output weight; in the whole network little more than the data's own digits."""
    points, labels = gaussian(60, 3)
    network = memorize(points, labels, "zhang").network
    for v in network.v:
        odd = abs(v.numerator) // (v.numerator & -v.numerator)
        assert odd < 32 and v.denominator & (v.denominator - 1) == 0
    assert max(x.denominator.bit_length() for x in network.b) < 128  # 53 of a point, 53 of a label, rises, five


@pytest.mark.parametrize(
    ("construction", "options", "neurons"),
    [("zhang", {}, 40), ("zhang-deep", {"depth": 4}, 45), ("width-3", {}, 1 + 3 * 36)],
)
def test_the_checker_accepts_them_within_their_theorems(construction, options, neurons, tmp_path):
    data = from_arrays(*gaussian(40, 3))
    memorizer = memorize(data.points, data.labels, construction, **options)
    assert sum(memorizer.network.widths) == neurons
    certificate = certify(memorizer, data, tmp_path / "certificate")
    assert "equals the label exactly at each of the 40 points" in certificate.sentence
    promised = "is within 40" if construction == "zhang" else "within those that"
    assert promised in certificate.sentence


@pytest.mark.slow
def test_a_hundred_thousand_points_are_certified_within_a_minute():
    """In processor time, since other work on the machine does not count, and without the type checks of the tests."""
    program = "from benchmarks.speed.line_memorizer import exact; import json; print(json.dumps(exact(10**5)))"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    seconds = json.loads(run.stdout)
    assert seconds["memorize_processor_s"] + seconds["certify_processor_s"] < 60


@pytest.mark.slow
def test_many_points_are_ordered_along_a_direction_that_is_good_in_floats():
    """From 2,000 points on directions are compared in floats, and the best two are ordered exactly."""
    points, _ = gaussian(2100, 2)
    data = exact_data(points, np.zeros(2100))
    starts = list(range(1, 2100))
    taken = best_separating(data, starts)
    gaps = [ordering.gap(starts) for ordering in next(orderings(data, how_many=24))]
    assert [ordering.gap(starts) for ordering in taken] == sorted(gaps, reverse=True)[: len(taken)]
    assert len(taken) == 2 and list(taken[0].z) == sorted(taken[0].z)


def test_many_points_that_floats_cannot_tell_apart():
    """All float gaps are 0, so the exact way is taken."""
    points = [[Fraction(2**60 + i)] for i in range(2001)]
    taken = best_separating(exact_data(points, [0] * 2001), list(range(1, 2001)))
    assert taken[0].z == tuple(row[0] for row in points)


def test_depth_is_checked():
    for depth in (0, -1):
        with pytest.raises(InputError, match="depth must be an integer from 1 to"):
            memorize([[0], [1]], [0, 1], "zhang-deep", depth=depth)
    with pytest.raises(InputError, match="takes no options"):
        memorize([[0], [1]], [0, 1], "width-3", depth=2)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.fractions(Fraction(1, 9), 5, max_denominator=9), min_size=1, max_size=7), st.data())
def test_hinges_interlace_and_rise_as_asked(gaps, data):
    z = [Fraction(0), *itertools.accumulate(gaps)]
    rises = data.draw(st.lists(st.fractions(-3, 3, max_denominator=7), min_size=len(gaps), max_size=len(gaps)))
    found = hinges(z, rises)
    for (_, b), before, here in zip(found, z[:-1], z[1:], strict=True):
        assert before <= b < here
    heights = [sum((v * max(t - b, 0) for v, b in found), Fraction(0)) for t in z]
    assert [b - a for a, b in itertools.pairwise(heights)] == rises


def test_bits_do_not_pile_up_where_labels_are_nearly_affine():
    """Without a least weight the slope would come closer and closer to 1/3, one bit or more a point."""
    z, rises = [Fraction(3 * i) for i in range(400)], [Fraction(1)] * 398 + [Fraction(2)]
    assert max(x.denominator.bit_length() for pair in hinges(z, rises) for x in pair) < 40


@settings(max_examples=25, deadline=None)
@given(st.fractions(Fraction(1, 10**9), 10**9), st.integers(-60, 60))
def test_short_above(x, least):
    found = short_above(x, least)
    assert x <= found
    assert found <= x * Fraction(17, 16) or found < x + Fraction(2) ** least
    units = found / Fraction(2) ** least
    assert units.denominator == 1
    odd = units.numerator // (units.numerator & -units.numerator)
    assert odd <= 32 and math.gcd(odd, 2) in (1, 2)
