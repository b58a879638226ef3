"""What kernels take as points, and the sentences about everything else."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.errors import InputError, PrecisionError
from overparam.ntk import convolution_kernel, dense_kernel, first_layer_gram, residual_kernel

POINTS = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([[1.0, np.nan]], "nan"),
        ([[1.0, np.inf]], "inf"),
        ([[1.0, 1e200]], r"1e\+200"),
        ([["a", "b"]], "real numbers"),
        ([[1 + 2j]], "complex128"),
        ([[None]], "object"),
        ([[True]], "bool"),
        ([1.0, 2.0], r"shape \(2,\)"),
        (np.zeros((0, 3)), r"shape \(0, 3\)"),
    ],
)
def test_what_is_no_point_is_refused_by_name(points, words):
    for kernel in (dense_kernel(1).diagonal, residual_kernel(1), first_layer_gram):
        with pytest.raises(InputError, match=words):
            kernel(np.array(points))
    with pytest.raises(InputError, match="others"):
        dense_kernel(1)(POINTS, np.array(points))


def test_images_are_refused_by_the_same_rules():
    images = np.ones((2, 4, 4, 1))
    kernel = convolution_kernel(1)
    with pytest.raises(InputError, match="images"):
        kernel(images[0])
    images[1, 2, 3, 0] = np.nan
    with pytest.raises(InputError, match="nan"):
        kernel(images)


def test_a_dtype_is_a_float_that_jax_has():
    with pytest.raises(PrecisionError, match="no dtype"):
        dense_kernel(1)(POINTS, dtype="number")
    with pytest.raises(InputError, match="float32 or float64"):
        dense_kernel(1)(POINTS, dtype="float16")


@pytest.mark.slow
def test_kernels_are_traced_and_integers_are_points():
    kernel = dense_kernel(2)
    traced = jax.jit(lambda x: kernel(x).ntk)(POINTS)
    np.testing.assert_allclose(traced, kernel(POINTS.astype(int)).ntk, rtol=1e-14)
    assert jax.grad(lambda x: kernel(x).ntk[0, 1])(jnp.asarray(POINTS)).shape == POINTS.shape
