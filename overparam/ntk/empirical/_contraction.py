"""Jacobian contraction: form the Jacobian by automatic differentiation, one leaf at a time in a product with itself."""

import jax
import jax.numpy as jnp
from jax import Array

from overparam.ntk.empirical._functions import Single
from overparam.ntk.empirical._tiles import Combine, Prepare
from overparam.precision import HIGHEST


def methods(single: Single, leaves: list[Array], rest: list[Array], *, traced: bool) -> tuple[Prepare, Combine]:
    """What `_tiles` needs: rows of the Jacobian, and their products."""

    def one(sample: Array) -> list[Array]:
        blocks = jax.jacrev(single)(leaves, rest, sample)
        return [flattened(block.reshape(len(block), -1), traced) for block in blocks]

    return jax.vmap(one), lambda left, right: sum_of([products(a, b) for a, b in zip(left, right, strict=True)])


def flattened(block: Array, traced: bool) -> Array:
    """(outputs, numbers), or for the trace (1, outputs numbers): the sum over outputs is then part of the product."""
    return block.reshape(1, -1) if traced else block


def products(left: Array, right: Array) -> Array:
    """Inner products of rows: (a, q, p) and (b, q, p) give (a q, b q)."""
    return jnp.matmul(left.reshape(-1, left.shape[2]), right.reshape(-1, right.shape[2]).T, precision=HIGHEST)


def sum_of(terms: list[Array]) -> Array:
    """Their sum, in order."""
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
