"""The compiled programs of a chunk of seeds: draw the weights, begin, advance.

Options that shape a program are static and hashable; data, step sizes, budgets and tolerances are arguments, so that
they may change without another compilation.  With a mesh, every device runs the program on its own chunk.
"""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.sharding import Mesh
from jaxtyping import Float, UInt

from overparam.keys import Purpose, key_for
from overparam.networks import Params, initialize
from overparam.training import _descent, _lm, _together
from overparam.training._chunks import Inputs
from overparam.training._devices import on_each
from overparam.training._layout import Even, Packed
from overparam.training._outcome import RUNNING, Outcome, Run
from overparam.training._tangent import gram_of_points, sharpness
from overparam.training._traces import traced
from overparam.training._updates import no_moments

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


# Compiling the random bits with every optimization takes twice as long and gains nothing; without any they are slow.
@functools.partial(
    jax.jit, static_argnames=("start", "mesh"), compiler_options={"xla_backend_optimization_level": 1}
)  # fmt: skip
def draw(
    root: Array, held: Inputs, scale: Array | np.ndarray, start: Start, mesh: Mesh | None = None
) -> Params:  # fmt: skip
    """Initial weights times `scale`, with neurons of zeros up to the compiled shape.

    Where each seed has its own width, the first neurons of a network of `rows` are taken: they are those of a network
    of that width, up to the factor that every law gives the output weights.
    """
    traced("draw")

    def one(root: Array, seed: Array, width: Array | None, scale: Array) -> Params:
        key = key_for(root, Purpose.INIT, seed)
        params = initialize(key, start.law, width=start.width, dim=start.dim, dtype=start.dtype)
        u, b, v, c = jax.tree.map(lambda leaf: leaf * scale, params)
        if width is not None:
            live = jnp.arange(start.width, dtype=width.dtype) < width
            factor = jnp.sqrt(jnp.asarray(start.width, v.dtype) / width.astype(v.dtype))
            u, b, v = jnp.where(live[:, None], u, 0), jnp.where(live, b, 0), jnp.where(live, v * factor, 0)
        more = start.rows - start.width
        return Params(jnp.pad(u, ((0, more), (0, 0))), jnp.pad(b, (0, more)), jnp.pad(v, (0, more)), c)

    def chunk(root: Array, seeds: UInt[Array, " chunk"], widths: Array | None, scale: Array) -> Params:
        axes = (None, 0, None if widths is None else 0, None)
        return jax.vmap(one, in_axes=axes)(root, seeds, widths, scale)

    seeds, widths = jnp.asarray(held["seed"]), held.get("width")
    return on_each(mesh, chunk, (False, True, True, False))(root, seeds, widths, jnp.asarray(scale))


@functools.partial(jax.jit, static_argnames=("method", "mesh"))
def begin_descent(
    params: Params, shared: Data | None, held: Inputs, level: Array, method: Method, mesh: Mesh | None = None
) -> Stepped:
    """Initial states of a chunk."""
    traced("begin_descent")

    def one(params: Params, data: Data, step_size: Array, level: Array) -> Stepped:
        points, labels = data
        if method.step_unit == "sharpness":
            step_size = step_size * 2 / sharpness(points, params)
        moments = no_moments(method.optimizer, params)
        return Stepped(_descent.begin(points, labels, params, optimizer_state=moments, tolerance=level), step_size)

    def chunk(params: Params, shared: Data | None, held: Inputs, level: Array) -> Stepped:
        data, axis = _of(shared, held)
        state = jax.vmap(one, in_axes=(0, axis, 0, None))(params, data, held["step_size"], level)
        return state._replace(run=_seat(state.run, held["taken"]))

    return on_each(mesh, chunk, (True, False, True, False))(params, shared, held, level)


@functools.partial(jax.jit, static_argnames=("method", "mesh"))
def advance_descent(
    state: Stepped,
    shared: Data | None,
    held: Inputs,
    limits: tuple[Array, Array],
    leave: Array,
    unit: Array,
    packing: Packed | None,
    method: Method,
    mesh: Mesh | None = None,
) -> tuple[Stepped, Run]:
    """Blocks of steps until at most `leave` runs of a device go on.

    Args:
        state: of the slots.
        shared: data of all seeds, or None where `held` has each seed's own.
        held: inputs of the slots.
        limits: tolerance and budget.
        leave: runs that may go on.
        unit: 1, see `_together`.
        packing: the layouts of all groups of slots, where networks have different widths.
        method: static options.
        mesh: the devices.
    """
    traced("advance_descent")

    def chunk(
        state: Stepped, shared: Data | None, held: Inputs, limits: Any, leave: Array, unit: Array, packing: Any
    ) -> tuple[Stepped, Run]:
        common = None if shared is None else _together.prepare(shared[0], shared[1], unit)
        own = held["data"] if shared is None else None
        labels = held["data"][1] if shared is None else shared[1]
        slots, width = state.run.params.v.shape
        size = width * labels.shape[-1] * labels.dtype.itemsize
        group = group_size(slots, size) if packing is None else packing.row.shape[1]

        def few(part: Any) -> Stepped:
            """One block of steps of one group."""
            state, own, layout = part
            run = _together.block(
                Even(group, width) if layout is None else layout,
                _together.prepare(own[0], own[1], unit) if common is None else common,
                state.run, state.step_size, optimizer=method.optimizer,
                max_steps=limits[1], tolerance=limits[0], check_every=method.check_every,
            )  # fmt: skip
            return state._replace(run=run)

        def blocks(state: Stepped) -> Stepped:
            """One block of steps of every slot, a group at a time."""
            parts = jax.tree.map(lambda leaf: leaf.reshape(-1, group, *leaf.shape[1:]), (state, own))
            new = jax.lax.map(few, (parts[0], parts[1], packing))
            return jax.tree.map(lambda leaf: leaf.reshape(slots, *leaf.shape[2:]), new)

        state = jax.lax.while_loop(
            lambda state: jnp.sum(state.run.stopped == RUNNING, dtype=jnp.int32) > leave, blocks, state
        )
        return state, _descent.finish(state.run)

    each = on_each(mesh, chunk, (True, False, True, False, False, False, False))
    return each(state, shared, held, limits, leave, unit, packing)


def group_size(slots: int, n_bytes: int) -> int:
    """How many networks to train together: the largest divisor of the slots whose activations stay in cache.

    On an accelerator all of them.
    """
    if jax.default_backend() != "cpu":
        return slots
    return max(g for g in range(1, slots + 1) if slots % g == 0 and (g == 1 or g * n_bytes <= CACHE_BYTES))


@jax.jit
def begin_search(params: Params, shared: Data | None, held: Inputs, level: Array, damping: Array) -> _lm.Search:
    """Initial states of a chunk for `_lm`."""
    traced("begin_search")
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
    traced("advance_search")
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
