"""What becomes points, labels and step sizes: arrays of real numbers, or a sentence."""

from fractions import Fraction

import jax.numpy as jnp
import numpy as np
import pytest

from overparam.errors import InputError
from overparam.precision import real_array

SINGLE = np.dtype(np.float32)


@pytest.mark.parametrize(
    "value",
    [[[1, 2], [3, 4]], np.array([[True, False]]), [[Fraction(1, 2)]], jnp.ones((2, 2), jnp.bfloat16), 0.5, np.uint8(3)],
)
def test_real_numbers_come_through(value):
    array = real_array("points", value, SINGLE)
    assert array.dtype == SINGLE and np.array_equal(array, np.asarray(value, float).astype(SINGLE))


@pytest.mark.parametrize(
    "value", [[[1.0, 2.0], [3.0]], [["a"]], "0.1", {"x": 1}, [None], np.array([1j]), [[1.0, 1j]], np.array(["0.1"])]
)
def test_everything_else_is_refused_by_name(value):
    with pytest.raises(InputError, match="labels must be an array of real numbers, all rows of one length, not"):
        real_array("labels", value, SINGLE)
