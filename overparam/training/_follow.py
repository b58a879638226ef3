"""Follow one full-batch run of any differentiable model, step by step, and keep what is asked for on the way."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from overparam.errors import InputError


class Followed(NamedTuple):
    """A run that was watched.

    Attributes:
        params: after the last step.
        seen: what `watch` returned at the steps 0, every, 2 every, ..., stacked along a first axis.
        steps: those steps, (n_seen,).
    """

    params: Any
    seen: Any
    steps: Array


@functools.partial(jax.jit, static_argnames=("outputs", "watch", "steps", "every"))
def follow(
    outputs: Callable[..., Float[Array, " n_samples"]],
    params: Any,
    labels: Float[Array, " n_samples"],
    *given: Any,
    step_size: float | Array,
    steps: int,
    every: int = 1,
    momentum: float | Array = 0.0,
    watch: Callable[..., Any] | None = None,
) -> Followed:
    """Gradient descent, or heavy-ball momentum, on 1/2 ||outputs(params, *given) - labels||^2, a sum.

    One compiled program; `jax.vmap` over parameters for many seeds.  Nothing stops it: a run that diverges goes on to
    infinity and not-a-number, and is seen to.

    Args:
        outputs: (params, *given) -> (n_samples,), differentiable; a function defined once, since it names the program.
        params: any pytree of floating arrays.
        labels: (n_samples,), of the outputs' dtype.
        given: arrays that do not change, such as the points; passed on to `outputs` and `watch`.
        step_size: of the gradient of the sum, not of the mean.
        steps: how many, a multiple of `every`.
        momentum: beta in v <- beta v - step_size gradient, params <- params + v.
        watch: (params, *given) -> any pytree; by default the outputs.
    Raises:
        InputError: steps or every out of range.
    """
    if every < 1 or steps < 0 or steps % every:
        raise InputError(f"steps must be a multiple >= 0 of every >= 1, got steps = {steps} and every = {every}")
    look = outputs if watch is None else watch

    def residual_gradient(at: Any) -> Any:
        values, back = jax.vjp(lambda p: outputs(p, *given), at)
        return back(values - labels)[0]

    def step(_: Any, state: tuple[Any, Any]) -> tuple[Any, Any]:
        at, velocity = state
        velocity = jax.tree.map(_moved(step_size, momentum), velocity, residual_gradient(at))
        return jax.tree.map(jnp.add, at, velocity), velocity

    def block(state: tuple[Any, Any], _: None) -> tuple[tuple[Any, Any], Any]:
        state = jax.lax.fori_loop(0, every, step, state)
        return state, look(state[0], *given)

    start = (params, jax.tree.map(jnp.zeros_like, params))
    (end, _), seen = jax.lax.scan(block, start, None, length=steps // every)
    first = look(params, *given)
    seen = jax.tree.map(lambda one, more: jnp.concatenate([one[None], more]), first, seen)
    return Followed(end, seen, jnp.arange(0, steps + 1, every))


def _moved(step_size: float | Array, momentum: float | Array) -> Callable[[Array, Array], Array]:
    def moved(velocity: Array, gradient: Array) -> Array:
        beta, eta = jnp.asarray(momentum, velocity.dtype), jnp.asarray(step_size, velocity.dtype)
        return beta * velocity - eta * gradient

    return moved
