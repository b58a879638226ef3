"""Training the linearized network: closed forms at any time, from one eigendecomposition of the tangent kernel."""
