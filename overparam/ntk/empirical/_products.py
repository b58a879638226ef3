"""Products of the kernel with vectors, K z = J (J^T z), by one pull back and one push forward: K is never formed."""

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike, DTypeLike

from overparam.errors import InputError
from overparam.ntk.empirical._costs import checked_batch
from overparam.ntk.empirical._functions import Apply, Single, network_of
from overparam.ntk.empirical._tiles import Combine, Prepare


def kernel_product(
    apply: Apply,
    params: object,
    points: ArrayLike,
    vectors: ArrayLike,
    *,
    others: ArrayLike | None = None,
    batch: int | None = None,
    dtype: DTypeLike = "float64",
) -> Array:
    """K z = J (J^T z): about three passes through the network for each sample and vector.

    Args:
        apply, params, points, others, dtype: as for `empirical_kernel`; with others, z lives on them and K z on points.
        vectors: (m,) if apply returns (n,), and (m, outputs) if it returns (n, outputs); a further last axis holds
            several vectors.
        batch: samples whose intermediate values are held at a time; None is 1024.
    Returns:
        shape of the vectors, with n in place of m.
    Raises:
        InputError, PrecisionError: as `empirical_kernel`; also if the vectors do not fit.
    Source:
        novak2022, tangent kernels by vector products.
    """
    network = network_of(apply, params, points, others, dtype)
    m = network.sides[1]
    own = (m,) if network.flat else (m, network.outputs)
    given = jnp.asarray(vectors)
    given = given if given.dtype == network.points.dtype else given.astype(network.points.dtype)
    if given.shape[: len(own)] != own or given.ndim > len(own) + 1 or 0 in given.shape:
        raise InputError(f"vectors must have shape {own}, with at most one further axis, not {given.shape}")
    size = checked_batch(batch) or 1024
    columns = given.reshape(m, network.outputs, -1)
    right = network.points if network.others is None else network.others
    found = _product(network.single, size, network.leaves, network.rest, network.points, right, columns)
    return found.reshape(len(network.points), *given.shape[1:])


def methods(
    single: Single, leaves: list[Array], rest: list[Array], *, outputs: int, traced: bool, both: bool
) -> tuple[Prepare, Combine]:
    """What `_tiles` needs: the samples themselves, and one vector product for each sample and output on the right.

    J_x J_y^T pulls back at y and pushes forward at x.  With `both`, the mean with the mirrored order, which is
    symmetric to the last bit.
    """

    def half(left: Array, right: Array) -> Array:
        _, push = jax.linearize(lambda own: _outputs(single, own, rest, left), leaves)

        def column(sample: Array) -> Array:
            _, pull = jax.vjp(lambda own: single(own, rest, sample), leaves)
            return jax.vmap(lambda unit: push(pull(unit)[0]))(jnp.eye(outputs, dtype=sample.dtype))

        found = jax.lax.map(column, right)  # (b, outputs of right, a, outputs of left)
        if traced:
            return jnp.trace(found, axis1=1, axis2=3).T
        return jnp.transpose(found, (2, 3, 0, 1)).reshape(len(left) * outputs, len(right) * outputs)

    def combine(left: Array, right: Array) -> Array:
        return (half(left, right) + half(right, left).T) / 2 if both else half(left, right)

    return lambda samples: samples, combine


def _outputs(single: Single, leaves: list[Array], rest: list[Array], samples: Array) -> Array:
    return jax.vmap(lambda sample: single(leaves, rest, sample))(samples)


@jax.jit(static_argnames=("single", "size"))
def _product(
    single: Single, size: int, leaves: list[Array], rest: list[Array], points: Array, right: Array, vectors: Array
) -> Array:
    def pulled(total: list[Array], part: tuple[Array, Array]) -> tuple[list[Array], None]:
        samples, columns = part  # (batch, ...), (batch, outputs, columns)
        _, pull = jax.vjp(lambda own: _outputs(single, own, rest, samples), leaves)
        back = jax.vmap(lambda one: pull(one)[0], in_axes=2)(columns)
        return jax.tree.map(jnp.add, total, back), None

    def pushed(samples: Array) -> Array:
        _, push = jax.linearize(lambda own: _outputs(single, own, rest, samples), leaves)
        return jax.vmap(push, out_axes=2)(back)

    zero = [jnp.zeros((vectors.shape[2], *leaf.shape), leaf.dtype) for leaf in leaves]
    back, _ = jax.lax.scan(pulled, zero, (_parts(right, size), _parts(vectors, size, zeros=True)))
    found = jax.lax.map(pushed, _parts(points, size))
    return found.reshape(-1, *vectors.shape[1:])[: len(points)]


def _parts(rows: Array, size: int, *, zeros: bool = False) -> Array:
    """(parts, size, ...): padded by copies of the first row, or by zeros."""
    size = min(size, len(rows))
    missing = -len(rows) % size
    padding = jnp.repeat(rows[:1], missing, axis=0)
    return jnp.concatenate([rows, padding * 0 if zeros else padding]).reshape(-1, size, *rows.shape[1:])
