"""Every point must be active somewhere: about log2(n) neurons are needed when activations are nearly independent.

That holds whatever k d is, since a point at which all neurons are inactive is a zero row of the Jacobian.  For
independent neurons whose law is symmetric and gives no hyperplane mass, a nonzero point is inactive on all k with
probability exactly 2^-k.  So the tangent kernel is singular with probability at most n 2^-k through this alone, and k
>= log2(n / delta) covers all points with probability 1 - delta.  Conversely, for Gaussian weights (any law that
rotations do not change) two points at angle t are both dead with probability ((pi - t) / (2 pi))^k, and Bonferroni
gives

    n 2^-k - sum over pairs of ((pi - t) / (2 pi))^k  <=  P(some point is dead)  <=  min(1, n 2^-k);

for orthonormal points and Gaussian weights the activations are independent, and P = 1 - (1 - 2^-k)^n exactly, so that
log2(n / delta) is also needed there, up to the second order (docs/theory/training.md).

Measured: the frequency of draws with a dead point, with a Clopper-Pearson interval that misses with probability 1e-6,
against the exact law on orthonormal points and, only for compatibility, against both bounds on correlated ones; and the
rank, modulo a large prime, of one network with k < log2(n), although k d > n.  If that network leaves no point dead,
nothing is judged.
"""

import math
from typing import NamedTuple

import numpy as np

from overparam.certificates import first_layer_rank
from overparam.networks import Layer
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.widths import clopper_pearson

LEVEL = 1 - 1e-6


class Sizes(NamedTuple):
    """Orthonormal points, correlated points and their dimension, draws; a network with k < log2(n) and k d > n."""

    orthonormal: int
    correlated: int
    dim: int
    draws: int
    singular: tuple[int, int, int]  # n, d, k


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(32, 40, 12, 2000, (100, 30, 4)),
    "laptop": Sizes(64, 100, 20, 20_000, (300, 80, 6)),
    "paper": Sizes(256, 400, 40, 100_000, (1000, 200, 8)),
}


def measure(setting: Setting, *, shift: float = 0.0) -> Finding:
    """Frequencies and a rank; `shift` moves the mean of the weights, so that their law is not symmetric."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 1])
    correlated = rng.normal(size=(size.correlated, size.dim))
    widths = [max(1, math.ceil(math.log2(size.orthonormal / delta))) for delta in (4, 0.5, 0.05)]
    holds, told = True, []
    for k in widths:
        dead = _dead(setting.root, k, np.eye(size.orthonormal), size.draws, shift)
        low, high = clopper_pearson(dead, size.draws, level=LEVEL)
        law = 1 - (1 - 2.0**-k) ** size.orthonormal
        holds &= low <= law <= high
        told.append(f"k = {k}: {dead / size.draws:.4g} in [{low:.3g}, {high:.3g}], law {law:.4g}")
    k = math.ceil(math.log2(size.correlated / 0.05))
    dead = _dead(setting.root, k, correlated, size.draws, shift)
    low, high = clopper_pearson(dead, size.draws, level=LEVEL)
    above, below = size.correlated * 2.0**-k, bonferroni(correlated, k)
    holds &= low <= above and high >= below
    n, d, few = size.singular
    rank, silent = _singular(setting.root, n, d, few, shift)
    holds &= rank <= n - silent
    return Finding(
        holds=None if holds and silent == 0 else bool(holds),
        words=f"{size.draws} draws on {size.orthonormal} orthonormal points: {'; '.join(told)}. On {size.correlated} "
        f"Gaussian points of dimension {size.dim}, k = {k}: frequency {dead / size.draws:.4g}, Bonferroni bounds "
        f"{below:.4g} and {above:.4g}. One network with n = {n}, d = {d}, k = {few}, so k d = {few * d} > n but k < "
        f"log2(n): {silent} points are dead, and its Jacobian has rank {rank} modulo a large prime.",
        instances=4 * size.draws + 1,
        links=(
            Link("n 2^-k, against the lower end of the interval on correlated points", above, low),
            Link("second Bonferroni bound, against the upper end of that interval", below, high, "at least"),
        ),
    )


def bonferroni(points: np.ndarray, width: int) -> float:
    """N 2^-k minus the sum over pairs of the probability that both are dead."""
    units = points / np.linalg.norm(points, axis=1, keepdims=True)
    rows, columns = np.triu_indices(len(units), 1)
    angles = np.arccos(np.clip(np.sum(units[rows] * units[columns], axis=1), -1, 1))
    return float(len(units) * 2.0**-width - np.sum(((np.pi - angles) / (2 * np.pi)) ** width))


def _dead(root: int, width: int, points: np.ndarray, draws: int, shift: float) -> int:
    """In how many draws some point is inactive on all neurons."""
    rng = np.random.default_rng([root, 3, width, len(points)])
    found, batch = 0, max(1, 2**22 // (width * max(points.shape)))
    for start in range(0, draws, batch):
        weights = rng.normal(size=(min(batch, draws - start), width, points.shape[1])) + shift
        found += int((~(weights @ points.T > 0).any(axis=1)).any(axis=1).sum())
    return found


def _singular(root: int, n: int, d: int, width: int, shift: float) -> tuple[int, int]:
    """Rank modulo a large prime of the hidden Jacobian, and the number of dead points."""
    points = np.random.default_rng([root, 2]).normal(size=(n, d))
    weights = np.random.default_rng([root, 4]).normal(size=(width, d)) + shift
    silent = int((~(points @ weights.T > 0).any(axis=1)).sum())
    return first_layer_rank(Layer(weights, np.zeros(width)), points, hidden_bias=False), silent


STUDY = Experiment(
    id="coverage",
    claim="A nonzero point is inactive on all k independent ReLU neurons of a symmetric law without atoms on "
    "hyperplanes with probability 2^-k: log2(n / delta) neurons cover n such points with probability 1 - delta; for "
    "orthonormal points and Gaussian weights as many are needed, up to second order, and below log2(n) the kernel may "
    "be singular although k d > n.",
    refuted_by="an interval of confidence 1 - 1e-6 for the frequency that excludes the law",
    cites=(),
    locator="own, docs/theory/training.md",
    measure=measure,
    proved=True,
)
