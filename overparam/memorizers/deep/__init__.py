"""Several hidden ReLU layers, exact."""
