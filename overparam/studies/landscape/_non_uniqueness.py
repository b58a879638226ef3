"""With more weights than samples, two runs that fit the data are different networks, not one network written twice.

A ReLU network does not change when its neurons are permuted, or when (w_r, v_r) becomes (c w_r, v_r / c), c > 0.  What
is left of a neuron is its sign and the vector |v_r| w_r; two networks are compared by the matching of neurons that
makes the total squared distance of those least, a linear assignment (neurons of opposite sign meet at zero).  Where the
Jacobian has rank n < k d, solutions form a set of positive dimension, and a solver, here damped Gauss-Newton, ends from
two starts at two of its points that are different functions off the sample.  A linear model is overparameterized too,
but gradient descent from zero has only one limit there, the least-norm solution, whatever the step and the momentum
(docs/theory/training.md).

Measured: the distance after matching and the largest difference of outputs at fresh points, for pairs of starts; that
both vanish for a network permuted and rescaled; and the spread of the linear model's limits.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.generalization import product_distance
from overparam.networks import Params
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.landscape._both_layers import newton_fit, relu_parts

APART = 1e-3  # least relative distance of two different networks
SAME = 1e-9  # largest relative distance of one network written twice, and of the linear model's limits
FITTED = 1e-9  # times |y|


class Sizes(NamedTuple):
    """n points of R^d, k neurons, pairs of starts, fresh points."""

    n: int
    d: int
    k: int
    pairs: int
    fresh: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(12, 4, 16, 3, 1000),
    "laptop": Sizes(40, 8, 30, 20, 10_000),
    "paper": Sizes(200, 20, 60, 50, 10_000),
}


def measure(setting: Setting, *, same_start: bool = False) -> Finding:
    """Distances of pairs of solutions; `same_start` gives both runs one start."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, size.n])
    points, labels = rng.normal(size=(size.n, size.d)), rng.normal(size=size.n)
    fresh = rng.normal(size=(size.fresh, size.d))
    apart, functions, twice, fitted = [], [], [], 0
    for pair in range(size.pairs):
        found = []
        for other in range(2):
            own = np.random.default_rng([setting.root, pair, 0 if same_start else other])
            start = np.concatenate([own.normal(size=size.k * size.d), own.choice([-1.0, 1.0], size=size.k)])
            found.append(newton_fit(relu_parts, start, points, labels, size.k))
        if max(residual for _, residual in found) > FITTED * np.linalg.norm(labels):
            continue
        fitted += 1
        (first, _), (second, _) = found
        apart.append(matched_distance(first, second, size.k))
        one, two = (relu_parts(at, fresh, size.k)[0] for at in (first, second))
        functions.append(float(np.max(np.abs(one - two)) / np.max(np.abs(one))))
        twice.append(matched_distance(first, rewritten(first, size.k, rng), size.k))
    limits = _linear_limits(np.random.default_rng([setting.root, 1]), size.n)
    told = f"{fitted} of {size.pairs} pairs of starts fit n = {size.n} points, k d = {size.k * size.d}"
    if 2 * fitted <= size.pairs:
        return Finding(None, f"{told}: too few to compare.", 2 * fitted)
    return Finding(
        holds=bool(min(apart) >= APART and min(functions) >= APART and np.max(twice) <= SAME and limits <= SAME),
        words=f"{told}: after matching, weights are at least {min(apart):.3g} apart (relative), functions at least "
        f"{min(functions):.3g} at {size.fresh} fresh points. A network permuted and rescaled is at {max(twice):.1e} "
        f"from itself. A linear model with {4 * size.n} weights from zero: limits of three ways of descent within "
        f"{limits:.1e} of the least-norm solution.",
        instances=2 * fitted + 3,
        links=(
            Link("distance of two solutions after matching", APART, min(apart), "at least"),
            Link("difference of their functions off the sample", APART, min(functions), "at least"),
            Link("distance of a network from itself, permuted and rescaled", SAME, max(twice)),
        ),
    )


def matched_distance(first: NDArray, second: NDArray, width: int) -> float:
    """Least Euclidean distance over all matchings of neurons, relative to the first network's norm."""
    return product_distance(*(_network(at, width) for at in (first, second)))


def rewritten(at: NDArray, width: int, rng: np.random.Generator) -> NDArray:
    """The same function: neurons permuted and rescaled."""
    order, scale = rng.permutation(width), np.exp(rng.normal(size=width))
    w = (at[:-width].reshape(width, -1) * scale[:, None])[order]
    return np.concatenate([w.ravel(), (at[-width:] / scale)[order]])


def _network(at: NDArray, width: int) -> Params:
    return Params(at[:-width].reshape(width, -1), np.zeros(width), at[-width:], np.zeros(()))


def _linear_limits(rng: np.random.Generator, n: int) -> float:
    """Largest relative distance of limits of gradient descent and momentum from the least-norm solution."""
    matrix, labels = rng.normal(size=(n, 4 * n)), rng.normal(size=n)
    wanted = np.linalg.lstsq(matrix, labels, rcond=None)[0]
    largest, worst = np.linalg.norm(matrix, 2) ** 2, 0.0
    for share, momentum in ((1.0, 0.0), (0.3, 0.0), (0.5, 0.5)):
        at, velocity = np.zeros(4 * n), np.zeros(4 * n)
        for _ in range(1500):
            velocity = momentum * velocity - share / largest * (matrix.T @ (matrix @ at - labels))
            at = at + velocity
        worst = max(worst, float(np.linalg.norm(at - wanted) / np.linalg.norm(wanted)))
    return worst


STUDY = Experiment(
    id="non-uniqueness",
    claim="In the runs of this study with k d > 2 n, damped Gauss-Newton from two starts ends at ReLU networks that "
    "fit the data and differ by more than a permutation and a rescaling of neurons, and as functions off the sample; "
    "gradient descent of a linear model from zero has one limit.",
    refuted_by="two starts whose solutions coincide after matching, or as functions, within 0.1 %",
    cites=(),
    locator="own, docs/theory/training.md",
    measure=measure,
    proved=False,
)
