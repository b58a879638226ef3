"""How far a trained network is from the linear model that its tangent kernel promises, at recorded steps."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike
from jaxtyping import Float

from overparam.errors import InputError
from overparam.ntk.dynamics._linear import Modes, Rule, Times, losses_at, predictions_at, residuals_at


class Comparison(NamedTuple):
    """Gaps between a network and its linear model, a number a recorded step; observed.

    What is not a number in the network's outputs makes a gap infinite.

    Attributes:
        gaps: ||F_t - F_t^lin|| / ||r_0|| on the training points; not divided where r_0 = 0.
        largest_gaps: largest |F_t - F_t^lin| of a sample and output, not divided.
        new_gaps: largest |f_t - f_t^lin| over the new points, or None.
        losses, linear_losses: 1/2 ||r_t||^2 of the network and of the linear model.
        loss_deviations: |loss / linear loss - 1| where the linear loss is above the floor; 0 below it.
        sup_gap, sup_largest_gap, sup_new_gap, sup_loss_deviation: their suprema over the recorded steps.
    """

    gaps: Float[Array, " n_times"]
    largest_gaps: Float[Array, " n_times"]
    new_gaps: Float[Array, " n_times"] | None
    losses: Float[Array, " n_times"]
    linear_losses: Float[Array, " n_times"]
    loss_deviations: Float[Array, " n_times"]
    sup_gap: float
    sup_largest_gap: float
    sup_new_gap: float | None
    sup_loss_deviation: float


def compare_with_linear(
    modes: Modes,
    labels: ArrayLike,
    outputs: ArrayLike,
    times: Times,
    rule: Rule,
    *,
    cross: ArrayLike | None = None,
    new_outputs: ArrayLike | None = None,
    floor: float = 0.0,
) -> Comparison:
    """Compare recorded outputs with the linear model started where the network started.

    Args:
        modes: of the tangent kernel that is to explain the run: at the start, later, or in the limit.
        labels: (n_samples,) or (n_samples, outputs).
        outputs: (n_times, n_samples) or (n_times, n_samples, outputs), of the network on the training points.
        times: (n_times,), the steps they were recorded at; the first is 0.  With a mean loss in place of the sum, the
            rule's step size is that of training divided by n_samples.
        rule: how the network was trained.
        cross, new_outputs: kernel (n_new, n_samples) and outputs (n_times, n_new[, outputs]) at other points.
        floor: losses of the linear model up to here are rounding, and are not compared.
    Raises:
        InputError: shapes do not fit, the first time is not 0, or only one of `cross` and `new_outputs` is given.
    """
    dtype = modes.values.dtype
    moments, targets, rows = np.asarray(times), jnp.asarray(labels, dtype), jnp.asarray(outputs, dtype)
    if moments.ndim != 1 or moments.size == 0 or moments[0] != 0:
        raise InputError(f"times must be a list that begins with 0, where the linear model starts, not {times}")
    _require_shape("outputs", rows, (len(moments), *targets.shape))
    if (cross is None) != (new_outputs is None):
        raise InputError("give both cross and new_outputs, or neither")
    start = rows[0] - targets
    if not bool(jnp.all(jnp.isfinite(start))):
        raise InputError("labels and the outputs at time 0 must be finite")
    linear, linear_losses = residuals_at(modes, start, moments, rule), losses_at(modes, start, moments, rule)
    gaps, largest, losses, deviations = _gaps(rows - targets[None], linear, linear_losses, jnp.asarray(floor, dtype))
    new_gaps = None
    if cross is not None and new_outputs is not None:
        values = jnp.asarray(new_outputs, dtype)
        _require_shape("new_outputs", values, (len(moments), len(jnp.asarray(cross)), *targets.shape[1:]))
        promised = predictions_at(modes, start, moments, rule, cross=cross, initial=values[0])
        new_gaps = jnp.max(_no_nan(jnp.abs(values - promised)), axis=tuple(range(1, values.ndim)))
    return Comparison(
        gaps, largest, new_gaps, losses, linear_losses, deviations,
        float(jnp.max(gaps)), float(jnp.max(largest)), None if new_gaps is None else float(jnp.max(new_gaps)),
        float(jnp.max(deviations)),
    )  # fmt: skip


@jax.jit
def _gaps(
    residuals: Float[Array, "n_times ..."],
    linear: Float[Array, "n_times ..."],
    linear_losses: Float[Array, " n_times"],
    floor: Float[Array, ""],
) -> tuple[Array, Array, Array, Array]:
    axes = tuple(range(1, residuals.ndim))
    differences = _no_nan(jnp.abs(residuals - linear))
    size = jnp.sqrt(jnp.sum(residuals[0] ** 2))
    gaps = jnp.sqrt(jnp.sum(differences**2, axis=axes)) / jnp.where(size > 0, size, 1)
    losses = _no_nan(jnp.sum(residuals**2, axis=axes) / 2)
    told = linear_losses > floor
    deviations = jnp.where(told, _no_nan(jnp.abs(losses / jnp.where(told, linear_losses, 1) - 1)), 0)
    return gaps, jnp.max(differences, axis=axes), losses, deviations


def _require_shape(name: str, array: Array, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise InputError(f"{name} must have the shape {shape}, not {array.shape}")


def _no_nan(values: Array) -> Array:
    """NaN as infinity: a run that stopped being finite is infinitely far."""
    return jnp.where(jnp.isnan(values), jnp.inf, values)
