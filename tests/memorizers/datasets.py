"""Data sets for the constructions, friendly and hostile."""

import itertools

import numpy as np
from hypothesis import strategies as st

from tests.exact import oracles


@st.composite
def grids(draw, *, max_dim=3, max_size=8, labels=None):
    """Distinct points of a small integer grid, many of them collinear, with integer labels."""
    dim = draw(st.integers(1, max_dim))
    points = draw(st.lists(st.tuples(*[st.integers(-3, 3)] * dim), min_size=1, max_size=max_size, unique=True))
    values = st.integers(-4, 4) if labels is None else st.sampled_from(labels)
    return points, draw(st.lists(values, min_size=len(points), max_size=len(points)))


@st.composite
def clouds(draw, *, max_dim=3, max_size=8):
    """Distinct float points of any size."""
    dim = draw(st.integers(1, max_dim))
    number = st.floats(allow_nan=False, allow_infinity=False)
    points = draw(st.lists(st.tuples(*[number] * dim), min_size=1, max_size=max_size, unique=True))
    return points, draw(st.lists(number, min_size=len(points), max_size=len(points)))


def in_general_position(points):
    """Every min(n, dim + 1) points affinely independent, subset by subset."""
    lifted = [(*point, 1) for point in points]
    size = min(len(points), len(lifted[0]))
    return all(oracles.rank(subset) == size for subset in itertools.combinations(lifted, size))


def gaussian(n, d, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=n)


def moment_curve(n, d):
    return [[t**power for power in range(1, d + 1)] for t in range(n)]


ZIGZAG = [0, 1, 0, 1, 0, 1, 0, 1]
HOSTILE = {
    "one point": ([[3.5, -1.0]], [2.0]),
    "one point, label 0": ([[0.0]], [0.0]),
    "two points on a line": ([[0.0], [1e-300]], [1.0, -1.0]),
    "constant labels": ([[0, 0], [1, 0], [0, 1], [3, 4], [5, 5]], [7, 7, 7, 7, 7]),
    "collinear zigzag": ([[i, 2 * i] for i in range(8)], ZIGZAG),
    "nearly collinear zigzag": ([[i, 2 * i + 1e-12 * i * i] for i in range(8)], ZIGZAG),
    "more coordinates than points": gaussian(4, 11),
    "huge and tiny coordinates": (gaussian(9, 2)[0] * np.array([1e300, 1e-300]), gaussian(9, 2)[1]),
    "huge and tiny labels": (gaussian(9, 2)[0], gaussian(9, 2)[1] * np.logspace(-300, 300, 9)),
    "huge, tiny and zero entries": ([[1e300, 0], [1e-300, 0], [0, 1e300], [0, 0], [1e300, 1e300]], [1, 2, 3, 4, 5]),
    "neighbouring floats": ([[1.0], [1.0 + 2**-52], [1.0 + 2**-51]], [0.0, 1.0, 0.0]),
    "a constant coordinate": ([[1.0, 5.0], [2.0, 5.0], [4.0, 5.0], [3.0, 5.0]], [1.0, 0.0, 2.0, 0.5]),
    "repeated points": ([[0, 0], [1, 2], [0, 0], [3, 1], [1, 2]], [1, 2, 1, 3, 2]),
    "far from the origin": (gaussian(7, 2)[0] + 1e15, gaussian(7, 2)[1]),
}  # fmt: skip
