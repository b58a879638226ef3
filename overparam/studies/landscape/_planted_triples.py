"""Three collinear points need a cut between them: of random neurons, a number inverse to the angle of the segment.

If no neuron changes activation between x - h and x + h, a network with biases is affine there, so F(x) is the mean of
the outer outputs; with labels y_1, y_2, y_3 the loss is at least D^2 / 3, D = y_2 - (y_1 + y_3) / 2, and the Jacobian's
middle row is the mean of the outer rows: its kernel is singular, whatever k d.  Random neurons, from N(0, I), bias
included, cut a segment seen under the angle t from the origin of R^(d+1) with probability t / pi each, so that a triple
stays uncut with probability exactly (1 - t / pi)^k: k of the order of pi / t is needed, however few the points
(docs/theory/training.md).

Measured: the frequency of uncut triples, with a Clopper-Pearson interval that misses with probability 1e-6; and of a
draw that leaves triples uncut and of a wide one that cuts all, ranks modulo a large prime (never above the rank) and
the least loss over all hidden weights with the draw's activations, of which the first must respect the bound and the
second be zero.  If the draws are not of these two kinds, nothing is judged.
"""

import math
from typing import NamedTuple

import numpy as np

from overparam.certificates import first_layer_rank
from overparam.networks import Layer
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.landscape._instances import planted_triples
from overparam.widths import clopper_pearson

LEVEL = 1 - 1e-6
ROUNDING = 1e-9  # of losses, which are of order 1


class Sizes(NamedTuple):
    """Triples, dimension, half length of a segment, draws."""

    triples: int
    d: int
    spread: float
    draws: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(4, 5, 0.05, 2000),
    "laptop": Sizes(10, 8, 0.02, 20_000),
    "paper": Sizes(40, 15, 0.01, 100_000),
}


def measure(setting: Setting, *, bias: float = 1.0) -> Finding:
    """Frequencies, ranks and losses; `bias` is the deviation of the biases drawn, 1 by the law."""
    size = _SIZES[setting.size]
    data = planted_triples(setting.root, size.triples, size.d, spread=size.spread)
    points, labels, n = data.points, data.labels, 3 * size.triples
    rng = np.random.default_rng([setting.root, size.triples])
    angles = segment_angles(points)
    narrow = math.ceil(n / (size.d + 1)) + 2
    wide = math.ceil(math.pi / angles.min() * math.log(size.triples / 1e-3))
    told, holds = [], True
    for k in (narrow, math.ceil(math.pi / angles.max())):
        uncut = sum(int(not _cut(rng, points[:3], k, bias)) for _ in range(size.draws))
        low, high = clopper_pearson(uncut, size.draws, level=LEVEL)
        law = (1 - angles[0] / math.pi) ** k
        holds &= low <= law <= high
        told.append(f"k = {k}: {uncut / size.draws:.4f} in [{low:.3f}, {high:.3f}], law {law:.4f}")
    few, many = (_draw(rng, k, size.d, bias) for k in (narrow, wide))
    free = [t for t in range(size.triples) if not _separates(few, points[3 * t : 3 * t + 3])]
    ranks = [first_layer_rank(Layer(w[:, :-1], w[:, -1]), points) for w in (few, many)]
    every = all(_separates(many, points[3 * t : 3 * t + 3]) for t in range(size.triples))
    losses = [_least_loss(w, points, labels) for w in (few, many)]
    bound = sum((labels[3 * t + 1] - (labels[3 * t] + labels[3 * t + 2]) / 2) ** 2 / 3 for t in free)
    bound = float(bound) * (1 - ROUNDING)
    judged = holds and ranks[0] <= n - len(free) and losses[0] >= bound
    # that wide draws have full rank is true of almost all of them at best
    full = ranks[1] == n and losses[1] <= ROUNDING
    return Finding(
        holds=None if judged and not (free and every and full) else bool(judged),
        words=f"{size.triples} triples in dimension {size.d}, segments under angles {angles.min():.3g} to "
        f"{angles.max():.3g}. One triple uncut, {size.draws} draws: {'; '.join(told)}. A draw of {narrow} neurons, k "
        f"(d + 1) = {narrow * (size.d + 1)} for n = {n}, leaves {len(free)} triples uncut: rank {ranks[0]} (modulo a "
        f"large prime), least loss with these activations {losses[0]:.4g}, bound {bound:.4g}. {wide} neurons cut "
        f"{'all' if every else 'not all'}: rank {ranks[1]}, loss {losses[1]:.1e}.",
        instances=2 * size.draws + 2,
        links=(Link("least loss of a draw with uncut triples, against their bound", bound, losses[0], "at least"),),
    )  # fmt: skip


def segment_angles(points: np.ndarray) -> np.ndarray:
    """Angle between the outer points of each triple, a coordinate 1 appended."""
    lifted = np.hstack([points, np.ones((len(points), 1))])
    units = lifted / np.linalg.norm(lifted, axis=1, keepdims=True)
    return 2 * np.arcsin(np.linalg.norm(units[2::3] - units[::3], axis=1) / 2)


def _draw(rng: np.random.Generator, width: int, dim: int, bias: float) -> np.ndarray:
    """(width, dim + 1), the bias last."""
    return rng.normal(size=(width, dim + 1)) * np.append(np.ones(dim), bias)


def _cut(rng: np.random.Generator, triple: np.ndarray, width: int, bias: float) -> bool:
    return _separates(_draw(rng, width, triple.shape[1], bias), triple)


def _separates(w: np.ndarray, triple: np.ndarray) -> bool:
    """Whether some neuron is active at one end of the segment only."""
    on = triple[[0, 2]] @ w[:, :-1].T + w[:, -1] > 0
    return bool((on[0] != on[1]).any())


def _least_loss(w: np.ndarray, points: np.ndarray, labels: np.ndarray) -> float:
    """Least 1/2 |r|^2 over hidden weights, these activations kept and output weights 1."""
    lifted = np.hstack([points, np.ones((len(points), 1))])
    on = lifted @ w.T > 0
    features = (on[:, :, None] * lifted[:, None, :]).reshape(len(points), -1)
    return float(np.sum((labels - features @ np.linalg.lstsq(features, labels, rcond=None)[0]) ** 2) / 2)


STUDY = Experiment(
    id="planted-triples",
    claim="A triple x - h, x, x + h that no neuron cuts costs a rank, and a loss of at least D^2 / 3, D = y_2 - (y_1 "
    "+ y_3) / 2; k Gaussian neurons with biases leave a segment seen under the angle t uncut with probability (1 - t "
    "/ pi)^k.",
    refuted_by="an interval of confidence 1 - 1e-6 that excludes the law, a larger rank, or a smaller loss",
    cites=(),
    locator="own, docs/theory/training.md",
    measure=measure,
    proved=True,
)
