"""Exponents as intervals, against every vertex of the polytope and against laws that are known."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.widths import Cell, exponent_between, fitted_range, power_law, threshold_grid
from overparam.widths._grid import CellThreshold, ThresholdGrid
from overparam.widths._threshold import Threshold


def cell(low, high, **at):
    """A cell with this interval; None is an end that was not confirmed."""
    return CellThreshold(at, Threshold(0.5, 0.95, (1, 1000), low or 1, high, low is not None, ()))


def grid(*cells):
    return ThresholdGrid(0.5, 0.95, cells)


def vertices(rows, bounds):
    """Feasible intersections of three constraints each."""
    rows, bounds = np.array(rows), np.array(bounds)
    for three in itertools.combinations(range(len(rows)), 3):
        if abs(np.linalg.det(rows[list(three)])) > 1e-9:
            at = np.linalg.solve(rows[list(three)], bounds[list(three)])
            if (rows @ at <= bounds + 1e-9).all():
                yield at


@settings(max_examples=30)
@given(st.data())
def test_ends_are_those_of_the_polytope(data):
    """Least and greatest exponents over the vertices; a box of cells with both ends bounds the polytope."""
    cells = []
    for n, d in itertools.product((10, 20, 40), (2, 5)):
        low = data.draw(st.integers(2, 30))
        cells.append(cell(low, low + data.draw(st.integers(0, 30)), n=n, d=d))
    rows, bounds = [], []
    for c in cells:
        row = np.array([1, math.log(c.at["n"]), math.log(c.at["d"])])
        rows += [row, -row]
        bounds += [math.log(c.high), -math.log(c.low - 1)]
    corners = list(vertices(rows, bounds))
    law = power_law(grid(*cells))
    assert law.possible == bool(corners)
    if corners:
        # the programs' constraints are widened by 1e-7, times the inverse of a 3 x 3 matrix of logarithms (below 20)
        for axis, name in enumerate(("n", "d"), start=1):
            ends = min(v[axis] for v in corners), max(v[axis] for v in corners)
            assert law.exponents[name] == pytest.approx(ends, abs=1e-5)


@settings(max_examples=30)
@given(st.floats(0.3, 3), st.floats(0.2, 2), st.floats(-1, 0.5))
def test_a_law_that_holds_is_never_excluded(factor, b, c):
    """Exact thresholds, rounded up to whole numbers: the true exponents are inside."""
    cells = []
    for n, d in itertools.product((10, 20, 40, 80), (2, 5, 11)):
        width = math.ceil(factor * n**b * d**c)
        cells.append(cell(width, width, n=n, d=d))
    law = power_law(grid(*cells))
    assert law.possible
    for name, truth in (("n", b), ("d", c)):
        low, high = law.exponents[name]
        assert low - 1e-6 <= truth <= high + 1e-6  # the program's own tolerance


def test_rounding_up_is_part_of_the_law():
    """3, 5, 10 is ceil(n / 4) at 10, 20, 40, though no power passes through the three."""
    law = power_law(grid(cell(3, 3, n=10), cell(5, 5, n=20), cell(10, 10, n=40)))
    assert law.possible
    assert law.exponents["n"][0] <= 1 <= law.exponents["n"][1]


def test_a_curve_that_is_no_power_is_excluded():
    """Thresholds 10, 10, 1000 at n = 10, 100, 1000: flat, then a square."""
    law = power_law(grid(cell(9, 11, n=10), cell(9, 11, n=100), cell(900, 1100, n=1000)))
    assert not law.possible
    assert "excluded at confidence 0.95" in law.sentence
    assert law.as_json()["exponents"] == {"n": [None, None]}


def test_ends_that_were_not_confirmed_bound_nothing():
    closed = power_law(grid(cell(5, 6, n=10), cell(20, 24, n=40)))
    open_above = power_law(grid(cell(5, 6, n=10), cell(20, None, n=40)))
    assert closed.sides == 4
    assert open_above.sides == 3
    assert open_above.exponents["n"][0] == pytest.approx(closed.exponents["n"][0], abs=1e-6)
    assert open_above.exponents["n"][1] == math.inf
    nothing = power_law(grid(cell(None, None, n=10)))
    assert nothing.possible
    assert nothing.exponents["n"] == (-math.inf, math.inf)
    assert "[-inf, inf]" in nothing.sentence


def test_one_value_of_a_quantity_leaves_its_exponent_free():
    law = power_law(grid(cell(5, 6, n=10, d=3), cell(20, 24, n=40, d=3)))
    assert law.exponents["d"] == (-math.inf, math.inf)
    assert power_law(grid(cell(5, 6, n=10, d=3), cell(20, 24, n=40, d=3)), names=["n"]).exponents["n"][1] < math.inf


def test_the_range_of_all_laws_at_a_place():
    """At a cell it lies in the cell's interval, beyond the cells it opens, and it holds the law that the cells have."""
    cells = [cell(math.ceil(n / 4), math.ceil(n / 4), n=n) for n in (20, 40, 80)]
    for n in (20, 40, 80, 160):
        low, high = fitted_range(grid(*cells), {"n": n})
        assert low <= n / 4 * (1 + 1e-6)
        assert high >= n / 4 * (1 - 1e-6)
        if n <= 80:
            assert low >= (math.ceil(n / 4) - 1) * (1 - 1e-6)
            assert high <= math.ceil(n / 4) * (1 + 1e-6)
    ends = [fitted_range(grid(*cells), {"n": n}) for n in (80, 160)]
    assert ends[1][1] / ends[1][0] > ends[0][1] / ends[0][0]


def test_no_law_has_no_range_and_an_open_end_none():
    assert fitted_range(grid(cell(5, 5, n=10), cell(50, 50, n=20), cell(60, 60, n=40)), {"n": 20}) is None
    low, high = fitted_range(grid(cell(5, None, n=10), cell(9, None, n=20)), {"n": 20})
    assert low == pytest.approx(8)
    assert high == math.inf


def test_two_cells():
    near, far = cell(5, 8, n=10, d=3), cell(20, 30, n=40, d=3)
    low, high = exponent_between(near, far, "n")
    assert (low, high) == pytest.approx((math.log(20 / 8) / math.log(4), math.log(30 / 5) / math.log(4)))
    assert exponent_between(far, near, "n") == (low, high)
    assert exponent_between(near, cell(20, None, n=40, d=3), "n")[1] == math.inf
    assert exponent_between(cell(None, 8, n=10, d=3), far, "n") == (low, math.inf)
    for other in (cell(5, 8, n=10, d=3), cell(5, 8, n=40, d=4)):
        with pytest.raises(InputError, match="nothing else"):
            exponent_between(near, other, "n")
    with pytest.raises(InputError, match="names must be among"):
        power_law(grid(near, far), names=["k"])


def test_from_trials_to_exponents():
    """Steps at ceil(0.8 n): certain trials, hence intervals that hold for sure, and b = 1 inside."""
    runs = {n: lambda width, stage, first, count, n=n: np.full(count, int(width >= 0.8 * n)) for n in (10, 20, 40)}
    found = threshold_grid([Cell({"n": n}, range(1, 60), run) for n, run in runs.items()])
    low, high = power_law(found).exponents["n"]
    assert 0.5 < low < 1 < high < 2
