"""A user's network as a function of one sample, with its floating-point parameters apart from everything else."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike, DTypeLike

from overparam.errors import InputError
from overparam.precision import require_dtype

Apply = Callable[[Any, Array], Array]  # (params, (n, ...)) -> (n,) or (n, outputs)


@dataclasses.dataclass(frozen=True)
class Single:
    """The network at one sample; hashable if `apply` and the tree are, so that it can be a static argument of jit.

    Products of `apply` that name no precision are computed in the highest: accelerators may multiply float32 in fewer
    bits, and methods that multiply the same numbers in another order would then disagree.
    """

    apply: Apply
    tree: Any  # the structure of params
    trained: tuple[bool, ...]  # which leaves are floating-point numbers: those that are parameters

    def __call__(self, leaves: list[Array], rest: list[Array], sample: Array) -> Array:
        """Its outputs, (outputs,): `apply` sees a batch of one sample, hence never another sample."""
        return self.batch(leaves, rest, sample[None]).reshape(-1)

    def batch(self, leaves: list[Array], rest: list[Array], samples: Array) -> Any:
        """What `apply` returns, in its own shape."""
        own, other = iter(leaves), iter(rest)
        params = jax.tree.unflatten(self.tree, [next(own) if trained else next(other) for trained in self.trained])
        with jax.default_matmul_precision("highest"):
            return self.apply(params, samples)


class Network(NamedTuple):
    """What the methods compute with: `single`, its arguments in one dtype, and what was learnt about its outputs."""

    single: Single
    leaves: list[Array]
    rest: list[Array]
    points: Array
    others: Array | None
    outputs: int
    flat: bool  # apply returns (n,), not (n, 1)
    paths: tuple[str, ...]  # names of the leaves

    @property
    def sides(self) -> tuple[int, int]:
        """Number of points on either side."""
        return len(self.points), len(self.points if self.others is None else self.others)


def network_of(apply: Apply, params: Any, points: ArrayLike, others: ArrayLike | None, dtype: DTypeLike) -> Network:
    """Check a call and bring its arguments into one dtype.

    Raises:
        InputError: params hold no floating-point array or something that is no array; points or others have no sample
            or not the same shape; apply does not return (n,) or (n, outputs) of that dtype.
        PrecisionError: JAX is running without the dtype asked for.
    """
    wanted = require_dtype(dtype, what="an empirical kernel")
    if wanted.name not in ("float32", "float64"):
        raise InputError(f"dtype must be float32 or float64, not {wanted}")
    if not callable(apply):
        raise InputError(f"apply must be a function of (params, points), not {type(apply).__name__}")
    rows = _samples(points, wanted, "points")
    columns = None if others is None else _samples(others, wanted, "others")
    if columns is not None and columns.shape[1:] != rows.shape[1:]:
        raise InputError(f"others must be samples of shape {rows.shape[1:]} as points are, not {columns.shape[1:]}")
    found, tree = jax.tree.flatten_with_path(params)
    names = tuple(jax.tree_util.keystr(path) for path, _ in found)
    arrays = [_leaf(value, name) for name, (_, value) in zip(names, found, strict=True)]
    trained = tuple(jnp.issubdtype(array.dtype, jnp.floating) for array in arrays)
    if not any(trained):
        raise InputError("params must hold at least one array of floating-point numbers, and this tree holds none")
    pairs = list(zip(arrays, trained, strict=True))
    leaves = [array if array.dtype == wanted else array.astype(wanted) for array, is_own in pairs if is_own]
    rest = [array for array, is_own in pairs if not is_own]
    single = Single(apply, tree, trained)
    try:
        hash(single)
    except TypeError as error:
        raise InputError(
            f"apply must be a function, or another callable that can be hashed, since it is compiled once ({error}): "
            "wrap it in a function"
        ) from None
    shape = _checked_shape(single, leaves, rest, rows)
    paths = tuple(name for name, is_own in zip(names, trained, strict=True) if is_own)
    return Network(single, leaves, rest, rows, columns, (*shape, 1)[1], len(shape) == 1, paths)


def _samples(points: ArrayLike, dtype: np.dtype, name: str) -> Array:
    rows = jnp.asarray(points)
    rows = rows if rows.dtype == dtype else rows.astype(dtype)
    if rows.ndim < 2 or 0 in rows.shape:
        raise InputError(
            f"{name} must be (n, dim), or (n, height, width, channels), with nothing empty, not of shape {rows.shape}"
        )
    return rows


def _leaf(value: Any, name: str) -> Array:
    wrong = InputError(f"params{name} must be an array, not {type(value).__name__}; keep options inside apply")
    if isinstance(value, str | bytes):
        raise wrong
    try:
        array = jnp.asarray(value)
    except (TypeError, ValueError):
        raise wrong from None
    if jnp.issubdtype(array.dtype, jnp.complexfloating):
        raise InputError(f"params{name} is complex; give its real and imaginary parts as two leaves")
    return array


def shape_of(array: Array) -> Any:
    """Shape and type, which can be hashed."""
    return jax.ShapeDtypeStruct(array.shape, array.dtype)


@functools.lru_cache(maxsize=64)  # a trace takes longer than a small kernel
def _output(single: Single, leaves: tuple[Any, ...], rest: tuple[Any, ...], samples: Any) -> Any:
    return jax.eval_shape(single.batch, list(leaves), list(rest), samples)


def _checked_shape(single: Single, leaves: list[Array], rest: list[Array], rows: Array) -> tuple[int, ...]:
    one = jax.ShapeDtypeStruct((1, *rows.shape[1:]), rows.dtype)
    out = _output(single, tuple(map(shape_of, leaves)), tuple(map(shape_of, rest)), one)
    if not hasattr(out, "shape") or out.shape[:1] != (1,) or len(out.shape) > 2 or 0 in out.shape:
        found = f"shape {out.shape}" if hasattr(out, "shape") else f"a {type(out).__name__}"
        raise InputError(
            f"apply must return (n,) or (n, outputs) for n samples; for one sample it returned {found}: "
            "wrap it in a function that selects and reshapes the outputs"
        )
    if out.dtype != rows.dtype:
        raise InputError(
            f"apply returned {out.dtype} although params and points are {rows.dtype}: compute in that dtype, or pass "
            f"dtype={str(out.dtype)!r}"
        )
    return out.shape
