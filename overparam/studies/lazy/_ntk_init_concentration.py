"""The tangent kernel at initialization is close to its infinite-width limit, with an explicit constant.

For f(x) = k^(-1/2) sum_r v_r relu(<w_r, x>), w_r ~ N(0, I) independent, v_r = +-1 frozen, the first layer's kernel is

    H_ij = <x_i, x_j> (1/k) sum_r 1{<w_r, x_i> > 0} 1{<w_r, x_j> > 0},     E H_ij = <x_i, x_j> (pi - angle_ij) / (2 pi).

Each entry is <x_i, x_j> times an average of k independent variables in {0, 1}.  By Hoeffding and a union bound over the
n (n + 1) / 2 pairs i <= j, with probability at least 1 - delta

    max_ij |H_ij - H_ij^inf| / |<x_i, x_j>| <= t = sqrt(ln(n (n + 1) / delta) / (2 k)),

and then |H - H^inf|_2 <= |X X^T|_F t.  That is the explicit two-layer case of Jacot et al. (2018) and of Arora et al.
(2019), whose constants are not given, so that they cannot be contradicted by numbers.

Measured: (a) how often the bound is exceeded over many initializations, at each width; (b) the mean of H over all of
them, to which Hoeffding applies with as many variables as neurons were drawn, so that a wrong limit is seen far below
the bound of (a).  The fall with the width of two layers, and of networks with three hidden layers, is information.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.ntk import dense_kernel, first_layer_gram
from overparam.precision import HIGHEST, require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.lazy._networks import slope_of, unit_points
from overparam.widths import clopper_pearson


class _Sizes(NamedTuple):
    n: int
    dim: int
    widths: tuple[int, ...]
    inits: int
    deep_widths: tuple[int, ...]
    deep_inits: int


_SIZES: dict[Size, _Sizes] = {
    "ci": _Sizes(20, 10, (64, 256, 1024), 40, (32, 128), 8),
    "laptop": _Sizes(50, 10, tuple(2**j for j in range(6, 15)), 200, (32, 64, 128, 256, 512), 30),
    "paper": _Sizes(500, 50, tuple(2**j for j in range(6, 17, 2)), 1000, tuple(2**j for j in range(5, 12)), 100),
}
_DELTA = 0.1  # probability that the theorem allows for exceeding its bound
_ALARM = 1e-6  # level of the test of the mean; and of the frequencies of exceedance, one-sided, all widths together
_DEEP = 3  # hidden layers
_CHUNK = 2**13  # neurons in memory at a time, at most


def measure(setting: Setting, *, limit: Callable[..., Array] = first_layer_gram) -> Finding:
    """Draw networks at each width and compare their kernels with `limit`."""
    require_dtype("float64", what="this study")
    size = _SIZES[setting.size]
    points = unit_points(setting.root, size.n, size.dim)
    products = points @ points.T
    means = np.asarray(limit(points)) / products
    if not np.isfinite(means).all():
        return Finding(None, "The limit kernel is not finite.", 0)
    exceeded, entries, norms, average = [], [], [], np.zeros_like(means)
    chunk = min(_CHUNK, max(size.widths))
    for width in size.widths:
        gap, total = np.empty((2, size.inits)), np.zeros_like(means)
        for seed in range(size.inits):
            shares = _shares(np.random.default_rng([setting.root, 1, width, seed]), points, width, chunk)
            gap[:, seed] = np.abs(shares - means).max(), np.linalg.norm((shares - means) * products, 2)
            total += shares
        exceeded.append(int(np.sum(~(gap[0] <= _bound(size.n, width)))))  # not a number exceeds
        entries.append(gap[0])
        norms.append(gap[1])
        average += total * (width / (size.inits * sum(size.widths)))
    neurons = size.inits * sum(size.widths)
    off = float(np.abs(average - means).max())
    allowed = math.sqrt(math.log(size.n * (size.n + 1) / _ALARM) / (2 * neurons))
    often = [clopper_pearson(count, size.inits, level=1 - 2 * _ALARM / len(exceeded))[0] for count in exceeded]
    widest, kept = size.widths[-1], 1 - _DELTA
    fall = slope_of(size.widths, np.stack(entries))
    return Finding(
        holds=bool(max(often) <= _DELTA and off <= allowed),
        words=f"{size.n} uniform points on the sphere in dimension {size.dim}, {size.inits} initializations at each of "
        f"{len(size.widths)} widths from {size.widths[0]} to {widest}: the bound for delta = {_DELTA} was exceeded "
        f"{sum(exceeded)} times in {size.inits * len(size.widths)}.  The mean kernel of all {neurons} neurons is "
        f"within {off:.2g} of the limit (Hoeffding at level {_ALARM:g}: {allowed:.2g}).  Largest deviation of an entry "
        f"falls like width^s, s = {fall.words}; of networks with {_DEEP} hidden layers, s = {_deep(setting, size)} "
        "(information: that theorem names no constant).",
        instances=size.inits * len(size.widths),
        links=(
            Link(
                f"deviation of an entry over |<x_i, x_j>|, {kept:.0%} quantile at width {widest}",
                _bound(size.n, widest),
                float(np.quantile(entries[-1], kept)),
            ),
            Link(
                f"spectral norm of the deviation, {kept:.0%} quantile at width {widest}",
                float(np.linalg.norm(products)) * _bound(size.n, widest),
                float(np.quantile(norms[-1], kept)),
            ),
        ),
    )


def _bound(n: int, width: int) -> float:
    return math.sqrt(math.log(n * (n + 1) / _DELTA) / (2 * width))


def _shares(rng: np.random.Generator, points: np.ndarray, width: int, chunk: int) -> np.ndarray:
    """Share of neurons active at both points, (1/k) S S^T, of fresh neurons, so many at a time."""
    rows, total = jnp.asarray(points), np.zeros((len(points), len(points)))
    for first in range(0, width, chunk):
        inner = np.zeros((chunk, points.shape[1]))  # rows of zeros are never active: one program for all widths
        new = min(chunk, width - first)
        inner[:new] = rng.normal(size=(new, points.shape[1]))
        total += np.asarray(_both_active(rows, jnp.asarray(inner)))
    return total / width


@jax.jit
def _both_active(
    points: Float[Array, "n_samples dim"], inner: Float[Array, "width dim"]
) -> Float[Array, "n_samples n_samples"]:
    return _square((jnp.matmul(points, inner.T, precision=HIGHEST) > 0).astype(points.dtype))


def _deep(setting: Setting, size: _Sizes) -> str:
    """Slope of the relative deviation, in the spectral norm, of networks with several hidden layers."""
    points = unit_points(setting.root, min(size.n, 20), size.dim, draw=3)
    wanted = np.asarray(dense_kernel(_DEEP).only("ntk", points))
    gaps = np.empty((len(size.deep_widths), size.deep_inits))
    for i, width in enumerate(size.deep_widths):
        for seed in range(size.deep_inits):
            rng = np.random.default_rng([setting.root, 2, width, seed])
            sizes, most = ([size.dim, *[k] * _DEEP, 1] for k in (width, max(size.deep_widths)))
            weights = [np.zeros(shape) for shape in zip(most[1:], most, strict=False)]  # units of zeros stay inactive
            for matrix, shape in zip(weights, zip(sizes[1:], sizes, strict=False), strict=True):
                matrix[: shape[0], : shape[1]] = rng.normal(size=shape)
            found = np.asarray(_deep_kernel(list(map(jnp.asarray, weights)), jnp.asarray(points), np.array(sizes[:-1])))
            gaps[i, seed] = np.linalg.norm(found - wanted, 2) / np.linalg.norm(wanted, 2)
    return slope_of(size.deep_widths, gaps).words


@jax.jit
def _deep_kernel(
    weights: list[Array], points: Float[Array, "n_samples dim"], fans: Array
) -> Float[Array, "n_samples n_samples"]:
    """Tangent kernel of x -> W_L relu(.. relu(W_0 x)), W_l = sqrt(2 / fan-in) w_l, the gradient taken in all w_l."""
    shares = 2 / fans.astype(points.dtype)
    weights = [jnp.sqrt(share) * w for share, w in zip(shares, weights, strict=True)]
    inputs = [points]
    for matrix in weights[:-1]:
        inputs.append(jnp.maximum(jnp.matmul(inputs[-1], matrix.T, precision=HIGHEST), 0))
    total, cotangents = jnp.zeros((len(points), len(points)), points.dtype), jnp.ones((len(points), 1), points.dtype)
    for layer in range(len(weights) - 1, -1, -1):
        total += shares[layer] * _square(inputs[layer]) * _square(cotangents)
        below = jnp.matmul(cotangents, weights[layer], precision=HIGHEST)
        cotangents = jnp.where(inputs[layer] > 0, below, 0) if layer else below
    return total


def _square(rows: Float[Array, "n m"]) -> Float[Array, "n n"]:
    return jnp.matmul(rows, rows.T, precision=HIGHEST)


STUDY = Experiment(
    id="ntk-init-concentration",
    claim="Let n points be given and a two-layer ReLU network of width k with independent standard Gaussian "
    "first-layer weights and frozen output weights +-1/sqrt(k).  With probability at least 1 - delta every entry of "
    "its first-layer tangent kernel is within |<x_i, x_j>| sqrt(ln(n(n+1)/delta)/(2k)) of the infinite-width kernel.",
    refuted_by="a frequency of exceedance whose exact binomial lower limit is above delta, or a mean kernel farther "
    "from the limit than Hoeffding's inequality allows",
    cites=("jacot2018", "arora2019exact"),
    locator="own constant, by Hoeffding; Theorem 1 of Jacot et al., Theorem 3.1 of Arora et al. (numbers from memory)",
    measure=measure,
    proved=True,
)
