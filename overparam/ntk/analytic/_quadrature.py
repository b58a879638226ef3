"""Duals of any activation by Gauss-Hermite quadrature in two dimensions."""

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.errors import InputError
from overparam.ntk.analytic._duals import Dual, Duals


@dataclasses.dataclass(frozen=True)
class Quadrature(Dual):
    """See `quadrature`, which makes it."""

    function: Callable[[Array], Array]
    slope: Callable[[Array], Array] | None
    nodes: int

    @property
    def words(self) -> str:
        """The function's name and the number of nodes."""
        return f"{name_of(self.function)} (Gauss-Hermite quadrature, {self.nodes}^2 nodes)"

    def duals(self, q12: Array, q11: Array, q22: Array) -> Duals:
        """Both duals, one node of the first variable at a time."""
        q12, q11, q22 = jnp.broadcast_arrays(q12, q11, q22)
        nodes, weights = (jnp.asarray(a, q12.dtype) for a in gauss_hermite(self.nodes))
        root = jnp.sqrt(q11)
        along = jnp.where(root > 0, q12 / jnp.where(root > 0, root, 1), 0)  # g' = along u + across v, g = root u
        across = jnp.sqrt(jnp.maximum(q22 - along**2, 0))
        slope = slope_of(self.function, self.slope)

        def add(k: Array, sums: Duals) -> Duals:
            i, j = k // self.nodes, k % self.nodes
            g, h = root * nodes[i], along * nodes[i] + across * nodes[j]
            weight = weights[i] * weights[j]
            return Duals(
                sums.value + weight * self.function(g) * self.function(h), sums.slope + weight * slope(g) * slope(h)
            )

        zeros = jnp.zeros_like(q12)
        return jax.lax.fori_loop(0, self.nodes**2, add, Duals(zeros, zeros))


def quadrature(
    function: Callable[[Array], Array], *, slope: Callable[[Array], Array] | None = None, nodes: int = 25
) -> Quadrature:
    """The dual of an entrywise function, by nodes^2 values an entry: slow, and good for smooth functions only.

    For a polynomial of degree q, nodes > q makes it exact.  For others the error is that of approximating
    phi(g) phi(g') by polynomials of degree 2 nodes - 1; at a kink it falls only like 1 / nodes, so functions with kinks
    want closed forms.  Compare two numbers of nodes; `hermite` has a bound.

    Args:
        function: JAX function, entrywise.
        slope: its derivative; None: by automatic differentiation.
        nodes: in each variable.
    """
    if nodes < 1:
        raise InputError(f"nodes must be at least 1, not {nodes}")
    return Quadrature(function, slope, nodes)


def gauss_hermite(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for the standard normal distribution, float64; exact up to degree 2 nodes - 1."""
    from scipy.special import roots_hermitenorm

    points, weights = roots_hermitenorm(nodes)
    return points, weights / weights.sum()


def slope_of(function: Callable[[Array], Array], slope: Callable[[Array], Array] | None) -> Callable[[Array], Array]:
    """The derivative of an entrywise function."""
    if slope is not None:
        return slope
    return lambda t: jax.jvp(function, (t,), (jnp.ones_like(t),))[1]


def name_of(function: Callable[[Array], Array]) -> str:
    """How a function calls itself."""
    return getattr(function, "__name__", type(function).__name__)
