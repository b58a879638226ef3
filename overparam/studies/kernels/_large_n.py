"""Kernels that do not fit: blocks, products without the matrix, and approximations that know their error.

Streaming over blocks and multiplying without storing change nothing but the order of sums.  Two approximations come
with bounds: for F F^T from k pivot rows (Nystrom), 0 <= H - F F^T, so that its norm is at most its trace, tr H - |F|^2;
and for the kernel H(W) of k random neurons, matrix Bernstein with range |G| and variance |G| |H|,

    |H(W) - H| <= sqrt(2 |G| |H| L / k) + 2 |G| L / (3 k),     L = ln(2 n / delta),

with probability at least 1 - delta, G the Gram matrix of the points.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import numpy as np

from overparam.keys import Purpose, key_for
from overparam.ntk import (
    Nystrom,
    dense_kernel,
    first_layer_gram,
    gram_product,
    nystrom,
    relu_features,
    relu_features_error,
    stream_gram,
)
from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size


class _Sizes(NamedTuple):
    n: int
    dim: int
    rank: int
    neurons: int
    draws: int


_SIZES: dict[Size, _Sizes] = {
    "ci": _Sizes(60, 6, 20, 400, 10),
    "laptop": _Sizes(1000, 20, 200, 4000, 20),
    "paper": _Sizes(8000, 50, 1000, 40_000, 50),
}
DELTA = 1e-6  # of each draw, so that any draw beyond the bound tells
ROUNDING = 1e-12  # of sums of n terms, relative to the largest
_KERNEL = dense_kernel(2, "relu")


def measure(setting: Setting, *, approximate: Callable[..., Nystrom] = nystrom, fewer: int = 1) -> Finding:
    """Compare with the dense matrix.

    Args:
        setting: see `Setting`.
        approximate: makes the Nystrom approximation.
        fewer: the bound is told `fewer` times as many neurons as were drawn.
    """
    require_dtype("float64", what="the study of large kernels")
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 6])
    points = rng.normal(size=(size.n, size.dim))
    vectors = rng.normal(size=(size.n, 3))
    dense = np.asarray(_KERNEL(points).ntk)
    streamed = stream_gram(_KERNEL, points, block=max(size.n // 4, 1))
    product = np.asarray(gram_product(_KERNEL, points, vectors, block=max(size.n // 4, 1)))
    blocks = [np.max(np.abs(streamed - dense)) / np.max(dense)]
    blocks.append(np.max(np.abs(product - dense @ vectors)) / np.max(np.abs(dense @ vectors)))
    low = approximate(_KERNEL, points, key_for(jax.random.key(setting.root), Purpose.INIT, 0), size.rank)
    factor = np.asarray(low.factor)
    rest = np.linalg.eigvalsh(dense - factor @ factor.T)
    limit, gram = np.asarray(first_layer_gram(points)), points @ points.T
    norms = (float(np.linalg.norm(gram, 2)), float(np.linalg.norm(limit, 2)))
    missed = []
    for draw in range(size.draws):
        key = key_for(jax.random.key(setting.root), Purpose.INIT, 1 + draw)
        drawn = np.asarray(relu_features(points, key, size.neurons).gram())
        missed.append(np.linalg.norm(drawn - limit, 2))
    bound = relu_features_error(size.n, fewer * size.neurons, *norms, DELTA)
    links = (
        Link("blocks and products without the matrix against the dense one, relative", ROUNDING, float(np.max(blocks))),
        Link(
            f"spectral norm of what {size.rank} pivots leave, against its trace", low.error, float(np.abs(rest).max())
        ),
        Link(f"distance of the kernel of {size.neurons} neurons from the limit", bound, float(np.max(missed))),
    )
    holds = all(link.holds for link in links) and bool(rest[0] >= -ROUNDING * low.trace)
    words = (
        f"{size.n} Gaussian points in dimension {size.dim}. {size.rank} pivots leave {low.error / low.trace:.1%} of "
        f"the trace of the tangent kernel of two hidden ReLU layers. {size.draws} draws of {size.neurons} neurons, "
        f"delta = {DELTA:g} each."
    )
    return Finding(holds, words, 3 + size.draws, links=links)


STUDY = Experiment(
    id="large-n-kernels",
    claim="Blockwise and matrix-free kernels agree with the dense one up to rounding, the trace that Nystrom's "
    "approximation leaves bounds its error in the spectral norm, and the kernel of k random ReLU neurons is within "
    "matrix Bernstein's bound of its limit with probability at least 1 - delta.",
    refuted_by="a difference that rounding does not explain, or an error above either bound",
    cites=("tropp2015",),
    locator="the matrix Bernstein inequality",
    measure=measure,
    proved=True,
)
