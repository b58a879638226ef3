"""The lower bound on the total weight: by hand, against networks that fit, and its parts against other computations."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.memorizers import memorize, total_weight_floor
from overparam.memorizers._cells import cells_of
from overparam.memorizers._total_weight import _by_spectra, _definite, _largest_eigenvalue, _over_cells
from tests.memorizers.datasets import gaussian, grids

AXES = [[1, 0], [0, 1]]


def weight(network):
    """W by its definition."""
    u, b, v, _ = network.to_arrays()
    return sum(abs(a) * math.hypot(*row, s) for a, row, s in zip(v, u, b, strict=True))


def supremum(rows, l, samples=4000):
    """S(l) from below: the best of many directions, each improved by a few steps of the power iteration on its cell."""
    rng = np.random.default_rng(0)
    z, l = np.array(rows, float), np.array(l, float)
    w = rng.normal(size=(samples, z.shape[1]))
    return float((np.abs(np.maximum(w @ z.T, 0) @ l) / np.linalg.norm(w, axis=1)).max())


def test_by_hand():
    """f = relu(x_1) - relu(x_2) has W = 2, and l = (1, -1) proves that no less will do: relu(w_1) - relu(w_2) <= 1."""
    floor = total_weight_floor(AXES, [1, -1], hidden_bias=False)
    assert floor.method == "cells"
    assert Fraction(2) - Fraction(1, 2**20) <= floor.value <= 2
    # labels 1, 1: one neuron relu(x_1 + x_2), W = sqrt(2); l = (1, 1) has the supremum sqrt(2)
    assert float(total_weight_floor(AXES, [1, 1], hidden_bias=False).value) == pytest.approx(math.sqrt(2), abs=1e-6)
    # with a bias, relu((x_1 + x_2 + 1) / 2) at |(u, b)| = sqrt(3)/2, z = (1, 0, 1) and (0, 1, 1): l = (1, 1) has
    # |z_1 + z_2| = sqrt(6), so W >= 2 / sqrt(6)
    assert float(total_weight_floor(AXES, [1, 1]).value) == pytest.approx(2 / math.sqrt(6), abs=1e-6)
    # a quarter of the squared labels may be missed: <l, y> - |l| |y| / 2 is half of <l, y> for l = y
    half = total_weight_floor(AXES, [1, 1], eps=0.25, hidden_bias=False, multiplier=[1, 1])
    assert float(half.value) == pytest.approx(math.sqrt(2) / 2, abs=1e-9)
    assert half.multiplier == (1, 1)


def test_no_weight_at_all():
    assert total_weight_floor([[1.0]], [0.0]).value == 0
    assert total_weight_floor([[0.0]], [1.0], hidden_bias=False).value == 0  # nothing is proved; no network fits


@settings(deadline=None, max_examples=15)
@given(grids(max_dim=2, max_size=6), st.booleans())
def test_no_network_is_lighter(case, approximately):
    points, labels = case
    for name, eps in (("ntk-bias", 0.1), ("clipped-bias", 0.1)) if approximately else (("zhang", 0),):
        network = memorize(points, labels, name, **({"eps": eps} if eps else {})).network
        floor = total_weight_floor(points, labels, eps=eps)
        assert float(floor.value) <= weight(network) * (1 + 1e-9)


def test_the_greedy_networks_are_near_the_floor():
    """The floor is above what the labels prove as multipliers, and below the weights of both networks."""
    points, labels = gaussian(10, 2, seed=4)
    floor = float(total_weight_floor(points, labels, eps=0.1).value)
    whole = [round(y * 2**20) for y in labels]
    assert floor >= float(total_weight_floor(points, labels, eps=0.1, multiplier=whole).value) > 0
    assert floor <= min(weight(memorize(points, labels, name).network) for name in ("clipped-bias", "harmonic-bias"))


@settings(deadline=None, max_examples=15)
@given(grids(max_dim=3, max_size=6), st.data())
def test_both_bounds_are_above_the_supremum(case, data):
    points, _ = case
    l = tuple(data.draw(st.lists(st.integers(-5, 5), min_size=len(points), max_size=len(points))))
    rows = [tuple(map(Fraction, (*point, 1))) for point in points]
    below = supremum(rows, l) if any(l) else 0.0
    tight = float(_over_cells(rows, l, cells_of(rows)))
    assert below <= tight * (1 + 1e-12)
    assert below <= float(_by_spectra(rows, l)) * (1 + 1e-12)
    assert tight <= below * 1.2 + 1e-9  # 4000 directions in at most four dimensions are near every one


@settings(deadline=None, max_examples=25)
@given(grids(max_dim=3, max_size=6))
def test_cells_are_all_cells(case):
    """Sign patterns of many directions, all of them among the cells; their number is Cover's in general position."""
    points, _ = case
    rows = [tuple(map(Fraction, point)) for point in points]
    cells = cells_of(rows)
    drawn = np.random.default_rng(1).normal(size=(500, len(points[0])))
    seen = {sum(1 << i for i, t in enumerate(row) if t > 0) for row in drawn @ np.array(points, float).T}
    assert seen <= set(cells)
    n, d = len(points), len(points[0])
    if all(np.linalg.matrix_rank(np.array(s)) == min(n, d) for s in itertools.combinations(points, min(n, d))):
        assert len(cells) == 2 * sum(math.comb(n - 1, i) for i in range(d))


def test_eigenvalues():
    rows = [tuple(map(Fraction, row)) for row in np.random.default_rng(2).normal(size=(9, 4)).tolist()]
    matrix = np.array(rows, float).T @ np.diag(range(1, 10)) @ np.array(rows, float)
    largest = float(np.linalg.eigvalsh(matrix)[-1])
    bound = float(_largest_eigenvalue([(i + 1, row) for i, row in enumerate(rows)]))
    assert largest <= bound <= largest * (1 + 1e-9)
    assert _definite([[2], [1, 2]])
    assert not _definite([[1], [1, 1]])
    assert not _definite([[2], [3, 2]])
    assert not _definite([[1], [0, 1], [0, 0, -1]])


def test_larger_samples_take_spectra():
    points, labels = gaussian(60, 8)
    floor = total_weight_floor(points, np.sign(labels), eps=0.01)
    assert floor.method == "spectra"
    assert floor.value > 1
    assert float(floor.value) <= weight(memorize(points, np.sign(labels), "clipped-bias", eps=0.01).network)


def test_arguments():
    with pytest.raises(InputError, match="eps must be at least 0 and below 1"):
        total_weight_floor(AXES, [1, 1], eps=1)
    with pytest.raises(InputError, match="one integer for each of the 2 distinct points"):
        total_weight_floor([*AXES, AXES[0]], [1, 2, 1], multiplier=[1, 1, 1])
