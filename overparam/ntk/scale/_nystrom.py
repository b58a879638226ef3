"""Nystrom approximation by randomly pivoted Cholesky, with its trace as a certificate.

With a set P of pivots, H~ = H[:, P] H[P, P]^-1 H[P, :] = F F^T is at most H, and agrees with it on P.  So

    |H - H~| <= tr(H - H~) = tr H - |F|_F^2,

which costs nothing to know: the trace of what is left is the certificate.  Pivots are drawn with the probabilities of
the diagonal that is left; k columns of H are all that is ever evaluated.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike, DTypeLike
from jaxtyping import Float, Int

from overparam.errors import InputError
from overparam.ntk._kernels import Kernel, Which, one_of_two
from overparam.precision import HIGHEST, require_dtype


class Nystrom(NamedTuple):
    """H is approximately F F^T; observed.

    Attributes:
        factor: (n, rank), F.
        pivots: (rank,), rows chosen.
        trace: tr H.
        error: at least tr(H - F F^T), hence at least the spectral norm of H - F F^T; what roundings may add included.
        diagonal: (n,), what is left of it, the error of each point's own entry.
    """

    factor: Float[Array, "n_samples rank"]
    pivots: Int[Array, " rank"]
    trace: float
    error: float
    diagonal: Float[Array, " n_samples"]

    def product(self, vectors: ArrayLike) -> Float[Array, "n_samples columns"]:
        """F F^T @ vectors, (n, columns)."""
        if jnp.iscomplexobj(vectors):
            raise InputError("vectors must be real numbers, not complex ones; multiply real and imaginary parts apart")
        columns = jnp.asarray(vectors, self.factor.dtype)
        if columns.ndim != 2 or len(columns) != len(self.factor):
            raise InputError(f"vectors must be ({len(self.factor)}, columns), not of shape {columns.shape}")
        inner = jnp.matmul(self.factor.T, columns, precision=HIGHEST)
        return jnp.matmul(self.factor, inner, precision=HIGHEST)


def nystrom(
    kernel: Kernel,
    points: ArrayLike,
    key: Array,
    rank: int,
    *,
    which: Which = "ntk",
    tolerance: float = 0.0,
    dtype: DTypeLike = "float64",
) -> Nystrom:
    """Up to `rank` pivots: n rank entries of the kernel, n rank^2 multiply-adds, n rank numbers of memory.

    Args:
        kernel: any `Kernel`.
        points: (n, dim), or (n, height, width, channels).
        key: typed; for the pivots.
        rank: at most n are used, and fewer if the rest is `tolerance` or nothing but rounding.
        which: "ntk" or "nngp".
        tolerance: fraction of the trace that may be left.
        dtype: of the computation.
    Raises:
        InputError: not a `Kernel`, options out of range, shapes that do not fit, or the kernel's diagonal is not one:
            negative or not finite.
        PrecisionError: JAX is running without the dtype asked for.
    Source:
        chen2022, algorithm RPCholesky.
    """
    wanted = require_dtype(dtype, what="nystrom")
    rank = _understood(kernel, which, rank, key)
    if rank < 1 or not 0 <= tolerance < 1:
        raise InputError(f"rank must be at least 1 and tolerance in [0, 1), not {rank} and {tolerance}")
    if jnp.iscomplexobj(points):
        raise InputError("points must be real numbers, not complex ones; give real and imaginary parts as columns")
    rows = jnp.asarray(points, wanted)
    if rows.ndim < 2 or 0 in rows.shape:
        raise InputError(f"points must have at least one row and one column, not the shape {rows.shape}")
    full = getattr(kernel.diagonal(rows, dtype=wanted), which)
    if not bool(jnp.isfinite(full).all()) or float(full.min()) < 0:
        raise InputError("the kernel's diagonal must be finite and at least 0; look at the points")
    n, eps = len(rows), float(jnp.finfo(wanted).eps)
    trace = float(jnp.sum(full))
    rank = min(rank, n)
    factor, left, pivots = jnp.zeros((n, rank), wanted), full, []
    floor = max(tolerance * trace, 4 * n * eps * float(full.max()))
    for k in range(rank):
        if float(jnp.sum(left)) <= floor:
            break
        pivot = _draw(key, jnp.asarray(k, np.uint32), left)
        column = kernel.only(which, rows, rows[pivot][None], dtype=wanted)[:, 0]
        factor, left = _eliminate(factor, left, column, pivot, jnp.asarray(k))
        pivots.append(int(pivot))
    kept = len(pivots)
    # each of the k subtractions on the diagonal rounds by u of what was there
    rounding = (kept + 4) * eps * trace + n * eps * trace / 2
    error = float(jnp.sum(left)) + rounding
    return Nystrom(factor[:, :kept], jnp.asarray(np.array(pivots, np.int32)), trace, error, left)


def _understood(kernel: object, which: object, rank: object, key: object) -> int:
    """The rank, if all four are what they must be.

    Raises:
        InputError: one is not.
    """
    if not isinstance(kernel, Kernel):
        raise InputError(
            f"kernel must be a Kernel, whose diagonal is known, not {type(kernel).__name__}; a function of two sets of "
            "points is for stream_gram and gram_product"
        )
    one_of_two(which)
    if isinstance(rank, bool) or not isinstance(rank, int | np.integer):
        raise InputError(f"rank must be an integer of at least 1, not {rank!r}")
    if not (isinstance(key, Array) and jnp.issubdtype(key.dtype, jax.dtypes.prng_key) and key.shape == ()):
        raise InputError(f"key must be one typed key, as jax.random.key(0) is, not {_described(key)}")
    return int(rank)


def _described(value: object) -> str:
    return f"an array of {value.dtype} and shape {value.shape}" if isinstance(value, Array) else repr(value)


@jax.jit
def _draw(key: Array, k: Array, left: Array) -> Array:
    """A row with the probabilities of what is left."""
    own = jax.random.fold_in(key, k)
    return jax.random.categorical(own, jnp.where(left > 0, jnp.log(jnp.where(left > 0, left, 1)), -jnp.inf))


@jax.jit(donate_argnums=(0, 1))
def _eliminate(factor: Array, left: Array, column: Array, pivot: Array, k: Array) -> tuple[Array, Array]:
    rest = column - jnp.matmul(factor, factor[pivot], precision=HIGHEST)
    rest = rest.at[pivot].set(left[pivot])
    found = rest / jnp.sqrt(left[pivot])
    after = jnp.maximum(left - found**2, 0).at[pivot].set(0)
    return factor.at[:, k].set(found), after
