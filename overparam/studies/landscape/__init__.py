"""Where training goes: hard instances, stability, sets of solutions, strong optimizers."""
