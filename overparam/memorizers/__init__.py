"""Data set -> network, one construction a file, ending in an exact check of what it claims.

`memorize` works on fractions: any finite data, no rounding, a refusal that says what to use instead.  `CATALOGUE` lists
the constructions.  Folders: `shallow` (one hidden layer, exact), `approximate` (one hidden layer, up to a sum of
squares), `smooth` (smooth activations), `deep` and `residual` (many layers, exact), `classes` (few parameters, long
weights).  `floats` has the elementary ones in JAX, for `jit` and `vmap`: `zhang_params`, `pairs_params`,
`bubeck_params`.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    built="Options",
    catalogue="CATALOGUE CONSTRUCTIONS Claim Construction Entry",
    memorize="memorize",
    memorizer="Memorizer",
    sizes="Sizes float_error sizes_of",
    **{"floats._zhang": "zhang_params", "floats._pairs": "pairs_params", "floats._bubeck": "bubeck_params"},
)
