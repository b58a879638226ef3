"""One run of gradient descent, momentum or Adam for any model and loss, by automatic differentiation."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int

from overparam.keys import Purpose, key_for
from overparam.networks import Model
from overparam.training._optimizers import apply_update
from overparam.training._optimizers import optimizer as named_optimizer
from overparam.training._outcome import (
    DIVERGED_FACTOR,
    RUNNING,
    Outcome,
    Run,
    finite_or_inf,
    first_of,
    freeze,
    is_stuck,
    norm,
)
from overparam.training.general._batches import augmented, batch_of, epochs_of, noisy_labels
from overparam.training.general._losses import LOSSES
from overparam.training.general._tangents import largest_eigenvalue, leaves_finite, leaves_norm

Data = tuple[Any, ...]


class Method(NamedTuple):
    """What shapes the program."""

    optimizer: str
    step_unit: str
    loss: str
    check_every: int
    batch_size: int | None  # below the number of samples, or None
    augmentation: str
    decays: bool
    noisy: bool

    @property
    def by_gradient_alone(self) -> bool:
        """Whether a step is a function of the gradient on all samples, so that a run without gradient is stuck."""
        return self.batch_size is None and self.augmentation == "none" and not self.decays and not self.noisy


class Knobs(NamedTuple):
    """Numbers that may change without another compilation, all of the weights' dtype."""

    tolerance: Array
    weight_decay: Array
    label_noise: Array
    augmentation_size: Array


class State(NamedTuple):
    """A run between two looks."""

    params: Any
    optimizer_state: Any
    step_size: Float[Array, ""]
    limit: Float[Array, ""]  # of the loss's magnitude, beyond which the run counts as diverged
    residual_norm: Float[Array, ""]
    gradient_norm: Float[Array, ""]
    stopped: Int[Array, ""]
    n_steps: Int[Array, ""]


class Look(NamedTuple):
    """What all samples say of the weights."""

    residual_norm: Float[Array, ""]
    gradient_norm: Float[Array, ""]
    magnitude: Float[Array, ""]
    fitted: Bool[Array, ""]
    stuck: Bool[Array, ""]
    finite: Bool[Array, ""]


def begin(data: Data, params: Any, step_size: Array, knobs: Knobs, model: Model, method: Method) -> State:
    """The state before the first step, already classed."""
    points, labels = data
    loss = LOSSES[method.loss]
    if method.step_unit == "sharpness":
        curvature = loss.curvature / (len(labels) if loss.is_mean else 1)
        sharpness = curvature * largest_eigenvalue(model, params, points)
        # Without any gradient no step moves: 0 says so without a division by zero.
        step_size = jnp.where(sharpness > 0, step_size * 2 / sharpness, jnp.zeros_like(step_size))
    seen = _look(data, params, knobs, model, method)
    stopped = first_of((~seen.finite, Outcome.DIVERGED), (seen.fitted, Outcome.FITTED), (seen.stuck, Outcome.STUCK))
    with jax.numpy_dtype_promotion("standard"):
        optimizer_state = named_optimizer(method.optimizer, step_size).init(params)
    limit = jnp.asarray(DIVERGED_FACTOR, labels.dtype) * jnp.hypot(
        seen.magnitude, loss.magnitude(jnp.zeros_like(labels), labels)
    )
    return State(
        params, optimizer_state, step_size, limit, finite_or_inf(seen.residual_norm),
        finite_or_inf(seen.gradient_norm), stopped, jnp.asarray(0, jnp.int32),
    )  # fmt: skip


def block(
    data: Data, root: Array, seed: Array, state: State, knobs: Knobs, budget: Int[Array, ""], model: Model,
    method: Method,
) -> State:  # fmt: skip
    """`check_every` steps and one look; a run that has stopped stays as it is."""
    points, labels = data
    chosen = named_optimizer(method.optimizer, state.step_size)
    batch = method.batch_size
    epochs = None
    if batch is not None:
        epochs = epochs_of(
            root, seed, state.n_steps, n_steps=method.check_every, n_samples=len(labels), batch_size=batch
        )

    def step(i: Int[Array, ""], carry: tuple[Any, Any]) -> tuple[Any, Any]:
        params, optimizer_state = carry
        number = state.n_steps + i
        if epochs is None or batch is None:
            sample = (points, labels, None)
        else:
            which, present = batch_of(epochs, number, batch)
            sample = (points[which], labels[which], present if len(labels) % batch else None)
        found = gradient(sample, root, seed, number, params, knobs, model, method)
        return apply_update(chosen, found, optimizer_state, params)

    params, optimizer_state = jax.lax.fori_loop(
        jnp.int32(0), jnp.int32(method.check_every), step, (state.params, state.optimizer_state)
    )
    seen = _look(data, params, knobs, model, method)
    n_steps = state.n_steps + jnp.asarray(method.check_every, jnp.int32)
    diverged = ~(seen.finite & (seen.magnitude <= state.limit))
    stopped = first_of(
        (diverged, Outcome.DIVERGED),
        (seen.fitted, Outcome.FITTED),
        (seen.stuck, Outcome.STUCK),
        (n_steps >= budget, Outcome.MAX_STEPS),
    )
    new = State(
        params, optimizer_state, state.step_size, state.limit, seen.residual_norm, seen.gradient_norm, stopped, n_steps
    )
    new = freeze(~diverged, new, state._replace(stopped=stopped, n_steps=n_steps))
    return freeze(state.stopped == RUNNING, new, state)


def gradient(
    sample: tuple[Array, Array, Array | None], root: Array, seed: Array, number: Array, params: Any, knobs: Knobs,
    model: Model, method: Method,
) -> Any:  # fmt: skip
    """Gradient of one step's loss, with everything that is drawn for this step."""
    points, labels, present = sample
    loss = LOSSES[method.loss]

    def drawn(purpose: Purpose) -> Array:
        return jax.random.fold_in(key_for(root, purpose, seed), number)

    if method.augmentation != "none":
        points = augmented(drawn(Purpose.AUGMENTATION), points, knobs.augmentation_size, kind=method.augmentation)
    if method.noisy:
        labels = noisy_labels(drawn(Purpose.LABEL_NOISE), labels, knobs.label_noise, by_sign=loss.by_sign)
    key = drawn(Purpose.DROPOUT) if model.random else None
    outputs, pull = jax.vjp(lambda p: model.apply(p, points, key=key), params)
    z = loss.slope(outputs, labels)
    if present is not None:
        z = jnp.where(present, z, 0)
    if loss.is_mean:
        z = z / (len(labels) if present is None else jnp.sum(present, dtype=z.dtype))
    (found,) = pull(z)
    if method.decays:
        found = jax.tree.map(lambda slope, weight: slope + knobs.weight_decay * weight, found, params)
    return found


def finish(state: State) -> Run:
    """What a run hands back."""
    return Run(state.params, state.residual_norm, state.gradient_norm, state.stopped, state.n_steps)


def _look(data: Data, params: Any, knobs: Knobs, model: Model, method: Method) -> Look:
    """All samples without noise and without dropout.

    The Frobenius norm of the Jacobian, which says what a zero gradient is, is taken from one combination of its rows,
    with the coefficients sqrt(2) cos(i^2), which behave as independent ones of variance 1: the two are of one order of
    magnitude, and rounding is four decimals away from the threshold.
    """
    points, labels = data
    loss = LOSSES[method.loss]
    outputs, pull = jax.vjp(lambda p: model.apply(p, points), params)
    z = loss.slope(outputs, labels)
    size, slope = norm(z), leaves_norm(pull(z)[0])
    stuck = jnp.asarray(False)
    if method.by_gradient_alone and not model.random:
        phases = jnp.arange(1, len(labels) + 1, dtype=labels.dtype) ** 2
        probe = leaves_norm(pull(2**0.5 * jnp.cos(phases))[0])
        stuck = is_stuck(size, slope, probe, labels)
    magnitude = loss.magnitude(outputs, labels)
    finite = leaves_finite(params) & jnp.all(jnp.isfinite(outputs)) & jnp.isfinite(slope) & jnp.isfinite(magnitude)
    return Look(size, slope, magnitude, loss.fitted(outputs, labels, knobs.tolerance), stuck, finite)
