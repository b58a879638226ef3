"""A bound on the test loss from the labels' complexity y^T H^-1 y, and what it says for noisy and for random labels.

Arora, Du, Hu, Li and Wang (2019), their Theorem 5.1 as recalled, its second term not compared with the source: n
independent unit points, labels of size at most 1, H the first-layer kernel of infinite width with least eigenvalue l_0
with high probability.  Two-layer ReLU networks, wide enough (a polynomial of unknown degree) and trained long enough,
have with probability at least 1 - delta the test loss

    E loss(f(x), y) <= sqrt(2 y^T H^-1 y / n) + O(sqrt(log(n / (l_0 delta)) / n)),

for a loss in [0, 1] that is 1-Lipschitz in f and 0 at f = y; here min(|f - y|, 1).  Around it, with A = H^-1:

* Linear labels y = X b: H >= X X^T / 4 (the first coefficient of the kernel's power series, the others are not
  negative), so y^T A y <= 4 |b|^2 and the leading term is at most |b| sqrt(8 / n).
* Labels y_i s_i, s_i = -1 with probability p, independently: E = (1 - 2p)^2 y^T A y + 4p (1 - p) sum_i y_i^2 A_ii. So
  noise raises the complexity if y^T A y <= sum_i y_i^2 A_ii, and lowers it otherwise: that it always raises it is too
  broad.  Of two points at an angle below pi/2, the labels (1, -1) are the top eigenvector of A.
* Random signs, p = 1/2 and y_i = +-1: E = tr A >= n^2 / tr H = 2n for unit points.  The leading term is 2 or more in
  root mean square while the loss is at most 1: the bound is empty for random labels, as it should be.

The network is taken as infinitely wide and trained to the end, that is, as the kernel's interpolant; the O() has the
constant 1.  Measured: the mean over draws of the noise against its formula, and the test loss, with its Hoeffding lower
limit, against the bound, which is loose, so that only a gross failure to generalize shows.  The inequalities for linear
labels and for tr A are theorems about H: they can fail only if the kernel is computed wrongly.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jax import Array
from scipy.stats import norm

from overparam.ntk import first_layer_gram, modes_of
from overparam.precision import require_dtype
from overparam.records import Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.lazy._networks import unit_points


class _Sizes(NamedTuple):
    n: int
    test: int
    dim: int
    draws: int


_SIZES: dict[Size, _Sizes] = {
    "ci": _Sizes(100, 200, 10, 400),
    "laptop": _Sizes(1000, 1000, 20, 1000),
    "paper": _Sizes(10_000, 10_000, 20, 1000),
}
_NOISE = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
_DELTA = 0.1
_ALARM = 1e-5  # of the test of each mean, by the normal approximation
_UNIT = 2.0**-53


def linear_labels(points: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """<x, b> with |b| = 1."""
    return points @ direction


def measure(
    setting: Setting,
    *,
    target: Callable[[np.ndarray, np.ndarray], np.ndarray] = linear_labels,
    limit: Callable[..., Array] = first_layer_gram,
) -> Finding:
    """Complexity of clean, noisy and random labels, and the test loss."""
    require_dtype("float64", what="this study")
    size, rng = _SIZES[setting.size], np.random.default_rng([setting.root, 2])
    n, points = size.n, unit_points(setting.root, size.n + size.test, size.dim)
    both = np.asarray(limit(points))
    values, vectors = (np.asarray(part) for part in modes_of(both[:n, :n])[:2])
    labels = target(points, unit_points(setting.root, 1, size.dim, draw=2)[0])
    own, diagonal = labels[:n], np.sum(vectors**2 / values, axis=1)

    def complexity(columns: np.ndarray) -> np.ndarray:
        return np.sum((vectors.T @ columns) ** 2 / values[:, None], axis=0)

    clean, mixed, trace = float(complexity(own[:, None])[0]), float(own**2 @ diagonal), float(diagonal.sum())
    rounding = n * _UNIT * float(values[-1] / values[0])  # relative: of eigenvalues wrong by n u times the largest
    means, off = [], []
    for p in _NOISE:
        signs = np.where(rng.random((n, size.draws)) < p, -1.0, 1.0)
        drawn = complexity(own[:, None] * signs)
        means.append(float(drawn.mean()))
        expected, spread = (1 - 2 * p) ** 2 * clean + 4 * p * (1 - p) * mixed, drawn.std() / math.sqrt(size.draws)
        off.append(abs(means[-1] - expected) / float(norm.isf(_ALARM / 2) * spread + rounding * expected))
    random = complexity(rng.choice([-1.0, 1.0], size=(n, size.draws)))
    predicted = both[n:, :n] @ (vectors @ ((vectors.T @ own) / values))
    loss = float(np.minimum(np.abs(predicted - labels[n:]), 1).mean())
    lower = loss - math.sqrt(math.log(1 / _ALARM) / (2 * size.test))
    leading, rest = math.sqrt(2 * clean / n), math.sqrt(math.log(n / (values[0] * _DELTA)) / n)
    above = max((p for p, mean in zip(_NOISE, means, strict=True) if math.sqrt(2 * mean / n) < 1), default=math.nan)
    most = float(np.max(off))  # NaN stays
    meets = lower <= leading + rest and trace >= 2 * n * (1 - rounding) and most <= 1
    known = bool(np.isfinite([most, lower, leading, rest, trace]).all())
    linear = clean <= 4 * (1 + rounding) if target is linear_labels else True
    return Finding(
        holds=bool(meets and linear) if known else None,
        words=f"n = {n} points on the sphere in dimension {size.dim}, {size.test} test points.  y^T H^-1 y = "
        f"{clean:.3g}, against sum_i y_i^2 (H^-1)_ii = {mixed:.3g}; mean with a share p of signs flipped: "
        + ", ".join(f"{mean:.3g} (p = {p:g})" for p, mean in zip(_NOISE, means, strict=True))
        + f".  The leading term is {leading:.3g}, below 1 up to p = {above:g}; the term of order n^(-1/2) is "
        f"{rest:.3g} with the constant 1.  Test loss {loss:.3g}, so that the bound could be a factor "
        f"{(leading + rest) / loss:.2g} lower.  Random signs: mean {random.mean() / n:.3g} n, so a leading term of "
        f"{math.sqrt(2 * random.mean() / n):.3g} in root mean square, empty by design; tr H^-1 = {trace / n:.3g} n, "
        "at least 2 n on any unit points.",
        instances=1 + len(_NOISE) * size.draws,
        links=(
            Link("test loss against the leading term alone", leading, loss),
            Link("tr H^-1 over n against 2", 2, trace / n, "at least"),
            Link("y^T H^-1 y against 4 |b|^2 of linear labels", 4, clean),
            Link("means of noisy labels against their formula, in units of what chance allows", 1, most),
        ),
        vacuous="" if leading < 1 else f"the leading term is {leading:.3g}, no better than the trivial bound 1.",
    )


STUDY = Experiment(
    id="kernel-generalization-bound",
    claim="In the runs of this study, the test loss of the interpolant of the first-layer ReLU kernel, labels linear, "
    "is not significantly above sqrt(2 y^T H^-1 y / n) + sqrt(log(n/(l_0 delta))/n), the term of order n^(-1/2) taken "
    "with the constant 1; flipping signs of labels raises y^T H^-1 y in the mean "
    "exactly if it is below sum_i y_i^2 (H^-1)_ii (that noise always raises it is too broad: of two points at an acute "
    "angle, opposite labels have the largest value); and random signs on unit points have a mean of at least 2n, so "
    "that the bound is empty for them.",
    refuted_by="a test loss whose Hoeffding lower limit is above the bound, a mean of noisy "
    "labels off its formula by more than chance allows, or tr H^-1 < 2n",
    cites=("arora2019fine",),
    locator="Theorem 5.1 (number and second term from memory)",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
