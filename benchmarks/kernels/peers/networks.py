"""The networks of the empirical benchmark, written so that any JAX runs them; weights are NumPy's, the same for all."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np


def network(name, n, dtype):
    """(apply, params, points): a multilayer perceptron by its widths, such as "mlp-32-512-1", or "conv-SIDE-CHANNELS".

    NTK parameterization; the convolutional one has two layers of 3 x 3 filters, the second with stride 2, and 10
    outputs of the flattened result.
    """
    kind, *sizes = name.split("-")
    sizes = [int(size) for size in sizes]
    rng = np.random.default_rng(0)

    def draw(*shape):
        return jnp.asarray(rng.normal(size=shape).astype(dtype))

    if kind == "mlp":
        params = [(draw(a, b), draw(b)) for a, b in itertools.pairwise(sizes)]
        return _perceptron, params, draw(n, sizes[0])
    side, channels = sizes
    after = (side + 1) // 2
    params = [
        (draw(3, 3, 1, channels), draw(channels)),
        (draw(3, 3, channels, channels), draw(channels)),
        (draw(after * after * channels, 10), draw(10)),
    ]
    return _convolutional, params, draw(n, side, side, 1)


def _perceptron(params, values):
    for weights, bias in params[:-1]:
        values = jnp.maximum(_dense(weights, bias, values), 0)
    return _dense(*params[-1], values)


def _convolutional(params, values):
    for (weights, bias), stride in zip(params[:-1], (1, 2), strict=True):
        scale = np.dtype(values.dtype).type(weights[..., 0].size ** -0.5)
        numbers = ("NHWC", "HWIO", "NHWC")
        made = jax.lax.conv_general_dilated(values, weights, (stride,) * 2, "SAME", dimension_numbers=numbers)
        values = jnp.maximum(made * scale + bias, 0)
    return _dense(*params[-1], values.reshape(len(values), -1))


def _dense(weights, bias, values):
    return jnp.matmul(values, weights) * np.dtype(values.dtype).type(len(weights) ** -0.5) + bias
