"""Two-layer networks without biases whose layers are both trained, and what follows from their derivatives.

F(x) = sum_r v_r phi(<w_r, x>); a bias is a coordinate of x that equals 1, a prefactor belongs into v.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float
from numpy.typing import NDArray

from overparam.precision import HIGHEST

Parts = Callable[[NDArray, NDArray, int], tuple[NDArray, NDArray]]


class Weights(NamedTuple):
    """Hidden weights w (width, dim), a neuron a row, and output weights v (width,)."""

    w: Float[Array | np.ndarray, "*seeds width dim"]
    v: Float[Array | np.ndarray, "*seeds width"]


def drawn(root: int, seed: int, width: int, dim: int) -> Weights:
    """Standard normal hidden weights and fair signs outside, by NumPy: nothing has to be compiled."""
    rng = np.random.default_rng([root, seed, width, dim])
    return Weights(rng.normal(size=(width, dim)), rng.choice([-1.0, 1.0], size=width))


def stacked(each: Iterable[Weights]) -> Weights:
    """A first axis of seeds, for `jax.vmap`."""
    w, v = zip(*each, strict=True)
    return Weights(jnp.asarray(np.stack(w)), jnp.asarray(np.stack(v)))


def flat(weights: Weights) -> NDArray:
    """All weights in a row, as `relu_parts` and `tanh_parts` take them."""
    return np.concatenate([np.ravel(weights.w), weights.v])


def relu_outputs(weights: Weights, points: Float[Array, "n_samples dim"]) -> Float[Array, " n_samples"]:
    """F with phi(t) = max(t, 0); the derivative at 0 is that of `jax.nn.relu`, 0."""
    pre = jnp.matmul(points, weights.w.T, precision=HIGHEST)
    return jnp.matmul(jax.nn.relu(pre), weights.v, precision=HIGHEST)


def tanh_outputs(weights: Weights, points: Float[Array, "n_samples dim"]) -> Float[Array, " n_samples"]:
    """F with phi = tanh."""
    pre = jnp.matmul(points, weights.w.T, precision=HIGHEST)
    return jnp.matmul(jnp.tanh(pre), weights.v, precision=HIGHEST)


def distance(one: Weights, other: Weights) -> Float[Array, ""]:
    """Euclidean distance in all weights."""
    return jnp.sqrt(jnp.sum((one.w - other.w) ** 2) + jnp.sum((one.v - other.v) ** 2))


def tanh_parts(at: NDArray, points: NDArray, width: int) -> tuple[NDArray, NDArray]:
    """Outputs and Jacobian with phi = tanh; flat weights, hidden ones neuron by neuron, then output ones; NumPy."""
    w, v = at[:-width].reshape(width, -1), at[-width:]
    values = np.tanh(points @ w.T)
    return values @ v, _columns((1 - values**2) * v, points, values)


def relu_parts(at: NDArray, points: NDArray, width: int) -> tuple[NDArray, NDArray]:
    """Likewise with phi(t) = max(t, 0)."""
    w, v = at[:-width].reshape(width, -1), at[-width:]
    pre = points @ w.T
    return np.maximum(pre, 0) @ v, _columns((pre > 0) * v, points, np.maximum(pre, 0))


def _columns(slopes: NDArray, points: NDArray, values: NDArray) -> NDArray:
    return np.concatenate([(slopes[:, :, None] * points[:, None, :]).reshape(len(points), -1), values], axis=1)


def newton_fit(
    parts: Parts, at: NDArray, points: NDArray, labels: NDArray, width: int, *, steps: int = 100
) -> tuple[NDArray, float]:
    """Gauss-Newton with halved steps while the residual does not fall, until it is rounding; weights and |r|."""
    values, jacobian = parts(at, points, width)
    size = float(np.linalg.norm(values - labels))
    for _ in range(steps):
        shift = np.linalg.lstsq(jacobian, values - labels, rcond=1e-10)[0]
        for share in 0.5 ** np.arange(20):
            tried = at - share * shift
            new_values, new_jacobian = parts(tried, points, width)
            new = float(np.linalg.norm(new_values - labels))
            if new < size:
                break
        else:
            break
        at, values, jacobian, size = tried, new_values, new_jacobian, new
    return at, size
