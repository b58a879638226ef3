"""The compiled programs of a chunk of seeds: draw, and advance by some epochs with a look at the end.

What shapes a program is static; data, labels, seeds, step sizes and the number of epochs are arguments.
"""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from overparam.keys import Purpose, key_for
from overparam.networks._classifiers import Classifier
from overparam.training._traces import traced
from overparam.training.classification import _epochs
from overparam.training.classification._epochs import Knobs, Look, Method, Run
from overparam.training.general._programs import grouped

CACHE_BYTES = 2**23  # of the weights of networks that are trained side by side on a CPU
_QUICK = {"xla_backend_optimization_level": 0}  # for what runs once a seed: compiling it better takes seconds a shape


class Sets(NamedTuple):
    """Training and test set; what all seeds share is not repeated for each."""

    points: Array
    labels: Array
    test_points: Array | None = None
    test_labels: Array | None = None


@functools.partial(jax.jit, static_argnames=("model", "shape", "dtype", "method"), compiler_options=_QUICK)
def begin(
    root: Array, seeds: Array, knobs: Knobs, model: Classifier, shape: tuple[int, ...], dtype: str, method: Method
) -> Run:
    """All slots before the first epoch."""
    traced("classification.begin")

    def one(seed: Array) -> Run:
        return _epochs.begin(*model.draw(key_for(root, Purpose.INIT, seed), shape, dtype), knobs, method)

    return jax.vmap(one)(seeds)


@functools.partial(jax.jit, static_argnames=("model", "method", "group"))
def advance(
    root: Array, seeds: Array, taken: Array, runs: Run, shared: dict[str, Array], own: dict[str, Array],
    knobs: Knobs, count: Array, model: Classifier, method: Method, group: int,
) -> tuple[Run, Look, Look | None]:  # fmt: skip
    """`count` epochs of all slots, `group` at a time, then a look at the training and, if there is one, test set."""
    traced("classification.advance")

    def one(slot: dict[str, Any]) -> tuple[Run, Look, Look | None]:
        sets = Sets(**shared, **slot["own"])

        def again(_: Array, run: Run) -> Run:
            return _epochs.epoch(sets.points, sets.labels, root, slot["seed"], run, knobs, model, method)

        # a slot without a seed does nothing where it has a turn of its own
        times = jnp.where(slot["taken"], count, 0) if group == 1 else count
        run = jax.lax.fori_loop(jnp.int32(0), times, again, slot["run"])
        seen = _epochs.look(sets.points, sets.labels, run, model, method)
        if sets.test_points is None or sets.test_labels is None:
            return run, seen, None
        return run, seen, _epochs.look(sets.test_points, sets.test_labels, run, model, method)

    slots = {"seed": seeds, "taken": taken, "run": runs, "own": own}
    return grouped(one, group, slots)


def group_of(chunk: int, model: Classifier, params: Any) -> int:
    """How many networks to train side by side: all on an accelerator; on a CPU as many as stay in its cache."""
    if not model.together:
        return 1
    if jax.default_backend() != "cpu":
        return chunk
    n_bytes = sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(params))  # the seeds are first
    return max(g for g in range(1, chunk + 1) if chunk % g == 0 and (g == 1 or g * n_bytes <= chunk * CACHE_BYTES))
