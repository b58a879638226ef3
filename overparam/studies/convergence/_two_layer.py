"""Two-layer ReLU networks with frozen output signs, and points on the unit sphere: what the width theorems share.

f(x) = k^(-1/2) sum_r v_r relu(<w_r, x>),    w_r ~ N(0, I), v_r = +-1, only the w_r trained;
tangent kernel H = (1/k) (X X^T) o (S S^T) with the activation patterns S, since v_r^2 = 1.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.keys import Purpose, key_for
from overparam.precision import HIGHEST, require_dtype


def sphere(root: int, n_samples: int, dim: int, *, gaussian_labels: bool = False) -> tuple[Array, Array]:
    """Independent uniform points on the unit sphere, (n_samples, dim), and labels: fair signs, or standard normal."""
    dtype = require_dtype("float64", what="a study of width theorems")
    rng = np.random.default_rng([root, n_samples, dim])
    points = rng.normal(size=(n_samples, dim))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    labels = rng.normal(size=n_samples) if gaussian_labels else rng.choice([-1.0, 1.0], size=n_samples)
    return jnp.asarray(points, dtype), jnp.asarray(labels, dtype)


@functools.partial(jax.jit, static_argnames=("width", "dim"))
def drawn(root: int | Array, seed: int | Array, width: int, dim: int) -> tuple[Array, Array]:
    """Weights (width, dim), standard normal, and signs (width,), fair; `seed` may be traced, so that vmap works."""
    key = key_for(jax.random.key(root), Purpose.INIT, seed)
    weights, signs = jax.random.split(key)
    return jax.random.normal(weights, (width, dim), "float64"), jax.random.rademacher(signs, (width,), "float64")


def start(root: int, seed: int, width: int, dim: int) -> tuple[Array, Array]:
    """As `drawn`, from NumPy's generator: other bits of the same law, and nothing to compile."""
    rng = np.random.default_rng([root, seed, width, dim])
    weights, signs = rng.normal(size=(width, dim)), rng.choice([-1.0, 1.0], size=width)
    return jnp.asarray(weights, "float64"), jnp.asarray(signs, "float64")


def preactivations(
    weights: Float[Array, "width dim"], points: Float[Array, "n_samples dim"]
) -> Float[Array, "n_samples width"]:
    """<w_r, x_i>."""
    return jnp.matmul(points, weights.T, precision=HIGHEST)


def outputs(
    weights: Float[Array, "width dim"], points: Float[Array, "n_samples dim"], signs: Float[Array, " width"]
) -> Float[Array, " n_samples"]:
    """Outputs at every point; in the order of arguments that `overparam.training.follow` wants."""
    hidden = jax.nn.relu(preactivations(weights, points))
    return jnp.matmul(hidden, signs, precision=HIGHEST) / jnp.sqrt(jnp.asarray(len(signs), points.dtype))


def patterns(
    weights: Float[Array, "width dim"], points: Float[Array, "n_samples dim"]
) -> Float[Array, "n_samples width"]:
    """1 where a neuron is active on a point, else 0."""
    return (preactivations(weights, points) > 0).astype(points.dtype)


def gram(
    weights: Float[Array, "width dim"], points: Float[Array, "n_samples dim"]
) -> Float[Array, "n_samples n_samples"]:
    """H, whatever the signs."""
    on = patterns(weights, points)
    both = jnp.matmul(on, on.T, precision=HIGHEST) / len(weights)
    return jnp.matmul(points, points.T, precision=HIGHEST) * both
