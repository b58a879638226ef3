"""Regression networks of many widths on the forty features of Friedman's problem, looked at along the way.

One hidden ReLU layer, all samples in a step, Adam.  Narrow networks are trained inside wider arrays: a unit whose
weights and bias are all zero keeps a gradient of exactly zero, so it stays zero, and one program serves several widths.
"""

import functools
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from overparam.data import friedman40
from overparam.networks import Params, hidden
from overparam.precision import HIGHEST
from overparam.training import apply_update, optimizer

DIM = 40
EVERY = 40  # steps between two looks
N_TEST = 1000
FITTED = 1e-10  # training error at which a run ends

Floats = NDArray[np.float32] | Array


class Sets(NamedTuple):
    """Standardized by the training set; a seed's sets, or several seeds' with the seeds first."""

    points: Floats  # (n, 40)
    targets: Floats  # (n,)
    held_points: Floats  # (n_held, 40), for early stopping
    held_targets: Floats
    test_points: Floats
    test_targets: Floats  # without noise, so that the error is the excess over the noise


class Errors(NamedTuple):
    """Mean squared errors in units of the variance of the training targets, (seeds, widths, looks)."""

    train: NDArray[np.float32]
    held: NDArray[np.float32]
    test: NDArray[np.float32]  # of the function, without noise

    @property
    def last(self) -> NDArray[np.float64]:
        """Test errors at the end, (seeds, widths)."""
        return self.test[:, :, -1].astype(float)

    @property
    def stopped(self) -> NDArray[np.float64]:
        """Test errors where the held-out error was least, (seeds, widths)."""
        best = self.held.argmin(axis=2)[:, :, None]
        return np.take_along_axis(self.test, best, axis=2)[:, :, 0].astype(float)


def drawn(rng: np.random.Generator, n: int, noise: float, *, n_held: int = 200) -> Sets:
    """Training, held-out and test points of one seed."""
    parts = [friedman40(rng, n, noise), friedman40(rng, n_held, noise), friedman40(rng, N_TEST, 0.0)]
    (points, targets), _, _ = parts
    center, scale, mean, sd = points.mean(0), points.std(0), targets.mean(), targets.std()
    flat = [((x - center) / scale, (y - mean) / sd) for x, y in parts]
    return Sets(*(leaf.astype(np.float32) for part in flat for leaf in part))


def parameters(width: int) -> int:
    """Of a network 40-m-1 with biases.

    >>> parameters(256)
    10753
    """
    return (DIM + 1) * width + width + 1


def interpolating_width(n: int) -> int:
    """The least width with as many parameters as samples."""
    return math.ceil((n - 1) / (DIM + 2))


def width_sweep(
    root: int, widths: tuple[int, ...], n: int, noise: float, n_seeds: int, steps: int, *, n_held: int = 200
) -> Errors:
    """Errors of every width on the same data, seed by seed: own data and own initial weights for each seed.

    Hidden weights ~ N(0, 2/40), output weights ~ N(0, 1/m), biases 0; Adam with steps of 3e-3, 1e-3 for m >= 256.
    """
    sets = [drawn(np.random.default_rng([root, seed, 0]), n, noise, n_held=n_held) for seed in range(n_seeds)]
    held = Sets(*(jnp.asarray(np.stack(leaf)) for leaf in zip(*sets, strict=True)))
    found: dict[int, NDArray] = {}
    for group in grouped_widths(widths):
        rates = jnp.asarray([1e-3 if width >= 256 else 3e-3 for width in group], jnp.float32)
        curves = _train(_starts(root, n_seeds, group), held, rates, steps // EVERY)
        found |= {width: np.asarray(curves)[:, place] for place, width in enumerate(group)}
    curves = np.stack([found[width] for width in widths], axis=1)
    return Errors(*np.moveaxis(curves, 3, 0))


def grouped_widths(widths: tuple[int, ...]) -> list[list[int]]:
    """Widths trained in one program: those up to 16 together, the others alone.

    >>> grouped_widths((2, 16, 64))
    [[2, 16], [64]]
    """
    narrow = [width for width in widths if width <= 16]
    return ([narrow] if narrow else []) + [[width] for width in widths if width > 16]


def _starts(root: int, n_seeds: int, group: list[int]) -> Params:
    """Initial weights, (seeds, widths, ...), filled up with zero units."""
    most = max(group)
    u, v = np.zeros((n_seeds, len(group), most, DIM), np.float32), np.zeros((n_seeds, len(group), most), np.float32)
    for seed in range(n_seeds):
        for place, width in enumerate(group):
            rng = np.random.default_rng([root, seed, 1, width])
            u[seed, place, :width] = rng.normal(size=(width, DIM)) * (2 / DIM) ** 0.5
            v[seed, place, :width] = rng.normal(size=width) * width**-0.5
    return Params(*map(jnp.asarray, (u, np.zeros_like(v), v, np.zeros(v.shape[:2], np.float32))))


class _State(NamedTuple):
    """Weights, Adam's averages, and the record so far."""

    params: Params
    adam: Any
    look: Array
    curves: Array  # (looks, 3): training, held-out and test error


@functools.partial(jax.jit, static_argnames="looks")
def _train(starts: Params, sets: Sets, rates: Array, looks: int) -> Array:
    """Errors (seeds, widths, looks, 3), seed after seed; a run ends when its training error is FITTED."""

    def outputs(params: Params, points: Floats) -> Array:
        return jnp.matmul(params.v, jax.nn.relu(hidden(params, jnp.asarray(points))), precision=HIGHEST) + params.c

    def one(start: Params, rate: Array, sets: Sets) -> Array:
        points = jnp.concatenate([sets.points, sets.held_points, sets.test_points])
        targets = jnp.concatenate([sets.targets, sets.held_targets, sets.test_targets])
        ends = (len(sets.points), len(sets.points) + len(sets.held_points))
        adam = optimizer("adam", rate)

        def loss(params: Params) -> Array:
            return jnp.mean((outputs(params, sets.points) - sets.targets) ** 2)

        def step(_: Array, state: _State) -> _State:
            slope = jax.grad(loss)(state.params)
            params, moved = apply_update(adam, slope, state.adam, state.params)
            return state._replace(params=params, adam=moved)

        def advance(state: _State) -> _State:
            state = jax.lax.fori_loop(jnp.int32(0), jnp.int32(EVERY), step, state)
            parts = jnp.split((outputs(state.params, points) - targets) ** 2, ends)
            curves = state.curves.at[state.look].set(jnp.stack([jnp.mean(part) for part in parts]))
            return state._replace(look=state.look + jnp.int32(1), curves=curves)

        def goes_on(state: _State) -> Array:
            fitted = state.curves[state.look - 1, 0] <= FITTED
            return (state.look < looks) & ~((state.look > 0) & fitted)

        state = _State(start, adam.init(start), jnp.int32(0), jnp.zeros((looks, 3), rate.dtype))
        state = jax.lax.while_loop(goes_on, advance, state)
        return state.curves[jnp.minimum(jnp.arange(looks, dtype=jnp.int32), state.look - 1)]

    def seed(both: tuple[Params, Sets]) -> Array:
        return jax.vmap(one, in_axes=(0, 0, None))(both[0], rates, both[1])

    return jax.lax.map(seed, (starts, sets))
