"""The two engines over many seeds: one compilation per shape and options, host arrays out."""

from collections.abc import Callable, Sequence
from typing import Literal

import jax
import numpy as np
from jax import Array

from overparam.errors import InputError
from overparam.networks import Params
from overparam.precision import require_dtype
from overparam.training import _descent
from overparam.training._chunks import CHUNK, Inputs, Progress, gather, over_seeds
from overparam.training._lm import POLISH_DAMPING, UPHILL
from overparam.training._optimizers import optimizer as named_optimizer
from overparam.training._outcome import Outcome, Run
from overparam.training._programs import (
    Data,
    Method,
    Start,
    advance_descent,
    advance_search,
    begin_descent,
    begin_search,
    draw,
)
from overparam.training._standard import restore, standardize

ROWS = 4  # neurons of the search come in blocks of so many
SETTLING_STEPS = 20  # of descent on the data as given, after a fit on standardized data
StepUnit = Literal["absolute", "sharpness"]


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
    rows: int | None = None,
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
        rows: neurons of the compiled shape, so that several widths share one program: a neuron of zeros stays zero.
            Part of the experiment like the chunk; the width if not given.
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
        raise InputError(
            f"step_size must be a positive number, or one for each of the {n_seeds} seeds, got {step_size}"
        )
    if step_unit not in ("absolute", "sharpness"):
        raise InputError(f'step_unit must be "absolute" or "sharpness", got {step_unit!r}')
    inputs["step_size"] = np.broadcast_to(sizes, (n_seeds,))
    shared = _place(data, inputs, own)
    rows = width if rows is None else rows
    if rows < width:
        raise InputError(f"rows must be at least width = {width}, got {rows}")
    size = _scale(scale, kind)
    start = Start(width, law, data[0].shape[-1], kind.name, rows)
    method = Method(optimizer, step_unit, check_every)
    level, budget = np.asarray(tolerance, kind), np.int32(max_steps)
    run = over_seeds(
        lambda held: begin_descent(draw(root, held["seed"], size, start), shared, held, level, method),
        lambda state, held, leave: advance_descent(state, shared, held, level, budget, leave, method),
        inputs,
        chunk=chunk,
        progress=progress,
    )
    return _trimmed(run, width)


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
    rows = -(-width // ROWS) * ROWS  # a neuron of zeros stays zero, and a few widths share one program
    size = _scale(scale, kind)
    start = Start(width, law, data[0].shape[-1], kind.name, rows)
    level = np.asarray(tolerance, kind)

    def search(
        data: Data, own_inputs: Inputs, weights: Callable[[Inputs], Params], budget: int, damping: float, uphill: float,
        progress: Progress | None = None,
    ) -> Run:  # fmt: skip
        inputs = dict(own_inputs)
        shared = _place(data, inputs, own)
        first, growth = np.asarray(damping, kind), np.asarray(uphill, kind)
        return over_seeds(
            lambda held: begin_search(weights(held), shared, _slots(held), level, first),
            lambda state, held, leave: advance_search(
                state, shared, _slots(held), level, np.int32(budget), leave, growth
            ),
            inputs,
            chunk=chunk,
            progress=progress,
        )

    found = search(
        (new_points, new_labels), inputs, lambda held: draw(root, held["seed"], size, start),
        max_steps, 1.0, UPHILL, progress,
    )  # fmt: skip
    fitted = found.stopped == Outcome.FITTED
    # On the data as given: what rounding cost on the way back is mended, and every norm is measured.
    carried = inputs | {"params": restore(found.params, frame), "wanted": fitted}
    run = search(data, carried, lambda held: held["params"], SETTLING_STEPS, POLISH_DAMPING, 1.0)
    decided = fitted | (run.stopped == Outcome.FITTED) | (run.stopped == Outcome.DIVERGED)
    run = run._replace(stopped=np.where(decided, run.stopped, found.stopped), n_steps=found.n_steps)
    return _trimmed(run, width)


def _scale(scale: float, dtype: np.dtype) -> np.ndarray:
    if not 0 < scale < np.inf:
        raise InputError(f"scale must be a positive number, got {scale}")
    return np.asarray(scale, dtype)


def _place(data: Data, inputs: Inputs, own: bool) -> Data | None:
    """Data of all seeds, or None after putting each seed's own among its inputs."""
    if not own:
        return data
    inputs["data"] = data
    return None


def _slots(held: Inputs) -> Inputs:
    """What the compiled search looks at: the same keys for both passes, hence one program."""
    return {key: held[key] for key in ("taken", "data") if key in held}


def _trimmed(run: Run, width: int) -> Run:
    """Without the neurons of zeros."""
    u, b, v, c = run.params
    return run._replace(params=Params(u[:, :width], b[:, :width], v[:, :width], c))
