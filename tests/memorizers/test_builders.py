"""The JAX builders agree with the exact constructions up to rounding, and batch over labels."""

import itertools
import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.errors import InputError, PrecisionError
from overparam.exact import ExactNetwork, evaluate
from overparam.memorizers import bubeck_params, pairs_params, zhang_params
from overparam.memorizers.floats._inputs import check_inputs, power_of_two_over
from overparam.networks import Params, apply
from tests.memorizers.datasets import gaussian

BUILDERS = {"zhang": zhang_params, "pairs": pairs_params, "bubeck": bubeck_params}
SIZES = [(1, 2), (4, 3), (5, 3), (14, 3), (7, 1), (3, 8)]


def width(name, n, d):
    q, r = divmod(n, d + 1)
    pairs = 0 if n == 1 else 1 if q == 0 else 2 * q - 1 + min(2, r)
    return {"zhang": n, "pairs": pairs, "bubeck": 4 * math.ceil(n / d)}[name]


def rounding_allowance(params, points, blocks):
    """How far float64 may leave the labels.

    Block systems are solved backward stably, so each block's fit errs by at most c m^3 u |A| |x|, m = dim + 1 unknowns
    (Gaussian elimination with moderate growth, or a singular value decomposition); a step is a difference of two such
    forms, and every product, sum and power-of-two factor adds a rounding of its own argument.
    """
    u, b, v, c = (np.asarray(array) for array in params)
    reach = np.linalg.norm(points, axis=1).max()
    size = np.abs(v) @ (np.linalg.norm(u, axis=1) * reach + np.abs(b)) + abs(c)
    return 8 * (points.shape[1] + 1) ** 3 * blocks * 2**-53 * max(size, 1e-300)


@pytest.mark.parametrize(("n", "d"), SIZES)
@pytest.mark.parametrize("name", BUILDERS)
def test_widths_and_labels(name, n, d):
    points, labels = gaussian(n, d, seed=n + d)
    direction = np.random.default_rng(d).normal(size=d)
    params = BUILDERS[name](jnp.asarray(points), jnp.asarray(labels), jnp.asarray(direction))
    assert isinstance(params, Params)
    assert [array.shape for array in params] == [(width(name, n, d), d), (width(name, n, d),), (width(name, n, d),), ()]
    assert {array.dtype for array in params} == {jnp.dtype("float64")}
    exact = evaluate(ExactNetwork.from_arrays(*params), points)
    error = max(abs(f - Fraction(y)) for f, y in zip(exact, labels.tolist(), strict=True))
    assert error <= rounding_allowance(params, points, blocks=n)
    if name != "pairs":
        assert params.c == 0


def test_zhang_in_floats_is_zhang_in_fractions():
    """Projections and gaps are exact on these integers, so only the quotients round."""
    points, labels = np.array([[3.0], [0.0], [1.0], [7.0]]), np.array([1.0, 2.0, -1.0, 5.0])
    params = zhang_params(jnp.asarray(points), jnp.asarray(labels), jnp.ones(1))
    knots = [-8, 0, 1, 3]
    slopes = [Fraction(2, 8), Fraction(-3), Fraction(2, 2), Fraction(4, 4)]
    expected = [slopes[0], *(b - a for a, b in itertools.pairwise(slopes))]
    assert params.b.tolist() == [-knot for knot in knots]
    assert params.v.tolist() == [float(v) for v in expected]


@pytest.mark.parametrize("name", BUILDERS)
def test_a_batch_of_labellings(name):
    points = gaussian(9, 2)[0]
    labels = np.random.default_rng(5).choice([-1.0, 1.0], size=(6, 9))
    labels[0] = 0  # nothing to fit: no division by zero
    build = jax.vmap(BUILDERS[name], in_axes=(None, 0, None))
    batch = jax.jit(build)(jnp.asarray(points), jnp.asarray(labels), jnp.array([0.6, -0.8]))
    outputs = np.asarray(jax.vmap(apply, in_axes=(0, None))(batch, jnp.asarray(points)))
    assert outputs.shape == (6, 9)
    for one, y, wanted in zip(range(6), outputs, labels, strict=True):
        allowance = 2 * rounding_allowance([array[one] for array in batch], points, blocks=9)  # and for `apply`
        assert np.abs(y - wanted).max() <= allowance


@pytest.mark.parametrize("name", BUILDERS)
def test_shapes_without_running(name):
    f64 = jnp.dtype("float64")
    arguments = [jax.ShapeDtypeStruct(shape, f64) for shape in ((11, 4), (11,), (4,))]
    shapes = jax.eval_shape(BUILDERS[name], *arguments)
    assert shapes.u.shape == (width(name, 11, 4), 4)


def test_powers_of_two():
    x = jnp.array([1.0, 1.5, 2.0, 3e-300, 0.0, -1.0])
    assert power_of_two_over(x).tolist() == [2.0, 2.0, 4.0, 2.0 ** math.ceil(math.log2(3e-300)), 0.0, 0.0]


def test_arguments_that_do_not_fit():
    points, labels, direction = jnp.ones((3, 2)), jnp.ones(3), jnp.ones(2)
    assert check_inputs(points, labels, direction, what="f") == (3, 2)
    for bad in (
        (points, jnp.ones(2), direction),
        (points, labels, jnp.ones(3)),
        (jnp.ones((0, 2)), jnp.ones(0), direction),
    ):
        with pytest.raises(InputError, match="f needs float64 points"):
            check_inputs(*bad, what="f")
    with pytest.raises(InputError, match="float32"):
        check_inputs(points.astype(jnp.float32), labels, direction, what="f")
    with jax.enable_x64(False), pytest.raises(PrecisionError):
        check_inputs(points, labels, direction, what="f")
