"""The elementary constructions in JAX: for `jit` and `vmap`, in float64, observed only."""
