"""The losses against finite differences and exact values, far out in both directions."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from overparam.errors import InputError
from overparam.training.general._losses import LOSSES, require_signs

OUTPUTS = np.array([-30.0, -1.7, -0.3, 0.0, 0.4, 0.9, 1.3, 40.0])
SIGNS = np.array([1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0])


def total(loss, outputs, labels):
    """The sum of the terms, from the magnitude."""
    return float(LOSSES[loss].magnitude(jnp.asarray(outputs), jnp.asarray(labels))) ** 2 / 2


def by_hand(loss, f, y):
    match loss:
        case "logistic":
            return math.log1p(math.exp(-abs(y * f))) + max(-y * f, 0.0)
        case "hinge":
            return max(0.0, 1 - y * f)
        case _:
            return (f - y) ** 2 / 2


@pytest.mark.parametrize("loss", LOSSES)
def test_values_and_derivatives(loss):
    """Central differences of one term, error h^2/6 times a third derivative below 1 and 2 eps/h of rounding."""
    slopes = np.asarray(LOSSES[loss].slope(jnp.asarray(OUTPUTS), jnp.asarray(SIGNS)))
    terms = [by_hand(loss, f, y) for f, y in zip(OUTPUTS, SIGNS, strict=True)]
    np.testing.assert_allclose(total(loss, OUTPUTS, SIGNS), sum(terms), rtol=1e-13)
    h = 1e-5
    for f, y, slope in zip(OUTPUTS, SIGNS, slopes, strict=True):
        wanted = (by_hand(loss, f + h, y) - by_hand(loss, f - h, y)) / (2 * h)
        assert abs(slope - wanted) <= h**2 + 4 * 2.0**-52 * (1 + by_hand(loss, f, y)) / h


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nothing_overflows_where_the_loss_itself_does_not(loss, dtype):
    far = jnp.asarray([1e30, -1e30], dtype)
    signs = jnp.asarray([1.0, 1.0], dtype)
    slopes = np.asarray(LOSSES[loss].slope(far, signs))
    assert np.isfinite(slopes).all()
    assert np.isfinite(LOSSES[loss].magnitude(far, signs))
    if loss in ("logistic", "hinge"):
        assert slopes.tolist() == [0, -1]
        assert slopes.dtype == dtype


@pytest.mark.parametrize("loss", ["squared", "squared-mean", "logistic"])
def test_the_curvature_bounds_the_derivatives_slope(loss):
    """On a grid, whose slopes are means of the second derivative; the bound is met at 0."""
    grid = jnp.asarray(np.linspace(-5, 5, 2001))
    slopes = np.asarray(LOSSES[loss].slope(grid, jnp.ones_like(grid)))
    rise = np.diff(slopes) / np.diff(np.asarray(grid))
    assert rise.max() <= LOSSES[loss].curvature * (1 + 1e-9)
    assert rise.max() >= LOSSES[loss].curvature * (1 - 1e-5)


def test_fitted_is_a_margin_or_a_residual():
    f, y = jnp.asarray([0.3, -0.2]), jnp.asarray([1.0, -1.0])
    for loss in ("logistic", "hinge"):
        assert LOSSES[loss].fitted(f, y, jnp.asarray(0.2)) and not LOSSES[loss].fitted(f, y, jnp.asarray(0.25))
        assert not LOSSES[loss].fitted(f, -y, jnp.asarray(0.2))
    distance = math.hypot(0.7, 0.8) / math.sqrt(2)
    for loss in ("squared", "squared-mean"):
        assert LOSSES[loss].fitted(f, y, jnp.asarray(distance + 1e-12))
        assert not LOSSES[loss].fitted(f, y, jnp.asarray(distance - 1e-12))


def test_labels_that_are_no_signs_are_refused_with_some_of_them():
    require_signs("squared", np.array([0.0, 2.5]))
    require_signs("hinge", np.array([[1.0, -1.0]]))
    with pytest.raises(InputError, match=r"include 0, 2\.5; draw signs"):
        require_signs("logistic", np.array([0.0, 2.5]))
