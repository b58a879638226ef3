"""Norms of pytrees, and the tangent kernel of any model from its Jacobian."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float

from overparam.networks import Model
from overparam.precision import HIGHEST
from overparam.training._outcome import norm


def leaves_norm(tree: Any) -> Float[Array, ""]:
    """Euclidean norm of all weights of one network."""
    return norm(jnp.concatenate([leaf.reshape(-1) for leaf in jax.tree.leaves(tree)]))


def leaves_finite(tree: Any) -> Bool[Array, ""]:
    """Whether every weight is a number."""
    return jnp.all(jnp.stack([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(tree)]))


def jacobian(model: Model, params: Any, points: Float[Array, "n_samples dim"]) -> Any:
    """Derivatives of every output in every weight, a pytree like `params` with the samples first.

    A sample's output does not depend on the others, so one backward pass a sample gives its row.
    """
    return jax.vmap(jax.grad(lambda p, x: model.apply(p, x[None])[0]), in_axes=(None, 0))(params, points)


def gram_of(rows: Any) -> Float[Array, "n_samples n_samples"]:
    """K = J J^T, from the rows of J."""

    def part(leaf: Array) -> Array:
        flat = leaf.reshape(len(leaf), -1)
        return jnp.matmul(flat, flat.T, precision=HIGHEST)

    return sum(map(part, jax.tree.leaves(rows)[1:]), part(jax.tree.leaves(rows)[0]))


def back(rows: Any, z: Float[Array, " n_samples"]) -> Any:
    """J^T z, a pytree like the params."""
    return jax.tree.map(lambda leaf: jnp.tensordot(z, leaf, axes=1, precision=HIGHEST), rows)


def largest_eigenvalue(model: Model, params: Any, points: Float[Array, "n_samples dim"]) -> Float[Array, ""]:
    """Largest eigenvalue of the tangent kernel K = J J^T at `params`, dense."""
    return jnp.linalg.eigvalsh(gram_of(jacobian(model, params, points)))[-1]
