"""Width 8 ||X||^2 ln(n / delta) / l0 keeps half of the least eigenvalue of the limit kernel, all constants explicit.

Any points whose limit kernel H_inf (ReLU, first layer) has least eigenvalue l0 > 0; w_r ~ N(0, I), output weights +-1.
H is a mean of k independent positive semidefinite matrices D_r X X^T D_r, D_r the pattern of unit r on the diagonal, of
norm at most ||X||^2 and expectation H_inf.  By the matrix Chernoff bounds (tropp2015, Theorem 5.1.1)

    P(l_min(H) <= (1 - t) l0)         <= n (e^-t / (1 - t)^(1 - t))^(k l0 / ||X||^2)                    for 0 <= t < 1,
    P(l_max(H) >= (1 + t) l_max)      <= n (e^t / (1 + t)^(1 + t))^(k l_max / ||X||^2),  l_max of H_inf, for t >= 0,

and the base of the first is at most exp(-t^2 / 2): t = 1/2 gives the width above.  Each bound is put to the test at the
least width that brings it down to delta, for several t; the lower edge also at the width above.  The test: the exact
lower confidence limit (Clopper-Pearson) of the frequency of failures, at level 1 - 1e-3 for all comparisons together,
must not exceed delta.  The bounds are loose here (a width some 30 times smaller already suffices), so only gross errors
of the constant show; how much smaller is measured by halving the width.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.ntk import first_layer_gram
from overparam.studies._experiment import Experiment, Finding, Link, Setting, Width
from overparam.studies._instances import Size
from overparam.studies.convergence import _two_layer as two
from overparam.widths import clopper_pearson

DELTA, _LEVEL = 0.1, 1e-3
_KEPT = (0.5, 0.8, 0.9)  # t of the lower edge
_GROWN = (1.0, 2.0)  # t of the upper edge


class _Sizes(NamedTuple):
    n: int
    d: int
    draws: int


_SIZES: dict[Size, _Sizes] = {"ci": _Sizes(20, 20, 40), "laptop": _Sizes(60, 12, 200), "paper": _Sizes(600, 60, 500)}


def printed_width(n: int, spectral: float, least: float, delta: float = DELTA, constant: float = 8.0) -> int:
    """Smallest integer k >= constant ||X||^2 ln(n / delta) / l0."""
    return math.ceil(constant * spectral**2 * math.log(n / delta) / least)


def lower_width(n: int, spectral: float, least: float, t: float, delta: float = DELTA) -> int:
    """Least width at which the bound on P(l_min(H) <= (1 - t) l0) is at most delta."""
    return math.ceil(spectral**2 * math.log(n / delta) / (least * (t + (1 - t) * math.log(1 - t))))


def upper_width(n: int, spectral: float, largest: float, t: float, delta: float = DELTA) -> int:
    """Least width at which the bound on P(l_max(H) >= (1 + t) l_max) is at most delta."""
    return math.ceil(spectral**2 * math.log(n / delta) / (largest * ((1 + t) * math.log(1 + t) - t)))


def edges(root: int, points: Float[Array, "n_samples dim"], width: int, draws: int) -> np.ndarray:
    """Least and largest eigenvalue of H of each of so many layers, (draws, 2)."""
    dim = points.shape[1]
    block = _BLOCK if width <= _BLOCK else _MOST
    found = np.empty((draws, 2))
    for seed in range(draws):
        rows = np.zeros((-(-width // block) * block, dim))
        rows[:width] = np.asarray(two.start(root, seed, width, dim)[0])
        total = sum(np.asarray(_counted(jnp.asarray(rows[i : i + block]), points)) for i in range(0, len(rows), block))
        found[seed] = np.linalg.eigvalsh(np.asarray(points) @ np.asarray(points).T * total / width)[[0, -1]]
    return found


_BLOCK, _MOST = 2**10, 2**13  # rows at a time, the rest zeros, which are never active: two programs for all widths


@jax.jit
def _counted(weights: Array, points: Array) -> Array:
    on = two.patterns(weights, points)
    return jnp.matmul(on, on.T, precision=two.HIGHEST)


def measure(setting: Setting, *, constant: float = 8.0) -> Finding:
    """Draw layers at each width and count failures.

    Args:
        setting: see `Setting`.
        constant: in the width that is printed; 8 is the one proved.
    """
    n, d, draws = _SIZES[setting.size]
    points, _ = two.sphere(setting.root, n, d)
    spectrum = np.asarray(jnp.linalg.eigvalsh(first_layer_gram(points)))
    least, largest = float(spectrum[0]), float(spectrum[-1])
    spectral = float(np.linalg.norm(np.asarray(points), 2))
    width = printed_width(n, spectral, least, constant=constant)
    # (words, width, edge, threshold): failures lie below the threshold of edge 0, above that of edge 1
    cases = [("least eigenvalue below 1/2 of its limit, at the printed width", width, 0, least / 2)]
    cases += [
        (f"least eigenvalue below {1 - t:.1g} of its limit", lower_width(n, spectral, least, t), 0, (1 - t) * least)
        for t in _KEPT
    ]
    cases += [
        (f"largest above {1 + t:g} times its limit", upper_width(n, spectral, largest, t), 1, (1 + t) * largest)
        for t in _GROWN
    ]
    drawn = {k: edges(setting.root, points, k, draws) for k in {k for _, k, _, _ in cases}}
    links, told, holds = [], [], True
    for name, k, edge, threshold in cases:
        values = drawn[k][:, edge]
        if not np.all(np.isfinite(values)):
            return Finding(None, f"Eigenvalues at width {k} are not finite.", draws)
        failures = int(np.sum(values <= threshold if edge == 0 else values >= threshold))
        lower, _ = clopper_pearson(failures, draws, level=1 - 2 * _LEVEL / len(cases))
        holds = holds and lower <= DELTA
        links.append(Link(f"{name} (width {k}), lower limit of its frequency", DELTA, lower))
        told.append(f"{failures}/{draws} at width {k}")
    suffices = width
    while suffices > 1 and np.mean(edges(setting.root, points, suffices // 2, draws)[:, 0] <= least / 2) <= DELTA:
        suffices //= 2
    words = (
        f"n = {n}, d = {d}: l0 = {least:.3g}, ||X|| = {spectral:.3g}; the printed width is {width}, that of the "
        f"sharper base {lower_width(n, spectral, least, 0.5)}. Failures: {'; '.join(told)} (delta = {DELTA}). The "
        f"typical least eigenvalue at the printed width is {float(np.median(drawn[width][:, 0])) / least:.2g} l0; "
        f"halved again and again, the width that still fails at most delta of the draws is {suffices}."
    )
    return Finding(bool(holds), words, draws * len(drawn), links=tuple(links), width=Width(width, max(width, 1)))


STUDY = Experiment(
    id="chernoff-width",
    claim="Width 8 ||X||^2 ln(n / delta) / l0 gives the first-layer kernel of a random ReLU layer at least half of "
    "the least eigenvalue l0 of its limit, with probability at least 1 - delta; the largest eigenvalue likewise stays "
    "below twice its limit, at the width of the upper Chernoff bound.",
    refuted_by="failures whose exact lower confidence limit exceeds delta at a width where the bound is at most delta",
    cites=("tropp2015",),
    locator="Theorem 5.1.1, applied to the summands of the kernel",
    measure=measure,
    proved=True,
)
