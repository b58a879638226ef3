"""The two engines over many seeds: one compilation per shape and options, host arrays out."""

from collections.abc import Callable, Sequence
from typing import Literal

import jax
import numpy as np
from jax import Array

from overparam.errors import InputError
from overparam.networks import Params
from overparam.precision import real_array, require_dtype
from overparam.training import _descent
from overparam.training._chunks import CHUNK, Inputs, Progress, gather, over_seeds
from overparam.training._devices import mesh_of, place
from overparam.training._layout import BLOCK, packed, seats
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
    group_size,
)
from overparam.training._standard import restore, standardize

SETTLING_STEPS = 20  # of descent on the data as given, after a fit on standardized data
StepUnit = Literal["absolute", "sharpness"]


def train_seeds(
    points: np.ndarray | Array,
    labels: np.ndarray | Array,
    root: Array,
    seeds: int | Sequence[int] | np.ndarray,
    *,
    width: int | Sequence[int] | np.ndarray,
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
    devices: Sequence[jax.Device] | None = None,
    keep_params: bool = True,
) -> Run:
    """Full-batch training from many random starts.

    All networks of a group take their steps together, as the rows of one matrix.  With `width` one a seed, networks of
    all those widths share one program: their neurons are packed in blocks of four, and nothing is computed for the
    widest in place of the narrow ones.  The packing is part of the experiment: it follows from the widths of all
    seeds and the chunk, and another packing rounds differently.

    Args:
        points: (n_samples, dim) shared by all seeds, or (n_seeds, n_samples, dim).
        labels: (n_samples,), or (n_seeds, n_samples) with points per seed.
        root: a typed key; seed s starts from `key_for(root, Purpose.INIT, s)`.
        seeds: how many, from 0 up, or which.
        width: hidden neurons, at least 1; one number, or one a seed.
        step_size: one number, or one a seed.
        step_unit: "absolute"; or "sharpness": step_size times 2 / (largest eigenvalue of that seed's initial tangent
            kernel), the edge of stability of the linearized dynamics for plain gradient descent.
        optimizer: "gd", "momentum" or "adam".
        law: "he", "ntk" or "small", see `networks.initialize`.
        scale: of the initial weights.
        max_steps: budget a seed, a multiple of `check_every`.
        tolerance: fitted means ||r|| <= tolerance ||y||.
        check_every: steps between two looks at a run.
        chunk: seeds at a time on each device; results are reproducible bit by bit only at the same chunk.
        rows: neurons of the compiled shape, so that several widths share one program: a neuron of zeros stays zero.
            Part of the experiment like the chunk; the width if not given.
        dtype: of data and weights.
        progress: called with (seeds done, seeds in all).
        devices: each gets a chunk; all local ones if not given.  A seed's result does not depend on which device of a
            kind ran it, nor on how many there are.
        keep_params: whether the weights come back; if not, `params` is None and only a few numbers a seed leave the
            devices.
    Returns:
        A `Run` of NumPy arrays, seeds first, in the order given.  With several widths, narrow networks are filled up
        with neurons of zeros.
    Raises:
        InputError: arguments that do not fit together.
        PrecisionError: JAX is running without `dtype`.
    """
    _descent.require_blocks(max_steps, check_every)
    named_optimizer(optimizer, 1.0)
    kind = require_dtype(dtype, what="train_seeds")
    data, inputs, own = gather(points, labels, seeds, chunk, kind)
    sizes, n_seeds = real_array("step_size", step_size, kind), len(inputs["seed"])
    if sizes.shape not in ((), (n_seeds,)) or not (np.isfinite(sizes) & (sizes > 0)).all():
        raise InputError(
            f"step_size must be a positive number, or one for each of the {n_seeds} seeds, got {step_size}"
        )
    if step_unit not in ("absolute", "sharpness"):
        raise InputError(f'step_unit must be "absolute" or "sharpness", got {step_unit!r}')
    inputs["step_size"] = np.broadcast_to(sizes, (n_seeds,))
    shared = _place(data, inputs, own)
    narrow, wide = _widths(width, inputs)
    rows = wide if rows is None else rows
    if rows < wide:
        raise InputError(f"rows must be at least width = {wide}, got {rows}")
    mesh = mesh_of(devices, -(-n_seeds // chunk))
    capacities = packing = None
    if narrow < wide:
        rows = -(-rows // BLOCK) * BLOCK
        if not own:  # data of its own for each seed take a product for each network, of the greatest width
            mean = int(np.mean(inputs["width"])) + BLOCK
            group = group_size(chunk, mean * data[1].shape[-1] * kind.itemsize)
            capacities = seats(np.append(inputs["width"], rows), chunk, group)
            packing = packed(capacities, group)
    start = Start(rows if narrow < wide else wide, law, data[0].shape[-1], kind.name, rows)
    method = Method(optimizer, step_unit, check_every)
    size, level = _scale(scale, kind), _level(tolerance, kind)
    limits, unit = (level, np.int32(max_steps)), np.ones((), kind)
    shared, packing, limits, unit = place(mesh, (shared, packing, limits, unit), split=False)
    run = over_seeds(
        lambda held: begin_descent(draw(root, _drawn(held), size, start, mesh), shared, held, level, method, mesh),
        lambda state, held, leave: advance_descent(
            state, shared, held, limits, leave, unit, packing, method, mesh
        ),
        inputs,
        chunk=chunk,
        progress=progress,
        mesh=mesh,
        capacities=capacities,
        keep_params=keep_params,
    )  # fmt: skip
    return _trimmed(run, wide) if keep_params else run


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
    if isinstance(width, bool) or not isinstance(width, (int, np.integer)) or not 1 <= width < 2**31:
        raise InputError(f"width must be a positive integer below 2**31, got {width!r}")
    level = _level(tolerance, kind)
    new_points, new_labels, frame = standardize(*data)
    rows = -(-width // BLOCK) * BLOCK  # a neuron of zeros stays zero, and a few widths share one program
    size = _scale(scale, kind)
    start = Start(width, law, data[0].shape[-1], kind.name, rows)

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
        (new_points, new_labels), inputs, lambda held: draw(root, _drawn(held), size, start),
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


def _level(tolerance: float, dtype: np.dtype) -> np.ndarray:
    if not 0 <= tolerance < np.inf:
        raise InputError(f"tolerance must be a number of at least 0, got {tolerance}")
    return np.asarray(tolerance, dtype)


def _widths(width: int | Sequence[int] | np.ndarray, inputs: Inputs) -> tuple[int, int]:
    """The least and the greatest width, after putting each seed's own among its inputs if they differ."""
    widths = np.asarray(width)
    if widths.shape not in ((), (len(inputs["seed"]),)) or widths.dtype.kind not in "iu" or not _fits(widths):
        raise InputError(
            f"width must be a positive integer below 2**31, or one for each of the {len(inputs['seed'])} seeds, "
            f"got {width}"
        )
    least, greatest = int(widths.min()), int(widths.max())
    if least < greatest:
        inputs["width"] = widths.astype(np.int32)
    return least, greatest


def _fits(widths: np.ndarray) -> bool:
    return bool(widths.min() >= 1 and widths.max() < 2**31)


def _drawn(held: Inputs) -> Inputs:
    """What a start depends on."""
    return {key: held[key] for key in ("seed", "width") if key in held}


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
