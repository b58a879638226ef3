"""The closed form for `overparam.networks.apply`, written down instead of differentiated: two Gram matrices a layer.

K = (X X^T + 1) o (S S^T) + H H^T + 1,      S = slope(P) diag(v),  H = activation(P),  P = X U^T + b.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam import networks
from overparam.ntk.empirical._functions import Network
from overparam.ntk.empirical._tiles import Combine, Prepare
from overparam.precision import HIGHEST


def activation_of(network: Network) -> str | None:
    """The activation, if the network is `overparam.networks.apply` with its own params; else None."""
    apply, options = network.single.apply, {}
    if isinstance(apply, functools.partial) and not apply.args:
        apply, options = apply.func, apply.keywords
    if apply is not networks.apply or not set(options) <= {"activation"} or network.points.ndim != 2:
        return None
    if network.single.tree != jax.tree.structure(networks.Params(*[np.zeros(1)] * 4)):
        return None
    return options.get("activation", "relu")


def methods(leaves: list[Array], activation: str) -> tuple[Prepare, Combine]:
    """What `_tiles` needs: points, hidden values and slopes times output weights, and their products."""
    u, b, v, _ = leaves

    def prepare(points: Array) -> tuple[Array, ...]:
        pre = jnp.matmul(points, u.T, precision=HIGHEST) + b[None, :]
        if activation == "threshold":
            return points, (pre >= 0).astype(pre.dtype), jnp.zeros_like(pre)
        return points, jnp.maximum(pre, 0), jnp.heaviside(pre, jnp.asarray(0.5, pre.dtype)) * v[None, :]

    def combine(left: tuple[Array, ...], right: tuple[Array, ...]) -> Array:
        points, values, slopes = (jnp.matmul(a, c.T, precision=HIGHEST) for a, c in zip(left, right, strict=True))
        return (points + 1) * slopes + (values + 1)

    return prepare, combine
