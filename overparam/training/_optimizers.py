"""Optimizers by name, with explicit step sizes."""

from typing import Any, Literal

import jax
import optax
from jax import Array

from overparam.errors import InputError

OptimizerName = Literal["gd", "momentum", "adam"]
MOMENTUM = 0.9
ADAM_DECAYS = (0.9, 0.999)
ADAM_EPS = 1e-8


def optimizer(name: str, step_size: float | Array) -> optax.GradientTransformation:
    """An optimizer of optax.

    Args:
        name: "gd"; "momentum", heavy ball with 0.9; or "adam", with decays 0.9 and 0.999 and eps 1e-8.
        step_size: a positive number, or a traced scalar of the weights' dtype, so that each seed may have its own.
    Raises:
        InputError: an unknown name, or a step size known to be no positive number.
    """
    if isinstance(step_size, (int, float)) and not 0 < step_size < float("inf"):
        raise InputError(f"step_size must be a positive number, got {step_size}")
    match name:
        case "gd":
            return optax.sgd(step_size)
        case "momentum":
            return optax.sgd(step_size, momentum=MOMENTUM)
        case "adam":
            return optax.adam(step_size, b1=ADAM_DECAYS[0], b2=ADAM_DECAYS[1], eps=ADAM_EPS)
        case _:
            raise InputError(f'optimizer must be "gd", "momentum" or "adam", got {name!r}')


def apply_update(
    transformation: optax.GradientTransformation, gradient: Any, state: Any, params: Any
) -> tuple[Any, Any]:
    """One update, in the dtypes that params and state had.

    Args:
        transformation: such as `optimizer` makes.
        gradient: a pytree like params.
        state: `transformation.init(params)`, or what the last update returned.
        params: a pytree of arrays.
    Returns:
        Params and optimizer state after the update.
    """
    with jax.numpy_dtype_promotion("standard"):  # Adam's bias correction mixes its integer count with floats
        updates, new_state = transformation.update(gradient, state, params)
    cast = jax.tree.map(lambda new, old: new.astype(old.dtype), (updates, new_state), (params, state))
    return optax.apply_updates(params, cast[0]), cast[1]
