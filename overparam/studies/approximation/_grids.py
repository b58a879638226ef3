"""Multilinear interpolation on regular grids of the unit cube, whole or of the constituents of a binary tree.

A function of d variables needs k^d values on a grid of k points a side; a tree of d - 1 functions of two variables
needs (d - 1) k^2.
"""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Function = Callable[[NDArray], NDArray]  # (n, d) points -> (n,) values


def interpolant(function: Function, dim: int, points_a_side: int) -> Function:
    """The multilinear interpolant on the grid; outside the unit cube its cells at the border are extended."""
    side = np.linspace(0, 1, points_a_side)
    grid = np.stack(np.meshgrid(*[side] * dim, indexing="ij"), axis=-1).reshape(-1, dim)
    values = np.asarray(function(grid))
    strides = np.asarray(points_a_side ** np.arange(dim - 1, -1, -1), np.intp)

    def at(points: NDArray) -> NDArray:
        scaled = points * (points_a_side - 1)
        cell = np.clip(np.floor(scaled), 0, points_a_side - 2).astype(np.intp)
        share = scaled - cell
        total = np.zeros(len(points))
        for corner in itertools.product((0, 1), repeat=dim):
            weight = np.prod(np.where(np.asarray(corner, bool), share, 1 - share), axis=1)
            total += weight * values[np.asarray((cell + np.asarray(corner)) @ strides, np.intp)]
        return total

    return at


def tree(constituent: Function, points: NDArray) -> NDArray:
    """h(h(x_1, x_2), h(x_3, x_4)) and so on: d, a power of 2, variables; the same h at every node."""
    values = points
    while values.shape[1] > 1:
        pairs = values.reshape(len(values), -1, 2)
        values = np.stack([constituent(pairs[:, i]) for i in range(pairs.shape[1])], axis=1)
    return values[:, 0]


def tree_errors(constituent: Function, points: NDArray, sides: Sequence[int]) -> NDArray:
    """Largest error at the points of the tree of interpolants, for each number of grid points a side."""
    exact = tree(constituent, points)
    return np.array([np.max(np.abs(tree(interpolant(constituent, 2, k), points) - exact)) for k in sides])


def grid_errors(function: Function, points: NDArray, sides: Sequence[int]) -> NDArray:
    """Largest error at the points of the interpolant on the whole grid."""
    exact = function(points)
    dim = points.shape[1]
    return np.array([np.max(np.abs(interpolant(function, dim, k)(points) - exact)) for k in sides])


def budget_slope(budgets: NDArray, errors: NDArray) -> float:
    """Of log error over log budget."""
    return float(np.polyfit(np.log(budgets), np.log(errors), 1)[0])


def kinked(rng: np.random.Generator) -> Function:
    """.2 + .5 |a - u| + .5 |b - v| with random kinks: from [0, 1]^2 into it, with |h_a| + |h_b| <= 1."""
    kinks = rng.uniform(0.3, 0.7, size=2)
    return lambda pairs: 0.2 + 0.5 * np.sum(np.abs(pairs - kinks), axis=1)


def smooth(rng: np.random.Generator) -> Function:
    """.5 + .5 sin(2 a + 1.5 b + phase) cos(a - b): from [0, 1]^2 into it."""
    phase = rng.uniform(0, 2 * np.pi)
    return lambda pairs: (
        0.5 + 0.5 * np.sin(2 * pairs[:, 0] + 1.5 * pairs[:, 1] + phase) * np.cos(pairs[:, 0] - pairs[:, 1])
    )


def steep(rng: np.random.Generator) -> Function:
    """Sawtooth constituents with |h_a| + |h_b| = 6: every level of the tree multiplies the error of those below."""
    shift = rng.uniform(0, 1)

    def teeth(x: NDArray) -> NDArray:
        return np.abs((x + shift) % 2 - 1)  # slope 1, between 0 and 1

    return lambda pairs: 0.5 * teeth(7.4 * pairs[:, 0]) + 0.5 * teeth(4.6 * pairs[:, 1])


def generic(rng: np.random.Generator, dim: int) -> Function:
    """The distance to the nearest of two random points: Lipschitz with constant 1, kinked everywhere between them."""
    centres = rng.uniform(0.2, 0.8, size=(2, dim))
    return lambda points: np.min(np.max(np.abs(points[:, None] - centres), axis=2), axis=1)
