"""Modules of flax as models: drawn from a key of ours, in our dtype, with dropout where training asks for it."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

from overparam.errors import InputError
from overparam.networks._flax import require_flax
from overparam.networks._models import Model

Options = tuple[tuple[str, Any], ...]


def linen_model(
    module: Any, *, training: Mapping[str, Any] | None = None, evaluating: Mapping[str, Any] | None = None
) -> Model:
    """A linen module with one output as a model.

    Args:
        module: a `flax.linen.Module` that maps (n_samples, dim) to (n_samples,) or (n_samples, 1).
        training: keywords of its call in training, if it draws random numbers there, such as {"deterministic": False}.
        evaluating: keywords of its call otherwise, such as {"deterministic": True}.
    Raises:
        InputError: flax is not installed, or module is something else.  From draw: the module keeps state beside its
            params, such as the averages of batch normalization, which ties the samples of a batch together.

    >>> import flax.linen as nn
    >>> model = linen_model(nn.Dense(1))
    >>> model.apply(model.draw(jax.random.key(0), 3, "float32"), jnp.ones((5, 3), "float32")).shape
    (5,)
    """
    require_flax()
    from flax import linen

    if not isinstance(module, linen.Module):
        raise InputError(f"module must be a flax.linen.Module, not {type(module).__name__}; nnx_model takes nnx ones")
    return _Linen(module, tuple((training or {}).items()), tuple((evaluating or {}).items()), training is not None)


def nnx_model(make: Callable[[Any], Any], *, is_random: bool = False) -> Model:
    """Modules of nnx with one output as a model.

    Args:
        make: a function, defined once, from `nnx.Rngs` to a module that maps (n_samples, dim) to (n_samples,) or
            (n_samples, 1); its variables of type `nnx.Param` are trained.
        is_random: whether it draws random numbers in training, such as dropout, which `module.eval()` switches off.
    Raises:
        InputError: flax is not installed.  From draw: make makes something else, or something with averages of a batch.
    """
    require_flax()
    return _Nnx(make, is_random)


@dataclasses.dataclass(frozen=True)
class _Linen(Model):
    module: Any
    training: Options
    evaluating: Options
    is_random: bool

    @property
    def random(self) -> bool:
        return self.is_random

    def draw(self, key: Array, dim: int, dtype: DTypeLike) -> Any:
        with jax.numpy_dtype_promotion("standard"):  # modules may be of another dtype until their params are cast
            variables = self.module.init({"params": key}, jnp.ones((1, dim), dtype), **dict(self.evaluating))
        if set(variables) != {"params"}:
            others = ", ".join(sorted(set(variables) - {"params"})) or "no params"
            raise InputError(f"the module must have params and nothing else, but has {others}; {_STATE}")
        return _cast(variables["params"], dtype)

    def apply(
        self, params: Any, points: Float[Array, "n_samples dim"], *, key: Array | None = None
    ) -> Array:  # of any shape here: training says what is wrong with it
        options = self.evaluating if key is None else self.training
        rngs = {} if key is None else {"dropout": key}
        return _one_output(self.module.apply({"params": params}, points, rngs=rngs, **dict(options)))


@dataclasses.dataclass(frozen=True)
class _Nnx(Model):
    make: Callable[[Any], Any]
    is_random: bool

    @property
    def random(self) -> bool:
        return self.is_random

    def draw(self, key: Array, dim: int, dtype: DTypeLike) -> Any:
        from flax import nnx

        with jax.numpy_dtype_promotion("standard"):
            module = self.make(nnx.Rngs(key))
        if not isinstance(module, nnx.Module):
            raise InputError(f"make must give a flax.nnx.Module, not {type(module).__name__}; linen_model takes linen")
        _, params, averages, _, others = nnx.split(module, nnx.Param, nnx.BatchStat, nnx.RngState, ...)
        if jax.tree.leaves(averages):
            raise InputError(f"the module must have params and nothing else, but has averages of a batch; {_STATE}")
        if jax.tree.leaves(others):
            raise InputError(
                "the module must have params and nothing else, but has other variables, which no seed would draw anew; "
                "make them nnx.Param, or constants"
            )
        return _cast(params, dtype)

    def apply(
        self, params: Any, points: Float[Array, "n_samples dim"], *, key: Array | None = None
    ) -> Array:  # of any shape here: training says what is wrong with it
        from flax import nnx

        # The weights made here are dropped, and XLA drops their making: only the structure and the key are of use.
        with jax.numpy_dtype_promotion("standard"):
            module = self.make(nnx.Rngs(0) if key is None else nnx.Rngs(params=0, dropout=key))
        module.eval() if key is None else module.train()
        definition, _, rest = nnx.split(module, nnx.Param, ...)
        return _one_output(nnx.merge(definition, params, rest)(points))


_STATE = "normalize by layer instead of by batch, which would tie the samples of a step together"


def _cast(params: Any, dtype: DTypeLike) -> Any:
    return jax.tree.map(lambda leaf: leaf.astype(dtype), params)


def _one_output(values: Array) -> Array:
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
