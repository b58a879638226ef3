"""The compiled programs of a chunk of seeds: draw the weights, begin, advance.

Options that shape a program are static and hashable; data, step sizes, budgets and tolerances are arguments, so that
they may change without another compilation.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, UInt

from overparam.keys import Purpose, key_for
from overparam.networks import Params, initialize
from overparam.training import _descent, _lm
from overparam.training._chunks import Inputs
from overparam.training._optimizers import optimizer as named_optimizer
from overparam.training._outcome import RUNNING, Outcome, Run
from overparam.training._tangent import gram_of_points, sharpness

Data = tuple[Any, ...]
CACHE_BYTES = 2**20  # of activations that are trained on together


class Start(NamedTuple):
    """Where the seeds begin."""

    width: int
    law: str
    dim: int
    dtype: str
    rows: int  # neurons of the compiled shape: at least width


class Method(NamedTuple):
    """How they are trained."""

    optimizer: str
    step_unit: str
    check_every: int


class Stepped(NamedTuple):
    """A run and its own step size, both with the seeds first."""

    run: _descent.Descent
    step_size: Float[Array, "*seeds"]


def _of(shared: Data | None, held: Inputs) -> tuple[Data, int | None]:
    """The data, and the axis of the seeds in them."""
    return (held["data"], 0) if shared is None else (shared, None)


def _seat(state: Any, taken: Array) -> Any:
    """Slots without a seed, or with one that is not wanted, never run."""
    rests = ~taken & (state.stopped == RUNNING)
    return state._replace(stopped=jnp.where(rests, jnp.int32(Outcome.MAX_STEPS), state.stopped))


# Compiling the random bits with every optimization takes seconds a shape, and running them microseconds.
@functools.partial(jax.jit, static_argnames=("start",), compiler_options={"xla_backend_optimization_level": 0})
def draw(root: Array, seeds: UInt[Array | np.ndarray, " chunk"], scale: Array | np.ndarray, start: Start) -> Params:
    """Initial weights times `scale`, with neurons of zeros up to the compiled shape."""

    def one(seed: Array) -> Params:
        key = key_for(root, Purpose.INIT, seed)
        params = initialize(key, start.law, width=start.width, dim=start.dim, dtype=start.dtype)
        u, b, v, c = jax.tree.map(lambda leaf: leaf * scale, params)
        more = start.rows - start.width
        return Params(jnp.pad(u, ((0, more), (0, 0))), jnp.pad(b, (0, more)), jnp.pad(v, (0, more)), c)

    return jax.vmap(one)(jnp.asarray(seeds))


@functools.partial(jax.jit, static_argnames=("method",))
def begin_descent(params: Params, shared: Data | None, held: Inputs, level: Array, method: Method) -> Stepped:
    """Initial states of a chunk for `_descent`."""
    data, axis = _of(shared, held)

    def one(params: Params, data: Data, step_size: Array) -> Stepped:
        points, labels = data
        if method.step_unit == "sharpness":
            step_size = step_size * 2 / sharpness(points, params)
        chosen = named_optimizer(method.optimizer, step_size)
        return Stepped(_descent.begin(points, labels, params, optimizer=chosen, tolerance=level), step_size)

    state = jax.vmap(one, in_axes=(0, axis, 0))(params, data, held["step_size"])
    return state._replace(run=_seat(state.run, held["taken"]))


@functools.partial(jax.jit, static_argnames=("method",))
def advance_descent(
    state: Stepped, shared: Data | None, held: Inputs, level: Array, budget: Array, leave: Array, method: Method
) -> tuple[Stepped, Run]:
    """Blocks of steps until at most `leave` runs go on."""
    data, axis = _of(shared, held)

    def one(data: Data, state: Stepped) -> Stepped:
        points, labels = data
        run = _descent.block(
            points, labels, state.run, optimizer=named_optimizer(method.optimizer, state.step_size),
            max_steps=budget, tolerance=level, check_every=method.check_every,
        )  # fmt: skip
        return state._replace(run=run)

    def more(state: Stepped) -> Array:
        return jnp.sum(state.run.stopped == RUNNING, dtype=jnp.int32) > leave

    group = _group(len(held["taken"]), state.run.params.v.shape[-1] * data[1].shape[-1] * data[1].dtype.itemsize)
    if axis is None:
        blocks = functools.partial(_grouped, functools.partial(one, data), group)
    else:
        blocks = lambda state: _grouped(lambda both: one(*both), group, (data, state))  # noqa: E731
    state = jax.lax.while_loop(more, blocks, state)
    return state, _descent.finish(state.run)


def _group(chunk: int, n_bytes: int) -> int:
    """How many networks to train together: the largest divisor of the chunk whose activations stay in cache."""
    if jax.default_backend() != "cpu":
        return chunk
    return max(g for g in range(1, chunk + 1) if chunk % g == 0 and (g == 1 or g * n_bytes <= CACHE_BYTES))


def _grouped(function: Callable[[Any], Any], group: int, slots: Any) -> Any:
    """`function` of every slot, `group` slots at a time."""
    if group == len(jax.tree.leaves(slots)[0]):
        return jax.vmap(function)(slots)
    return jax.lax.map(function, slots, batch_size=group)


@jax.jit
def begin_search(params: Params, shared: Data | None, held: Inputs, level: Array, damping: Array) -> _lm.Search:
    """Initial states of a chunk for `_lm`."""
    data, axis = _of(shared, held)

    def one(params: Params, data: Data) -> _lm.Search:
        points, labels = data
        return _lm.begin(points, labels, params, tolerance=level, damping=damping)

    return _seat(jax.vmap(one, in_axes=(0, axis))(params, data), held["taken"])


@jax.jit
def advance_search(
    state: _lm.Search, shared: Data | None, held: Inputs, level: Array, budget: Array, leave: Array, uphill: Array
) -> tuple[_lm.Search, Run]:
    """Steps until at most `leave` searches go on."""
    data, axis = _of(shared, held)
    gram = gram_of_points(data[0]) if axis is None else jax.vmap(gram_of_points)(data[0])

    def one(data: Data, gram: Array, state: _lm.Search) -> _lm.Search:
        points, labels = data
        return _lm.step(points, labels, gram, state, max_steps=budget, tolerance=level, uphill=uphill)

    def more(state: _lm.Search) -> Array:
        return jnp.sum(state.stopped == RUNNING, dtype=jnp.int32) > leave

    steps = jax.vmap(one, in_axes=(axis, axis, 0))
    state = jax.lax.while_loop(more, lambda state: steps(data, gram, state), state)
    return state, jax.vmap(lambda data, state: _lm.finish(data[0], state), in_axes=(axis, 0))(data, state)
