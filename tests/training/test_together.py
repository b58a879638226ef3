"""Many networks as rows of one matrix: their gradients are those of automatic differentiation, whatever the shapes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.networks import Params, apply
from overparam.training import _together
from overparam.training._layout import Even, to_params, to_weights

NETWORKS, WIDTH, N = 3, 5, 7


def drawn(dim, dtype, *, own):
    rng = np.random.default_rng(dim)
    shape = (NETWORKS,) if own else ()
    shapes = (NETWORKS, WIDTH, dim), (NETWORKS, WIDTH), (NETWORKS, WIDTH), (NETWORKS,), (*shape, N, dim), (*shape, N)
    u, b, v, c, points, labels = (jnp.asarray(rng.normal(size=one), dtype) for one in shapes)
    return Params(u, b, v, c), points, labels


def loss(params, points, labels):
    return ((apply(params, points) - labels) ** 2).sum() / 2


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("dim", [1, 2, 4, 7, 9, 15, 20])
def test_the_gradient_is_that_of_automatic_differentiation(dim, dtype, own):
    """Fewer columns than a tile has, a whole one, and more than one."""
    params, points, labels = drawn(dim, dtype, own=own)
    layout, data = Even(NETWORKS, WIDTH), _together.prepare(points, labels, jnp.asarray(1, dtype))
    _, _, rows = _together._gradient(layout, to_weights(layout, params), data)
    axis = 0 if own else None
    wanted = jax.vmap(jax.grad(loss), in_axes=(0, axis, axis))(params, points, labels)
    # seven terms of at most some hundred each, and some ten roundings of each
    atol = 1e4 * float(jnp.finfo(dtype).eps)
    for found, leaf in zip(to_params(layout, rows), wanted, strict=True):
        np.testing.assert_allclose(found, leaf, rtol=0, atol=atol)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_columns_are_filled_up_by_less_than_a_tile(dtype):
    counts = [(_together.whole_tiles(columns, dtype), columns) for columns in range(1, 200)]
    assert all(0 <= filled - columns < 8 for filled, columns in counts)
    assert all(_together.whole_tiles(filled, dtype) == filled for filled, _ in counts)
