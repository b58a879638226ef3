"""Training by specification: the one entry that sweeps and thresholds use."""

from collections.abc import Sequence

import jax
import numpy as np
from jax import Array

from overparam.networks import Mlp, Model, TwoLayer
from overparam.precision import real_array
from overparam.training._chunks import CHUNK, Progress
from overparam.training._outcome import Run
from overparam.training._seeds import levenberg_marquardt_seeds, train_seeds
from overparam.training._spec import ModelSpec, TrainSpec, is_plain, validate
from overparam.training.general._run import train_model


def train(
    points: np.ndarray | Array,
    labels: np.ndarray | Array,
    root: Array,
    seeds: int | Sequence[int] | np.ndarray,
    *,
    model: ModelSpec,
    how: TrainSpec,
    step_size: float | Sequence[float] | np.ndarray | None = None,
    chunk: int = CHUNK,
    progress: Progress | None = None,
    devices: Sequence[jax.Device] | None = None,
    keep_params: bool = True,
) -> Run:
    """Train many seeds of one specification.

    Two-layer networks on all samples and a squared loss, without noise, dropout or decay, take the program written for
    them; everything else goes through `train_model`.  Both draw the same initial weights and end in the same classes;
    "squared-mean" is the program of "squared" with another step size, except for Adam.

    Args:
        points: (n_samples, dim) shared by all seeds, or (n_seeds, n_samples, dim).
        labels: (n_samples,), or (n_seeds, n_samples) with points per seed.
        root: a typed key; seed s starts from `key_for(root, Purpose.INIT, s)`.
        seeds: how many, from 0 up, or which.
        model: the networks.
        how: the protocol.
        step_size: one number, or one a seed, in place of `how.step_size`.
        chunk: seeds at a time on each device; results are reproducible bit by bit only at the same chunk.
        progress: called with (seeds done, seeds in all).
        devices: each gets a chunk; all local ones if not given.
        keep_params: whether the weights come back; if not, `params` is None.
    Returns:
        A `Run` of NumPy arrays, seeds first, in the order given; its params are `networks.Params`, or for architecture
        "mlp" a tuple of `networks.Layer`.
    Raises:
        InputError: a spec that contradicts itself, or arguments that do not fit together.
        PrecisionError: JAX is running without the dtype asked for.
    """
    validate(model)
    validate(how)
    n_samples = np.shape(labels)[-1] if np.ndim(labels) else 0
    if model.architecture != "two-layer" or not is_plain(how, n_samples):
        return train_model(
            points, labels, root, seeds, model=model_of(model), how=how, step_size=step_size, scale=model.scale,
            chunk=chunk, progress=progress, devices=devices, keep_params=keep_params,
        )  # fmt: skip
    if how.optimizer == "lm":
        run = levenberg_marquardt_seeds(
            points, labels, root, seeds, width=model.width, law=model.law, scale=model.scale,
            max_steps=how.max_steps, tolerance=how.tolerance, chunk=chunk, progress=progress,
        )  # fmt: skip
        return run if keep_params else run._replace(params=None)
    sizes = real_array("step_size", how.step_size if step_size is None else step_size, np.dtype(np.float64))
    if how.loss == "squared-mean" and how.step_unit == "absolute":
        sizes = sizes / max(n_samples, 1)
    return train_seeds(
        points, labels, root, seeds, width=model.width, law=model.law, scale=model.scale,
        step_size=sizes, step_unit=how.step_unit, optimizer=how.optimizer,
        max_steps=how.max_steps, tolerance=how.tolerance, check_every=how.check_every, chunk=chunk, dtype=how.dtype,
        progress=progress, devices=devices, keep_params=keep_params,
    )  # fmt: skip


def model_of(spec: ModelSpec) -> Model:
    """The networks that a specification names; their scale stays an argument of training."""
    if spec.architecture == "two-layer":
        return TwoLayer(spec.width, law=spec.law)
    return Mlp(spec.width, depth=spec.depth, activation=spec.activation, law=spec.law)
