"""The two engines over many seeds: one compilation per shape and options, host arrays out."""

import functools
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Int

from overparam.errors import InputError
from overparam.keys import Purpose, key_for
from overparam.networks import Params, initialize
from overparam.precision import require_dtype
from overparam.training import _descent, _lm
from overparam.training._chunks import CHUNK, Inputs, Progress, gather, over_seeds
from overparam.training._optimizers import optimizer as named_optimizer
from overparam.training._outcome import RUNNING, Outcome, Run, freeze
from overparam.training._standard import Frame, restore, standardize
from overparam.training._tangent import gram_of_points, sharpness

StepUnit = Literal["absolute", "sharpness"]
Data = tuple[Any, ...]
SETTLING_STEPS = 20  # of descent on the data as given, after a fit on standardized data


class _Start(NamedTuple):
    width: int
    law: str
    scale: float

    def draw(self, root: Array, seed: Int[Array, ""], points: Float[Array, "n_samples dim"]) -> Params:
        return initialize(
            key_for(root, Purpose.INIT, seed), self.law,
            width=self.width, dim=points.shape[1], scale=self.scale, dtype=points.dtype,
        )  # fmt: skip


class _Method(NamedTuple):
    optimizer: str
    step_unit: str
    check_every: int


class _Stepped(NamedTuple):
    run: _descent.Descent
    step_size: Float[Array, "*seeds"]


def train_seeds(
    points: np.ndarray | Array,
    labels: np.ndarray | Array,
    root: Array,
    seeds: int | Sequence[int] | np.ndarray,
    *,
    width: int,
    step_size: float | Sequence[float] | np.ndarray,
    step_unit: StepUnit = "absolute",
    optimizer: str = "gd",
    law: str = "he",
    scale: float = 1.0,
    max_steps: int = 10_000,
    tolerance: float = 1e-3,
    check_every: int = 100,
    chunk: int = CHUNK,
    dtype: jax.typing.DTypeLike = "float64",
    progress: Progress | None = None,
) -> Run:
    """Full-batch training from many random starts.

    Args:
        points: (n_samples, dim) shared by all seeds, or (n_seeds, n_samples, dim).
        labels: (n_samples,), or (n_seeds, n_samples) with points per seed.
        root: a typed key; seed s starts from `key_for(root, Purpose.INIT, s)`.
        seeds: how many, from 0 up, or which.
        width: hidden neurons, at least 1.
        step_size: one number, or one a seed.
        step_unit: "absolute"; or "sharpness": step_size times 2 / (largest eigenvalue of that seed's initial tangent
            kernel), the edge of stability of the linearized dynamics for plain gradient descent.
        optimizer: "gd", "momentum" or "adam".
        law: "he", "ntk" or "small", see `networks.initialize`.
        scale: of the initial weights.
        max_steps: budget a seed, a multiple of `check_every`.
        tolerance: fitted means ||r|| <= tolerance ||y||.
        check_every: steps between two looks at a run.
        chunk: seeds at a time; results are reproducible bit by bit only at the same chunk.
        dtype: of data and weights.
        progress: called with (seeds done, seeds in all).
    Returns:
        A `Run` of NumPy arrays, seeds first, in the order given.
    Raises:
        InputError: arguments that do not fit together.
        PrecisionError: JAX is running without `dtype`.
    """
    _descent.require_blocks(max_steps, check_every)
    named_optimizer(optimizer, 1.0)
    kind = require_dtype(dtype, what="train_seeds")
    data, inputs, own = gather(points, labels, seeds, chunk, kind)
    sizes, n_seeds = np.asarray(step_size, kind), len(inputs["seed"])
    if sizes.shape not in ((), (n_seeds,)) or not (np.isfinite(sizes) & (sizes > 0)).all():
        raise InputError(f"step_size must be a positive number, or one for each of the {n_seeds} seeds, got {step_size}")
    if step_unit not in ("absolute", "sharpness"):
        raise InputError(f'step_unit must be "absolute" or "sharpness", got {step_unit!r}')
    inputs["step_size"] = np.broadcast_to(sizes, (n_seeds,))
    shared = _place(data, inputs, own)
    start, method = _Start(width, law, float(scale)), _Method(optimizer, step_unit, check_every)
    level, budget = np.asarray(tolerance, kind), np.int32(max_steps)
    return over_seeds(
        lambda held: _begin_descent(root, shared, held, level, start, method),
        lambda state, held, leave: _advance_descent(state, shared, held, level, budget, leave, method),
        inputs,
        chunk=chunk,
        progress=progress,
    )


def levenberg_marquardt_seeds(
    points: np.ndarray | Array,
    labels: np.ndarray | Array,
    root: Array,
    seeds: int | Sequence[int] | np.ndarray,
    *,
    width: int,
    law: str = "he",
    scale: float = 2.0,
    max_steps: int = 500,
    tolerance: float = 1e-10,
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> Run:
    """Levenberg-Marquardt in float64 from many random starts, a search for interpolators.

    The search runs on standardized data (means zero, deviations within a factor sqrt(2) of one, labels likewise), and
    its network is carried back; fitted means that it fits the data as given.  Other arguments as in `train_seeds`.

    Args:
        points: (n_samples, dim) shared by all seeds, or (n_seeds, n_samples, dim).
        labels: (n_samples,), or (n_seeds, n_samples) with points per seed.
        root: a typed key.
        seeds: how many, from 0 up, or which.
        width: hidden neurons, at least 1.
        law: of the start, on standardized data.
        scale: of the start.
        max_steps: factorizations a seed, those of refused steps among them.
        tolerance: fitted means ||r|| <= tolerance ||y||.
        chunk: seeds at a time.
        progress: called with (seeds done, seeds in all).
    Returns:
        A `Run` of NumPy arrays, seeds first, in the order given.
    Raises:
        InputError: arguments that do not fit together.
        PrecisionError: JAX is running without float64.
    """
    if max_steps < 1:
        raise InputError(f"max_steps must be positive, got {max_steps}")
    kind = require_dtype("float64", what="levenberg_marquardt_seeds")
    data, inputs, own = gather(points, labels, seeds, chunk, kind)
    new_points, new_labels, frame = standardize(*data)
    shared = _place((*data, new_points, new_labels, frame), inputs, own)
    start, level, budget = _Start(width, law, float(scale)), np.asarray(tolerance, kind), np.int32(max_steps)
    return over_seeds(
        lambda held: _begin_search(root, shared, held, level, start),
        lambda state, held, leave: _advance_search(state, shared, held, level, budget, leave),
        inputs,
        chunk=chunk,
        progress=progress,
    )


def _place(data: Data, inputs: Inputs, own: bool) -> Data | None:
    """Data of all seeds, or None after putting each seed's own among its inputs."""
    if not own:
        return data
    inputs["data"] = data
    return None


def _of(shared: Data | None, held: Inputs) -> tuple[Data, int | None]:
    """The data, and the axis of the seeds in them."""
    return (held["data"], 0) if shared is None else (shared, None)


def _seat(state: Any, taken: Array) -> Any:
    """Slots without a seed never run."""
    return state._replace(stopped=jnp.where(taken, state.stopped, jnp.int32(Outcome.MAX_STEPS)))


@functools.partial(jax.jit, static_argnames=("start", "method"))
def _begin_descent(
    root: Array, shared: Data | None, held: Inputs, level: Array, start: _Start, method: _Method
) -> _Stepped:
    data, axis = _of(shared, held)

    def one(data: Data, seed: Array, step_size: Array) -> _Stepped:
        points, labels = data
        params = start.draw(root, seed, points)
        if method.step_unit == "sharpness":
            step_size = step_size * 2 / sharpness(points, params)
        chosen = named_optimizer(method.optimizer, step_size)
        return _Stepped(_descent.begin(points, labels, params, optimizer=chosen, tolerance=level), step_size)

    state = jax.vmap(one, in_axes=(axis, 0, 0))(data, held["seed"], held["step_size"])
    return state._replace(run=_seat(state.run, held["taken"]))


@functools.partial(jax.jit, static_argnames=("method",))
def _advance_descent(
    state: _Stepped, shared: Data | None, held: Inputs, level: Array, budget: Array, leave: Array, method: _Method
) -> tuple[_Stepped, Run]:
    data, axis = _of(shared, held)

    def one(data: Data, state: _Stepped) -> _Stepped:
        run = _descent.block(
            *data, state.run, optimizer=named_optimizer(method.optimizer, state.step_size),
            max_steps=budget, tolerance=level, check_every=method.check_every,
        )  # fmt: skip
        return state._replace(run=run)

    def more(state: _Stepped) -> Array:
        return jnp.sum(state.run.stopped == RUNNING, dtype=jnp.int32) > leave

    state = jax.lax.while_loop(more, lambda state: jax.vmap(one, in_axes=(axis, 0))(data, state), state)
    return state, _descent.finish(state.run)


@functools.partial(jax.jit, static_argnames=("start",))
def _begin_search(root: Array, shared: Data | None, held: Inputs, level: Array, start: _Start) -> _lm.Search:
    data, axis = _of(shared, held)

    def one(data: Data, seed: Array) -> _lm.Search:
        _, _, points, labels, _ = data
        return _lm.begin(points, labels, start.draw(root, seed, points), tolerance=level)

    return _seat(jax.vmap(one, in_axes=(axis, 0))(data, held["seed"]), held["taken"])


@jax.jit
def _advance_search(
    state: _lm.Search, shared: Data | None, held: Inputs, level: Array, budget: Array, leave: Array
) -> tuple[_lm.Search, Run]:
    data, axis = _of(shared, held)
    gram = gram_of_points(data[2]) if axis is None else jax.vmap(gram_of_points)(data[2])

    def one(data: Data, gram: Array, state: _lm.Search) -> _lm.Search:
        return _lm.step(data[2], data[3], gram, state, max_steps=budget, tolerance=level)

    def more(state: _lm.Search) -> Array:
        return jnp.sum(state.stopped == RUNNING, dtype=jnp.int32) > leave

    steps = jax.vmap(one, in_axes=(axis, axis, 0))
    state = jax.lax.while_loop(more, lambda state: steps(data, gram, state), state)
    return state, jax.vmap(_settle, in_axes=(axis, 0, None))(data, state, level)


def _settle(data: Data, state: _lm.Search, level: Array) -> Run:
    """The network on the data as given; rounding on the way back is mended by a few descending steps."""
    points, labels, _, _, frame = data
    params = restore(state.params, Frame(*frame))
    fitted = state.stopped == Outcome.FITTED
    run = _lm.levenberg_marquardt(
        points, labels, params, max_steps=jnp.where(fitted, SETTLING_STEPS, 0), tolerance=level,
        uphill=1.0, damping=_lm.POLISH_DAMPING,
    )  # fmt: skip
    return run._replace(stopped=jnp.where(fitted, run.stopped, state.stopped), n_steps=state.n_steps)
