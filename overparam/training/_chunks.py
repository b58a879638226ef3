"""Many seeds in chunks of one fixed shape; a seed that stops gives its place to the next."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from overparam.errors import InputError
from overparam.training._outcome import RUNNING, Run

CHUNK = 32
Progress = Callable[[int, int], None]
Inputs = dict[str, Any]


def over_seeds(
    begin: Callable[[Inputs], Any],
    advance: Callable[[Any, Inputs, np.int32], tuple[Any, Run]],
    inputs: Inputs,
    *,
    chunk: int,
    progress: Progress | None = None,
) -> Run:
    """Run every seed through slots of one compiled shape.

    A seed's result is the same, bit for bit, whatever shares its chunk and whenever it enters: slots do not touch each
    other, and a stopped slot is frozen.  Slots without a seed are stopped from the start and dropped.

    Args:
        begin: inputs of a chunk -> states; where `inputs["taken"]` is false the state must not be a running one.
        advance: (states, inputs, leave) -> states of which at most `leave` are still running, and them as runs.
        inputs: arrays, or tuples of arrays, whose first axis is the seeds; seeds that are not "wanted", if that is
            among them, are stopped from the start.
        chunk: slots, part of the experiment: another chunk rounds differently.
        progress: called with (seeds done, seeds in all).
    Returns:
        The runs of all seeds in their order, as NumPy arrays.
    """
    total = len(jax.tree.leaves(inputs)[0])
    seated = np.arange(chunk)  # which seed sits in which slot; `total` and beyond: none
    waiting, done = min(chunk, total), 0
    held = _take(inputs, seated, total)
    state = begin(held)
    collected: Any = None
    while done < total:
        # With seeds waiting, come back as soon as half the slots are free.
        state, runs = _to_host(advance(state, held, np.int32(chunk // 2 if waiting < total else 0)))
        over = (runs.stopped != RUNNING) & (seated < total)
        if collected is None:
            collected = jax.tree.map(lambda leaf: np.empty((total, *leaf.shape[1:]), leaf.dtype), runs)
        for whole, part in zip(jax.tree.leaves(collected), jax.tree.leaves(runs), strict=True):
            whole[seated[over]] = part[over]
        done += int(over.sum())
        if progress is not None:
            progress(done, total)
        free = np.flatnonzero(over)[: total - waiting]
        seated[over] = total
        seated[free] = waiting + np.arange(len(free))
        waiting += len(free)
        held = _take(inputs, seated, total)
        if len(free):
            entering = np.isin(np.arange(chunk), free)
            state = _merge(entering, _to_host(begin(held)), state)
    return collected


def gather(
    points: Any, labels: Any, seeds: Any, chunk: int, dtype: np.dtype
) -> tuple[tuple[np.ndarray, np.ndarray], Inputs, bool]:
    """Points and labels as arrays, what each seed has of its own, and whether each seed has its own data.

    Raises:
        InputError: shapes or seeds that do not fit together.
    """
    which = np.arange(seeds) if isinstance(seeds, (int, np.integer)) else np.asarray(seeds)
    if which.ndim != 1 or not len(which) or which.dtype.kind not in "iu" or which.min() < 0 or which.max() >= 2**32:
        raise InputError(f"seeds must be a positive number of seeds or a list of indices below 2**32, got {seeds!r}")
    if chunk < 1:
        raise InputError(f"chunk must be positive, got {chunk}")
    points, labels = np.asarray(points, dtype), np.asarray(labels, dtype)
    if points.ndim not in (2, 3) or labels.shape != points.shape[:-1] or 0 in points.shape:
        raise InputError(
            "points must be (n_samples, dim) with labels (n_samples,), or both with the seeds first; "
            f"got {points.shape} and {labels.shape}"
        )
    own = points.ndim == 3
    if own and len(points) != len(which):
        raise InputError(f"data per seed need one data set a seed: {len(points)} data sets, {len(which)} seeds")
    return (points, labels), {"seed": which.astype(np.uint32)}, own


def _take(inputs: Inputs, seated: np.ndarray, total: int) -> Inputs:
    """A chunk's inputs; a slot without a seed borrows the last one's."""
    held = jax.tree.map(lambda leaf: leaf[np.minimum(seated, total - 1)], inputs)
    return held | {"taken": (seated < total) & held.get("wanted", True)}


def _merge(entering: np.ndarray, fresh: Any, state: Any) -> Any:
    return jax.tree.map(lambda new, old: np.where(entering.reshape(-1, *[1] * (old.ndim - 1)), new, old), fresh, state)


def _to_host(tree: Any) -> Any:
    return jax.tree.map(np.asarray, tree)
