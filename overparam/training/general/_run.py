"""Many seeds of any model: arguments checked, then the compiled programs fed by the slots of `over_seeds`."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.errors import InputError
from overparam.networks import Model
from overparam.precision import real_array, require_dtype
from overparam.training._chunks import CHUNK, Inputs, Progress, gather, over_seeds
from overparam.training._devices import mesh_of, place
from overparam.training._outcome import Run
from overparam.training._spec import TrainSpec, validate
from overparam.training.general import _programs
from overparam.training.general._descent import Knobs, Method
from overparam.training.general._losses import require_signs

MOST_JACOBIAN = 2**31  # bytes of one seed's Jacobian, for the sharpness and for Levenberg-Marquardt


def train_model(
    points: np.ndarray | Array,
    labels: np.ndarray | Array,
    root: Array,
    seeds: int | Sequence[int] | np.ndarray,
    *,
    model: Model,
    how: TrainSpec,
    step_size: float | Sequence[float] | np.ndarray | None = None,
    scale: float = 1.0,
    chunk: int = CHUNK,
    progress: Progress | None = None,
    devices: Sequence[jax.Device] | None = None,
    keep_params: bool = True,
) -> Run:
    """Train many seeds of any network by automatic differentiation.

    `Run.residual_norm` is ||z||, where z is the loss's derivative in the outputs (for both squared losses: outputs
    minus labels), and `Run.gradient_norm` is ||J^T z||, both over all samples as given, without noise, dropout or
    weight decay.  A run is called stuck only where steps are made of that gradient: full batch, no dropout, no weight
    decay, no noise; momentum and Adam may still carry a run that is called stuck.  It is called diverged where the loss
    exceeds 1e6 times (initial loss + loss of the zero function).

    Levenberg-Marquardt searches on the data as given, in float64, and stores a Jacobian a seed.

    Args:
        points: (n_samples, dim) shared by all seeds, or (n_seeds, n_samples, dim).
        labels: (n_samples,), or (n_seeds, n_samples) with points per seed; -1 and +1 for logistic and hinge.
        root: a typed key; seed s starts from `key_for(root, Purpose.INIT, s)`, and whatever else is drawn for it has
            the key of its purpose.
        seeds: how many, from 0 up, or which.
        model: the networks.
        how: the protocol.
        step_size: one number, or one a seed, in place of `how.step_size`.
        scale: times all initial weights.
        chunk: seeds at a time on each device; results are reproducible bit by bit only at the same chunk.
        progress: called with (seeds done, seeds in all).
        devices: each gets a chunk; all local ones if not given.
        keep_params: whether the weights come back; if not, `params` is None.
    Returns:
        A `Run` of NumPy arrays, seeds first, in the order given; its params are the model's own pytree.
    Raises:
        InputError: a spec that contradicts itself, or arguments that do not fit together.
        PrecisionError: JAX is running without the dtype asked for.
    """
    validate(how)
    kind = require_dtype(how.dtype, what="train_model")
    data, inputs, own = gather(points, labels, seeds, chunk, kind)
    require_signs(how.loss, data[1])
    n_samples, dim = data[0].shape[-2:]
    if how.augmentation in ("flip", "shift") and round(dim**0.5) ** 2 != dim:
        raise InputError(f"augmentation {how.augmentation!r} is for square images, but {dim} pixels are no square")
    if not 0 < scale < np.inf:
        raise InputError(f"scale must be a positive number, got {scale}")
    if how.dropout:
        model = model.with_dropout(how.dropout)
    sizes = step_sizes(how, step_size, len(inputs["seed"]), kind)
    n_params = _shapes(root, model, dim, kind)
    if how.optimizer == "lm" or how.step_unit == "sharpness":
        _require_memory(n_samples, n_params, kind, how)
    mesh = mesh_of(devices, -(-len(inputs["seed"]) // chunk))
    shared = data
    if own:
        inputs["data"], shared = data, None
    values = (how.tolerance, how.weight_decay, how.label_noise, how.augmentation_size)
    fixed = (shared, Knobs(*(jnp.asarray(value, kind) for value in values)), jnp.int32(how.max_steps))
    shared, knobs, budget = place(mesh, fixed, split=False)
    size = np.asarray(scale, kind)
    options = {"chunk": chunk, "progress": progress, "mesh": mesh, "keep_params": keep_params}

    def drawn(held: Inputs) -> Any:
        return _programs.draw(root, held["seed"], size, model, dim, kind.name, mesh)

    if how.optimizer == "lm":
        level = knobs.tolerance
        return over_seeds(
            lambda held: _programs.begin_search(drawn(held), shared, held, level, model, mesh),
            lambda state, held, leave: _programs.advance_search(state, shared, held, level, budget, leave, model, mesh),
            inputs,
            **options,
        )
    inputs["step_size"] = sizes
    method = method_of(how, n_samples)
    return over_seeds(
        lambda held: _programs.begin(drawn(held), shared, held, knobs, model, method, mesh),
        lambda state, held, leave: _programs.advance(
            root, state, shared, held, knobs, budget, leave, model, method, mesh
        ),
        inputs,
        **options,
    )


def method_of(how: TrainSpec, n_samples: int) -> Method:
    """What of a protocol shapes the program; a batch that holds all samples is the full batch."""
    whole = how.batch_size is None or how.batch_size >= n_samples
    return Method(
        optimizer=how.optimizer,
        step_unit=how.step_unit,
        loss=how.loss,
        check_every=how.check_every,
        batch_size=None if whole else how.batch_size,
        augmentation=how.augmentation,
        decays=how.weight_decay > 0,
        noisy=how.label_noise > 0,
    )


def step_sizes(
    how: TrainSpec, given: float | Sequence[float] | np.ndarray | None, n_seeds: int, kind: np.dtype
) -> np.ndarray:
    """One step size a seed.

    Raises:
        InputError: not one positive number, or one for each seed.
    """
    sizes = real_array("step_size", how.step_size if given is None else given, kind)
    if sizes.shape not in ((), (n_seeds,)) or not (np.isfinite(sizes) & (sizes > 0)).all():
        raise InputError(f"step_size must be a positive number, or one for each of the {n_seeds} seeds, got {given}")
    return np.broadcast_to(sizes, (n_seeds,))


def _shapes(root: Array, model: Model, dim: int, kind: np.dtype) -> int:
    """The number of weights, after checking that the model does what a model must."""
    one = jax.eval_shape(lambda key: model.draw(key, dim, kind.name), root)
    leaves = jax.tree.leaves(one)
    if not leaves or any(np.dtype(leaf.dtype) != kind for leaf in leaves):
        found = ", ".join(sorted({str(leaf.dtype) for leaf in leaves})) or "no array"
        raise InputError(f"the model must draw weights of the dtype asked for, {kind}, but draws {found}")
    points = jax.ShapeDtypeStruct((3, dim), kind)
    out: Any = jax.eval_shape(model.apply, one, points)
    if getattr(out, "shape", None) != (3,) or np.dtype(out.dtype) != kind:
        raise InputError(
            f"the model must give one number a point, (n_samples,) of {kind}, but for 3 points of {dim} coordinates it "
            f"gives {out}; take [:, 0] of a column"
        )
    return sum(leaf.size for leaf in leaves)


def _require_memory(n_samples: int, n_params: int, kind: np.dtype, how: TrainSpec) -> None:
    needed = n_samples * n_params * kind.itemsize
    if needed > MOST_JACOBIAN:
        what, instead = (
            ('optimizer "lm"', "take fewer samples or weights, or another optimizer")
            if how.optimizer == "lm"
            else ('step_unit "sharpness"', 'set step_unit to "absolute" and step_size to the step itself')
        )
        raise InputError(
            f"{what} holds the Jacobian of a seed, {n_samples} x {n_params} numbers or {needed / 2**30:.1f} GiB, more "
            f"than {MOST_JACOBIAN / 2**30:g} GiB; {instead}"
        )
