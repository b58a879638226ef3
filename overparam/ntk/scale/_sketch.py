"""Finite sets of random features in place of a kernel, with explicit bounds on what they miss.

The first-layer ReLU kernel H is the mean over w ~ N(0, I) of D_w G D_w, G = X X^T, D_w the diagonal matrix of
1{Xw > 0}: the mean of k draws is the kernel H(W) of k neurons.  As 0 <= D G D <= |G| I, matrix Bernstein (tropp2015,
Hermitian case) with variance k |G| |H| and range |G| gives, with L = log(2 n / delta) and probability >= 1 - delta,

    |H(W) - H| <= sqrt(2 |G| |H| L / k) + 2 |G| L / (3 k).

The tangent kernel J J^T of a given network has the features J Z / sqrt(k), Z Gaussian with k columns.  With
e = (sqrt(n) + sqrt(2 log(2 / delta))) / sqrt(k) < 1, and probability 1 - delta at least (davidson2001),

    (1 - e)^2 J J^T <= sketch <= (1 + e)^2 J J^T.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike, DTypeLike
from jaxtyping import Float

from overparam.errors import InputError
from overparam.ntk._points import points_of
from overparam.precision import HIGHEST


class ReluFeatures(NamedTuple):
    """k neurons of a first ReLU layer at n points: H(W) = (X X^T) o (S S^T) / k, never stored.

    Attributes:
        rows: (n, dim), X, with a column of ones for hidden biases.
        patterns: (n, k), S, zeros and ones.
    """

    rows: Float[Array, "n_samples dim"]
    patterns: Float[Array, "n_samples n_features"]

    def product(self, vectors: ArrayLike) -> Float[Array, "n_samples columns"]:
        """H(W) @ vectors, (n, columns), in 4 n k dim multiply-adds a column."""
        columns = jnp.asarray(vectors, self.rows.dtype)
        if columns.ndim != 2 or len(columns) != len(self.rows):
            raise InputError(f"vectors must be ({len(self.rows)}, columns), not of shape {columns.shape}")
        return _relu_product(self, columns)

    def gram(self) -> Float[Array, "n_samples n_samples"]:
        """H(W) itself, (n, n)."""
        return _relu_gram(self)


def relu_features(
    points: ArrayLike, key: Array, n_features: int, *, hidden_bias: bool = False, dtype: DTypeLike = "float64"
) -> ReluFeatures:
    """Random features of `first_layer_gram`: E H(W) = H.

    Args:
        points: (n, dim).
        key: typed; for W.
        n_features: k, neurons; memory is n (k + dim) numbers.
        hidden_bias: whether the layer has biases.
        dtype: of the computation.
    Raises:
        InputError: shapes or options out of range.
        PrecisionError: JAX is running without the dtype asked for.
    Source:
        rahimi2007, of kernels in general.
    """
    rows = points_of(points, dtype)
    _at_least_one(n_features)
    if hidden_bias:
        rows = jnp.concatenate([rows, jnp.ones_like(rows[:, :1])], axis=1)
    return ReluFeatures(rows, _patterns(rows, key, n_features))


def relu_features_error(
    n_samples: int, n_features: int, squared_norm: float, kernel_norm: float, delta: float
) -> float:
    """The bound above on the spectral norm of H(W) - H.

    Args:
        n_samples, n_features: n and k.
        squared_norm: at least |X|^2 = |G|.
        kernel_norm: at least |H|; |G| is.
        delta: probability that it fails, in (0, 1).
    """
    _at_least_one(n_features)
    if not (0 < delta < 1 and squared_norm >= 0 and kernel_norm >= 0 and n_samples >= 1):
        raise InputError("delta must be in (0, 1), n_samples at least 1, and norms at least 0")
    log = math.log(2 * n_samples / delta)
    return math.sqrt(2 * squared_norm * kernel_norm * log / n_features) + 2 * squared_norm * log / (3 * n_features)


def tangent_features(
    apply: Callable[[Any, Array], Array], params: Any, points: ArrayLike, key: Array, n_features: int
) -> Float[Array, "n_samples n_features"]:
    """Features F with E F F^T = J J^T, J the Jacobian of the outputs in the params: one forward derivative a feature.

    Args:
        apply: (params, points) -> (n,), or (n, outputs), whose kernel is then of n * outputs rows.
        params: any tree of float arrays.
        points: what `apply` takes.
        key: typed; for the directions.
        n_features: k.
    Returns:
        (n, k), or (n * outputs, k).
    """
    _at_least_one(n_features)
    leaves, shape = jax.tree.flatten(params)

    def feature(own: Array) -> Array:
        keys = jax.random.split(own, len(leaves))
        kinds = [(jnp.shape(leaf), jnp.result_type(leaf)) for leaf in leaves]
        moves = [jax.random.normal(k, *kind) for k, kind in zip(keys, kinds, strict=True)]
        return jax.jvp(lambda p: apply(p, inputs), (params,), (jax.tree.unflatten(shape, moves),))[1].reshape(-1)

    inputs = jnp.asarray(points)
    found = jax.lax.map(feature, jax.random.split(key, n_features))
    return found.T / math.sqrt(n_features)


def tangent_features_factors(n_rows: int, n_features: int, delta: float) -> tuple[float, float]:
    """((1 - e)^2, (1 + e)^2) as above; the first is 0 where e >= 1."""
    _at_least_one(n_features)
    if not (0 < delta < 1 and n_rows >= 1):
        raise InputError("delta must be in (0, 1) and n_rows at least 1")
    e = (math.sqrt(n_rows) + math.sqrt(2 * math.log(2 / delta))) / math.sqrt(n_features)
    return max(0.0, 1 - e) ** 2, (1 + e) ** 2


def _at_least_one(n_features: int) -> None:
    if n_features < 1:
        raise InputError(f"n_features must be at least 1, not {n_features}")


@jax.jit(static_argnames="k")
def _patterns(rows: Array, key: Array, k: int) -> Array:
    weights = jax.random.normal(key, (rows.shape[1], k), rows.dtype)
    return (jnp.matmul(rows, weights, precision=HIGHEST) > 0).astype(rows.dtype)


@jax.jit
def _relu_product(features: ReluFeatures, columns: Array) -> Array:
    rows, patterns = features

    def one(column: Array) -> Array:
        gathered = jnp.matmul(patterns.T, rows * column[:, None], precision=HIGHEST)  # (k, dim)
        return jnp.sum(rows * jnp.matmul(patterns, gathered, precision=HIGHEST), axis=1)

    return jax.lax.map(one, columns.T).T / patterns.shape[1]


@jax.jit
def _relu_gram(features: ReluFeatures) -> Array:
    rows, patterns = features
    shared = jnp.matmul(patterns, patterns.T, precision=HIGHEST)
    return jnp.matmul(rows, rows.T, precision=HIGHEST) * shared / patterns.shape[1]
