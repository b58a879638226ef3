"""How classifiers are trained, free of JAX, so that a protocol is read and refused before anything heavy loads."""

import dataclasses
import math
from typing import Any, Literal, get_args, get_origin, get_type_hints

from overparam.errors import InputError


@dataclasses.dataclass(frozen=True)
class ClassTrainSpec:
    """One protocol of training classifiers; everything here is part of the experiment."""

    epochs: int = 100
    """How often training goes through the samples."""
    batch_size: int | None = 50
    """Samples of a step, drawn without replacement epoch by epoch; all of them if not given, or if there are no more.
    Where it does not divide the number of samples, the last batch of each epoch is smaller; batch normalization sees
    that one filled up with the epoch's first samples."""
    optimizer: Literal["sgd", "adam", "adamw"] = "sgd"
    """sgd: with `momentum`; adam and adamw: decays 0.9 and 0.999."""
    step_size: float = 0.01
    """Of the first epoch; 0 trains nothing, for controls."""
    momentum: float = 0.9
    """Of sgd: velocity = momentum * velocity + gradient, weights -= step size * velocity."""
    schedule: Literal["constant", "cosine", "exponential"] = "constant"
    """Of the step size: cosine falls to 0 over all epochs, step by step; exponential is times `decay` each epoch."""
    decay: float = 1.0
    """Factor a epoch of the exponential schedule."""
    weight_decay: float = 0.0
    """Adds this times the weights and biases to each step's gradient; adamw subtracts step size times this instead."""
    loss: Literal["cross-entropy", "squared"] = "cross-entropy"
    """A mean over the samples of a step; squared: of (output - one-hot label)^2, a mean over the classes too."""
    record_every: int = 1
    """Epochs between two looks; the last epoch is looked at in any case."""
    dtype: Literal["float32", "float64"] = "float32"
    """Of data, weights and record."""


def validate(how: ClassTrainSpec) -> None:
    """Refuse a protocol that contradicts itself.

    Raises:
        InputError: names the field, what it must be, and what it was.
    """
    for name, hint in get_type_hints(ClassTrainSpec).items():
        if get_origin(hint) is Literal and getattr(how, name) not in get_args(hint):
            raise InputError(f"{name} must be one of {', '.join(get_args(hint))}, not {getattr(how, name)!r}")
    for name, least in (("epochs", 0), ("record_every", 1), ("batch_size", 1)):
        value = getattr(how, name)
        if not (name == "batch_size" and value is None) and not (_whole(value) and value >= least):
            raise InputError(f"{name} must be an integer, {least} or more, not {value!r}")
    for name, most in (("step_size", math.inf), ("weight_decay", math.inf), ("momentum", 1), ("decay", math.inf)):
        value = getattr(how, name)
        if not 0 <= value < most:
            raise InputError(f"{name} must be a number from 0 to below {most:g}, not {value!r}")
    if how.decay != 1 and how.schedule != "exponential":
        raise InputError(f'decay {how.decay:g} belongs to schedule "exponential", not to {how.schedule!r}')


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
