"""Gaussian posteriors over the weights of networks: optimized for a PAC-Bayes bound, and drawn from.  Seeds first."""

import functools
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from jaxtyping import Float

from overparam.networks import Layer, activate
from overparam.networks._layers import LayeredActivation
from overparam.precision import HIGHEST

Leaves = tuple[Layer, ...]  # with one axis more than those of one network: seeds first


class Posterior(NamedTuple):
    """N(mean, diag exp(2 log_deviation)), and ln ln(c / lam) of the prior's variance lam."""

    mean: Leaves
    log_deviation: Leaves
    log_gap: Array


class Constants(NamedTuple):
    """Numbers of the surrogate: step size, c, b, ln(pi^2 n / (6 delta)), scalars of one dtype."""

    step_size: Float[Array, ""]
    largest: Float[Array, ""]
    per_unit: Float[Array, ""]
    logs: Float[Array, ""]


@functools.partial(jax.jit, static_argnames=("batch_size", "activation"))
def optimized(
    start: Posterior,
    centre: Leaves,
    points: Float[Array, "seeds n_samples dim"],
    labels: Float[Array, "seeds n_samples"],
    keys: Array,
    constants: Constants,
    steps: Array,
    *,
    batch_size: int,
    activation: LayeredActivation,
) -> Posterior:
    """RMSprop on the mean of log2(1 + exp(-y f)) of a network drawn at each step plus sqrt(rate / 2).

    Args:
        start: (seeds, ...) leaves.
        centre: of the prior.
        points: samples of each seed.
        labels: -1 and 1.
        keys: (seeds,), typed.
        constants: of the surrogate, for all seeds.
        steps: how many; a tenth of the step size after three quarters of them.
        batch_size: samples a step, drawn with replacement.
        activation: of the hidden layers.
    """
    n = labels.shape[1]
    rule = optax.rmsprop(1.0)

    def one(start: Posterior, centre: Leaves, points: Array, labels: Array, key: Array) -> Posterior:
        def step(i: Array, carry: tuple[Posterior, Any]) -> tuple[Posterior, Any]:
            at, state = carry
            here = jax.random.fold_in(key, i)
            batch = jax.random.randint(jax.random.fold_in(here, 0), (batch_size,), 0, n)
            noise = _noise(jax.random.fold_in(here, 1), at.mean)
            gradient = jax.grad(_surrogate)(
                at, centre, noise, points[batch], labels[batch], constants, n_samples=n, activation=activation
            )
            with jax.numpy_dtype_promotion("standard"):  # optax mixes its own numbers with ours
                change, state = rule.update(gradient, state, at)
            size = jnp.where(i < (3 * steps) // 4, constants.step_size, constants.step_size / 10)
            return jax.tree.map(lambda old, by: (old + size * by).astype(old.dtype), at, change), state

        return jax.lax.fori_loop(0, steps, step, (start, rule.init(start)))[0]

    return jax.vmap(one)(start, centre, points, labels, keys)


@functools.partial(jax.jit, static_argnames=("draws", "activation"))
def draw_errors(
    at: Posterior,
    points: Float[Array, "seeds n_samples dim"],
    labels: Float[Array, "seeds n_samples"],
    keys: Array,
    *,
    draws: int,
    activation: LayeredActivation,
) -> Float[Array, "seeds draws"]:
    """The share of errors of each network drawn; an output of 0 is an error."""

    def one(at: Posterior, points: Array, labels: Array, key: Array) -> Array:
        def drawn(i: Array) -> Array:
            weights = _drawn(at, _noise(jax.random.fold_in(key, i), at.mean))
            return jnp.mean((labels * _scores(weights, points, activation) <= 0).astype(points.dtype))

        return jax.lax.map(drawn, jnp.arange(draws))

    return jax.vmap(one)(at, points, labels, keys)


def _surrogate(
    at: Posterior,
    centre: Leaves,
    noise: Leaves,
    points: Array,
    labels: Array,
    constants: Constants,
    *,
    n_samples: int,
    activation: LayeredActivation,
) -> Array:
    losses = jax.nn.softplus(-labels * _scores(_drawn(at, noise), points, activation)) / math.log(2)
    gap = jnp.exp(at.log_gap)  # ln(c / lam)
    variance = constants.largest * jnp.exp(-gap)
    count = sum(leaf.size for leaf in jax.tree.leaves(centre))
    spread = sum(jnp.sum(jnp.exp(2 * r)) for r in jax.tree.leaves(at.log_deviation))
    logs = sum(jnp.sum(2 * r) for r in jax.tree.leaves(at.log_deviation))
    apart = sum(jax.tree.leaves(jax.tree.map(lambda w, w0: jnp.sum((w - w0) ** 2), at.mean, centre)))
    divergence = ((spread + apart) / variance + count * jnp.log(variance) - logs - count) / 2
    rate = (divergence + 2 * jnp.log(constants.per_unit * gap) + constants.logs) / (n_samples - 1)
    return jnp.mean(losses) + jnp.sqrt(jnp.maximum(rate, 1e-12) / 2)


def _drawn(at: Posterior, noise: Leaves) -> Leaves:
    return jax.tree.map(lambda w, r, z: w + jnp.exp(r) * z, at.mean, at.log_deviation, noise)


def _scores(layers: Leaves, points: Array, activation: LayeredActivation) -> Array:
    """One number a sample whose sign is the class; of two outputs, the second less the first."""
    values = points
    for layer in layers[:-1]:
        values = activate(activation, jnp.matmul(values, layer.weights.T, precision=HIGHEST) + layer.bias[None, :])
    out = jnp.matmul(values, layers[-1].weights.T, precision=HIGHEST) + layers[-1].bias[None, :]
    return out[:, 0] if out.shape[1] == 1 else out[:, 1] - out[:, 0]


def _noise(key: Array, like: Leaves) -> Leaves:
    """Independent normal numbers of the shapes of `like`, drawn as one vector: half the time to compile."""
    leaves, shape = jax.tree.flatten(like)
    ends = np.cumsum([leaf.size for leaf in leaves])
    drawn = jax.random.normal(key, (int(ends[-1]),), leaves[0].dtype)
    parts = [drawn[end - leaf.size : end].reshape(leaf.shape) for end, leaf in zip(ends, leaves, strict=True)]
    return jax.tree.unflatten(shape, parts)
