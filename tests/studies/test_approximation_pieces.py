"""Interpolation on grids, exact piecewise affine functions and stretches, against other ways of computing them."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from overparam.exact import ExactLayer, forward_layers
from overparam.studies.approximation import _grids, _lines, _telgarsky


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_interpolants_against_scipy(dim):
    rng = np.random.default_rng(0)
    centres = rng.uniform(size=dim)

    def function(points):
        return np.sin(3 * points @ centres) + np.abs(points - centres).sum(axis=1)

    side = np.linspace(0, 1, 5)
    grid = np.stack(np.meshgrid(*[side] * dim, indexing="ij"), axis=-1)
    wanted = RegularGridInterpolator([side] * dim, function(grid.reshape(-1, dim)).reshape([5] * dim))
    points = np.concatenate([rng.uniform(size=(50, dim)), np.zeros((1, dim)), np.ones((1, dim))])
    assert _grids.interpolant(function, dim, 5)(points) == pytest.approx(wanted(points), abs=1e-12)


def test_a_tree_is_its_nested_constituents():
    points = np.random.default_rng(1).uniform(size=(7, 8))

    def h(pairs):
        return 0.3 * pairs[:, 0] + 0.5 * pairs[:, 1] ** 2

    def one(a, b):
        return 0.3 * a + 0.5 * b**2

    x = points.T
    wanted = one(one(one(x[0], x[1]), one(x[2], x[3])), one(one(x[4], x[5]), one(x[6], x[7])))
    assert _grids.tree(h, points) == pytest.approx(wanted, rel=1e-14)


def test_constituents_stay_in_the_unit_interval_and_are_as_steep_as_said():
    side = np.linspace(0, 1, 201)
    pairs = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    for make, steepest in ((_grids.kinked, 1.0), (_grids.smooth, None), (_grids.steep, 6.0)):
        values = make(np.random.default_rng(2))(pairs)
        assert values.min() >= 0 and values.max() <= 1
        if steepest is not None:
            table = values.reshape(201, 201)
            slopes = [np.abs(np.diff(table, axis=axis)).max() * 200 for axis in (0, 1)]
            assert sum(slopes) == pytest.approx(steepest, rel=1e-6)


def test_generic_targets_are_lipschitz_with_constant_one():
    rng = np.random.default_rng(3)
    function = _grids.generic(rng, 4)
    one, other = rng.uniform(size=(2, 300, 4))
    change = np.abs(function(one) - function(other))
    assert np.all(change <= np.abs(one - other).max(axis=1) + 1e-15) and change.max() > 0.3


def test_the_slope_of_a_power():
    budgets = np.array([10.0, 30.0, 100.0, 300.0, 1000.0])
    assert _grids.budget_slope(budgets, 7 * budgets**-0.3) == pytest.approx(-0.3, rel=1e-9)


@pytest.mark.parametrize("count", [1, 3, 5])
def test_tents_by_their_own_formula(count):
    layers = _telgarsky.tents(count)
    assert [len(layer.bias) for layer in layers] == [2, 1] * count + [1]
    points = [Fraction(i, 3 * 2**count) for i in range(3 * 2**count + 1)]
    outputs = forward_layers(layers, [[x] for x in points]).outputs
    for x, found in zip(points, outputs, strict=True):
        wanted = x
        for _ in range(count):
            wanted = 2 * wanted if 2 * wanted <= 1 else 2 - 2 * wanted
        assert found == wanted


def test_lines_against_exact_outputs_and_second_differences():
    """Outputs at the knots, half-way between and elsewhere; kinks found by the slopes on a fine rational grid."""
    rng = np.random.default_rng(4)
    for _ in range(10):
        width, depth = int(rng.integers(1, 4)), int(rng.integers(1, 3))
        sizes = [1, *[width] * depth, 1]
        layers = [
            ExactLayer(
                tuple(tuple(Fraction(int(a), 4) for a in rng.integers(-4, 5, size=m)) for _ in range(n)),
                tuple(Fraction(int(a), 4) for a in rng.integers(-4, 5, size=n)),
            )
            for m, n in itertools.pairwise(sizes)
        ]
        line = _lines.along(layers, Fraction(-3), Fraction(3))
        middle = [(a + b) / 2 for a, b in itertools.pairwise(line.knots)]
        means = [(a + b) / 2 for a, b in itertools.pairwise(line.values)]
        at = [*line.knots, *middle]
        assert forward_layers(layers, [[x] for x in at]).outputs == [*line.values, *means]
        grid = [Fraction(i, 211) for i in range(-3 * 211, 3 * 211 + 1)]
        values = forward_layers(layers, [[x] for x in grid]).outputs
        bends = [i for i in range(1, len(grid) - 1) if values[i - 1] + values[i + 1] != 2 * values[i]]
        # one kink bends at most two neighbouring triples, if kinks are further apart than three steps
        groups = sum(i - before > 2 for before, i in itertools.pairwise([-9, *bends]))
        knots = list(line.knots[1:-1])
        apart = min([b - a for a, b in itertools.pairwise(knots)], default=Fraction(1))
        if apart > Fraction(4, 211):
            assert line.pieces == groups + 1


@pytest.mark.parametrize("n_points", [4, 7, 8])
def test_fewest_errors_against_every_classifier(n_points):
    found = _telgarsky.fewest_errors(n_points, 6)
    labels = [i % 2 for i in range(n_points)]
    best = [n_points] * 6
    for classes in itertools.product((0, 1), repeat=n_points):
        stretches = 1 + sum(a != b for a, b in itertools.pairwise(classes))
        errors = sum(a != b for a, b in zip(classes, labels, strict=True))
        for s in range(stretches, 7):
            best[s - 1] = min(best[s - 1], errors)
    assert found == best


def test_a_continuous_function_of_t_pieces_cannot_have_more_stretches():
    """Piecewise affine functions on random knots with random values, cut at 1/2: at most t + 1 stretches."""
    rng = np.random.default_rng(5)
    grid = np.linspace(0, 1, 4001)
    most = 0
    for _ in range(200):
        pieces = int(rng.integers(1, 8))
        knots = np.sort(np.concatenate([[0, 1], rng.uniform(size=pieces - 1)]))
        above = np.interp(grid, knots, rng.choice([0.0, 1.0], size=pieces + 1)) >= 0.5
        stretches = 1 + int(np.sum(above[1:] != above[:-1]))
        assert stretches <= pieces + 1
        most = max(most, stretches - pieces)
    assert most == 1, "the bound is attained"
