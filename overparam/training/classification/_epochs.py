"""One seed: an epoch of steps, and a look at the whole sets.

The order of an epoch's samples and what dropout draws have keys of their own, made of the root, what they are for, the
seed, and the number of the epoch or step: a seed sees the same whatever its companions and however it is looked at.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array
from jaxtyping import Bool, Float, Int

from overparam.keys import Purpose, key_for
from overparam.networks._classifiers import Classifier
from overparam.training._optimizers import ADAM_DECAYS, ADAM_EPS, apply_update

LOOK = 2048  # samples at a time in a look, so that images of convolutional networks fit


class Method(NamedTuple):
    """What shapes the program."""

    optimizer: str
    schedule: str
    loss: str
    batch_size: int | None  # below the number of samples, or None
    keep_correct: bool


class Knobs(NamedTuple):
    """Numbers that may change without another compilation, all of the weights' dtype."""

    step_size: Array
    momentum: Array
    decay: Array
    weight_decay: Array
    epochs: Array  # in all, for the schedule


class Run(NamedTuple):
    """A run between two epochs."""

    params: Any
    state: Any
    optimizer_state: Any
    epoch: Int[Array, ""]


class Look(NamedTuple):
    """What a whole set says of a network; `correct` is None where it is not kept."""

    loss: Float[Array, ""]
    accuracy: Float[Array, ""]
    correct: Bool[Array, " n"] | None


def begin(params: Any, state: Any, knobs: Knobs, method: Method) -> Run:
    """Before the first epoch."""
    with jax.numpy_dtype_promotion("standard"):
        return Run(params, state, _optimizer(knobs, method, knobs.step_size).init(params), jnp.int32(0))


def epoch(
    points: Array, labels: Int[Array, " n"], root: Array, seed: Array, run: Run, knobs: Knobs, model: Classifier,
    method: Method,
) -> Run:  # fmt: skip
    """All batches of one epoch."""
    n = len(labels)
    size = method.batch_size or n
    steps = -(-n // size)
    places = jnp.arange(n, dtype=jnp.int32)
    if method.batch_size is not None:
        places = jax.random.permutation(jax.random.fold_in(key_for(root, Purpose.BATCHES, seed), run.epoch), places)
    # The last batch is filled up from the beginning, with samples that do not count in the loss.
    batches = jnp.concatenate([places, places[: steps * size - n]]).reshape(steps, size)
    present = (jnp.arange(steps * size, dtype=jnp.int32) < n).reshape(steps, size)

    def step(carry: tuple[Any, Any, Any], batch: tuple[Array, Array, Array]) -> tuple[tuple[Any, Any, Any], None]:
        params, state, optimizer_state = carry
        number, which, counts = batch
        total = run.epoch * steps + number
        key = jax.random.fold_in(key_for(root, Purpose.DROPOUT, seed), total) if model.random else None

        def objective(params: Any) -> tuple[Array, Any]:
            outputs, new = model.apply(params, state, points[which], key=key, training=True)
            return _mean(_losses(outputs, labels[which], method.loss), counts if n % size else None), new

        gradient, state = jax.grad(objective, has_aux=True)(params)
        if method.optimizer != "adamw":
            gradient = jax.tree.map(lambda slope, weight: slope + knobs.weight_decay * weight, gradient, params)
        chosen = _optimizer(knobs, method, knobs.step_size * _factor(knobs, method, run.epoch, number, steps))
        params, optimizer_state = apply_update(chosen, gradient, optimizer_state, params)
        return (params, state, optimizer_state), None

    numbers = jnp.arange(steps, dtype=jnp.int32)
    carry, _ = jax.lax.scan(step, (run.params, run.state, run.optimizer_state), (numbers, batches, present))
    return Run(*carry, run.epoch + jnp.int32(1))


def look(points: Array, labels: Int[Array, " n"], run: Run, model: Classifier, method: Method) -> Look:
    """The deterministic network on a whole set."""

    def one(part: tuple[Array, Array]) -> tuple[Array, Array]:
        outputs, _ = model.apply(run.params, run.state, part[0])
        finite = jnp.all(jnp.isfinite(outputs), axis=1)
        correct = finite & (jnp.argmax(outputs, axis=1).astype(jnp.int32) == part[1])
        return _losses(outputs, part[1], method.loss), correct

    n = len(labels)
    if n <= LOOK:
        losses, correct = one((points, labels))
    else:
        which = jnp.minimum(jnp.arange(-(-n // LOOK) * LOOK, dtype=jnp.int32), n - 1).reshape(-1, LOOK)
        losses, correct = (
            leaf.reshape(-1)[:n] for leaf in jax.lax.map(lambda rows: one((points[rows], labels[rows])), which)
        )
    loss = jnp.mean(losses)
    loss = jnp.where(jnp.isfinite(loss), loss, jnp.inf)
    return Look(loss, jnp.mean(correct, dtype=loss.dtype), correct if method.keep_correct else None)


def _losses(outputs: Float[Array, "n classes"], labels: Int[Array, " n"], kind: str) -> Float[Array, " n"]:
    marks = jax.nn.one_hot(labels, outputs.shape[1], dtype=outputs.dtype)
    if kind == "squared":
        return jnp.mean((outputs - marks) ** 2, axis=1)
    return -jnp.sum(jnp.where(marks > 0, jax.nn.log_softmax(outputs, axis=1), 0), axis=1)


def _mean(values: Float[Array, " n"], counts: Bool[Array, " n"] | None) -> Float[Array, ""]:
    if counts is None:
        return jnp.mean(values)
    return jnp.sum(jnp.where(counts, values, 0)) / jnp.sum(counts, dtype=values.dtype)


def _factor(knobs: Knobs, method: Method, epoch: Array, number: Array, steps: int) -> Array:
    """Of the step size, at one step."""
    kind = knobs.step_size.dtype
    match method.schedule:
        case "cosine":
            passed = (epoch * steps + number).astype(kind) / (knobs.epochs * steps)
            return (1 + jnp.cos(jnp.pi * passed)) / 2
        case "exponential":
            return knobs.decay ** epoch.astype(kind)
        case _:
            return jnp.ones((), kind)


def _optimizer(knobs: Knobs, method: Method, step_size: Array) -> optax.GradientTransformation:
    (b1, b2), eps = ADAM_DECAYS, ADAM_EPS
    match method.optimizer:
        case "adam":
            return optax.adam(step_size, b1=b1, b2=b2, eps=eps)
        case "adamw":
            return optax.adamw(step_size, b1=b1, b2=b2, eps=eps, weight_decay=knobs.weight_decay)
        case _:
            return optax.chain(optax.trace(knobs.momentum), optax.scale(-step_size))
