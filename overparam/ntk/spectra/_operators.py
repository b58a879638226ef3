"""A symmetric matrix as the eigenvalue methods see it: products with vectors, and Cholesky factors of shifted copies.

Vectors are NumPy arrays on the host, (n, columns); the matrix and its factors stay where they are.  On processors
BLAS and LAPACK are called through SciPy: XLA's triangular solve with one right-hand side is 20 times slower there.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike, DTypeLike
from numpy.typing import NDArray
from scipy.linalg import get_blas_funcs, get_lapack_funcs

from overparam.errors import InputError
from overparam.precision import HIGHEST, require_dtype

Product = Callable[[Array], ArrayLike]  # (n, columns) -> (n, columns)
Solve = Callable[[NDArray[Any]], NDArray[Any]]

ROUNDINGS = 64  # of the largest entry: more asymmetry than that is an error of the caller's
_ROWS = 256  # compared at a time


class Factor(NamedTuple):
    """Solves with S = sign * matrix - shift I, after a float Cholesky factorization that ran to its end."""

    solve: Solve  # (n,) -> (n,)
    trace: float  # of S
    greatest: float  # absolute value on the diagonal of S


class Operator(NamedTuple):
    """A symmetric matrix, times a power of two that keeps squares of its entries within range."""

    size: int
    dtype: np.dtype
    exponent: int  # the caller's matrix is this one times 2^exponent
    frobenius: float  # at least the Frobenius norm; NaN where it is not known
    product: Solve  # (n, columns) -> (n, columns)
    # sign, shift, dtype; makes the factor before useless; None where products are all there is
    factor: Any  # -> Factor | None
    dense: Any  # () -> the matrix; likewise
    spent: int = 0  # products with one vector that went into the exponent


def operator_of(matrix: ArrayLike | Product, size: int | None, dtype: DTypeLike, *, name: str, what: str) -> Operator:
    """The matrix or the product, checked.

    Raises:
        InputError: not a square matrix of finite numbers, not symmetric by more than 64 roundings of its largest entry;
            or a product without its size.
        PrecisionError: JAX is running without the dtype asked for.
    """
    wanted = require_dtype(dtype, what=what)
    if str(wanted) not in ("float32", "float64"):
        raise InputError(f"dtype must be float32 or float64, not {wanted}")
    if callable(matrix):
        return _of_product(matrix, size, wanted)
    shape = np.shape(matrix)
    if len(shape) != 2 or shape[0] != shape[1] or 0 in shape:
        raise InputError(f"{name} must be a square matrix with at least one row, not of shape {shape}; of an empirical "
                         "kernel with several outputs take traced=True")  # fmt: skip
    if size is not None and size != shape[0]:
        raise InputError(f"size is for a product, and {name} has {shape[0]} rows, not {size}")
    if isinstance(matrix, Array) and next(iter(matrix.devices())).platform != "cpu":
        return device_operator(matrix, wanted, name)
    return _host_operator(matrix, wanted, name)


def _of_product(product: Product, size: object, dtype: np.dtype) -> Operator:
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
        raise InputError(
            f"a product needs size, the number of rows of its matrix, an integer of at least 1, not {size!r}"
        )

    def checked(columns: NDArray[Any]) -> NDArray[Any]:
        found = np.asarray(product(jnp.asarray(columns)))
        if found.shape != columns.shape:
            raise InputError(f"the product must keep the shape {columns.shape} of its argument, not make {found.shape}")
        if not (jnp.issubdtype(found.dtype, np.floating) or jnp.issubdtype(found.dtype, np.integer)):
            raise InputError(
                f"the product must return real numbers, not {found.dtype}; take the real part if the rest is nothing"
            )
        found = found.astype(np.float64)
        if not np.isfinite(found).all():
            raise InputError("the product returned numbers that are not finite; if they overflow, divide its matrix")
        return found

    # what it makes of one vector of length 1 tells how large the matrix is, up to factors that do not matter; nothing
    # at all may be underflow, and a longer vector tells
    probe = np.random.default_rng([int(size), 2]).standard_normal((size, 1))
    probe = (probe / np.linalg.norm(probe)).astype(dtype)
    greatest, spent = float(np.abs(checked(probe)).max()), 1
    exponent = _exponent(greatest, dtype)
    if not greatest:
        longer, spent = int(np.finfo(dtype).maxexp) // 2, 2
        greatest = float(np.abs(checked(np.ldexp(probe, longer))).max())
        exponent = math.frexp(greatest)[1] - longer if greatest else 0
    before = exponent // 2  # half of it on each side of the product, where neither overflows nor underflows

    def scaled(columns: NDArray[Any]) -> NDArray[Any]:
        with np.errstate(over="ignore", under="ignore"):
            found = np.ldexp(checked(np.ldexp(columns, -before)), before - exponent).astype(dtype)
        if not np.isfinite(found).all():
            raise InputError(f"the product must return numbers within the range of {dtype}; divide its matrix")
        return found

    return Operator(int(size), dtype, exponent, math.nan, scaled, None, None, spent=spent)


def _host_operator(values: ArrayLike, dtype: np.dtype, name: str) -> Operator:
    matrix = np.asarray(values)
    if matrix.dtype.kind not in "fiu":
        raise InputError(f"{name} must hold real numbers, not {matrix.dtype}")
    matrix = matrix.astype(dtype, copy=False)
    greatest, apart = 0.0, 0.0
    for i in range(0, len(matrix), _ROWS):
        rows, columns = matrix[i : i + _ROWS, i:], matrix[i:, i : i + _ROWS].T
        greatest = np.maximum(greatest, np.maximum(np.max(np.abs(rows)), np.max(np.abs(columns))))  # keeps NaN
        apart = np.maximum(apart, 0.0 if np.array_equal(rows, columns) else np.max(np.abs(rows - columns)))
    if _checked(float(greatest), float(apart), dtype, name):
        matrix = matrix / 2 + matrix.T / 2
    exponent = _exponent(float(greatest), dtype)
    if exponent:
        matrix = np.ldexp(matrix, -exponent)
    squares = sum(float(np.vdot(row, row)) for row in matrix)

    rooms: list[NDArray[Any]] = []  # one, reused: fresh pages cost as much as half of a factorization

    def factor(sign: int, shift: float, kind: DTypeLike) -> Factor | None:
        if not rooms:
            rooms.append(np.empty(matrix.size, dtype))
        shifted = rooms[0].view(kind)[: matrix.size].reshape(matrix.shape)
        np.multiply(matrix, np.asarray(sign, kind), out=shifted, casting="same_kind")
        diagonal = shifted.reshape(-1)[:: len(shifted) + 1]
        diagonal -= np.asarray(shift, kind)
        trace, most = float(diagonal.sum(dtype=np.float64)), float(np.abs(diagonal).max())
        # the transpose of rows is columns, as LAPACK wants them: no copy
        lower, info = get_lapack_funcs(("potrf",), dtype=kind)[0](shifted.T, lower=1, clean=0, overwrite_a=1)
        if info:
            return None
        trsv = get_blas_funcs(("trsv",), dtype=kind)[0]

        def solve(vector: NDArray[Any]) -> NDArray[Any]:
            half = trsv(lower, vector.astype(shifted.dtype), lower=1)
            return trsv(lower, half, lower=1, trans=1).astype(dtype)

        return Factor(solve, trace, most)

    norm = _frobenius(squares, len(matrix), dtype)
    return Operator(len(matrix), dtype, exponent, norm, lambda columns: matrix @ columns, factor, lambda: matrix)


def device_operator(values: Array, dtype: np.dtype, name: str) -> Operator:
    """A matrix that stays on its accelerator; only vectors travel."""
    matrix = jnp.asarray(values, dtype)
    greatest, apart = (float(x) for x in _extent(matrix))
    if _checked(greatest, apart, dtype, name):
        matrix = matrix / 2 + matrix.T / 2
    exponent = _exponent(greatest, dtype)
    if exponent:
        matrix = jnp.ldexp(matrix, -exponent)
    squares = float(jnp.sum(matrix**2))

    def factor(sign: int, shift: float, kind: DTypeLike) -> Factor | None:
        lower, trace, most = _cholesky(matrix, jnp.asarray(sign, kind), jnp.asarray(shift, kind), np.dtype(kind))
        if not bool(jnp.isfinite(jnp.diagonal(lower)).all()):
            return None
        kept = lower.dtype

        def solve(vector: NDArray[Any]) -> NDArray[Any]:
            return np.asarray(_solve(lower, jnp.asarray(vector.astype(kept)))).astype(dtype)

        return Factor(solve, float(trace), float(most))

    def product(columns: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(_product(matrix, jnp.asarray(columns)))

    norm = _frobenius(squares, len(matrix), dtype)
    return Operator(len(matrix), dtype, exponent, norm, product, factor, lambda: np.asarray(matrix))


def _checked(greatest: float, apart: float, dtype: np.dtype, name: str) -> bool:
    """Whether the matrix is still to be made symmetric."""
    if not math.isfinite(greatest):
        raise InputError(f"{name} must hold finite numbers only; a NaN or an infinity is among them")
    if apart > ROUNDINGS * float(np.finfo(dtype).eps) * greatest:
        raise InputError(
            f"{name} must be symmetric; entries and their mirror images differ by up to {apart:.3g}, the largest entry "
            f"being {greatest:.3g}.  Use ({name} + {name}.T) / 2 if that difference is meant to be nothing"
        )
    return apart > 0


def _exponent(greatest: float, dtype: np.dtype) -> int:
    """Of the power of two to divide by; 0 where squares are far from overflow and underflow as they are."""
    exponent = math.frexp(greatest)[1] if greatest else 0
    return exponent if abs(exponent) > (300 if dtype == np.float64 else 30) else 0


def _frobenius(squares: float, n: int, dtype: np.dtype) -> float:
    """The root of a sum of n^2 rounded squares, rounded up."""
    return math.sqrt(squares) * (1 + (n * n + 4) * float(np.finfo(dtype).eps))


@jax.jit
def _extent(matrix: Array) -> tuple[Array, Array]:
    return jnp.max(jnp.abs(matrix)), jnp.max(jnp.abs(matrix - matrix.T))


@jax.jit(static_argnames="kind")
def _cholesky(matrix: Array, sign: Array, shift: Array, kind: np.dtype) -> tuple[Array, Array, Array]:
    shifted = sign * matrix.astype(kind) - shift * jnp.eye(len(matrix), dtype=kind)
    diagonal = jnp.diagonal(shifted)
    lower = jnp.linalg.cholesky(shifted, symmetrize_input=False)
    return lower, jnp.sum(diagonal), jnp.max(jnp.abs(diagonal))


@jax.jit
def _solve(lower: Array, vector: Array) -> Array:
    half = jax.scipy.linalg.solve_triangular(lower, vector, lower=True)
    return jax.scipy.linalg.solve_triangular(lower, half, lower=True, trans=1)


@jax.jit
def _product(matrix: Array, columns: Array) -> Array:
    return jnp.matmul(matrix, columns, precision=HIGHEST)
