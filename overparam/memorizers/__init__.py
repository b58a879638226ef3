"""Data set -> network, one published construction a file, ending in an exact check that every label is met.

`memorize` works on fractions: any finite data, no rounding, a refusal that says what to use instead.  The builders
`zhang_params`, `pairs_params` and `bubeck_params` are the same constructions in JAX, for `jit` and `vmap`.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    memorize="CONSTRUCTIONS Construction memorize",
    memorizer="Memorizer WeightSizes weight_sizes",
    zhang_jax="zhang_params",
    pairs_jax="pairs_params",
    bubeck_jax="bubeck_params",
)
