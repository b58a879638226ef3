"""Data set -> network, one construction a file, ending in an exact check of what it claims.

`memorize` works on fractions: any finite data, no rounding, a refusal that says what to use instead.  `CATALOGUE` lists
the constructions.  Folders: `shallow` (one hidden layer, exact), `approximate` (one hidden layer, up to a sum of
squares), `smooth` (smooth activations), `deep` and `residual` (many layers, exact), `classes` (few parameters, long
weights).  `floats` has the elementary ones in JAX, for `jit` and `vmap`: `zhang_params`, `pairs_params`,
`bubeck_params`; and in NumPy, for millions of points, `line_network` and `line_apply`, with `survival` for the size at
which floats give out.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    built="Options",
    catalogue="CATALOGUE CONSTRUCTIONS Claim Construction Entry",
    memorize="memorize",
    memorizer="Memorizer",
    sizes="Sizes float_error sizes_of",
    total_weight="WeightFloor total_weight_floor",
    **{"shallow._line": "LineWidths line_widths"},
    **{"floats._line": "LineNetwork line_apply line_network", "floats._survival": "Survival SurvivalRow survival"},
    **{"smooth._polynomials": "polynomial_obstruction polynomial_rank"},
    **{"floats._zhang": "zhang_params", "floats._pairs": "pairs_params", "floats._bubeck": "bubeck_params"},
)
