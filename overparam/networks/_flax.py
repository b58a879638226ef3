"""Networks of flax as a pure function and its parameters: modules enter here, and nothing beyond knows of flax."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from overparam.errors import InputError

Pure = tuple[Callable[[Any, Array], Array], Any]

_ADVICE = (
    "a tangent kernel is that of a fixed function of parameters and one sample: switch dropout off and let batch "
    "normalization use its stored averages, "
)


def from_linen(module: Any, variables: Any, **options: Any) -> Pure:
    """A linen module as (apply, params), with apply(params, points) pure.

    Args:
        module: a `flax.linen.Module`.
        variables: what `module.init` returned; the collection "params" becomes params, every other one (such as
            "batch_stats") stays fixed at these values.
        options: keywords for the module's call, such as train=False or deterministic=True.
    Returns:
        (apply, params); call this once and keep apply, since compiled programs are kept by the function object.
    Raises:
        InputError: flax is not installed; module or variables are something else.  From apply: the module draws random
            numbers or changes its state when called.

    >>> import flax.linen as nn
    >>> module = nn.Dense(2)
    >>> apply, params = from_linen(module, module.init(jax.random.key(0), jnp.ones((1, 3))))
    >>> apply(params, jnp.ones((5, 3))).shape
    (5, 2)
    """
    flax = require_flax()
    from flax import linen

    if not isinstance(module, linen.Module):
        raise InputError(f"module must be a flax.linen.Module, not {type(module).__name__}; from_nnx takes nnx modules")
    if not hasattr(variables, "keys") or "params" not in variables:
        raise InputError('variables must be what module.init returned: a dict of collections with one named "params"')
    fixed = {name: values for name, values in variables.items() if name != "params"}

    def apply(params: Any, points: Array) -> Array:
        try:
            return module.apply({"params": params, **_in_dtype(fixed, points)}, points, mutable=False, **options)
        except (flax.errors.ModifyScopeVariableError, flax.errors.InvalidRngError) as error:
            raise InputError(
                f"the module changes its state or draws random numbers when called ({type(error).__name__}); {_ADVICE}"
                "by its fields or by a keyword such as from_linen(module, variables, train=False)"
            ) from error

    return apply, variables["params"]


def from_nnx(module: Any) -> Pure:
    """An nnx module as (apply, params), with apply(params, points) pure; the module itself is not changed.

    Args:
        module: an `flax.nnx.Module`; its variables of type `nnx.Param` become params, all other state stays fixed as it
            is now.  `module.eval()` first, if it has dropout or batch normalization.
    Returns:
        (apply, params); call this once and keep apply, since compiled programs are kept by the function object.
    Raises:
        InputError: flax is not installed; module is something else.  From apply: the module draws random numbers or
            changes its state when called.

    >>> from flax import nnx
    >>> apply, params = from_nnx(nnx.Linear(3, 2, rngs=nnx.Rngs(0)))
    >>> apply(params, jnp.ones((5, 3))).shape
    (5, 2)
    """
    require_flax()
    from flax import nnx

    if not isinstance(module, nnx.Module):
        raise InputError(f"module must be a flax.nnx.Module, not {type(module).__name__}; from_linen takes linen ones")
    definition, params, fixed = nnx.split(module, nnx.Param, ...)

    def apply(params: Any, points: Array) -> Array:
        before = _in_dtype(fixed, points)
        given = jax.tree.leaves(before)  # now: a call writes into the very state that it was given
        copy = nnx.merge(definition, params, before)
        made = copy(points)
        after = jax.tree.leaves(nnx.split(copy, nnx.Param, ...)[2])
        if len(after) != len(given) or any(a is not b for a, b in zip(after, given, strict=True)):
            raise InputError(
                f"the module changes its state or draws random numbers when called; {_ADVICE}"
                "which module.eval() does for both, before from_nnx(module)"
            )
        return made

    return apply, params


def _in_dtype(fixed: Any, points: Array) -> Any:
    """Stored floating-point values in the points' dtype, so that a module computes in one dtype."""

    def one(value: Array) -> Array:
        floating = jnp.issubdtype(value.dtype, jnp.floating)
        return value.astype(points.dtype) if floating and value.dtype != points.dtype else value

    return jax.tree.map(one, fixed)


def require_flax() -> Any:
    """The package flax.

    Raises:
        InputError: it is not installed.
    """
    try:
        import flax
        import flax.errors
    except ImportError as error:
        raise InputError(
            "flax is not installed, and modules of flax need it: pip install 'overparam[flax]'; any function "
            "(params, points) -> outputs works without it"
        ) from error
    return flax
