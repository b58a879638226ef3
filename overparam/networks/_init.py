"""Initialization laws of the two-layer family, their scale explicit."""

from typing import Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array

from overparam.errors import InputError
from overparam.networks._two_layer import Params
from overparam.precision import require_dtype

InitLaw = Literal["he", "ntk", "small"]


def initialize(
    key: Array, law: InitLaw, *, width: int, dim: int, scale: float = 1.0, dtype: jax.typing.DTypeLike = "float64"
) -> Params:
    """Random parameters of one network.

    Laws, before `scale` multiplies every weight and bias:
        "he": u ~ N(0, 2/dim), v ~ N(0, 2/width), b = 0.
        "ntk": u ~ N(0, 1), b ~ N(0, 1), v = +-1/sqrt(width): the parameterization of the NTK theorems with its
            prefactor moved into v.
        "small": every weight and bias ~ N(0, 1/(dim + 1)) in the hidden layer and N(0, 1/width) outside, times 1e-2.
    The output bias starts at zero.  By positive homogeneity, `scale` s multiplies the initial output by s squared.

    Raises:
        InputError: an unknown law, no neuron, or a scale that is not positive.
        PrecisionError: JAX is running without `dtype`.
    """
    dtype = require_dtype(dtype, what="initialize")
    if width < 1 or dim < 1:
        raise InputError(f"initialize needs width >= 1 and dim >= 1, got width = {width}, dim = {dim}; "
                         "the constant network of width 0 has nothing to train")  # fmt: skip
    if not scale > 0:
        raise InputError(f"scale must be positive, got {scale}")
    key_u, key_b, key_v = jax.random.split(key, 3)
    normal_u = jax.random.normal(key_u, (width, dim), dtype)
    normal_b = jax.random.normal(key_b, (width,), dtype)
    normal_v = jax.random.normal(key_v, (width,), dtype)
    match law:
        case "he":
            u, b, v = normal_u * (2 / dim) ** 0.5, jnp.zeros_like(normal_b), normal_v * (2 / width) ** 0.5
        case "ntk":
            u, b, v = normal_u, normal_b, jnp.where(normal_v >= 0, 1.0, -1.0).astype(dtype) * width**-0.5
        case "small":
            inner, outer = 1e-2 * (dim + 1) ** -0.5, 1e-2 * width**-0.5
            u, b, v = normal_u * inner, normal_b * inner, normal_v * outer
        case _:
            raise InputError(f'law must be "he", "ntk" or "small", got {law!r}')
    return Params(u * scale, b * scale, v * scale, jnp.zeros((), dtype))
