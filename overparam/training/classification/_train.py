"""Many seeds of a classifier: arguments checked, then chunks of one fixed shape, look by look."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.errors import InputError
from overparam.networks._classifiers import Classifier
from overparam.precision import real_array, require_dtype
from overparam.training.classification import _programs
from overparam.training.classification._epochs import Knobs, Method, Run
from overparam.training.classification._history import History
from overparam.training.classification._programs import Sets
from overparam.training.classification._spec import ClassTrainSpec, validate

CHUNK = 5  # most studies have 5 or 10 seeds


def train_classifiers(
    points: np.ndarray | Array,
    labels: np.ndarray | Array,
    root: Array,
    seeds: int | Sequence[int] | np.ndarray,
    *,
    model: Classifier,
    how: ClassTrainSpec,
    test_points: np.ndarray | Array | None = None,
    test_labels: np.ndarray | Array | None = None,
    keep_correct: bool = True,
    chunk: int = CHUNK,
    initial: Any = None,
) -> History:
    """Train many seeds of a classifier and look at all samples every `how.record_every` epochs.

    A seed's record is the same, bit for bit, whatever its companions.  Other labels, data of the same shape, seeds,
    step sizes, decays or numbers of epochs compile nothing again.

    Args:
        points: (n, *shape) shared by all seeds, or (n_seeds, n, *shape).
        labels: (n,) or (n_seeds, n), integers from 0 to `model.n_classes` - 1.
        root: a typed key; seed s starts from `key_for(root, Purpose.INIT, s)`, and its orders of the samples and its
            dropout have keys of theirs.
        seeds: how many, from 0 up, or which.
        model: the networks.
        how: the protocol.
        test_points: (n_test, *shape) or (n_seeds, n_test, *shape).
        test_labels: (n_test,) or (n_seeds, n_test).
        keep_correct: whether the record says of each sample, at each look, if it was classified correctly.
        chunk: seeds of one call of the compiled program; results are reproducible bit by bit only at the same chunk.
        initial: weights to start from, seeds first, such as `History.params`, in place of those that are drawn.
    Returns:
        A `History` of NumPy arrays, seeds first, in the order given.
    Raises:
        InputError: a protocol that contradicts itself, or arguments that do not fit together.
        PrecisionError: JAX is running without the dtype asked for.
    """
    validate(how)
    kind = require_dtype(how.dtype, what="train_classifiers")
    which = _seeds(seeds, chunk)
    if (test_points is None) != (test_labels is None):
        raise InputError("test_points and test_labels belong together: give both or neither")
    shared, own = _sets(points, labels, test_points, test_labels, len(which), model, kind)
    shape = own["points"].shape[2:] if "points" in own else shared["points"].shape[1:]
    n = (own | shared)["labels"].shape[-1]
    _require_outputs(model, shape, kind)
    method = Method(
        how.optimizer, how.schedule, how.loss,
        None if how.batch_size is None or how.batch_size >= n else how.batch_size, keep_correct,
    )  # fmt: skip
    values = (how.step_size, how.momentum, how.decay, how.weight_decay, how.epochs)
    knobs = Knobs(*(jnp.asarray(value, kind) for value in values))
    at = sorted({*range(0, how.epochs, how.record_every), how.epochs})
    parts = []
    for start in range(0, len(which), chunk):
        slots = np.arange(start, start + chunk)
        taken, slots = slots < len(which), np.minimum(slots, len(which) - 1)
        held = jnp.asarray(which[slots])
        data = {name: jnp.asarray(value[slots]) for name, value in own.items()}
        runs = _programs.begin(root, held, knobs, model, shape, kind.name, method)
        if initial is not None:
            runs = runs._replace(params=_given(initial, runs.params, slots, len(which)))
        parts.append(_chunk(root, held, jnp.asarray(taken), runs, shared, data, knobs, at, model, method))
    whole = jax.tree.map(lambda *leaves: np.concatenate(leaves)[: len(which)], *parts)
    looks, tests = whole["looks"], whole["tests"]
    nothing = np.full_like(looks.loss, np.nan)
    return History(
        epochs=np.array(at),
        loss=looks.loss,
        accuracy=looks.accuracy,
        test_loss=nothing if tests is None else tests.loss,
        test_accuracy=nothing if tests is None else tests.accuracy,
        correct=looks.correct,
        test_correct=None if tests is None else tests.correct,
        params=whole["params"],
        initial=whole["initial"],
        state=whole["state"],
    )


def _chunk(
    root: Array, seeds: Array, taken: Array, runs: Run, shared: dict[str, Array], own: dict[str, Array],
    knobs: Knobs, at: list[int], model: Classifier, method: Method,
) -> dict[str, Any]:  # fmt: skip
    """One chunk from its start to its last look, as NumPy arrays; the looks stay on the device until the end."""
    initial, seen = runs.params, []
    group = _programs.group_of(len(seeds), model, initial)
    for before, now in zip([0, *at], at, strict=False):
        runs, *looks = _programs.advance(
            root, seeds, taken, runs, shared, own, knobs, np.int32(now - before), model, method, group
        )
        seen.append(looks)
    looks, tests = (
        jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves], axis=1), *series)
        for series in zip(*seen, strict=True)
    )
    ends = {"params": runs.params, "initial": initial, "state": runs.state}
    return {"looks": looks, "tests": tests} | jax.tree.map(np.asarray, ends)


def _given(initial: Any, drawn: Any, slots: np.ndarray, n_seeds: int) -> Any:
    """The slots' part of weights that the caller has."""
    shapes = [(n_seeds, *leaf.shape[1:]) for leaf in jax.tree.leaves(drawn)]
    alike = jax.tree.structure(initial) == jax.tree.structure(drawn)
    if not alike or [np.shape(leaf) for leaf in jax.tree.leaves(initial)] != shapes:
        raise InputError(f"initial must be weights of this model for {n_seeds} seeds, of shapes {shapes}")
    return jax.tree.map(lambda leaf, like: jnp.asarray(np.asarray(leaf)[slots], like.dtype), initial, drawn)


def _seeds(seeds: Any, chunk: int) -> np.ndarray:
    which = np.arange(seeds) if isinstance(seeds, (int, np.integer)) else np.asarray(seeds)
    if which.ndim != 1 or not len(which) or which.dtype.kind not in "iu" or which.min() < 0 or which.max() >= 2**32:
        raise InputError(f"seeds must be a positive number of seeds or a list of indices below 2**32, got {seeds!r}")
    if chunk < 1:
        raise InputError(f"chunk must be positive, got {chunk}")
    return which.astype(np.uint32)


def _sets(
    points: Any, labels: Any, test_points: Any, test_labels: Any, n_seeds: int, model: Classifier, kind: np.dtype
) -> tuple[dict[str, Array], dict[str, np.ndarray]]:
    """What all seeds share, and what each has of its own, by the names of the fields of `Sets`."""
    sets = dict(zip(Sets._fields, (points, labels, test_points, test_labels), strict=True))
    shared, own = {}, {}
    parts = ("",) if test_points is None else ("", "test_")
    for before in parts:
        x, y = real_array(f"{before}points", sets[f"{before}points"], kind), np.asarray(sets[f"{before}labels"])
        y_own = y.ndim == 2 and len(y) == n_seeds
        n = y.shape[-1] if y.ndim else 0
        x_own = x.ndim > 2 and x.shape[:2] == (n_seeds, n) and (y_own or len(x) != n)
        if not (y_own or y.ndim == 1) or not (x_own or x.shape[:1] == (n,)) or 0 in x.shape:
            raise InputError(
                f"{before}points must be (n_samples, ...) and {before}labels (n_samples,), each alone or with the "
                f"{n_seeds} seeds first; got {x.shape} and {y.shape}"
            )
        if y.dtype.kind not in "iu" or (y.size and not 0 <= y.min() <= y.max() < model.n_classes):
            seen = f"integers from {y.min()} to {y.max()}" if y.dtype.kind in "iu" else f"of type {y.dtype}"
            raise InputError(f"{before}labels must be integers from 0 to {model.n_classes - 1}, but they are {seen}")
        (own if x_own else shared)[f"{before}points"] = x
        (own if y_own else shared)[f"{before}labels"] = y.astype(np.int32)
    shapes = {(own | shared)[f"{before}points"].shape[1 + (f"{before}points" in own) :] for before in parts}
    if len(shapes) > 1:
        raise InputError(f"points and test_points must be samples of one shape, got {shapes}")
    return {name: jnp.asarray(value) for name, value in shared.items()}, own


def _require_outputs(model: Classifier, shape: tuple[int, ...], kind: np.dtype) -> None:
    """Refuse a model that does not give one number a class."""
    key = jax.eval_shape(lambda: jax.random.key(0))
    params, state = jax.eval_shape(lambda key: model.draw(key, shape, kind.name), key)
    given = jax.ShapeDtypeStruct((2, *shape), kind)
    outputs, _ = jax.eval_shape(model.apply, params, state, given)
    if outputs.shape != (2, model.n_classes):
        raise InputError(
            f"the model must give (n, {model.n_classes}) for n samples of shape {shape}, but for 2 samples it gives "
            f"{outputs.shape}"
        )
