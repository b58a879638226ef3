"""Many seeds in chunks of one fixed shape; a seed that stops gives its place to the next."""

import bisect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from overparam.errors import InputError
from overparam.precision import real_array
from overparam.training._devices import n_devices, place
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
    mesh: Mesh | None = None,
    capacities: np.ndarray | None = None,
    keep_params: bool = True,
) -> Run:
    """Run every seed through slots of one compiled shape.

    A seed's result is the same, bit for bit, whatever shares its chunk and whenever it enters: slots do not touch each
    other, and a stopped slot is frozen.  Slots without a seed are stopped from the start and dropped.  The states stay
    on the devices; what comes back after each call is how every slot stands, and the weights if they are kept.

    Args:
        begin: inputs of a chunk -> states; where `inputs["taken"]` is false the state must not be a running one.
        advance: (states, inputs, leave) -> states of which at most `leave` a device are still running, and them as
            runs.
        inputs: arrays, or tuples of arrays, whose first axis is the seeds; seeds that are not "wanted", if that is
            among them, are stopped from the start.
        chunk: slots of a device, part of the experiment: another chunk rounds differently.
        progress: called with (seeds done, seeds in all).
        mesh: the devices, each with a chunk of its own; the default device if not given.
        capacities: of the slots of one device, where seeds have a "width" and fit only slots of at least that.
        keep_params: whether the weights are handed back; without them `params` is None.
    Returns:
        The runs of all seeds in their order, as NumPy arrays.
    """
    total = len(jax.tree.leaves(inputs)[0])
    queue = _Queue(total, chunk * n_devices(mesh), inputs.get("width"), capacities)
    queue.fill()
    held = place(mesh, _take(inputs, queue.seated, total), split=True)
    state = begin(held)
    collected: Any = None
    done, leave = 0, chunk // 2
    while True:
        # With seeds waiting, come back as soon as half the slots are free.
        state, runs = advance(state, held, np.int32(leave if queue.waiting else 0))
        runs = jax.tree.map(np.asarray, runs if keep_params else runs._replace(params=None))
        over = (runs.stopped != RUNNING) & (queue.seated < total)
        if collected is None:
            collected = jax.tree.map(lambda leaf: np.empty((total, *leaf.shape[1:]), leaf.dtype), runs)
        for whole, part in zip(jax.tree.leaves(collected), jax.tree.leaves(runs), strict=True):
            whole[queue.seated[over]] = part[over]
        done += int(over.sum())
        if progress is not None:
            progress(done, total)
        if done == total:
            break
        queue.seated[over] = total
        entering = queue.fill()
        if over.any():
            held = place(mesh, _take(inputs, queue.seated, total), split=True)
        if entering.any():
            state = _merge(place(mesh, entering, split=True), begin(held), state)
        # Where nobody who waits fits a free slot, go on until a larger one is free.
        running = int(((runs.stopped == RUNNING) | entering).reshape(-1, chunk).sum(axis=1).max())
        leave = min(chunk // 2, max(running - 1, 0))
    return collected


class _Queue:
    """Which seed sits in which slot, and who waits; `total` and beyond: nobody."""

    def __init__(self, total: int, slots: int, widths: np.ndarray | None, capacities: np.ndarray | None) -> None:
        self.total = total
        self.seated = np.full(slots, total)
        self.waiting = list(range(total))[::-1]
        self.sizes = None
        if capacities is not None and widths is not None:
            self.sizes, self.widths = np.tile(capacities, slots // len(capacities)), widths
            self.waiting.sort(key=lambda seed: (widths[seed], -seed))  # the widest last, hence next

    def fill(self) -> np.ndarray:
        """Seat those who wait; returns which slots got a seed."""
        free = np.flatnonzero(self.seated == self.total)
        entering = np.zeros(len(self.seated), bool)
        if self.sizes is not None:
            free = free[np.argsort(-self.sizes[free], kind="stable")]  # the largest slots first
        for slot in free:
            seed = self._next(int(slot))
            if seed is not None:
                self.seated[slot] = seed
                entering[slot] = True
        return entering

    def _next(self, slot: int) -> int | None:
        """Who waits longest, or, with seats of different sizes, the widest that fits."""
        if self.sizes is None:
            return self.waiting.pop() if self.waiting else None
        place = bisect.bisect_right(self.waiting, self.sizes[slot], key=lambda seed: self.widths[seed])
        return self.waiting.pop(place - 1) if place else None


def gather(
    points: Any, labels: Any, seeds: Any, chunk: int, dtype: np.dtype
) -> tuple[tuple[np.ndarray, np.ndarray], Inputs, bool]:
    """Points and labels as arrays, what each seed has of its own, and whether each seed has its own data.

    Raises:
        InputError: shapes or seeds that do not fit together.
    """
    counted = isinstance(seeds, (int, np.integer)) and not isinstance(seeds, bool)
    which = np.arange(seeds if seeds <= 2**32 else 0) if counted else np.asarray(seeds)
    if which.ndim != 1 or not len(which) or which.dtype.kind not in "iu" or which.min() < 0 or which.max() >= 2**32:
        raise InputError(f"seeds must be a positive number of seeds or a list of indices below 2**32, got {seeds!r}")
    if isinstance(chunk, bool) or not isinstance(chunk, (int, np.integer)) or not 1 <= chunk < 2**31:
        raise InputError(f"chunk must be a positive integer below 2**31, got {chunk!r}")
    points, labels = real_array("points", points, dtype), real_array("labels", labels, dtype)
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


@jax.jit
def _merge(entering: Any, fresh: Any, state: Any) -> Any:
    return jax.tree.map(lambda new, old: jnp.where(entering.reshape(-1, *[1] * (old.ndim - 1)), new, old), fresh, state)
