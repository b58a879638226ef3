"""Optimizing a stochastic network for its PAC-Bayes bound, one or many at once; `_certificate` says what is proved."""

import functools
import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError
from overparam.generalization.bounds._certificate import DEFAULT, PacBayes, PacBayesSpec, Weights, certified
from overparam.generalization.bounds._networks import as_float64, as_points, signs
from overparam.generalization.bounds._posterior import Constants, Posterior, draw_errors, optimized
from overparam.networks import Layer
from overparam.precision import require_dtype


def pac_bayes(
    layers: Sequence[Layer],
    initial: Sequence[Layer],
    points: ArrayLike,
    labels: ArrayLike,
    key: Array,
    *,
    how: PacBayesSpec = DEFAULT,
) -> PacBayes:
    """Optimize and certify a stochastic network for two classes.

    Args:
        layers: of a trained network with one output (a sign) or two (class 1 where the second is larger).
        initial: the centre of the prior, fixed before these samples were seen: the start of training, or weights
            trained on other samples.
        points: (n_samples, dim), at least 8, independent.
        labels: (n_samples,), -1 and 1, or 0 and 1.
        key: typed; for minibatches, noise and draws.
        how: options, delta among them.
    Raises:
        InputError: shapes, labels or options outside their ranges.
        PrecisionError: JAX is running without the dtype asked for.
    Source:
        dziugaite2017computing; langford2002not; maurer2004note.
    """
    first = functools.partial(jax.tree.map, lambda leaf: np.asarray(leaf)[None])
    values, y = np.asarray(points)[None], np.asarray(labels)[None]
    return pac_bayes_seeds(first(tuple(layers)), first(tuple(initial)), values, y, key, how=how)[0]


def pac_bayes_seeds(
    layers: Sequence[Layer],
    initial: Sequence[Layer],
    points: ArrayLike,
    labels: ArrayLike,
    key: Array,
    *,
    how: PacBayesSpec = DEFAULT,
) -> tuple[PacBayes, ...]:
    """Many networks at once, each with its own samples: all arguments as for `pac_bayes`, with seeds first.

    Args:
        layers: (seeds, units, inputs) and (seeds, units).
        initial: of the same shapes.
        points: (seeds, n_samples, dim).
        labels: (seeds, n_samples).
        key: typed; each seed folds in its index.
        how: options.
    """
    values, classes = np.asarray(points), np.asarray(labels)
    if values.ndim != 3 or classes.shape != values.shape[:2]:
        raise InputError(f"points must be (seeds, n_samples, dim), labels two of these, not {values.shape}")
    checked = [_checked(_seed(layers, i), _seed(initial, i), values[i], classes[i]) for i in range(len(values))]
    kind = _kind(how, values.shape[1])
    stacked = [jax.tree.map(lambda *leaves: np.stack(leaves), *(one[i] for one in checked)) for i in range(4)]
    given, centre, samples, y = (jax.tree.map(lambda leaf: jnp.asarray(leaf, kind), part) for part in stacked)
    scale = jax.tree.map(lambda leaf: jnp.log(jnp.maximum(jnp.abs(leaf), how.first_variance)) / 2, given)
    gap = jnp.full(len(values), math.log(math.log(how.largest_variance / how.first_variance)), kind)
    logs = math.log(math.pi**2 * values.shape[1] / (6 * how.delta))
    numbers = (how.step_size, how.largest_variance, how.per_unit, logs)
    training, drawing = (
        jax.vmap(jax.random.fold_in, (None, 0))(part, jnp.arange(len(values))) for part in jax.random.split(key)
    )
    found = optimized(
        Posterior(given, scale, gap),
        centre,
        samples,
        y,
        training,
        Constants(*(jnp.asarray(number, kind) for number in numbers)),
        jnp.asarray(how.steps),
        batch_size=min(how.batch_size, values.shape[1]),
        activation=how.activation,
    )
    errors = draw_errors(found, samples, y, drawing, draws=how.draws, activation=how.activation)
    means = np.mean(np.asarray(errors, np.float64), axis=1)
    return tuple(
        certified(
            as_float64(_seed(found.mean, i)),
            tuple(Layer(*(np.exp(leaf) for leaf in one)) for one in as_float64(_seed(found.log_deviation, i))),
            one[1],
            float(means[i]),
            values.shape[1],
            near=math.exp(float(found.log_gap[i])) * how.per_unit,
            how=how,
        )
        for i, one in enumerate(checked)
    )


def stochastic_errors(
    found: Sequence[PacBayes], points: ArrayLike, labels: ArrayLike, key: Array, *, how: PacBayesSpec = DEFAULT
) -> NDArray:
    """Share of errors of each stochastic network on other points, over `how.draws` draws of its weights.

    Args:
        found: networks of one shape.
        points: (seeds, n_samples, dim), those of each network.
        labels: (seeds, n_samples).
        key: typed.
        how: draws, activation and dtype are taken from it.
    """
    kind = require_dtype(how.dtype, what="stochastic_errors")
    values = np.stack([as_points(x, one.mean) for x, one in zip(np.asarray(points), found, strict=True)])

    def stacked(parts: list[Weights]) -> Weights:
        return jax.tree.map(lambda *leaves: jnp.asarray(np.stack(leaves), kind), *parts)

    posterior = Posterior(
        stacked([one.mean for one in found]),
        stacked([jax.tree.map(np.log, one.deviation) for one in found]),
        jnp.zeros(len(values), kind),
    )
    keys = jax.vmap(jax.random.fold_in, (None, 0))(key, jnp.arange(len(values)))
    y = jnp.asarray(signs(labels), kind)
    errors = draw_errors(posterior, jnp.asarray(values, kind), y, keys, draws=how.draws, activation=how.activation)
    return np.mean(np.asarray(errors, np.float64), axis=1)


def _checked(
    layers: Weights, initial: Weights, points: NDArray, labels: NDArray
) -> tuple[Weights, Weights, NDArray, NDArray]:
    given, centre = as_float64(layers), as_float64(initial)
    if [one.weights.shape for one in given] != [one.weights.shape for one in centre]:
        raise InputError("initial must have the shapes of layers: it is the centre of the prior on the same weights")
    if len(given[-1].bias) > 2:
        raise InputError(f"pac_bayes is for two classes, one output or two; this network has {len(given[-1].bias)}")
    return given, centre, as_points(points, given), signs(labels)


def _kind(how: PacBayesSpec, n_samples: int) -> np.dtype:
    """The dtype to compute in, once the options are in their ranges."""
    if n_samples < 8:
        raise InputError(f"a PAC-Bayes bound needs at least 8 samples, not {n_samples}")
    if not (0 < how.delta and 0 < how.delta_draws and how.delta + how.delta_draws < 1):
        raise InputError(
            f"delta and delta_draws must be positive with a sum below 1, not {how.delta}, {how.delta_draws}"
        )
    if how.draws < 1 or how.steps < 0 or how.batch_size < 1:
        raise InputError("draws and batch_size must be at least 1, and steps not negative")
    if not 0 < how.first_variance < how.largest_variance:
        raise InputError(f"first_variance must be in (0, {how.largest_variance}), not {how.first_variance}")
    return require_dtype(how.dtype, what="pac_bayes")


def _seed(layers: Sequence[Layer], i: int) -> Weights:
    return tuple(Layer(np.asarray(one.weights)[i], np.asarray(one.bias)[i]) for one in layers)
