"""The compiled programs of a chunk of seeds, for any model: draw, begin, advance.

What shapes a program is static; data, step sizes, budgets, tolerances and sizes of noise are arguments.  With a mesh,
every device runs the program on its own chunk.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.sharding import Mesh

from overparam.keys import Purpose, key_for
from overparam.networks import Model
from overparam.training._chunks import Inputs
from overparam.training._devices import on_each
from overparam.training._outcome import RUNNING, Outcome, Run
from overparam.training._traces import traced
from overparam.training.general import _descent, _search
from overparam.training.general._descent import Data, Knobs, Method

CACHE_BYTES = 2**20  # of what a backward pass keeps, for networks that are trained together on a CPU
MEMORY_BYTES = 2**32  # the same on an accelerator


_QUICK = {"xla_backend_optimization_level": 0}  # for what runs once a seed: compiling it better takes seconds a shape


@functools.partial(jax.jit, static_argnames=("model", "dim", "dtype", "mesh"), compiler_options=_QUICK)
def draw(root: Array, seeds: Array, scale: Array, model: Model, dim: int, dtype: str, mesh: Mesh | None) -> Any:
    """Initial weights of all slots, times `scale`."""
    traced("general.draw")

    def one(root: Array, seed: Array, scale: Array) -> Any:
        params = model.draw(key_for(root, Purpose.INIT, seed), dim, dtype)
        return jax.tree.map(lambda leaf: leaf * scale, params)

    chunk = jax.vmap(one, in_axes=(None, 0, None))
    return on_each(mesh, chunk, (False, True, False))(root, seeds, scale)


@functools.partial(jax.jit, static_argnames=("model", "method", "mesh"), compiler_options=_QUICK)
def begin(
    params: Any, shared: Data | None, held: Inputs, knobs: Knobs, model: Model, method: Method, mesh: Mesh | None
) -> _descent.State:
    """Initial states of all slots."""
    traced("general.begin")

    def chunk(params: Any, shared: Data | None, held: Inputs, knobs: Knobs) -> _descent.State:
        def one(slot: Inputs) -> _descent.State:
            return _descent.begin(_data(shared, slot), slot["params"], slot["step_size"], knobs, model, method)

        slots = {**_own(held), "step_size": held["step_size"], "params": params}
        group = group_of(len(held["taken"]), jacobian_bytes(params, _data(shared, held)[0]))
        return _seat(grouped(one, group, slots), held["taken"])

    return on_each(mesh, chunk, (True, False, True, False))(params, shared, held, knobs)


@functools.partial(jax.jit, static_argnames=("model", "method", "mesh"))
def advance(
    root: Array, state: _descent.State, shared: Data | None, held: Inputs, knobs: Knobs, budget: Array, leave: Array,
    model: Model, method: Method, mesh: Mesh | None,
) -> tuple[_descent.State, Run]:  # fmt: skip
    """Blocks of steps until at most `leave` runs of a device go on."""
    traced("general.advance")

    def chunk(
        root: Array, state: _descent.State, shared: Data | None, held: Inputs, knobs: Knobs, budget: Array, leave: Array
    ) -> tuple[_descent.State, Run]:
        def one(both: tuple[_descent.State, Inputs]) -> _descent.State:
            state, slot = both
            return _descent.block(_data(shared, slot), root, slot["seed"], state, knobs, budget, model, method)

        points = _data(shared, held)[0]
        batch = points.shape[-2] if method.batch_size is None else method.batch_size
        group = group_of(len(held["taken"]), bytes_kept(model, state.params, batch, points))
        slots = {**_own(held), "seed": held["seed"]}
        state = jax.lax.while_loop(
            lambda state: _running(state) > leave, lambda state: grouped(one, group, (state, slots)), state
        )
        return state, jax.vmap(_descent.finish)(state)

    each = on_each(mesh, chunk, (False, True, False, True, False, False, False))
    return each(root, state, shared, held, knobs, budget, leave)


@functools.partial(jax.jit, static_argnames=("model", "mesh"), compiler_options=_QUICK)
def begin_search(
    params: Any, shared: Data | None, held: Inputs, level: Array, model: Model, mesh: Mesh | None
) -> _search.Search:
    """Initial states of all slots for Levenberg-Marquardt."""
    traced("general.begin_search")

    def chunk(params: Any, shared: Data | None, held: Inputs, level: Array) -> _search.Search:
        def one(slot: Inputs) -> _search.Search:
            return _search.begin(_data(shared, slot), slot["params"], level, model)

        group = group_of(len(held["taken"]), jacobian_bytes(params, _data(shared, held)[0]))
        return _seat(grouped(one, group, {**_own(held), "params": params}), held["taken"])

    return on_each(mesh, chunk, (True, False, True, False))(params, shared, held, level)


@functools.partial(jax.jit, static_argnames=("model", "mesh"))
def advance_search(
    state: _search.Search, shared: Data | None, held: Inputs, level: Array, budget: Array, leave: Array, model: Model,
    mesh: Mesh | None,
) -> tuple[_search.Search, Run]:  # fmt: skip
    """Steps until at most `leave` searches of a device go on."""
    traced("general.advance_search")

    def chunk(
        state: _search.Search, shared: Data | None, held: Inputs, level: Array, budget: Array, leave: Array
    ) -> tuple[_search.Search, Run]:
        def one(both: tuple[_search.Search, Inputs]) -> _search.Search:
            return _search.step(_data(shared, both[1]), both[0], level, budget, model)

        def last(both: tuple[_search.Search, Inputs]) -> Run:
            return _search.finish(_data(shared, both[1]), both[0], model)

        group = group_of(len(held["taken"]), jacobian_bytes(state.params, _data(shared, held)[0]))
        slots = _own(held)
        state = jax.lax.while_loop(
            lambda state: _running(state) > leave, lambda state: grouped(one, group, (state, slots)), state
        )
        return state, grouped(last, group, (state, slots))

    each = on_each(mesh, chunk, (True, False, True, False, False, False))
    return each(state, shared, held, level, budget, leave)


def bytes_kept(model: Model, params: Any, batch: int, points: Array) -> int:
    """What the backward pass of one network keeps, from shapes alone; `params` have the seeds first."""
    one = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape[1:], leaf.dtype), params)
    x = jax.ShapeDtypeStruct((batch, points.shape[-1]), points.dtype)
    kept = jax.eval_shape(lambda p, x: jax.vjp(lambda q: model.apply(q, x), p)[1], one, x)
    return sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(kept))


def jacobian_bytes(params: Any, points: Array) -> int:
    """What the Jacobian of one network takes; `params` have the seeds first."""
    n_params = sum(leaf.size // len(leaf) for leaf in jax.tree.leaves(params))
    return n_params * points.shape[-2] * points.dtype.itemsize


def group_of(chunk: int, n_bytes: int) -> int:
    """How many networks to train together: the largest divisor of the chunk that stays in cache, or in memory."""
    most = CACHE_BYTES if jax.default_backend() == "cpu" else MEMORY_BYTES
    return max(g for g in range(1, chunk + 1) if chunk % g == 0 and (g == 1 or g * n_bytes <= most))


def grouped(function: Callable[[Any], Any], group: int, slots: Any) -> Any:
    """`function` of every slot, `group` slots at a time."""
    if group == len(jax.tree.leaves(slots)[0]):
        return jax.vmap(function)(slots)
    return jax.lax.map(function, slots, batch_size=group)


def _data(shared: Data | None, slot: Inputs) -> Data:
    return slot["data"] if shared is None else shared


def _own(held: Inputs) -> Inputs:
    """What a slot has of its own beside its state: its data, if they are not shared."""
    return {"data": held["data"]} if "data" in held else {}


def _running(state: Any) -> Array:
    return jnp.sum(state.stopped == RUNNING, dtype=jnp.int32)


def _seat(state: Any, taken: Array) -> Any:
    """Slots without a seed never run."""
    rests = ~taken & (state.stopped == RUNNING)
    return state._replace(stopped=jnp.where(rests, jnp.int32(Outcome.MAX_STEPS), state.stopped))
