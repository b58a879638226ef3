"""Deep networks and their data, drawn for the convergence studies."""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.networks import Layer, apply_layers
from overparam.precision import require_dtype

GRID = 8  # `on_grid` rounds to multiples of 2^-GRID


def generator(root: int, *which: int) -> np.random.Generator:
    """The stream that a root seed and some numbers name."""
    require_dtype("float64", what="a study of deep networks")
    return np.random.default_rng([root, *which])


def drawn_layers(
    rng: np.random.Generator, sizes: Sequence[int], variances: Sequence[float], *, bias: float = 0.0
) -> tuple[Layer, ...]:
    """Normal weights of variance variances[l] / fan-in, layer by layer, and normal biases of that deviation."""
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    return tuple(
        Layer(rng.normal(size=shape) * (variance / shape[1]) ** 0.5, bias * rng.normal(size=shape[0]))
        for shape, variance in zip(shapes, variances, strict=True)
    )


def on_grid(numbers: np.ndarray) -> np.ndarray:
    """Rounded to a dyadic grid, so coarse that a few products and sums of such numbers are exact in float64."""
    return np.ldexp(np.rint(np.ldexp(numbers, GRID)), -GRID)


def kernel_parts(
    weights: Sequence[np.ndarray], inputs: Sequence[np.ndarray], slopes: Sequence[np.ndarray]
) -> list[np.ndarray]:
    """Tangent kernels of a network of one output, each in the weights of one layer.

    Args:
        weights: (out, in) of each layer.
        inputs: (n_samples, in) of each layer.
        slopes: of the activation behind each layer but the last, (n_samples, out).
    """
    back, parts = np.ones((len(inputs[0]), 1)), []
    for l in range(len(weights) - 1, -1, -1):
        parts.insert(0, (inputs[l] @ inputs[l].T) * (back @ back.T))
        back = back @ weights[l] * slopes[l - 1] if l else back
    return parts


def as_arrays(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """The same layers as JAX arrays."""
    return tuple(Layer(jnp.asarray(layer.weights), jnp.asarray(layer.bias)) for layer in layers)


def relu_outputs(layers: tuple[Layer, ...], points: Array) -> Array:
    """In the order of arguments that `overparam.training.follow` wants."""
    return apply_layers(layers, points)


def linear_outputs(weights: Array, features: Array) -> Array:
    """Likewise, of a linear model."""
    return jnp.matmul(features, weights, precision="highest")
