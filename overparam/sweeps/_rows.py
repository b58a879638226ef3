"""The rows of one shard: draw or read the data, train, and say how each seed ended."""

import dataclasses
import hashlib
import math
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pyarrow as pa

from overparam.data import load
from overparam.sweeps._confirm import confirmations
from overparam.sweeps._environment import device_for
from overparam.sweeps._shards import ROW
from overparam.sweeps._tasks import Task
from overparam.training import Outcome, train

Progress = Callable[[int, int], None]


def compute_rows(task: Task, progress: Progress | None = None) -> pa.Table:
    """One row a seed, in the order of the seeds; a pure function of the task, per program and machine.

    Runs with JAX's 64 bits on, whatever the process has chosen, and leaves that choice as it was.
    """
    cell, seeds = task.cell, range(task.first, task.first + task.count)
    points, labels, data_seeds = _data(task)
    device_for(task.device)
    with jax.enable_x64(True):
        run = train(
            points, labels, jax.random.key(cell.root_seed), list(seeds),
            model=cell.model, how=cell.train, chunk=cell.chunk, progress=progress,
        )  # fmt: skip
        hashes = params_hashes(run.params, task.count)
        checked = confirmations(run, points, labels, model=cell.model, how=cell.train)
    each = labels if labels.ndim == 2 else np.broadcast_to(labels, (task.count, *labels.shape))
    columns: dict[str, Any] = {
        "cell": [cell.id] * task.count,
        "seed": list(seeds),
        "data_seed": data_seeds,
        "outcome": [Outcome(int(code)).name.lower() for code in run.stopped],
        "n_steps": np.asarray(run.n_steps, np.int64),
        "residual_norm": np.asarray(run.residual_norm, np.float64),
        "gradient_norm": np.asarray(run.gradient_norm, np.float64),
        "label_norm": [math.hypot(*map(float, row)) for row in each],
        "params_sha256": hashes,
        "residual64": [one.residual for one in checked],
        "confirmed": [one.holds for one in checked],
    }
    return pa.table(columns, schema=ROW)


def params_hashes(params: Any, count: int) -> list[str]:
    """SHA-256 of each seed's weights: the bytes of all leaves, in the order of the tree."""
    leaves = [np.ascontiguousarray(leaf) for leaf in jax.tree.leaves(params)]
    return [hashlib.sha256(b"".join(leaf[i].tobytes() for leaf in leaves)).hexdigest() for i in range(count)]


def _data(task: Task) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Points and labels, of all seeds or one set a seed, and the data seed of each."""
    spec = task.cell.data
    if not task.cell.data_per_seed or (spec.kind != "generator" and spec.label_kind == "own"):  # nothing is drawn
        shared = load(spec)
        return shared.points, shared.labels, [spec.seed] * task.count
    seeds = [spec.seed + seed for seed in range(task.first, task.first + task.count)]
    own = [load(dataclasses.replace(spec, seed=seed)) for seed in seeds]
    return np.stack([one.points for one in own]), np.stack([one.labels for one in own]), seeds
